"""From what a merchant sends to a binding: the matcher in the catalogue's nouns, and the whole path on a store."""

from typing import Any

import pytest

from mktcore.access import PermissionDenied
from mktcore.catalog import SKUS as KIND
from mktcore.catalog import Sku
from mktcore.goods import Measure, Unit
from mktcore.marketplace import Marketplace
from mktcore.matching import CombinedMatcher, MatchOutcome, MatchPolicy, RecordMatcher
from mktcore.merchant_items import Bind, ItemPolicy, ItemState, Matcher, MerchantItem, NewProduct, Pend
from mktcore.merchant_items.item_policy import DecisionFlow, Unmatched, judge_item
from mktcore.merchant_items.sku_matcher import to_match_record
from mktcore.money.amount import Money

SKUS = [
    Sku("a7-4", "Sony Alpha 7 IV mirrorless camera body", "Sony", gtin="4548736133730", mpn="ILCE7M4B.CEC"),
    Sku("a7-3", "Sony Alpha 7 III mirrorless camera body", "Sony", gtin="4548736079632", mpn="ILCE7M3B.CEC"),
    Sku("mavic", "DJI Mavic Mini drone with remote control", "DJI", mpn="CP.MA.00000120.01"),
    Sku("oil", "Olive oil extra virgin", "Gaea", unit=Unit.LITRE, unit_multiplier=1, price=Money.of("9.00", "EUR")),
]
ALPHA = MerchantItem("acme", "A-17", "SONY a7 IV body (ILCE-7M4)", brand="Sony", gtin="4548736133730")


def test_the_front_door_works_as_it_reads() -> None:
    matcher = Matcher(SKUS)
    match = matcher.match(ALPHA)
    best = match.candidates[0]
    assert (match.item, match.outcome, best.sku, best.outcome) == (
        ALPHA,
        MatchOutcome.APPROVE,
        "a7-4",
        MatchOutcome.APPROVE,
    )
    assert best.score >= 80
    assert all(best.reasons)
    assert best.explain().to_text()
    assert matcher.find(ALPHA) == match.candidates
    assert matcher.score(ALPHA, SKUS[0]).score == best.score
    assert matcher.score(ALPHA, sku=SKUS[1]).score < 80
    assert Matcher([]).match(ALPHA).outcome is MatchOutcome.REJECT


def test_several_matchers_take_its_place() -> None:
    strict = Matcher(SKUS, MatchPolicy(approve=99, reject=98))
    both = Matcher(matching=CombinedMatcher([Matcher(SKUS).matching, strict.matching]))
    assert isinstance(Matcher(SKUS).matching, RecordMatcher)
    assert both.match(ALPHA).candidates[0].sku == "a7-4"
    with pytest.raises(TypeError, match="scores pairs"):
        both.score(ALPHA, SKUS[0])


def test_a_record_has_what_an_item_and_a_sku_say() -> None:
    item = MerchantItem("acme", "O", "Oil", size="2 x 500 ml", price=Money.of("8.50", "EUR"), attributes={"a": "b"})
    record = to_match_record(item)
    assert (record.id, record.size, record.price, record.currency) == ("4:acme:O", Measure.parse("1 l"), 850, "EUR")
    assert record.gtins == ()
    assert to_match_record(SKUS[3]).size == record.size
    assert to_match_record(SKUS[0]).size is None
    assert to_match_record(SKUS[0]).gtins == to_match_record(ALPHA).gtins
    nothing: Any = "camera"
    with pytest.raises(TypeError, match="neither a MerchantItem nor a Sku"):
        to_match_record(nothing)


