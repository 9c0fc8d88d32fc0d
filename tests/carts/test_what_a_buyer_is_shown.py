"""Nothing that a buyer is given holds what is none of its business, however deep one looks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest

from markets import LAMPS, NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.carts.shown_issues import show_issue
from mktcore.catalog import SKUS, Sku
from mktcore.errors import Hidden
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.offers import OFFERS
from mktcore.orders.redact_moves import show_move
from mktcore.periods import Period
from mktcore.persistence import Scope
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.processes.portions import Move
from mktcore.promotions import Limits, PercentOff, Promotion, WithCode
from mktcore.promotions.promotion import Caps
from mktcore.sales_context import SalesContext
from mktcore.storefront import ViewRequest
from mktcore.testing.fakes import ManualClock

ANN = Scope.buyer("ann")
SECRETS: tuple[object, ...] = (
    *("other-code", "berlin-cellar", "lamp-in-autumn", "secret-sku", "Secret thing"),
    *(4321, 4320, 987, 7777_77, 99_99, Decimal("0.37"), Fraction(37, 100)),
    *("4321", "987", "7777.77", "99.99", "0.37", "37 %", "11.11", "12.34"),
    *(11_11, 12_34),
)
"""What the market below holds and a buyer is not told: codes, places, coming prices, limits, bearers, private goods."""
OF_THE_OFFER = {"berlin-cellar"}
"""Offers are read by everybody, and an offer names its locations; how much lies there is its merchant's matter."""


def euro(text: str) -> Money:
    return Money.of(text, "EUR")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, LAMPS) as market:
        fill_with_secrets(market)
        yield market


def fill_with_secrets(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    with market.store.begin(operator) as unit:
        offers = unit.repository(OFFERS)
        offers.save(attrs.evolve(offers.get("acme-lamp"), locations=["berlin-cellar"]))
        unit.repository(SKUS).add(Sku("secret-sku", "Secret thing", owner="bolt"))
        unit.commit()
    market.stock.count("acme-lamp", {"berlin-cellar": 987}, scope=acme)
    soon = Period(start=NOON + timedelta(days=30))
    later = PriceSchedule("lamp-in-autumn", "acme", [PriceBreak(1, euro("11.11"))], valid=soon)
    market.prices.save_schedule(later, scope=acme)
    market.prices.assign(Assignment("a1", "lamp", "lamp-in-autumn", merchant="acme"), scope=acme)
    schedule = market.prices.get_schedule("acme-lamp", scope=acme)
    [entry] = schedule.breaks
    market.prices.save_schedule(
        attrs.evolve(schedule, breaks=[attrs.evolve(entry, sale_price=euro("12.34"))], sale=soon), scope=acme
    )
    limits = Limits(uses=4321, per_buyer=987, budget=euro("7777.77"))
    promotion = Promotion(
        "SUMMER",
        PercentOff(Decimal("0.10")),
        condition=WithCode(("sun", "other-code")),
        limits=limits,
        caps=Caps(order=euro("99.99")),
        merchant_share=Decimal("0.37"),
        title="Summer",
    )
    market.promotions.save(promotion, scope=operator)
    spent = Promotion("SPENT", PercentOff(Decimal("0.05")), limits=Limits(uses=0), title="Spent")
    market.promotions.save(spent, scope=operator)


def make_cart(name: str = "c1", **more: Any) -> Cart:
    return Cart.of(name, buyer="ann", lines=[CartLine("l1", "lamp", 2, offer="acme-lamp")], codes=["sun"], **more)


def walk(value: object, seen: set[int] | None = None) -> Iterator[object]:
    """Yield everything that can be read of a value without reaching for what is private."""
    seen = set() if seen is None else seen
    if value is None or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Enum):
        return
    if isinstance(value, (str, int, Decimal, Fraction)):
        yield value
        return
    if isinstance(value, Mapping):
        parts: Iterator[object] = (part for pair in value.items() for part in pair)
    elif isinstance(value, (tuple, list, frozenset, set)):
        parts = iter(value)
    else:
        parts = iter_public(value)
    for part in parts:
        yield from walk(part, seen)


