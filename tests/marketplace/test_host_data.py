"""Host data goes with the records it stands on: kept at placement, shown by party, stored on every store."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

from markets import EXAMPLE, NOON, open_loaded
from mktcore.access import User
from mktcore.carts import Cart, CartLine
from mktcore.errors import Refused
from mktcore.extra import NO_EXTRA, Extra, ExtraRefused
from mktcore.marketplace import Marketplace
from mktcore.offers import OFFERS
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder, Order
from mktcore.parties import MERCHANTS, Buyer
from mktcore.parties.organisations.buyer import BUYERS
from mktcore.persistence import NotFound, Party, Scope
from mktcore.persistence.answer_once import to_canonical
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.testing.fakes import ManualClock
from mktcore.wire import InvalidDocument, build_schema, from_json, to_json
from persistence.opening import STORES

FULL = Extra({"gift": True}, operator={"risk": 12}, merchant={"pack": "red"}, buyer={"cost-centre": "7"})
FOR_MERCHANT = Extra({"gift": True}, merchant={"pack": "red"})
FOR_BUYER = Extra({"gift": True}, buyer={"cost-centre": "7"})
OPERATOR, ACME, BOLT, BUYER = Scope.operator(), Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1")


@pytest.fixture(params=STORES)
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_loaded(request.param, tmp_path, ManualClock(NOON), EXAMPLE) as market:
        yield market


def make_cart(extra: Extra = FULL, line: Extra = FULL) -> Cart:
    lines = [CartLine("l1", sku="camera", extra=line), CartLine("l2", sku="tripod", offer="bolt-tripod")]
    return Cart.of("c1", buyer="b1", lines=lines, extra=extra)


def find_camera(order: Order) -> MerchantOrder:
    return next(part for part in order.merchant_orders if part.lines[0].key == "l1")


def test_an_order_keeps_what_its_cart_carried_and_each_party_is_shown_its_own(market: Marketplace) -> None:
    placed = market.place(make_cart(), key="k1", scope=OPERATOR)
    part = find_camera(placed)
    own, other = (ACME, BOLT) if part.merchant == "acme" else (BOLT, ACME)

    order = market.orders.get(placed.id, scope=OPERATOR)
    assert order == placed
    assert order.marketplace_order.extra == FULL
    assert [found.extra for found in order.merchant_orders] == [FOR_MERCHANT, FOR_MERCHANT]
    assert find_camera(order).lines[0].extra == FULL

    seen = market.orders.get_merchant_order(part.id, scope=own)
    assert (seen.extra, seen.lines[0].extra) == (FOR_MERCHANT, FOR_MERCHANT)
    with pytest.raises(NotFound):
        market.orders.get_merchant_order(part.id, scope=other)

    bought = market.orders.get(placed.id, scope=BUYER)
    assert bought.marketplace_order.extra == FOR_BUYER
    assert (find_camera(bought).extra, find_camera(bought).lines[0].extra) == (Extra({"gift": True}), FOR_BUYER)
    [paged] = market.orders.merchant_orders.page(scope=own).items
    assert paged == seen


def test_moving_an_order_changes_nothing_of_it_and_answers_are_shown_by_party_too(market: Marketplace) -> None:
    placed = market.place(make_cart(), key="k1", scope=OPERATOR)
    part = find_camera(placed)
    moved = market.fire(part.id, "ship", key="s1", scope=Scope.merchant(part.merchant), lines={"l1": 1})
    assert (moved.extra, moved.lines[0].extra) == (FOR_MERCHANT, FOR_MERCHANT)
    with market.store.begin(OPERATOR) as unit:
        assert unit.repository(MERCHANT_ORDERS).get(part.id).lines[0].extra == FULL
        assert unit.repository(MARKETPLACE_ORDERS).get(placed.id).extra == FULL


@pytest.mark.parametrize("where", ["cart", "line"])
@pytest.mark.parametrize("part", ["operator", "merchant"])
def test_a_buyer_writes_no_part_that_it_is_not_shown(market: Marketplace, where: str, part: str) -> None:
    hidden: Any = {part: {"risk": 0}}
    cart = make_cart(Extra(**hidden), NO_EXTRA) if where == "cart" else make_cart(NO_EXTRA, Extra(**hidden))
    for call in (lambda: market.simulate(cart, scope=BUYER), lambda: market.place(cart, key="k1", scope=BUYER)):
        with pytest.raises(ExtraRefused, match="a buyer writes only what it is shown"):
            call()
    assert market.place(make_cart(FOR_BUYER, FOR_BUYER), key="k1", scope=BUYER).marketplace_order.extra == FOR_BUYER


def test_the_same_key_with_other_host_data_is_another_request(market: Marketplace) -> None:
    first = market.place(make_cart(), key="k1", scope=OPERATOR)
    assert market.place(make_cart(), key="k1", scope=OPERATOR) == first
    with pytest.raises(IdempotencyConflict, match="cart"):
        market.place(make_cart(Extra({"gift": False})), key="k1", scope=OPERATOR)


def test_a_request_without_host_data_is_the_one_that_was_remembered_before_there_was_any() -> None:
    canonical: Any = to_canonical(make_cart(NO_EXTRA, NO_EXTRA))
    assert "extra" not in canonical
    assert "extra" not in canonical["lines"][0]
    assert canonical != to_canonical(make_cart(Extra({"a": 1}), NO_EXTRA))


def test_offers_are_shown_by_party_and_a_merchant_keeps_what_it_is_not_shown(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        offer = next(iter(unit.repository(OFFERS).page({"merchant": "acme"}).items))
    market.offers.save(attrs.evolve(offer, extra=FULL), scope=OPERATOR)
    assert market.offers.get(offer.id, scope=OPERATOR).extra == FULL
    assert market.offers.get(offer.id, scope=BUYER).extra == FOR_BUYER
    assert market.offers.get(offer.id, scope=BOLT).extra == Extra({"gift": True})
    own = market.offers.get(offer.id, scope=ACME)
    assert own.extra == FOR_MERCHANT
    saved = market.offers.save(attrs.evolve(own, handling_days=3, extra=Extra({"gift": False})), scope=ACME)
    assert saved.extra == Extra({"gift": False})
    kept = market.offers.get(offer.id, scope=OPERATOR)
    assert (kept.handling_days, kept.extra) == (
        3,
        Extra({"gift": False}, operator={"risk": 12}, buyer={"cost-centre": "7"}),
    )
    with pytest.raises(ExtraRefused):
        market.offers.save(attrs.evolve(saved, extra=Extra(operator={"risk": 0})), scope=ACME)
    market.load(EXAMPLE)
    assert market.offers.get(offer.id, scope=OPERATOR).extra == kept.extra


def test_a_simulation_shows_a_buyer_its_own_and_no_rivals(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        unit.repository(OFFERS).save_many(
            [attrs.evolve(offer, extra=FULL) for offer in list(unit.repository(OFFERS).stream())]
        )
        unit.commit()
    asked = make_cart(FOR_BUYER, FOR_BUYER)
    shown = market.simulate(asked, scope=BUYER)
    assert shown.cart == asked
    assert {line.offer.extra for line in shown.lines} == {FOR_BUYER}
    choice = shown.lines[0].choice
    assert choice is not None
    assert choice.winner in choice.candidates
    assert {one.offer.extra for one in choice.candidates} == {FOR_BUYER}
    assert shown.lines[0].explain() == market.simulate(asked, scope=OPERATOR).lines[0].explain()
    seen = market.simulate(make_cart(), scope=OPERATOR)
    assert (seen.cart.extra, seen.lines[0].offer.extra) == (FULL, FULL)


def test_parties_are_shown_by_party(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        acme = unit.repository(MERCHANTS).get("acme")
        unit.repository(MERCHANTS).save(attrs.evolve(acme, extra=FULL))
        unit.commit()
    extras = [market.parties.get_merchant("acme", scope=scope).extra for scope in (OPERATOR, ACME, BOLT, BUYER)]
    assert extras == [FULL, FOR_MERCHANT, Extra({"gift": True}), FOR_BUYER]
    sellers = {one.id: one.extra for one in market.parties.find_sellers("b1", scope=BUYER)}
    assert sellers["acme"] == FOR_BUYER
    market.load(EXAMPLE)
    assert market.parties.get_merchant("acme", scope=OPERATOR).extra == FULL

    market.parties.save_buyer(Buyer("b1", "Ann", extra=FULL), scope=OPERATOR)
    assert [market.parties.get_buyer("b1", scope=scope).extra for scope in (OPERATOR, BUYER)] == [FULL, FOR_BUYER]
    with pytest.raises(NotFound):
        market.parties.get_buyer("b1", scope=ACME)


def test_users_are_shown_by_party_and_keep_what_their_party_is_not_shown(market: Marketplace) -> None:
    user = market.access.save_user(User("u1", Party.MERCHANT, "acme", extra=FULL), scope=OPERATOR)
    [own] = market.access.users.page(scope=ACME).items
    assert (user.extra, own.extra) == (FULL, FOR_MERCHANT)
    saved = market.access.save_user(attrs.evolve(own, name="Ann"), scope=ACME)
    assert saved.extra == FOR_MERCHANT
    [kept] = market.access.users.page(scope=OPERATOR).items
    assert (kept.name, kept.extra) == ("Ann", FULL)
    with pytest.raises(ExtraRefused):
        market.access.save_user(attrs.evolve(saved, extra=Extra(operator={"risk": 0})), scope=ACME)


def test_a_document_without_host_data_is_as_it_was_and_one_with_it_comes_back_the_same() -> None:
    bare, full = Buyer("b1", "Ann"), Buyer("b1", "Ann", extra=FULL)
    assert to_json(bare) == b'{"$type":"parties.buyer.v1","id":"b1","name":"Ann","kind":"person","version":0}'
    assert json.loads(to_json(full))["extra"] == {
        "everyone": {"gift": True}, "operator": {"risk": 12}, "merchant": {"pack": "red"},
        "buyer": {"cost-centre": "7"},
    }  # fmt: skip
    for buyer in (bare, full):
        assert from_json(to_json(buyer), Buyer) == buyer
        Draft202012Validator(build_schema(Buyer)).validate(json.loads(to_json(buyer)))


@pytest.mark.parametrize(
    ("extra", "where"),
    [
        ({"everyone": {"a": 1.5}}, "extra.everyone.a"),
        ({"everyone": {"a": 10**30}}, "extra.everyone.a"),
        ({"nobody": {}}, "extra.nobody"),
        ({"buyer": 5}, "extra.buyer"),
        ([], "extra"),
        ({"operator": {"$type": "orders.order.v1"}}, "extra.operator"),
    ],
    ids=str,
)
def test_a_document_with_other_host_data_is_refused_with_its_path(extra: object, where: str) -> None:
    document = json.dumps({"$type": "parties.buyer.v1", "id": "b1", "name": "Ann", "extra": extra})
    with pytest.raises(InvalidDocument) as caught:
        from_json(document, Buyer)
    refusal: Refused = caught.value
    assert [problem.where for problem in refusal.problems] == [where]


def test_a_buyers_record_is_the_operators_to_write(market: Marketplace) -> None:
    market.parties.save_buyer(Buyer("b1", "Ann", extra=FULL), scope=OPERATOR)
    with market.store.begin(BUYER) as unit, pytest.raises(NotFound):
        unit.repository(BUYERS).save(unit.repository(BUYERS).get("b1"))
