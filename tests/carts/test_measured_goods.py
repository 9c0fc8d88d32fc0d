"""Goods that are cut or weighed: whole steps inside, decimals at the edge."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.goods import Measure, Unit
from mktcore.goods.measure import DimensionMismatch
from mktcore.goods.sold_steps import NotInSteps, to_steps
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.testing.fakes import ManualClock
from mktcore.views import view

CABLE = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category,unit,unit_multiplier\ncable,Cable,,m,0.1\nmug,Mug,,,\n",
    "offers.csv": "offer,merchant,sku,price,stock\ncable,acme,cable,0.79,1000\nmug,acme,mug,3.00,9\n",
}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), CABLE) as market:
        operator = market.as_operator()
        stored = market.prices.get_schedule("cable", scope=operator)
        # 7.90 a metre, 7.00 from ten metres on: prices of ten steps, breaks in steps.
        breaks = [PriceBreak(1, Money.of("7.90", "EUR")), PriceBreak(100, Money.of("7.00", "EUR"))]
        market.prices.save_schedule(
            PriceSchedule("cable", "acme", breaks, per=10, version=stored.version), scope=operator
        )
        yield market


def cable(market: Marketplace) -> Sku:
    return market.catalog.get_sku("cable", scope=market.as_operator())


def ask(market: Marketplace, amount: str) -> Cart:
    return Cart.of("c1", buyer="ann", lines=[CartLine.measured("l1", cable(market), Measure.parse(amount))])


@pytest.mark.parametrize(
    ("amount", "pieces", "costs"),
    [("1.3 m", 13, "10.27 EUR"), ("130 cm", 13, "10.27 EUR"), ("0.1 m", 1, "0.79 EUR"), ("10 m", 100, "70.00 EUR")],
)
def test_a_length_is_priced_by_the_metre(market: Marketplace, amount: str, pieces: int, costs: str) -> None:
    cart = ask(market, amount)
    assert cart.lines[0].quantity == pieces
    assert str(market.simulate(cart, scope=market.as_buyer("ann")).totals.order.grand_total) == costs


def test_an_order_keeps_lengths_through_stock_and_partial_steps(market: Marketplace) -> None:
    acme, ann = market.as_merchant("acme"), market.as_buyer("ann")
    simulated: Any = view(market.simulate(ask(market, "1.3 m"), scope=ann), ann)
    assert [(line["quantity"], line["measure"]) for line in simulated["lines"]] == [(13, "1.3 m")]
    order = market.place(ask(market, "1.3 m"), key="k", scope=ann).merchant_orders[0]
    with market.store.begin(market.as_operator()) as unit:
        assert unit.stock.find_levels(["cable"])["cable"].reserved == 13
    part = market.fire(order.id, "cancel by merchant", key="c", scope=acme, lines={"l1": 4})
    shown: Any = view(part, acme)
    [line] = shown["lines"]
    assert (line["measure"], sorted(one["measure"] for one in line["states"])) == ("1.3 m", ["0.4 m", "0.9 m"])
    assert market.verify() == ()


def test_what_is_only_counted_has_no_measure(market: Marketplace) -> None:
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "mug", 2)])
    simulation = market.simulate(cart, scope=market.as_buyer("ann"))
    assert (simulation.lines[0].measure, simulation.lines[0].sku.measure(2)) == (None, None)


def test_half_a_step_is_not_sold(market: Marketplace) -> None:
    with pytest.raises(NotInSteps, match=r"1\.25 m is no whole number of steps of 0\.1 m, as 1\.2 m") as refused:
        ask(market, "1.25 m")
    assert (str(refused.value.below), str(refused.value.above)) == ("1.2 m", "1.3 m")
    with pytest.raises(NotInSteps, match=r"4 cm .* as 10 cm is"):
        ask(market, "4 cm")
    with pytest.raises(DimensionMismatch):
        ask(market, "1 kg")


@given(st.integers(1, 10**9), st.sampled_from(["0.1", "0.05", "0.001", "2.5", "1"]))
def test_a_count_and_its_measure_are_one(pieces: int, step: str) -> None:
    sku = Sku("cloth", "Cloth", unit=Unit.METRE, unit_multiplier=Decimal(step))
    measure = sku.measure(pieces)
    assert measure is not None
    assert measure.amount == Fraction(step) * pieces
    assert to_steps(measure, sku.content) == pieces