def iter_public(value: object) -> Iterator[object]:
    names = [field.name for field in getattr(type(value), "__attrs_attrs__", ())]
    names += [name for name, one in vars(type(value)).items() if hasattr(one, "__get__") and not callable(one)]
    for name in dict.fromkeys(names):
        if name.startswith("_") or name in {"policy", "profile"}:
            continue
        try:
            yield getattr(value, name)
        except Hidden:
            continue
    explain = getattr(value, "explain", None)
    if callable(explain) and type(value).__name__ in {"Simulation", "PriceResolution", "BuyBox", "PromotionOutcome"}:
        yield explain().to_text()


def find_secrets(value: object) -> set[object]:
    found = list(walk(value))
    texts = [one for one in found if isinstance(one, str)]
    numbers = [one for one in found if not isinstance(one, str)]
    told = {secret for secret in SECRETS if isinstance(secret, str) and any(secret in text for text in texts)}
    return told | {secret for secret in SECRETS if not isinstance(secret, str) and secret in numbers}


def test_the_walk_finds_what_the_operator_is_shown(market: Marketplace) -> None:
    simulation = market.simulate(make_cart(), scope=market.as_operator())
    assert find_secrets(simulation) >= {"other-code", "berlin-cellar", "lamp-in-autumn", 4321, 987, "37 %", "12.34"}


def test_a_simulation_tells_a_buyer_nothing_but_its_own(market: Marketplace) -> None:
    simulation = market.simulate(make_cart(), scope=ANN)
    assert simulation.issues == ()
    assert simulation.totals.order.grand_total == euro("54.00")
    assert find_secrets(simulation) == OF_THE_OFFER
    # What it is shown instead: what was taken off, and why something else was not.
    assert [(one.promotion.title, one.amount) for one in simulation.promotions.applied] == [("Summer", euro("6.00"))]
    assert [(one.promotion.title, one.reason) for one in simulation.promotions.passed] == [("Spent", "it is used up")]
    assert "promotion Summer: 6.00 EUR" in simulation.explain().to_text()
    assert "from 1: 30.00 EUR" in simulation.explain().to_text()


def test_who_bears_what_is_refused_to_a_buyer_and_not_told_as_nothing(market: Marketplace) -> None:
    simulation = market.simulate(make_cart(), scope=ANN)
    figures = simulation.totals.lines["l1"]
    assert (figures.merchant_borne_minor, figures.merchant_net_minor) == (None, None)
    for name in ("merchant_borne", "marketplace_borne", "merchant_net"):
        with pytest.raises(Hidden, match=f"{name} is not shown in this view"):
            getattr(figures, name)
        with pytest.raises(Hidden):
            simulation.totals.explain(f"order.{name}")
    assert [one.merchant_share for one in simulation.reductions] == [None]
    with pytest.raises(Hidden, match="claims"):
        _ = simulation.promotions.claims
    whole = market.simulate(make_cart(), scope=market.as_operator()).totals.order
    assert (whole.merchant_borne, whole.marketplace_borne) == (euro("2.22"), euro("3.78"))


def test_an_order_tells_a_buyer_nothing_but_its_own(market: Marketplace) -> None:
    placed = market.place(make_cart(), key="k1", scope=ANN)
    assert find_secrets(placed) == set()
    assert placed == market.orders.get(placed.id, scope=ANN) == market.place(make_cart(), key="k1", scope=ANN)
    [part] = placed.merchant_orders
    assert part == market.orders.get_merchant_order(part.id, scope=ANN)
    for figures in (placed.totals, part.totals, part.lines[0].totals):
        assert (figures.merchant_borne_minor, figures.merchant_net_minor) == (None, None)
    assert [one.merchant_share for one in placed.marketplace_order.reductions] == [None]
    # The merchant and the operator read on.
    for scope in (market.as_merchant("acme"), market.as_operator()):
        assert market.orders.get_merchant_order(part.id, scope=scope).totals.merchant_borne == euro("2.22")


