"""Promotions in carts and orders: simulated, placed, limited, and never in anybody else's sight."""

from collections.abc import Iterable
from decimal import Decimal

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.catalog import Category, Product
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.persistence import Scope
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    AmountOff,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import FirstOrder, Quantity
from mktcore.promotions.promotion import Level
from mktcore.testing.fakes import CountingIds
from mktcore.totals import Reduction

TEN = PercentOff(Decimal("0.1"))


def add(market: Marketplace, *promotions: Promotion) -> None:
    with market.store.begin(market.as_operator()) as unit:
        for promotion in promotions:
            unit.repository(PROMOTIONS).add(promotion)
        unit.commit()


def count(market: Marketplace, name: str) -> int:
    with market.store.begin(market.as_operator()) as unit:
        return unit.counters.count(name)


def make_cart(number: int = 1, *lines: CartLine, buyer: str = "buyer-1", codes: tuple[str, ...] = ()) -> Cart:
    wanted = lines or (CartLine("l1", "camera"), CartLine("l2", "tripod", 2, offer="bolt-tripod"))
    return Cart.of(f"cart-{number}", buyer=buyer, lines=wanted, codes=codes)


def test_promotions_lower_the_order_and_say_who_bears_them(market: Marketplace) -> None:
    add(
        market,
        Promotion("OPEN", AmountOff(Money.of("10.00", "EUR"))),
        Promotion("bolt-5", PercentOff(Decimal("0.05")), owner="bolt", level=Level.MERCHANT, priority=1),
        Promotion("free", ShippingOff(Decimal(1)), condition=WithCode(("SHIP",))),
    )
    simulation = market.simulate(make_cart(codes=("ship",)), scope=market.as_operator())
    assert {one.promotion.id: str(one.amount) for one in simulation.promotions.applied} == {
        "bolt-5": "2.00 EUR",  # 5 % of 39.90
        "OPEN": "10.00 EUR",
        "free": "3.90 EUR",
    }
    order = market.place(make_cart(codes=("ship",)), key="k1", scope=market.as_operator())
    assert str(order.totals.discount_total) == "15.90 EUR"
    assert order.marketplace_order.reductions == simulation.reductions
    assert {one.key: one.merchant_share for one in order.marketplace_order.reductions} == {
        "promotion:bolt-5": Decimal(1),
        "promotion:OPEN": Decimal(0),
        "promotion:free": Decimal(0),
    }
    assert market.verify() == ()
    assert market.orders.get(order.id, scope=market.as_operator()) == order


def test_a_simulation_explains_its_promotions(market: Marketplace) -> None:
    add(market, Promotion("OPEN", TEN, title="Opening"), Promotion("SECRET", TEN, condition=WithCode(("X1",))))
    text = market.simulate(make_cart(), scope=market.as_operator()).explain().to_text()
    assert "promotion Opening: 21.89 EUR - borne by the marketplace" in text
    assert "SECRET" not in text


def test_a_buyer_learns_nothing_of_codes_it_did_not_enter(market: Marketplace) -> None:
    codes = WithCode(("SUMMER", "STAFF-ONLY"))
    add(market, Promotion("SUMMER", TEN, condition=codes), Promotion("HIDDEN", TEN, condition=WithCode(("X1",))))
    seen = market.simulate(make_cart(codes=("summer",)), scope=market.as_buyer("buyer-1"))
    assert [one.promotion.id for one in seen.promotions.applied] == ["SUMMER"]
    assert not any(secret in repr(seen) for secret in ("STAFF-ONLY", "HIDDEN", "X1"))
    assert "STAFF-ONLY" in repr(market.simulate(make_cart(codes=("summer",)), scope=market.as_operator()))


def test_the_carts_own_reductions_come_after_promotions(market: Marketplace) -> None:
    add(market, Promotion("OPEN", TEN))
    voucher = Reduction("VOUCHER", percent=Decimal("0.5"))
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", "camera")], reductions=[voucher])
    simulation = market.simulate(cart, scope=market.as_operator())
    assert [one.key for one in simulation.reductions] == ["promotion:OPEN", "VOUCHER"]
    assert str(simulation.totals.order.grand_total) == "80.55 EUR"  # 179.00, less 17.90, halved


def test_a_promotion_of_another_merchant_does_not_reach_the_cart(market: Marketplace) -> None:
    add(market, Promotion("fern-5", TEN, owner="fern", targets=LineFilter(skus=("camera",))))
    assert not market.simulate(make_cart(), scope=market.as_operator()).promotions.applied


def test_only_the_first_order_is_welcomed(market: Marketplace) -> None:
    add(market, Promotion("WELCOME", TEN, condition=AllOf((FirstOrder(), Quantity(1)))))
    first = market.place(make_cart(1), key="k1", scope=market.as_operator())
    second = market.place(make_cart(2), key="k2", scope=market.as_operator())
    other = market.place(make_cart(3, buyer="buyer-2"), key="k3", scope=market.as_operator())
    discounts = [str(order.totals.discount_total) for order in (first, second, other)]
    assert discounts == ["21.89 EUR", "0.00 EUR", "21.89 EUR"]