def test_a_feed_is_received_matched_decided_and_bound(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    for sku in SKUS:
        market.catalog.save_sku(sku, scope=operator)
    market.items.save_policy(ItemPolicy(unmatched=Unmatched.PEND), scope=operator)
    feed = [
        ALPHA,
        MerchantItem("acme", "M-1", "DJI Mavic Mini", brand="DJI", mpn="CP.MA.00000120.01"),
        MerchantItem("acme", "T-1", "Garden table, teak, 180 cm", brand="Woody"),
    ]
    outcomes = market.items.receive_many(feed, scope=acme)
    assert all(one.received for one in outcomes)
    with market.store.begin(operator) as unit:
        matcher = Matcher(unit.repository(KIND).stream({"owner": None}))
    decided = {one.item.item_id: one for one in market.items.decide_by_policy(matcher, scope=operator)}
    assert {key: (one.state, one.sku) for key, one in decided.items()} == {
        "A-17": (ItemState.BOUND, "a7-4"),
        "M-1": (ItemState.BOUND, "mavic"),
        "T-1": (ItemState.PENDING, None),
    }
    decision = decided["A-17"].decision
    assert decision is not None
    assert decision.verdict == Bind("a7-4")
    assert decision.score is not None
    assert decision.score >= 80
    assert any("GTIN" in reason or "gtin" in reason for reason in decision.reasons), decision.reasons
    assert market.items.decide_by_policy(matcher, scope=operator) == ()


BOOTS = [
    Sku("arnel-1-black", "Hi-Tec Arnel Mid boots black 41", brand="Hi-Tec", gtin="5902786266388"),
    Sku("arnel-2-brown", "Hi-Tec Arnel Mid boots brown 41", brand="Hi-Tec", gtin="5902786266388"),
    Sku("cola", "Cola 250 ml", brand="Cola", gtin="4006381333931", price=Money.of("0.99", "EUR")),
    Sku("oil", "Olive oil", "Gaea", gtin="4548736079632", unit=Unit.LITRE, unit_multiplier=1),
    Sku("soap-1", "Soap, rose", "Nubar"),
    Sku("soap-2", "Soap, rose", "Nubar"),
]
DOUBTED = [
    (
        MerchantItem("acme", "A1", "Hi-Tec Arnel Mid brown 41", brand="Hi-Tec", gtin="5902786266388"),
        "as others of the catalogue have: a person decides",
    ),
    (
        MerchantItem("acme", "A2", "Cola 250 ml, pack of 24", brand="Cola", gtin="4006381333931"),
        "24 in a pack is not 1",
    ),
    (
        MerchantItem("acme", "A3", "Cola 250 ml", brand="Cola", gtin="4006381333931", size="24 x 250 ml"),
        "6000ml is not 250ml",
    ),
    (
        MerchantItem("acme", "A4", "Cola", brand="Cola", gtin="4006381333931", price=Money.of("19.99", "EUR")),
        "a price of 1999 is not near 99",
    ),
    (MerchantItem("acme", "A5", "Olive oil", brand="Gaea", size="0.5 l"), "500ml is not 1000ml: a person decides"),
    (MerchantItem("acme", "A6", "Soap, rose", brand="Nubar"), "soap-1, soap-2 fit equally well"),
]


@pytest.mark.parametrize("policy", [ItemPolicy(), ItemPolicy(approve=40), ItemPolicy(flow=DecisionFlow.AUTO_APPROVE)])
@pytest.mark.parametrize(("item", "reason"), DOUBTED)
def test_an_identifier_in_doubt_is_left_to_a_person(
    market: Marketplace, item: MerchantItem, reason: str, policy: ItemPolicy
) -> None:
    operator = market.as_operator()
    for sku in BOOTS:
        market.catalog.save_sku(sku, scope=operator)
    market.items.save_policy(policy, scope=operator)
    market.items.receive(item, scope=market.as_merchant("acme"))
    matcher = Matcher(BOOTS)
    assert matcher.match(item).candidates[0].score >= 31
    [decided] = market.items.decide_by_policy(matcher, scope=operator)
    assert (decided.state, decided.sku) == (ItemState.PENDING, None)
    assert decided.decision is not None
    assert isinstance(decided.decision.verdict, Pend)
    assert reason in decided.decision.verdict.reason
    assert market.items.page(scope=operator).items == (decided,)


def test_what_is_in_no_doubt_is_bound_as_ever() -> None:
    matcher = Matcher(BOOTS)
    one = MerchantItem("acme", "A2", "Cola 0,25 l", brand="Cola", gtin="4006381333931", price=Money.of("1.29", "EUR"))
    assert judge_item(ItemPolicy(), matcher.find(one)).verdict == Bind("cola")
    assert all(candidate.doubts == () for candidate in matcher.find(one))


def test_no_second_sku_of_one_number_is_made_without_a_person(market: Marketplace) -> None:
    operator = market.as_operator()
    market.items.save_policy(ItemPolicy(flow=DecisionFlow.AUTO_APPROVE), scope=operator)
    for merchant, name in (("acme", "Cola 250 ml"), ("bolt", "Kola, dose")):
        item = MerchantItem(merchant, "C", name, gtin="4006381333931")
        market.items.receive(item, scope=market.as_merchant(merchant))
    first, second = market.items.decide_by_policy(Matcher(), scope=operator)
    assert (first.state, second.state) == (ItemState.BOUND, ItemState.PENDING)
    assert second.decision is not None
    assert second.decision.verdict == Pend(f"the catalogue has GTIN 4006381333931 already: {first.sku}")
    # A person may know better: the maker gave one number to two things.
    made = market.items.decide(second.id, NewProduct(), version=second.version, scope=operator)
    assert made.sku != first.sku
    [finding] = market.catalog.lint(scope=operator)
    assert (finding.code, finding.operands["skus"]) == (
        "catalog.gtin-shared",
        tuple(sorted([first.sku or "", made.sku or ""])),
    )
    with pytest.raises(PermissionDenied):
        market.catalog.lint(scope=market.as_merchant("acme"))
