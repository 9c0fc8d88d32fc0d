"""Whatever is bought of a market, and whatever becomes of it: all that its parties are answered fits its schema."""

import json
from collections.abc import Hashable, Iterator
from functools import cache
from itertools import count
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import EXAMPLE
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.errors import MktcoreError
from mktcore.extra import Extra
from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.actions import Action, AskToCancel, CancelByMerchant, Ship
from mktcore.persistence import NotFound, Page, Scope
from mktcore.testing.market_sample import MarketSample
from mktcore.testing.market_strategies import carts, market_samples
from mktcore.views import schema_of, view

MAX_EXAMPLES = 40
SKUS = [*["tripod", "tripod-mini"] * 4, "no-such-sku"]
ACTIONS: list[Action | str] = [Ship(carrier="DHL"), CancelByMerchant("out-of-stock"), AskToCancel("too-late"), "ship"]
pytestmark = pytest.mark.slow  # dozens of orders and all that happens to them
NUMBERS = count(1)
CARTS = st.lists(st.tuples(st.sampled_from(SKUS), st.sampled_from([*range(1, 10), 10_000])), min_size=0, max_size=4)
OPERATOR, BUYER = Scope.operator(), Scope.buyer("buyer-1")


@pytest.fixture(scope="module")
def market() -> Iterator[Marketplace]:
    with Marketplace.in_memory(currency="EUR") as opened:
        opened.load(EXAMPLE)
        for offer in ("bolt-tripod", "bolt-tripod-mini", "acme-tripod"):  # enough for all that is drawn
            opened.stock.count(offer, 9_000, scope=OPERATOR)
        yield opened
        assert len(opened.orders.merchant_orders.page(scope=OPERATOR).items) >= MAX_EXAMPLES // 4


@st.composite
def sales(draw: st.DrawFn) -> tuple[MarketSample, Cart]:
    sample = draw(market_samples())
    return sample, draw(carts(offers=sample.offers))


@cache
def find_validator(cls: Hashable) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(cls), format_checker=jsonschema.FormatChecker())


def look(value: Any, scope: Scope) -> Any:
    """Return the view of a value, which must be JSON and fit its schema."""
    shown, cls = view(value, scope), value.__class__
    find_validator(cls).validate(json.loads(json.dumps(shown, allow_nan=False)))
    return shown


def build_cart(wanted: list[tuple[str, int]]) -> Cart:
    lines = [CartLine(f"l{n}", sku, pieces, extra=Extra({"n": n})) for n, (sku, pieces) in enumerate(wanted)]
    return Cart.of(f"cart-{next(NUMBERS)}", buyer="buyer-1", lines=lines)


@settings(max_examples=MAX_EXAMPLES, deadline=None)
@given(CARTS, st.lists(st.sampled_from(ACTIONS), max_size=3))
def test_all_that_a_market_answers_has_a_view(
    market: Marketplace, wanted: list[tuple[str, int]], actions: list[Action | str]
) -> None:
    cart = build_cart(wanted)
    simulation = market.simulate(cart, scope=BUYER)
    shown = look(simulation, BUYER)
    assert len(shown["issues"]) == len(simulation.issues)
    look(simulation.explain(), BUYER)
    check_storefront(market, simulation)
    if not simulation.is_placeable():
        return
    order = market.place(cart, key=cart.id, scope=BUYER)
    for number, action in enumerate(actions):
        try:
            market.fire(order.merchant_orders[0].id, action, key=f"{cart.id}-{number}", scope=OPERATOR)
        except MktcoreError:
            continue  # not in this state of the order, or not this party's
    check_order(market, order.id)


def check_storefront(market: Marketplace, simulation: Simulation) -> None:
    """Look at a page as everybody does; what leads costs what a cart of one piece is told."""
    for scope in (OPERATOR, BUYER, Scope.visitor(), Scope.merchant("acme")):
        page = market.storefront.page(scope=scope, limit=3)
        shown = look(page, scope)
        assert [one["sku"] for one in shown["items"]] == [one.sku.id for one in page.items]
        look(page.items[0].explain(), scope)
    for line in simulation.lines:
        entry = look(market.storefront.get(line.sku.id, scope=BUYER), BUYER)
        if line.line.quantity == 1:
            assert entry["lead"]["unit_price"]["amount"] == str(line.price.unit_price.amount)


def check_order(market: Marketplace, order: str) -> None:
    """Look at an order and its history as every party does."""
    whole = market.orders.get(order, scope=OPERATOR)
    for scope in (OPERATOR, BUYER):
        shown = look(market.orders.get(order, scope=scope), scope)
        parts = [part["totals"]["grand_total"]["amount"] for part in shown["merchant_orders"]]
        assert parts == [str(part.totals.grand_total.amount) for part in whole.merchant_orders]
        look(market.orders.page_history(order, scope=scope), scope)
    for part in whole.merchant_orders:
        check_part(market, part, whole)


def check_part(market: Marketplace, part: MerchantOrder, whole: Order) -> None:
    for scope in (OPERATOR, BUYER, Scope.merchant(part.merchant)):
        shown = look(part, scope)
        assert ("commission" in shown) is (scope is not BUYER)
        pieces = sum(standing["quantity"] for standing in shown["states"])
        assert pieces == sum(line.quantity for line in part.lines)
        look(market.orders.page_merchant_order_history(part.id, scope=scope), scope)
    with pytest.raises(NotFound):
        view(whole, Scope.merchant(part.merchant))
    with pytest.raises(NotFound):
        view(Page((part,), None), Scope.merchant("nobody"))


@settings(max_examples=MAX_EXAMPLES // 2, deadline=None)
@given(sales())
def test_every_record_of_any_market_fits_its_schema(sale: tuple[MarketSample, Cart]) -> None:
    sample, cart = sale
    with sample.open() as market:
        simulation = market.simulate(cart, scope=OPERATOR)
        look(simulation, OPERATOR)
        look(simulation.explain(), OPERATOR)
        if simulation.is_placeable():
            order = market.place(cart, key=cart.id, scope=OPERATOR)
            look(order, OPERATOR)
            look(order, Scope.buyer(order.buyer))
        for scope in (OPERATOR, Scope.merchant("acme"), Scope.buyer("buyer-1"), Scope.visitor()):
            look(market.storefront.page(scope=scope), scope)
            for _, listed in iterate_lists(market):
                try:
                    found = listed.page(scope=scope).items
                except PermissionDenied:
                    continue  # none of it is for such a party
                for one in found:
                    look(one, scope)
