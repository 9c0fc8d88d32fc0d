"""The front door of totals, with figures that a person can check."""

import copy
import pickle
from decimal import Decimal
from typing import Any

import attrs
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
from mktcore.totals.inputs import ALL

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


def test_totals_survive_pickling_and_copying(totals: Totals) -> None:
    grand = totals.order.grand_total
    for again in (pickle.loads(pickle.dumps(totals)), copy.deepcopy(totals)):  # noqa: S301 - our own bytes
        assert again == totals
        assert again.order.grand_total == grand
        assert dict(again.lines) == dict(totals.lines)
        assert again.explain("lines.1.tax_total") == totals.explain("lines.1.tax_total")


def test_totals_cannot_be_changed(totals: Totals) -> None:
    thing: Any
    for thing in (totals, totals.order, totals.lines["1"], totals.inputs.lines[0]):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            thing.tax_minor = 1
    lines: Any = totals.lines
    with pytest.raises(TypeError):
        lines["1"] = None
    taxes: Any = totals.order.taxes
    with pytest.raises(TypeError):
        taxes["VAT", Decimal("0.19")] = None
    with pytest.raises(KeyError):
        totals.lines["9"]
    assert repr(totals) == "<Totals 37.83 EUR: 2 lines, 2 merchants>"
    assert repr(totals.lines) == "<totals of 1, 2>"
    assert totals != 1


def test_what_the_marketplace_bears_is_left_in_what_the_merchant_earns() -> None:
    def net_of(*, included: bool, share: Decimal, rate: TaxRate = VAT_19) -> list[Money]:
        line = Line("1", "acme", eur("119.00" if included else "100.00"), tax_rates=(rate,))
        voucher = Reduction("V", percent=Decimal("0.1"), merchant_share=share, lines=ALL, expenses=ALL)
        fee = Expense("fee", None, eur("1.00"))
        totals = compute_totals([line], [voucher], [fee], prices_include_tax=included, profile=PER_LINE)
        assert totals.marketplace.merchant_borne == totals.marketplace.merchant_net == eur("0.00")
        assert totals.order.merchant_net == totals.merchants["acme"].merchant_net == totals.lines["1"].merchant_net
        return [totals.lines["1"].net, totals.lines["1"].merchant_net]

    for included in (False, True):
        assert net_of(included=included, share=Decimal(1)) == [eur("90.00"), eur("90.00")]
        assert net_of(included=included, share=Decimal(0)) == [eur("90.00"), eur("100.00")]
        assert net_of(included=included, share=Decimal("0.5")) == [eur("90.00"), eur("95.00")]
    reverse = TaxRate.reverse_charge("VAT", Decimal("0.19"))
    assert net_of(included=True, share=Decimal(0), rate=reverse) == [eur("90.00"), eur("100.00")]


def test_an_order_without_lines_needs_a_currency() -> None:
    totals = compute_totals([], currency="EUR", prices_include_tax=True, profile=PER_LINE)
    assert totals.order.grand_total == eur("0.00")
    with pytest.raises(InvalidTotals, match="currency"):
        compute_totals([], prices_include_tax=True, profile=PER_LINE)


def test_a_rate_of_19_is_told_to_be_0_19() -> None:
    line = Line("1", "acme", eur("1.00"), tax_rates=(TaxRate("VAT", Decimal(19)),))
    with pytest.raises(InvalidTotals, match=r"19 % is Decimal\('0.19'\)"):
        compute_totals([line], prices_include_tax=True, profile=PER_LINE)