def test_a_merchants_private_goods_are_to_others_as_goods_that_are_not_there(market: Marketplace) -> None:
    operator = market.as_operator()
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=operator)

    def find_issues(sku: str) -> list[tuple[str, str]]:
        cart = Cart.of("c2", buyer="ann", lines=[CartLine("l1", sku, 1), CartLine("l2", sku, 1, offer="acme-lamp")])
        return [(one.code, str(one).replace(sku, "?")) for one in market.simulate(cart, scope=ANN).issues]

    assert find_issues("secret-sku") == find_issues("nothing-here")
    assert {code for code, _ in find_issues("secret-sku")} == {"unknown-sku"}
    market.parties.relate("ann", "bolt", scope=operator)
    assert {code for code, _ in find_issues("secret-sku")} == {"no-offer", "unknown-offer"}


def test_a_limit_that_was_just_reached_is_told_without_its_height(market: Marketplace) -> None:
    told = Notice("promotion-exhausted", "", "used up", operands={"promotion": "SUMMER", "limit": 4321})
    assert find_secrets(show_issue(told, market.as_operator())) == {4321}
    assert find_secrets(show_issue(told, ANN)) == set()


def test_a_view_of_a_seller_tells_a_buyer_nothing_but_its_own(market: Marketplace) -> None:
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=market.as_operator())
    page = market.storefront.page_of_seller(ViewRequest("acme", SalesContext("ann")), scope=ANN)
    assert [view.sku.id for view in page.items] == ["lamp", "vase"]
    assert find_secrets(page) == OF_THE_OFFER


def test_an_orders_history_tells_a_buyer_no_reasons_and_no_people_of_others(market: Marketplace) -> None:
    operator, rita = market.as_operator(), market.as_operator(user="rita-the-operator")
    placed = market.place(make_cart(), key="k1", scope=rita)
    part = placed.merchant_orders[0].id
    market.fire(part, "pick", key="k2", scope=rita, lines={"l1": 1}, reason="internal: watch her")
    max_ = market.as_merchant("acme", user="max-the-merchant")
    market.fire(part, "cancel by merchant", key="k3", scope=max_, lines={"l1": 1}, reason="internal: too cheap")
    market.orders.fire(placed.id, "ask to cancel", key="k4", scope=rita, reason="internal: she rang")
    parts = ("internal", "rita-the-operator", "max-the-merchant")

    def find_told(scope: Scope) -> set[str]:
        told: list[object] = [
            *market.orders.page_history(placed.id, scope=scope).items,
            *market.orders.page_merchant_order_history(part, scope=scope).items,
            market.orders.get(placed.id, scope=scope),
        ]
        with market.store.begin(scope) as unit:
            told += [one.event for kind in ("marketplace_order", "merchant_order") for one in find(unit, kind)]
        return {secret for secret in parts if any(secret in text for text in map(repr, told))}

    def find(unit: Any, kind: str) -> Any:
        return unit.find_events(kind, placed.id if kind == "marketplace_order" else part)

    assert find_told(operator) == set(parts)
    assert find_told(ANN) == set()


def test_what_is_done_on_a_buyers_behalf_tells_it_not_by_whom() -> None:
    done = Scope.operator(user="rita").to_operator()
    by = attrs.evolve(done, on_behalf_of=ANN)
    assert by.view_for(ANN) == ANN
    assert by.view_for(Scope.merchant("acme")) == ANN
    assert by.view_for(Scope.operator()) == by
    move = Move("l1", 1, None, "new", "", NOON, by=by, why="internal")
    assert (show_move(move, ANN).by, show_move(move, ANN).why) == (ANN, "")
    assert show_move(attrs.evolve(move, by=ANN), ANN).why == "internal"
