"""Merchant items: received, checked, decided on by hand, in bulk and by policy, followed, unbound, removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.access import PermissionDenied
from mktcore.catalog import CatalogRefused, Product, Sku
from mktcore.errors import InvalidValue, MktcoreError
from mktcore.goods import Measure
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import (
    MERCHANT_ITEMS,
    Bind,
    Decision,
    DecisionImpossible,
    Deny,
    ItemPolicy,
    ItemRefused,
    ItemState,
    MerchantItem,
    NewProduct,
    NewSku,
    Pend,
    ReceivedItem,
    StaleDecision,
    Unbind,
    find_bindings,
)
from mktcore.merchant_items.decide_item import ItemDenied, decide_item
from mktcore.merchant_items.item_policy import DecisionFlow, Unmatched, judge_item
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import to_record_id
from mktcore.merchant_items.use_cases import TooManyRows
from mktcore.money.amount import Money
from mktcore.parties import ActivityRefused, SellingRights
from mktcore.persistence import NotFound, Scope, UniqueViolation
from persistence.opening import STORES

CAMERA = MerchantItem(
    "acme",
    "A-17",
    "Sony Alpha 7 IV body",
    brand="Sony",
    gtin="4548736133730",
    size="1 piece",
    weight="658 g",
    dimensions="131 x 96 x 80 mm",
    price=Money.of("2499.00", "EUR"),
    attributes={"mount": "E"},
    media=("images/a17.jpg",),
)
BLACK = attrs.evolve(CAMERA, name="Sony Alpha 7 IV body, black")


def tell(market: Marketplace, scope: Scope | None = None) -> list[str]:
    with market.store.begin(scope or market.as_operator()) as unit:
        return [type(found.event).__name__[12:] for found in unit.find_events("merchant_item", CAMERA.id)]


EVERYWHERE = pytest.mark.parametrize("market", STORES, indirect=True)


@pytest.fixture
def received(market: Marketplace) -> ReceivedItem:
    market.catalog.save_sku(Sku("alpha", "Alpha 7 IV", "Sony"), scope=market.as_operator())
    return market.items.receive(CAMERA, scope=market.as_merchant("acme"))


def bind(market: Marketplace, found: ReceivedItem) -> ReceivedItem:
    return market.items.decide(found.id, Bind("alpha"), version=found.version, scope=market.as_operator())


def test_an_item_is_received_once_however_often_it_is_sent(market: Marketplace, received: ReceivedItem) -> None:
    assert received == ReceivedItem(CAMERA, version=1)
    assert market.items.receive(CAMERA, scope=market.as_operator()) == received
    assert tell(market) == ["Received"]
    assert market.items.get(received.id, scope=market.as_merchant("acme")) == received


def test_every_problem_is_said_at_once(market: Marketplace) -> None:
    wrong = MerchantItem(
        "acme",
        "A-17",
        " ",
        brand="x" * 201,
        gtin="4548736133731",
        mpn="x" * 101,
        category="x" * 501,
        description="x" * 20_001,
        attributes={"": ""},
        size="1,500 ml",
        weight="1 l",
        dimensions="1 x 2 cm",
        price=Money.of("-1.00", "USD"),
        group="x" * 1001,
        media=("",),
    )
    with pytest.raises(ItemRefused) as refused:
        market.items.receive(wrong, scope=market.as_merchant("acme"))
    assert [problem.where for problem in refused.value.problems] == [
        *("name", "brand", "gtin", "mpn", "category", "description", "attributes", "size", "weight"),
        *("dimensions", "group", "media", "price"),
    ]
    assert all(problem.code and problem.message for problem in refused.value.problems)
    assert market.items.page(scope=market.as_operator()).items == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"merchant": "a b"},
        {"merchant": ""},
    ],
)
def test_the_hosts_ids_are_narrow(fields: dict[str, Any]) -> None:
    with pytest.raises(MktcoreError, match="cannot be the id"):
        attrs.evolve(CAMERA, **fields)


OWN_IDS = [
    "30612190-5233-8  16½",
    "USCHILDREN005 GOLD03",
    "BL_BR_GO_JP_18,5+4",
    "wScrew&GunMagnet",
    "5291 (FPT.PE00552-CA)",
    "404880510054500 Reg Büro RA",
    "#1001",
    ":1001",
    "1234/56",
    "商品\u300017",
    "x" * 200,
    "x" * 199,
    "x" * 56,
    "büro",
    "bu\u0308ro",  # the same on a screen; the merchant's system may know both
    "Büro",
]


@EVERYWHERE
def test_a_merchants_own_ids_are_taken_as_they_are(market: Marketplace) -> None:
    acme, operator = market.as_merchant("acme"), market.as_operator()
    market.catalog.save_sku(Sku("alpha", "Alpha 7 IV", "Sony"), scope=operator)
    outcomes = market.items.receive_many([MerchantItem("acme", own, "Thing") for own in OWN_IDS], scope=acme)
    received = [one.received for one in outcomes if one.received is not None]
    assert [one.item.item_id for one in received] == OWN_IDS
    assert len({one.id for one in received}) == len(OWN_IDS)
    assert {market.items.get(one.id, scope=acme).item.item_id for one in received} == set(OWN_IDS)
    first = received[0]
    bound = market.items.decide(first.id, Bind("alpha"), version=1, scope=operator)
    with market.store.begin(operator) as unit:
        assert find_bindings(unit, "acme", OWN_IDS) == {OWN_IDS[0]: "alpha"}
    # With what a file brings along around it, it is the same item.
    again = market.items.receive(MerchantItem("acme", f" {OWN_IDS[0]}\t", "Thing"), scope=acme)
    assert again == bound
    assert market.items.remove("acme", f"{OWN_IDS[0]} ", scope=acme).state is ItemState.REMOVED


def test_two_merchants_own_ids_never_meet() -> None:
    pairs = [("acme", "1:x"), ("a:1", "x"), ("acme", ":x"), ("bolt", ":x"), ("acme", to_record_id("acme", ":x")[7:])]
    assert len({to_record_id(*pair) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize("own", ["", "  ", "a\x00b", "a\u200bb", "a\u202eb", "a\nb", "x" * 201, "\ud800", 17])
def test_an_own_id_that_cannot_be_one_refuses_its_row_alone(market: Marketplace, own: Any) -> None:
    acme = market.as_merchant("acme")
    good, bad = market.items.receive_many(
        [MerchantItem("acme", "A 1", "Thing"), MerchantItem("acme", own, "Thing")], scope=acme
    )
    assert good.received is not None
    assert bad.received is None
    assert [problem.where for problem in bad.problems] == ["item_id"]
    with pytest.raises(ItemRefused, match="item_id"):
        market.items.receive(MerchantItem("acme", own, "Thing"), scope=acme)


@EVERYWHERE
def test_a_field_that_cannot_be_read_does_not_keep_the_item_out(market: Marketplace) -> None:
    acme, operator = market.as_merchant("acme"), market.as_operator()
    odd = attrs.evolve(
        CAMERA,
        gtin="4548736133731",
        size="1.000 ml",
        weight="0 g",
        dimensions="131 x 96",
        brand="x" * 201,
        description="x" * 20_001,
        attributes={"mount": "E", "": "?", "story": "x" * 2001},
        media=("images/a17.jpg", "", "x" * 2001),
        price=Money.of("2499.00", "USD"),
    )
    [row] = market.items.receive_many([odd], scope=acme)
    assert [problem.where for problem in row.problems] == [
        *("brand", "gtin", "description", "attributes", "size", "weight", "dimensions", "media", "price"),
    ]
    received = market.items.get(row.id, scope=operator)
    assert received == row.received
    assert received.item == attrs.evolve(
        CAMERA,
        gtin="4548736133731",
        size="1.000 ml",
        weight="0 g",
        dimensions="131 x 96",
        brand="",
        description="x" * 20_000,
        price=None,
    )
    assert received.problems[4].startswith("size: '1.000 ml' is no measure: 1.000 may mean 1000 or 1.000 ")
    assert market.items.receive(odd, scope=acme) == received
    # What cannot be read, nothing that is made of the item says.
    made = market.items.decide(received.id, NewProduct(), version=1, scope=operator)
    sku = market.catalog.get_sku(made.sku or "", scope=operator)
    assert (sku.gtin, sku.weight, sku.dimensions, str(sku.content)) == (None, None, None, "1 pc")
    mended = market.items.receive(CAMERA, scope=acme)
    assert (mended.item, mended.problems) == (CAMERA, ())


def test_what_the_marketplace_asks_for_must_be_readable(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    market.items.save_policy(ItemPolicy(required=["name", "gtin or mpn", "weight"]), scope=operator)
    wrong = attrs.evolve(CAMERA, gtin="4548736133731", weight=".5 lbs")
    with pytest.raises(ItemRefused) as refused:
        market.items.receive(wrong, scope=acme)
    assert [problem.where for problem in refused.value.problems] == ["gtin"]
    assert market.items.receive(attrs.evolve(wrong, mpn="ILCE-7M4"), scope=acme).version == 1
    with pytest.raises(ItemRefused, match="0 g"):
        market.items.receive(attrs.evolve(CAMERA, weight="0 g"), scope=acme)


def test_what_is_left_of_a_field_counts_as_sent(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    market.items.save_policy(ItemPolicy(required=["name", "brand", "media"]), scope=operator)
    received = market.items.receive(attrs.evolve(CAMERA, brand="So\u202eny", media=("a.jpg", "")), scope=acme)
    assert (received.item.brand, received.item.media) == ("So ny", ("a.jpg",))
    with pytest.raises(ItemRefused) as refused:
        market.items.receive(attrs.evolve(CAMERA, brand="x" * 201, media=("",)), scope=acme)
    assert [problem.where for problem in refused.value.problems] == ["brand", "media"]


def test_a_name_of_1500_characters_is_cut(market: Marketplace) -> None:
    received = market.items.receive(attrs.evolve(CAMERA, name="word " * 300), scope=market.as_merchant("acme"))
    assert received.item.name == ("word " * 200)
    assert received.problems == ("name: " + received.problems[0].removeprefix("name: "),)
    assert len(received.problems[0]) <= 500


@pytest.mark.parametrize("character", ["\0", "\x1b", "\u202e", "\ud800"])
def test_texts_hide_nothing(market: Marketplace, character: str) -> None:
    texts = ("name", "brand", "mpn", "category", "description", "group")
    shown: dict[str, Any] = {
        **dict.fromkeys(texts, "a b"),
        **dict.fromkeys(("gtin", "size", "weight", "dimensions"), "1 "),
    }
    hiding: dict[str, Any] = dict.fromkeys(texts, f"a{character}b")
    unread: dict[str, Any] = dict.fromkeys(("gtin", "size", "weight", "dimensions"), f"1{character}")
    wrong = attrs.evolve(CAMERA, attributes={"a": character}, media=(character,), **hiding, **unread)
    [row] = market.items.receive_many([wrong], scope=market.as_merchant("acme"))
    assert {problem.where for problem in row.problems} == {*texts, *unread, "attributes", "media"}
    assert row.received is not None
    assert row.received.item == attrs.evolve(CAMERA, attributes={}, media=(), **shown)
    assert all(line.isprintable() for line in row.received.problems)
    for make in (lambda: Sku("s", character), lambda: Sku("s", "S", character), lambda: Product("p", character)):
        with pytest.raises(InvalidValue):
            make()
    assert market.items.receive(attrs.evolve(CAMERA, description="a\tb\nc"), scope=market.as_operator()).problems == ()


@pytest.mark.parametrize("text", ["1 x 2 x 3 kg", "1 x 2 x 3", "a x b x c", "1 x 2 x 3 x 4 cm", ""])
def test_dimensions_that_are_none_are_refused(market: Marketplace, text: str) -> None:
    policy = ItemPolicy(required=["dimensions"])
    market.items.save_policy(policy, scope=market.as_operator())
    with pytest.raises(ItemRefused, match="dimensions"):
        market.items.receive(attrs.evolve(CAMERA, dimensions=text), scope=market.as_merchant("acme"))


def test_the_marketplace_says_what_it_asks_for(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    market.items.save_policy(ItemPolicy(required=["name", "gtin or mpn", "media"]), scope=operator)
    market.items.save_policy(ItemPolicy("bolt", required=["price"]), scope=operator)
    bare = MerchantItem("acme", "B", "Bag")
    with pytest.raises(ItemRefused) as refused:
        market.items.receive(bare, scope=acme)
    assert [problem.where for problem in refused.value.problems] == ["gtin or mpn", "media"]
    assert market.items.receive(attrs.evolve(bare, mpn="X-1", media=("a",)), scope=acme).version == 1
    assert market.items.get_policy("acme", scope=acme).required == ("name", "gtin or mpn", "media")
    assert market.items.get_policy("bolt", scope=operator).merchant == "bolt"
    with pytest.raises(NotFound):
        market.items.get_policy("bolt", scope=acme)
    with pytest.raises(PermissionDenied):
        market.items.save_policy(ItemPolicy("acme"), scope=acme)
    changed = market.items.save_policy(
        attrs.evolve(market.items.get_policy("bolt", scope=operator), approve=90), scope=operator
    )
    assert (changed.version, changed.approve) == (2, 90)


@pytest.mark.parametrize(
    "fields",
    [{"approve": 101}, {"reject": -1}, {"approve": 50, "reject": 50}, {"approve": True}, {"required": ["colour"]}],
)
def test_policies_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        ItemPolicy(**fields)


@EVERYWHERE
def test_others_neither_send_nor_see_nor_decide(market: Marketplace, received: ReceivedItem) -> None:
    bolt, acme = market.as_merchant("bolt"), market.as_merchant("acme")
    ann = market.as_buyer("ann")
    with pytest.raises(NotFound):
        market.items.receive(CAMERA, scope=bolt)
    with pytest.raises(NotFound):
        market.items.get(received.id, scope=bolt)
    with pytest.raises(NotFound):
        market.items.remove("acme", "A-17", scope=bolt)
    with pytest.raises(NotFound):
        market.items.receive(attrs.evolve(CAMERA, merchant="none"), scope=market.as_operator())
    assert market.items.page(scope=bolt).items == ()
    with pytest.raises(PermissionDenied):  # no item is for buyers: an empty page would say that there are none
        market.items.page(scope=ann)
    assert tell(market, bolt) == []
    for scope in (bolt, acme, ann):
        with pytest.raises(PermissionDenied):
            market.items.decide(received.id, Bind("alpha"), version=1, scope=scope)
        with pytest.raises(PermissionDenied):
            market.items.decide_by_policy(Finder(), scope=scope)
    with pytest.raises(PermissionDenied):
        market.items.receive(CAMERA, scope=ann)
    market.onboarding.move("acme", "block", scope=market.as_operator(), reason="fraud")
    with pytest.raises(ActivityRefused):
        market.items.receive(BLACK, scope=acme)


@EVERYWHERE
def test_sent_again_it_replaces_the_former_while_undecided(market: Marketplace, received: ReceivedItem) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    pending = market.items.decide(received.id, Pend("which one?"), version=1, scope=operator)
    assert (pending.state, pending.version) == (ItemState.PENDING, 2)
    again = market.items.receive(BLACK, scope=acme)
    assert again == ReceivedItem(BLACK, version=3)
    for version in (1, 2):
        with pytest.raises(StaleDecision) as stale:
            market.items.decide(received.id, Bind("alpha"), version=version, scope=operator)
        assert (stale.value.decided_on, stale.value.current) == (version, 3)
    assert bind(market, again).sku == "alpha"
    assert tell(market) == ["Received", "Decided", "Received", "Decided"]


def test_the_same_decision_again_changes_nothing(market: Marketplace, received: ReceivedItem) -> None:
    bound = bind(market, received)
    assert bind(market, received) == bound
    with pytest.raises(StaleDecision):
        market.items.decide(received.id, Deny(), version=1, scope=market.as_operator())
    with pytest.raises(DecisionImpossible):
        market.items.decide(received.id, Deny(), version=2, scope=market.as_operator())
    assert tell(market) == ["Received", "Decided"]


def test_what_is_sent_for_a_bound_item_flows_on_and_leaves_the_sku(market: Marketplace, received: ReceivedItem) -> None:
    operator = market.as_operator()
    bind(market, received)
    sent = market.items.receive(BLACK, scope=market.as_merchant("acme"))
    assert (sent.state, sent.sku, sent.item, sent.version) == (ItemState.BOUND, "alpha", BLACK, 3)
    assert market.catalog.get_sku("alpha", scope=operator).name == "Alpha 7 IV"
    with market.store.begin(operator) as unit:
        last: Any = unit.find_events("merchant_item", CAMERA.id)[-1].event
        assert (last.sku, last.item, last.number) == ("alpha", "A-17", 3)
        assert find_bindings(unit, "acme", ["A-17", "none"]) == {"A-17": "alpha"}
        assert find_bindings(unit, "bolt", ["A-17"]) == {}


@EVERYWHERE
def test_unbinding_stops_updates_and_asks_nobody(market: Marketplace, received: ReceivedItem) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    bound = bind(market, received)
    with pytest.raises(StaleDecision):
        market.items.unbind(bound.id, version=1, scope=operator)
    unbound = market.items.unbind(bound.id, version=2, scope=operator, reason="another lens")
    assert (unbound.state, unbound.sku) == (ItemState.UNBOUND, None)
    noted = market.items.receive(BLACK, scope=acme)
    assert (noted.state, noted.item, noted.version) == (ItemState.UNBOUND, BLACK, 4)
    assert market.items.decide_by_policy(Finder(("alpha", 99)), scope=operator) == ()
    assert tell(market) == ["Received", "Decided", "Unbound"]
    with pytest.raises(DecisionImpossible):
        market.items.unbind(bound.id, version=4, scope=operator)
    assert bind(market, noted).state is ItemState.BOUND
    found = market.catalog.page_history(MERCHANT_ITEMS, bound.id, scope=acme).items
    states = [one.value.state for one in found if isinstance(one.value, ReceivedItem)]
    assert states == ["received", "bound", "unbound", "unbound", "bound"]


def test_a_denied_item_stays_denied_until_somebody_takes_it_up(market: Marketplace, received: ReceivedItem) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    denied = market.items.decide(received.id, Deny("no cameras"), version=1, scope=operator)
    assert market.items.receive(CAMERA, scope=acme).state is ItemState.DENIED
    with pytest.raises(ItemDenied, match="no cameras"):
        market.items.receive(BLACK, scope=acme)
    market.items.decide(denied.id, Pend(), version=2, scope=operator)
    assert market.items.receive(BLACK, scope=acme).state is ItemState.RECEIVED


def test_a_removed_item_is_received_anew(market: Marketplace, received: ReceivedItem) -> None:
    acme = market.as_merchant("acme")
    bind(market, received)
    removed = market.items.remove("acme", "A-17", scope=acme)
    assert (removed.state, removed.sku, removed.version) == (ItemState.REMOVED, None, 3)
    assert market.items.remove("acme", "A-17", scope=acme) == removed
    with pytest.raises(DecisionImpossible):
        bind(market, removed)
    assert market.items.receive(CAMERA, scope=acme) == ReceivedItem(CAMERA, version=4)
    assert tell(market) == ["Received", "Decided", "Removed", "Received"]
    with pytest.raises(NotFound):
        market.items.remove("acme", "none", scope=acme)


def test_a_binding_needs_a_sku_and_the_right_to_sell_it(market: Marketplace, received: ReceivedItem) -> None:
    operator = market.as_operator()
    market.parties.save_selling_rights(SellingRights("alpha", default_merchant="bolt"), scope=operator)
    market.catalog.save_product(Product("mug", "Mug", "bolt"), scope=operator)
    for verdict, code in (
        (Bind("alpha"), "catalog.not-sellable"),
        (Bind("none"), "catalog.unknown-sku"),
        (NewSku("none"), "catalog.unknown-product"),
        (NewSku("mug"), "catalog.not-sellable"),
    ):
        with pytest.raises(CatalogRefused) as refused:
            market.items.decide(received.id, verdict, version=1, scope=operator)
        assert [problem.code for problem in refused.value.problems] == [code]
    assert market.items.get(received.id, scope=operator) == received
    assert market.catalog.skus.page(scope=operator).items == (market.catalog.get_sku("alpha", scope=operator),)


@EVERYWHERE
def test_a_new_product_is_made_of_what_was_sent(market: Marketplace, received: ReceivedItem) -> None:
    operator = market.as_operator()
    verdict = NewProduct(category="photo", tax_category="standard")
    made = market.items.decide(received.id, verdict, version=1, scope=operator)
    assert made.sku == "sku-1"
    assert market.items.decide(received.id, verdict, version=1, scope=operator) == made
    product = market.catalog.get_product("product-1", scope=operator)
    assert (product.name, product.owner, product.category) == ("Sony Alpha 7 IV body", None, "photo")
    sku = market.catalog.get_sku("sku-1", scope=operator)
    assert (sku.product, sku.category, sku.tax_category, str(sku.gtin)) == (
        "product-1",
        "photo",
        "standard",
        "4548736133730",
    )
    assert sku.weight == Measure.parse("0.658 kg")
    assert str(sku.dimensions and sku.dimensions.height) == "80 mm"
    assert [len(market.catalog.products.page(scope=operator).items), sku.version] == [1, 1]

    lens = market.items.receive(MerchantItem("bolt", "L", "Lens", size="2 x 1 pair"), scope=market.as_merchant("bolt"))
    variant = market.items.decide(lens.id, NewSku("product-1", "kit"), version=1, scope=operator)
    assert variant.sku == "kit"
    kit = market.catalog.get_sku("kit", scope=operator)
    assert (kit.product, kit.category, kit.tax_category, str(kit.content)) == (
        "product-1",
        "photo",
        "standard",
        "2 pair",
    )
    other = market.items.receive(MerchantItem("bolt", "M", "Lens"), scope=market.as_merchant("bolt"))
    with pytest.raises(UniqueViolation):
        market.items.decide(other.id, NewSku("product-1", "kit"), version=1, scope=operator)


@EVERYWHERE
def test_rows_of_a_bulk_call_stand_alone(market: Marketplace, received: ReceivedItem) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    rows = [
        CAMERA,
        MerchantItem("acme", "B", "Bag"),
        MerchantItem("acme", "C", ""),
        MerchantItem("acme", "B", "Bag again"),
    ]
    outcomes = market.items.receive_many(rows, scope=acme)
    assert [one.reception for one in outcomes] == [Reception.UNCHANGED, Reception.CREATED, None, None]
    assert [[problem.code for problem in one.problems] for one in outcomes] == [
        [],
        [],
        ["catalog.field-missing"],
        ["catalog.item-twice"],
    ]
    bag = outcomes[1].received
    assert bag is not None
    assert bag == market.items.get(bag.id, scope=acme)
    decided = market.items.decide_many(
        [
            (received.id, Bind("alpha"), 1),
            (bag.id, Bind("none"), 1),
            (bag.id, Pend(), 9),
            ("none", Pend(), 1),
        ],
        scope=operator,
    )
    assert [one.received and one.received.sku for one in decided] == ["alpha", None, None, None]
    assert [[problem.code for problem in one.problems] for one in decided] == [
        [],
        ["catalog.unknown-sku"],
        ["catalog.stale-decision"],
        ["store.not-found"],
    ]
    market.items.decide(bag.id, Deny("no bags"), version=1, scope=operator)
    [denied] = market.items.receive_many([attrs.evolve(bag.item, name="Sack")], scope=acme)
    assert [problem.code for problem in denied.problems] == ["catalog.item-denied"]
    with pytest.raises(TooManyRows, match="501 rows in one call, which takes 500"):
        market.items.receive_many([CAMERA] * 501, scope=acme)
    with pytest.raises(TooManyRows):
        market.items.decide_many([(bag.id, Pend(), 1)] * 101, scope=operator)


@attrs.frozen
class Proposal:
    sku: str
    score: float
    reasons: tuple[str, ...] = ("names alike",)


class Finder:
    def __init__(self, *pairs: tuple[str, float]) -> None:
        self.proposals = [Proposal(sku, score) for sku, score in pairs]

    def find(self, item: MerchantItem) -> Sequence[Proposal]:
        return self.proposals if item.name else ()


@pytest.mark.parametrize(
    ("flow", "pairs", "verdict"),
    [
        (DecisionFlow.DEFAULT, [("alpha", 80), ("beta", 99)], Bind("beta")),
        (DecisionFlow.DEFAULT, [("beta", 80), ("alpha", 80)], Pend("alpha, beta fit equally well, with score 80.00")),
        (DecisionFlow.AUTO_APPROVE, [("b", 80), ("a", 80)], Pend("a, b fit equally well, with score 80.00")),
        (DecisionFlow.DEFAULT, [("beta", 80), ("alpha", 80.01)], Bind("alpha")),
        (DecisionFlow.DEFAULT, [("beta", 20), ("alpha", 20)], Deny("the likeliest SKU has score 20.00, 30 or less")),
        (DecisionFlow.DEFAULT, [("alpha", 79.999)], Pend("the likeliest SKU has score 79.99, above 30 and below 80")),
        (DecisionFlow.DEFAULT, [("alpha", 31)], Pend("the likeliest SKU has score 31.00, above 30 and below 80")),
        (DecisionFlow.DEFAULT, [("alpha", 30)], Deny("the likeliest SKU has score 30.00, 30 or less")),
        (DecisionFlow.DEFAULT, [], Pend("nothing in the catalogue is like it")),
        (DecisionFlow.MANUAL, [("alpha", 100)], Pend("every item is decided on by hand")),
        (DecisionFlow.AUTO_APPROVE, [("alpha", 80)], Bind("alpha")),
        (DecisionFlow.AUTO_APPROVE, [("alpha", 5)], NewProduct()),
        (DecisionFlow.AUTO_APPROVE, [], NewProduct()),
    ],
)
def test_a_policy_judges_by_flow_and_score(flow: DecisionFlow, pairs: list[tuple[str, float]], verdict: object) -> None:
    judged = judge_item(ItemPolicy(flow=flow), Finder(*pairs).proposals)
    assert judged.verdict == verdict
    best = max((score for _, score in pairs), default=None)
    assert judged.score == (None if best is None else Decimal(str(best)[:5]))
    assert bool(judged.reasons) is bool(pairs)


@pytest.mark.parametrize(
    ("unmatched", "pairs", "verdict"),
    [
        (Unmatched.PEND, [("alpha", 30.0)], Pend("the likeliest SKU has score 30.00, 30 or less")),
        (Unmatched.PEND, [], Pend("nothing in the catalogue is like it")),
        (Unmatched.NEW_PRODUCT, [("alpha", 30.0)], NewProduct()),
        (Unmatched.NEW_PRODUCT, [], NewProduct()),
        (Unmatched.NEW_PRODUCT, [("alpha", 30.01)], Pend("the likeliest SKU has score 30.01, above 30 and below 80")),
    ],
)
def test_a_policy_says_what_becomes_of_what_is_unlike_everything(
    unmatched: Unmatched, pairs: list[tuple[str, float]], verdict: object
) -> None:
    assert judge_item(ItemPolicy(unmatched=unmatched), Finder(*pairs).proposals).verdict == verdict


@EVERYWHERE
def test_policies_decide_for_everybody_and_for_one_merchant(market: Marketplace, received: ReceivedItem) -> None:
    operator = market.as_operator()
    lens = market.items.receive(MerchantItem("bolt", "L", "Lens"), scope=market.as_merchant("bolt"))
    market.items.save_policy(ItemPolicy("bolt", flow=DecisionFlow.MANUAL), scope=operator)
    assert market.items.decide_by_policy(Finder(("alpha", 85)), scope=operator, merchant="none") == ()
    [mine] = market.items.decide_by_policy(Finder(("alpha", 85)), scope=operator, merchant="acme")
    assert (mine.id, mine.sku, mine.decision and mine.decision.score) == (received.id, "alpha", Decimal(85))
    [other] = market.items.decide_by_policy(Finder(("alpha", 85)), scope=operator)
    assert (other.id, other.state) == (lens.id, ItemState.PENDING)
    assert market.items.decide_by_policy(Finder(("alpha", 85)), scope=operator) == ()
    assert [found.id for found in market.items.page(scope=operator, where={"state": ItemState.PENDING}).items] == [
        lens.id
    ]


def test_an_item_that_changes_while_it_is_judged_waits(market: Marketplace, received: ReceivedItem) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")

    class Slow(Finder):
        def find(self, item: MerchantItem) -> Sequence[Proposal]:
            market.items.receive(BLACK, scope=acme)
            return super().find(item)

    assert market.items.decide_by_policy(Slow(("alpha", 90)), scope=operator) == ()
    assert market.items.get(received.id, scope=operator) == ReceivedItem(BLACK, version=2)
    [bound] = market.items.decide_by_policy(Finder(("alpha", 90)), scope=operator)
    assert bound.item == BLACK


def test_merchants_learn_what_was_decided_but_not_by_whom(market: Marketplace, received: ReceivedItem) -> None:
    olga = market.as_operator(user="olga")
    market.items.decide(received.id, Pend("which one?"), version=1, scope=olga)
    seen = market.items.get(received.id, scope=market.as_merchant("acme")).decision
    assert isinstance(seen, Decision)
    assert seen.verdict == Pend("which one?")
    assert (seen.by and seen.by.user) is None
    [page] = market.items.page(scope=market.as_merchant("acme")).items
    assert (page.decision and page.decision.by and page.decision.by.user) is None
    *_, last = market.catalog.page_history(MERCHANT_ITEMS, received.id, scope=market.as_merchant("acme")).items
    then = market.catalog.find_as_of(MERCHANT_ITEMS, received.id, last.at, scope=market.as_merchant("acme"))
    for one in (last.value, then):
        assert isinstance(one, ReceivedItem)
        assert one.decision is not None
        assert one.decision.by == Scope.operator()
    assert last.by == Scope.operator()
    known = market.items.get(received.id, scope=olga).decision
    assert (known and known.by and known.by.user) == "olga"


def test_a_decision_that_makes_no_sense_is_refused_without_a_store() -> None:
    known = ReceivedItem(CAMERA, version=1)
    by, at = Scope.operator(), datetime(2026, 7, 1, tzinfo=UTC)
    assert decide_item(known, Decision(NewProduct(), 1, by, at=at), sku="new").sku == "new"
    pending = decide_item(known, Decision(Pend(), 1, by, at=at))
    stored = attrs.evolve(pending, version=2)
    assert decide_item(stored, Decision(Pend(), 1, by, at=at)) == stored
    with pytest.raises(StaleDecision, match=r"at version 2; the decision was made on 1 \("):
        decide_item(stored, Decision(Deny(), 1, by, at=at))
    with pytest.raises(DecisionImpossible, match="is pending; Unbind is impossible"):
        decide_item(stored, Decision(Unbind(), 2, by, at=at))
    with pytest.raises(InvalidValue):
        decide_item(known, Decision(NewProduct(), 1, by, at=at))


def test_only_a_bound_item_is_a_sku() -> None:
    for state, sku in ((ItemState.BOUND, None), (ItemState.PENDING, "alpha")):
        with pytest.raises(InvalidValue):
            ReceivedItem(CAMERA, state, sku)
    for make in (lambda: Unbind("x" * 1001), lambda: Deny("x" * 1001), lambda: Pend("x" * 1001)):
        with pytest.raises(InvalidValue):
            make()


def test_a_field_of_another_type_is_a_problem_of_its_row(market: Marketplace) -> None:
    acme = Scope.merchant("acme")
    odd: Any = {"gtin": 4006381333931, "brand": None, "price": Decimal(1), "attributes": {"a": 1}, "media": "http://x"}
    rows = [MerchantItem("acme", "ok", "Fine"), MerchantItem("acme", "odd", "Odd", **odd)]
    good, bad = market.items.receive_many(rows, scope=acme)
    assert good.received is not None
    assert [problem.where for problem in bad.problems] == ["brand", "gtin", "attributes.a", "price", "media"]
    assert {problem.code for problem in bad.problems} == {"catalog.mistyped-field"}
    assert bad.received is not None
    assert bad.received.item == MerchantItem("acme", "odd", "Odd")
