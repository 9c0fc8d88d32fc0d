"""The front door of totals, with figures that a person can check."""

import pickle
from decimal import Decimal

import pytest

from mktcore.money import Money, Rounding
from mktcore.totals import (
    Expense,
    InvalidTotals,
    Line,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    Totals,
    compute_totals,
)

VAT_19 = TaxRate("VAT", Decimal("0.19"))
VAT_7 = TaxRate("VAT", Decimal("0.07"))
PER_LINE = RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(name="totals")
def totals_of_two_merchants() -> Totals:
    return compute_totals(
        lines=[
            Line("1", merchant="acme", unit_price=eur("10.00"), quantity=3, tax_rates=(VAT_19,)),
            Line("2", merchant="bolt", unit_price=eur("0.99"), quantity=7, tax_rates=(VAT_7,)),
        ],
        reductions=[Reduction("SUMMER", amount=eur("5.00"))],
        expenses=[
            Expense("shipping-acme", merchant="acme", amount=eur("4.90"), tax_rates=(VAT_19,)),
            Expense("service-fee", merchant=None, amount=eur("1.00")),
        ],
        prices_include_tax=True,
        profile=PER_LINE,
    )


def test_the_parts_sum_to_the_order(totals: Totals) -> None:
    parts = [*totals.merchants.values(), totals.marketplace]
    assert totals.order.grand_total == Money.sum([part.grand_total for part in parts]) == eur("37.83")


def test_every_figure_of_the_front_door(totals: Totals) -> None:
    acme, order = totals.merchants["acme"], totals.order
    assert (order.subtotal, order.discount_total, order.expense_total) == (eur("36.93"), eur("5.00"), eur("5.90"))
    assert (totals.lines["1"].discount_total, totals.lines["2"].discount_total) == (eur("4.06"), eur("0.94"))
    assert totals.lines["1"].tax_total == eur("4.14")  # 25.94 x 19/119 = 4.1417
    assert order.taxes["VAT", Decimal("0.19")] == eur("4.92")  # 4.14 and 4.90 x 19/119 = 0.7824
    assert order.taxes["VAT", Decimal("0.07")] == eur("0.39")  # 5.99 x 7/107 = 0.3919
    assert (acme.grand_total, acme.net, acme.gross) == (eur("30.84"), eur("25.92"), eur("30.84"))
    assert totals.expenses["shipping-acme"].tax_total == eur("0.78")
    assert totals.marketplace.grand_total == eur("1.00")
    assert list(totals.lines) == ["1", "2"]


def test_totals_survive_pickling(totals: Totals) -> None:
    assert pickle.loads(pickle.dumps(totals)) == totals  # noqa: S301 - our own bytes


def test_an_order_without_lines_needs_a_currency() -> None:
    totals = compute_totals([], currency="EUR", prices_include_tax=True, profile=PER_LINE)
    assert totals.order.grand_total == eur("0.00")
    with pytest.raises(InvalidTotals, match="currency"):
        compute_totals([], prices_include_tax=True, profile=PER_LINE)


def test_a_rate_of_19_is_told_to_be_0_19() -> None:
    line = Line("1", "acme", eur("1.00"), tax_rates=(TaxRate("VAT", Decimal(19)),))
    with pytest.raises(InvalidTotals, match=r"19 % is Decimal\('0.19'\)"):
        compute_totals([line], prices_include_tax=True, profile=PER_LINE)