def test_an_order_that_was_cancelled_whole_was_no_first_one(market: Marketplace) -> None:
    add(market, Promotion("WELCOME", TEN, condition=FirstOrder()))
    first = market.place(make_cart(1), key="k1", scope=market.as_operator())
    for part in first.merchant_orders:
        market.fire(part.id, "cancel by merchant", key=f"c-{part.id}", scope=market.as_operator())
    second = market.place(make_cart(2), key="k2", scope=market.as_operator())
    third = market.place(make_cart(3), key="k3", scope=market.as_operator())
    assert [str(order.totals.discount_total) for order in (second, third)] == ["21.89 EUR", "0.00 EUR"]


def test_an_order_of_which_something_is_left_was_the_first_one(market: Marketplace) -> None:
    add(market, Promotion("WELCOME", TEN, condition=FirstOrder()))
    first = market.place(make_cart(1), key="k1", scope=market.as_operator())
    part = first.merchant_orders[0]
    market.fire(part.id, "cancel by merchant", key="c1", scope=market.as_operator(), lines={part.lines[0].key: 1})
    second = market.place(make_cart(2), key="k2", scope=market.as_operator())
    assert str(second.totals.discount_total) == "0.00 EUR"


def test_limits_are_claimed_by_orders_and_not_by_simulations(market: Marketplace) -> None:
    add(market, Promotion("TWICE", TEN, limits=Limits(uses=2, per_buyer=1, budget=Money.of("30.00", "EUR"))))
    for _ in range(3):
        market.simulate(make_cart(), scope=market.as_operator())
    assert count(market, "promotion/TWICE/uses") == 0
    discounts = []
    for number, buyer in enumerate(["buyer-1", "buyer-1", "buyer-2", "buyer-3"]):
        order = market.place(make_cart(number, buyer=buyer), key=f"k{number}", scope=market.as_operator())
        discounts.append(str(order.totals.discount_total))
    assert discounts == ["21.89 EUR", "0.00 EUR", "8.11 EUR", "0.00 EUR"]  # the budget's rest, then no uses
    assert [count(market, f"promotion/TWICE/{name}") for name in ("uses", "budget")] == [2, 3000]
    market.place(make_cart(0), key="k0", scope=market.as_operator())  # the same key again
    assert count(market, "promotion/TWICE/uses") == 2


class Racing:
    """Counters whose reads are old: somebody else claims between reading and claiming."""

    def __init__(self, unit: object) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> object:
        return self if name == "counters" else getattr(self._unit, name)

    def count_many(self, names: Iterable[str]) -> dict[str, int]:
        return dict.fromkeys(names, 0)

    def claim(self, name: str, amount: int, limit: int) -> bool:
        return bool(self._unit.counters.claim(name, amount, limit))  # type: ignore[attr-defined]  # any unit

    def advance(self, name: str, amount: int = 1) -> int:
        return int(self._unit.counters.advance(name, amount))  # type: ignore[attr-defined]  # any unit

    def release(self, name: str, amount: int) -> None:
        self._unit.counters.release(name, amount)  # type: ignore[attr-defined]  # any unit


class RacingStore:
    def __init__(self, store: object) -> None:
        self._store = store

    def begin(self, scope: Scope) -> object:
        return _RacingUnit(self._store.begin(scope))  # type: ignore[attr-defined]  # any store


class _RacingUnit:
    def __init__(self, opened: object) -> None:
        self._opened = opened

    def __enter__(self) -> object:
        return Racing(self._opened.__enter__())  # type: ignore[attr-defined]  # a context manager

    def __exit__(self, *error: object) -> object:
        return self._opened.__exit__(*error)  # type: ignore[attr-defined]  # as above


def test_a_limit_that_others_reached_meanwhile_refuses_the_order_and_keeps_no_claim(market: Marketplace) -> None:
    add(
        market,
        Promotion("A", TEN, limits=Limits(uses=5)),
        Promotion("B", TEN, limits=Limits(uses=1)),
    )
    racing = Marketplace(RacingStore(market.store), "EUR", clock=market.clock, ids=CountingIds())  # type: ignore[arg-type]  # a store in all but name
    racing.place(make_cart(1), key="k1", scope=market.as_operator())
    with pytest.raises(PlacementRefused, match="promotion B was just used up"):
        racing.place(make_cart(2), key="k2", scope=market.as_operator())
    assert [count(market, f"promotion/{name}/uses") for name in "AB"] == [1, 1]


