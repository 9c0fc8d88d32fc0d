"""Gifts: added to the cart as lines of their own, reserved, frozen on the order, and paid by nobody."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from markets import LAMPS, open_market
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    AnyOf,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    PromotionPolicy,
    WithCode,
)
from mktcore.promotions.conditions import Condition, Quantity
from mktcore.promotions.effects import Gift
from mktcore.testing.fakes import ManualClock

VASE = Promotion("vase", Gift("vase"), condition=Amount(Money.of("50.00", "EUR")))


@pytest.fixture
def lamps(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, clock, LAMPS) as market:
        yield market


def save(market: Marketplace, *promotions: Promotion) -> None:
    for promotion in promotions:
        market.promotions.save(promotion, scope=market.as_operator())


def lamp_cart(quantity: int, offer: str = "acme-lamp", codes: tuple[str, ...] = ()) -> Cart:
    lines = [CartLine("l1", "lamp", quantity, offer=offer)]
    return Cart.of("c1", buyer="ann", lines=lines, codes=codes)


def simulate(market: Marketplace, cart: Cart) -> Simulation:
    return market.simulate(cart, scope=market.as_buyer("ann"))


def list_lines(simulation: Simulation) -> list[tuple[str, str, int, str]]:
    figures = simulation.totals.lines
    return [
        (line.line.key, line.offer.id, line.line.quantity, str(figures[line.line.key].grand_total))
        for line in simulation.lines
    ]


def test_a_gift_is_a_line_that_costs_nothing(lamps: Marketplace) -> None:
    save(lamps, VASE)
    found = simulate(lamps, lamp_cart(2))
    assert list_lines(found) == [("l1", "acme-lamp", 2, "60.00 EUR"), ("gift:vase", "acme-vase", 1, "0.00 EUR")]
    assert str(found.totals.order.grand_total) == "60.00 EUR"
    assert (found.issues, found.cart.lines) == ((), lamp_cart(2).lines)
    assert found.promotions.explain().to_text().splitlines()[1:] == [
        "└─ promotion vase: 12.00 EUR",
        "   └─ gift:vase: 12.00 EUR",
    ]
    assert list_lines(simulate(lamps, lamp_cart(1))) == [("l1", "acme-lamp", 1, "30.00 EUR")]


def test_a_gift_is_reserved_and_given_back(lamps: Marketplace) -> None:
    save(lamps, attrs.evolve(VASE, effect=Gift("vase", 3), limits=Limits(uses=1)))
    order = lamps.place(lamp_cart(2), key="k", scope=lamps.as_buyer("ann"))
    part = order.merchant_orders[0]
    assert [(line.key, line.quantity) for line in part.lines] == [("l1", 2), ("gift:vase", 3)]
    assert str(order.totals.grand_total) == "60.00 EUR"

    def count() -> tuple[int, int]:
        with lamps.store.begin(lamps.as_operator()) as unit:
            level = unit.stock.find_levels(["acme-vase"])["acme-vase"]
            return level.reserved, unit.counters.count("promotion/vase/uses")

    assert count() == (3, 1)
    assert lamps.verify() == ()
    lamps.fire(part.id, "cancel by merchant", key="x", scope=lamps.as_merchant("acme"))
    assert count() == (0, 0)
    assert lamps.verify() == ()


def test_a_gift_comes_from_a_merchant_that_the_order_goes_to(lamps: Marketplace) -> None:
    save(lamps, VASE)
    found = lamps.simulate(lamp_cart(3, "bolt-lamp"), scope=lamps.as_operator())
    assert list_lines(found) == [("l1", "bolt-lamp", 3, "75.00 EUR")]
    assert [one.reason for one in found.promotions.passed] == ["what it gives is not to be had now"]


def test_a_merchants_gift_is_its_own_goods(lamps: Marketplace) -> None:
    save(lamps, Promotion("lamp", Gift("lamp"), "acme"))
    lines = [CartLine("l1", "vase"), CartLine("l2", "lamp", offer="bolt-lamp")]
    found = simulate(lamps, Cart.of("c1", buyer="ann", lines=lines))
    # bolt's lamp is the cheaper one.
    assert list_lines(found)[2:] == [("gift:lamp", "acme-lamp", 1, "0.00 EUR")]
    save(lamps, Promotion("lamps", Gift("lamp", offer="bolt-lamp"), "acme"))
    assert len(simulate(lamps, Cart.of("c1", buyer="ann", lines=lines)).lines) == 3


def test_gifts_take_what_the_cart_leaves_in_stock(lamps: Marketplace) -> None:
    save(lamps, attrs.evolve(VASE, effect=Gift("lamp", 4)))
    assert len(simulate(lamps, lamp_cart(5)).lines) == 2
    assert len(simulate(lamps, lamp_cart(6)).lines) == 1
    save(lamps, Promotion("more", Gift("lamp", 4), priority=1))
    # Of two gifts the one with the higher priority is first at what is left.
    assert [line[0] for line in list_lines(simulate(lamps, lamp_cart(2)))] == ["l1", "gift:more"]


LAST_LAMP = attrs.evolve(VASE, effect=Gift("lamp", 4))
"""Given for 50.00 or more; of nine lamps there are four for a gift where somebody buys five, and for no second one."""


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"condition": Amount(Money.of("900.00", "EUR"))}, "its condition does not hold"),
        ({"condition": WithCode(("OTHER",))}, None),
        ({"limits": Limits(uses=0)}, "all 0 uses are taken"),
        # Kept out by what it does not combine with, though its own condition holds.
        ({"group": "one"}, "it does not combine with ten"),
        ({"effect": Gift("lamp", 1), "condition": Amount(Money.of("900.00", "EUR"))}, "its condition does not hold"),
    ],
)
def test_a_gift_that_is_not_given_leaves_its_stock_to_others(
    lamps: Marketplace, first: dict[str, Any], reason: str | None
) -> None:
    ten = Promotion("ten", AmountOff(Money.of("10.00", "EUR")), group="one", priority=9)
    save(lamps, LAST_LAMP, ten, attrs.evolve(LAST_LAMP, id="first", priority=5, **first))
    found = lamps.simulate(lamp_cart(5), scope=lamps.as_operator())
    assert [(line.line.key, line.line.quantity) for line in found.lines] == [("l1", 5), ("gift:vase", 4)]
    assert [one.promotion.id for one in found.promotions.applied] == ["ten", "vase"]
    told = {one.promotion.id: one.reason for one in found.promotions.passed}
    assert told.get("first") == reason
    order = lamps.place(lamp_cart(5), key="k", scope=lamps.as_buyer("ann"))
    assert [line.key for line in order.merchant_orders[0].lines] == ["l1", "gift:vase"]
    assert lamps.verify() == ()


def test_many_gifts_that_are_not_given_leave_stock_to_the_one_that_is(lamps: Marketplace) -> None:
    ten = Promotion("ten", AmountOff(Money.of("10.00", "EUR")), group="one", priority=9)
    # Each of them is first at the lamps, and gets none when its turn comes.
    others = [attrs.evolve(LAST_LAMP, id=f"not-{n}", priority=5, group="one") for n in range(12)]
    save(lamps, LAST_LAMP, ten, *others)
    found = simulate(lamps, lamp_cart(5))
    assert [one.promotion.id for one in found.promotions.applied] == ["ten", "vase"]
    assert {one.reason for one in found.promotions.passed} == {"it does not combine with ten"}


def test_a_gift_comes_from_another_offer_where_one_before_emptied_the_first(lamps: Marketplace) -> None:
    save(lamps, LAST_LAMP, attrs.evolve(LAST_LAMP, id="first", priority=5))
    lines = [CartLine("l1", "lamp", 5, offer="bolt-lamp"), CartLine("l2", "lamp", offer="acme-lamp")]
    cart = Cart.of("c1", buyer="ann", lines=lines)
    found = simulate(lamps, cart)
    assert list_lines(found)[2:] == [
        ("gift:first", "bolt-lamp", 4, "0.00 EUR"),
        ("gift:vase", "acme-lamp", 4, "0.00 EUR"),
    ]
    # Each is worth what its own offer costs.
    assert [str(one.amount) for one in found.promotions.applied] == ["100.00 EUR", "120.00 EUR"]
    assert str(found.totals.order.grand_total) == "155.00 EUR"


def test_no_other_promotion_sees_or_touches_a_gift(lamps: Marketplace) -> None:
    vases = LineFilter(skus=("vase",))
    save(
        lamps,
        VASE,
        Promotion("half", PercentOff(Decimal("0.5")), priority=9),
        Promotion("five", AmountOff(Money.of("5.00", "EUR")), condition=Amount(Money.of("1.00", "EUR"), of=vases)),
    )
    found = simulate(lamps, lamp_cart(2))
    assert {one.promotion.id: dict(one.parts) for one in found.promotions.applied} == {
        "half": {"l1": Money.of("30.00", "EUR")},
        "vase": {"gift:vase": Money.of("12.00", "EUR")},
    }


def test_gifts_are_limited_and_chosen_as_any_promotion(tmp_path: Path, clock: ManualClock) -> None:
    with open_market("memory", tmp_path, clock, LAMPS) as market:
        save(market, attrs.evolve(VASE, condition=WithCode(("GIFT",)), group="one", priority=5))
        save(market, Promotion("ten", AmountOff(Money.of("10.00", "EUR")), group="one"))
        with_code = simulate(market, lamp_cart(2, codes=("gift",)))
        assert [one.promotion.id for one in with_code.promotions.applied] == ["vase"]
        assert [one.promotion.id for one in simulate(market, lamp_cart(2)).promotions.applied] == ["ten"]


def test_the_best_for_the_buyer_counts_what_a_gift_is_worth(tmp_path: Path, clock: ManualClock) -> None:
    best = PromotionPolicy(best_for_buyer=True)
    with Marketplace.in_memory(currency="EUR", clock=clock, promotions=best) as market:
        for name, text in LAMPS.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        market.load(tmp_path)
        save(market, attrs.evolve(VASE, group="one"))
        save(market, Promotion("ten", AmountOff(Money.of("10.00", "EUR")), group="one", priority=5))
        assert [one.promotion.id for one in simulate(market, lamp_cart(2)).promotions.applied] == ["vase"]


def test_a_long_name_and_a_name_that_is_taken(lamps: Marketplace) -> None:
    long = "v" * 100
    save(lamps, attrs.evolve(VASE, id=long))
    keys = [line.line.key for line in simulate(lamps, lamp_cart(2)).lines]
    assert len(keys) == 2
    assert len(keys[1]) <= 60
    save(lamps, VASE)
    lines = [CartLine("gift:vase", "lamp", 2, offer="acme-lamp")]
    assert len(simulate(lamps, Cart.of("c1", buyer="ann", lines=lines)).lines) == 3


def test_the_lint_tells_of_a_gift_that_nobody_sells(lamps: Marketplace) -> None:
    save(lamps, attrs.evolve(VASE, effect=Gift("vaze")))
    found = lamps.promotions.lint(scope=lamps.as_operator())
    assert [(one.code, one.message) for one in found] == [
        ("promotions.matches-nothing", "its effect.sku means nothing that anybody sells")
    ]


TWO_LINES = {
    "a": CartLine("a", "lamp", 2, offer="acme-lamp"),
    "b": CartLine("b", "lamp", 1, offer="bolt-lamp"),
}


def cancel(market: Marketplace, promotion: Promotion, canceled: dict[str, int], *, by: str = "") -> dict[str, int]:
    """Place a cart of 2 x 30.00 and 25.00 with a gift; return what canceling pieces cancels, as it was previewed."""
    save(market, promotion)
    ann = market.as_buyer("ann")
    order = market.place(Cart.of("c1", buyer="ann", lines=TWO_LINES.values()), key="k", scope=ann)
    [gift] = [line.key for part in order.merchant_orders for line in part.lines if line.gift_of]
    scope = market.as_merchant(by) if by else market.as_operator()
    named = order.id if not by else next(one.id for one in order.merchant_orders if one.merchant == by)
    preview = market.orders.preview_cancel(named, canceled, scope=scope)
    market.orders.cancel(named, canceled, key="c", scope=scope, agreed=preview)
    after = market.orders.get(order.id, scope=market.as_operator())
    states = after.marketplace_order.fulfilment.states()[gift]
    assert states.get("canceled", 0) == preview.canceled.get(gift, 0)
    assert market.verify() == ()
    return {"gift" if line == gift else line: pieces for line, pieces in preview.canceled.items()}


@pytest.mark.parametrize(
    ("condition", "canceled", "is_taken_back"),
    [
        # 85.00 earned it; 55.00 does, 25.00 does not.
        (Amount(Money.of("50.00", "EUR")), {"a": 1}, False),
        (Amount(Money.of("50.00", "EUR")), {"a": 2}, True),
        # One piece of two is 30.00 of 60.00.
        (Amount(Money.of("50.00", "EUR"), of=LineFilter(merchants=("acme",))), {"a": 1}, True),
        (Amount(Money.of("50.00", "EUR"), of=LineFilter(merchants=("acme",))), {"b": 1}, False),
        (Quantity(3), {"b": 1}, True),
        (Quantity(2), {"b": 1}, False),
        (AllOf((Quantity(2), Amount(Money.of("30.00", "EUR")))), {"a": 1}, False),
        (AnyOf((Quantity(3), Amount(Money.of("80.00", "EUR")))), {"a": 1}, True),
        (AnyOf((Quantity(3), Amount(Money.of("55.00", "EUR")))), {"a": 1}, False),
        # What earned it was no goods: it goes with the last of them.
        (None, {"a": 2}, False),
    ],
)
def test_a_gift_goes_with_the_goods_that_earned_it(
    lamps: Marketplace, condition: Condition | None, canceled: dict[str, int], is_taken_back: bool
) -> None:
    found = cancel(lamps, attrs.evolve(VASE, condition=condition), canceled)
    assert found == canceled | ({"gift": 1} if is_taken_back else {})


def test_a_gift_that_is_kept_stays(lamps: Marketplace) -> None:
    assert cancel(lamps, attrs.evolve(VASE, effect=Gift("vase", is_kept=True)), {"a": 2}) == {"a": 2}


def test_what_a_merchant_cannot_deliver_costs_no_gift(lamps: Marketplace) -> None:
    assert cancel(lamps, VASE, {"a": 2}, by="acme") == {"a": 2}


def test_a_buyer_that_asks_to_cancel_asks_for_the_gift_too(lamps: Marketplace) -> None:
    save(lamps, VASE)
    ann = lamps.as_buyer("ann")
    order = lamps.place(Cart.of("c1", buyer="ann", lines=TWO_LINES.values()), key="k", scope=ann)
    preview = lamps.orders.preview_cancel(order.id, {"a": 2}, scope=ann)
    assert (preview.canceled, preview.asked) == ({}, {"a": 2, "gift:vase": 1})


def test_a_gift_that_has_left_stays(lamps: Marketplace) -> None:
    save(lamps, VASE)
    ann = lamps.as_buyer("ann")
    order = lamps.place(Cart.of("c1", buyer="ann", lines=TWO_LINES.values()), key="k", scope=ann)
    part = next(one for one in order.merchant_orders if one.merchant == "acme")
    acme = lamps.as_merchant("acme")
    lamps.fire(part.id, "ship", key="s", scope=acme, lines={"gift:vase": 1})
    preview = lamps.orders.preview_cancel(order.id, {"a": 2}, scope=lamps.as_operator())
    assert preview.canceled == {"a": 2}


def test_the_stock_of_a_gift_that_is_taken_back_is_free_again(lamps: Marketplace) -> None:
    before = lamps.stock.levels.get("acme-vase", scope=lamps.as_operator()).available
    cancel(lamps, VASE, {"a": 2})
    assert lamps.stock.levels.get("acme-vase", scope=lamps.as_operator()).available == before