def test_promotions_are_their_owners_to_read(market: Marketplace) -> None:
    add(market, Promotion("bolt-5", TEN, owner="bolt"), Promotion("OPEN", TEN))
    for scope, seen in ((Scope.merchant("bolt"), 1), (Scope.merchant("acme"), 0), (Scope.buyer("b1"), 0)):
        with market.store.begin(scope) as unit:
            assert unit.repository(PROMOTIONS).count() == seen


def cancel(market: Marketplace, order: str, key: str, lines: dict[str, int] | None = None) -> None:
    """Let the buyer ask, and the merchants accept."""
    operator = market.as_operator()
    asked = market.orders.fire(order, "ask to cancel", key=f"ask-{key}", scope=operator, lines=lines)
    for part in asked.merchant_orders:
        if any("cancellation asked" in states for states in part.states.values()):
            market.fire(part.id, "accept cancellation", key=f"accept-{key}-{part.merchant}", scope=operator)


LIMITED = Limits(uses=2, per_buyer=1, budget=Money.of("50.00", "EUR"))


def count_all(market: Marketplace, buyer: str = "buyer-1") -> tuple[int, ...]:
    return tuple(count(market, f"promotion/TEN/{name}") for name in ("uses", f"buyer/{buyer}", "budget"))


def test_what_is_cancelled_is_given_back(market: Marketplace) -> None:
    add(market, Promotion("TEN", TEN, limits=LIMITED))
    order = market.place(make_cart(), key="k1", scope=market.as_operator())  # 17.90 of l1, 3.99 of the two in l2
    assert count_all(market) == (1, 1, 2189)
    cancel(market, order.id, "1", {"l2": 1})
    assert count_all(market) == (1, 1, 2189 - 199)
    cancel(market, order.id, "2", {"l1": 1})
    assert count_all(market) == (1, 1, 200)
    cancel(market, order.id, "3", {"l2": 1})
    assert count_all(market) == (0, 0, 0)
    for key in ("1", "2", "3"):  # the same keys again
        lines = {"1": {"l2": 1}, "2": {"l1": 1}, "3": {"l2": 1}}[key]
        market.orders.fire(order.id, "ask to cancel", key=f"ask-{key}", scope=market.as_operator(), lines=lines)
    assert count_all(market) == (0, 0, 0)
    again = market.place(make_cart(2), key="k2", scope=market.as_operator())
    assert str(again.totals.discount_total) == "21.89 EUR"
    assert market.verify() == ()


def test_what_is_shipped_keeps_its_use(market: Marketplace) -> None:
    add(market, Promotion("TEN", TEN, limits=LIMITED))
    order = market.place(make_cart(), key="k1", scope=market.as_operator())
    acme = next(part for part in order.merchant_orders if part.merchant == "acme")
    market.fire(acme.id, "ship", key="s1", scope=market.as_operator())
    cancel(market, order.id, "1", {"l2": 2})
    assert count_all(market) == (1, 1, 1790)


def test_a_buyer_is_not_told_of_limits(market: Marketplace) -> None:
    add(market, Promotion("TEN", TEN, limits=LIMITED))
    scope = market.as_buyer("buyer-1")
    order = market.place(make_cart(), key="k1", scope=scope)
    assert order.marketplace_order.promotion_uses is None
    assert market.orders.get(order.id, scope=scope).marketplace_order.promotion_uses is None
    assert market.orders.get(order.id, scope=market.as_operator()).marketplace_order.promotion_uses != ()


def test_conditions_ask_the_catalogue(market: Marketplace) -> None:
    operator = market.as_operator()
    for category in (
        Category("photo", "Photo"),
        Category("cameras", "Cameras", "photo"),
        Category("slr", "SLR", "cameras"),
    ):
        market.catalog.save_category(category, scope=operator)
    product = Product("eos", "EOS", category="slr", brand="Canon", attributes={"mount": "EF", "colour": "black"})
    market.catalog.save_product(product, scope=operator)
    camera = market.catalog.get_sku("camera", scope=operator)
    changed = attrs.evolve(camera, product="eos", category="", brand="", attributes={"colour": "red"})
    market.catalog.save_sku(changed, scope=operator)
    filters = {
        "tree": LineFilter(categories=("photo",)),
        "itself": LineFilter(categories=("slr",)),
        "elsewhere": LineFilter(categories=("kitchen",)),
        "brand": LineFilter(brands=("Canon",)),
        "own": LineFilter(attributes={"colour": ("red", "blue"), "mount": ("EF",)}),
        "hidden": LineFilter(attributes={"colour": ("black",)}),
    }
    add(market, *(Promotion(name, TEN, targets=lines, condition=Quantity(of=lines)) for name, lines in filters.items()))
    outcome = market.simulate(make_cart(1, CartLine("l1", "camera")), scope=operator).promotions
    assert {one.promotion.id for one in outcome.applied} == {"tree", "itself", "brand", "own"}
    order = market.place(make_cart(1, CartLine("l1", "camera")), key="k1", scope=operator)
    assert str(order.totals.discount_total) == "61.56 EUR"
