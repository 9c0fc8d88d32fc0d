"""Thresholds: who is told, who is blocked, who pays what to whom."""

from decimal import Decimal

import attrs
import pytest

from mktcore.money import CurrencyMismatch, Money, Rounding
from mktcore.totals import (
    Expense,
    InvalidTotals,
    Line,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    Threshold,
    Totals,
    apply_thresholds,
    compute_totals,
)
from mktcore.totals.thresholds import ThresholdKind

VAT = TaxRate("VAT", Decimal("0.19"))
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(name="totals")
def an_order_of_30_after_40() -> Totals:
    return compute_totals(
        [Line("1", "acme", eur("30.00")), Line("2", "bolt", eur("10.00"))],
        [Reduction("V", amount=eur("10.00"))],
        [Expense("shipping", "acme", eur("4.90"))],
        prices_include_tax=True,
        profile=PROFILE,
    )


@pytest.mark.parametrize(
    ("kind", "limit", "missing"),
    [
        (ThresholdKind.HARD_MINIMUM, "40.00", None),
        (ThresholdKind.HARD_MINIMUM, "40.01", "0.01"),
        (ThresholdKind.SOFT_MINIMUM, "50.00", "10.00"),
        (ThresholdKind.HARD_MAXIMUM, "40.00", None),
        (ThresholdKind.HARD_MAXIMUM, "39.00", "1.00"),
    ],
)
def test_the_limit_itself_is_on_the_right_side(
    totals: Totals, kind: ThresholdKind, limit: str, missing: str | None
) -> None:
    outcome = apply_thresholds(totals, [Threshold("t", kind, eur(limit))])
    assert [str(notice.missing.amount) for notice in outcome.notices] == ([] if missing is None else [missing])
    assert outcome.is_blocked == (missing is not None and kind is not ThresholdKind.SOFT_MINIMUM)
    assert outcome.totals == totals


def test_after_reductions_and_without_expenses(totals: Totals) -> None:
    before = Threshold("t", ThresholdKind.SOFT_MINIMUM, eur("40.00"))
    after = attrs.evolve(before, after_reductions=True)
    assert apply_thresholds(totals, [before]).notices == ()
    (notice,) = apply_thresholds(totals, [after]).notices
    assert (notice.amount, notice.missing) == (eur("30.00"), eur("10.00"))


def test_the_fee_of_an_order_is_the_marketplaces_that_of_a_merchant_the_merchants(totals: Totals) -> None:
    small = Threshold("small", ThresholdKind.SOFT_MINIMUM, eur("50.00"), fee=eur("2.38"), fee_tax_rates=(VAT,))
    bolt = attrs.evolve(small, key="bolt-small", merchant="bolt")
    outcome = apply_thresholds(totals, [small, bolt])
    assert outcome.totals.marketplace.expense_total == eur("2.38")
    assert outcome.totals.marketplace.tax_total == eur("0.38")
    assert outcome.totals.merchants["bolt"].expense_total == eur("2.38")
    assert outcome.totals.expenses["bolt-small"].merchant == "bolt"
    assert outcome.totals.order.grand_total == totals.order.grand_total + eur("4.76")
    assert not outcome.is_blocked


@pytest.mark.parametrize(("mode", "fee"), [(None, "2.01"), (Rounding.CEILING, "2.02"), (Rounding.DOWN, "2.01")])
def test_a_fee_in_percent_of_what_is_looked_at(mode: Rounding | None, fee: str) -> None:
    totals = compute_totals([Line("1", "acme", eur("40.29"))], prices_include_tax=True, profile=PROFILE)
    flexible = Threshold(
        "t", ThresholdKind.SOFT_MINIMUM, eur("50"), fee_percent=Decimal("0.05"), fee_mode=mode
    )  # 2.0145
    (notice,) = apply_thresholds(totals, [flexible]).notices
    assert notice.fee == eur(fee)
    both = attrs.evolve(flexible, fee=eur("1.00"))
    assert apply_thresholds(totals, [both]).notices[0].fee == eur(fee) + eur("1.00")


def test_one_buyer_with_one_merchant(totals: Totals) -> None:
    relation = Threshold("t", ThresholdKind.HARD_MINIMUM, eur("50.00"), merchant="acme", buyer="b1")
    assert apply_thresholds(totals, [relation]).notices == ()
    assert apply_thresholds(totals, [relation], buyer="b2").notices == ()
    (notice,) = apply_thresholds(totals, [relation], buyer="b1").notices
    assert notice.message == "30.00 EUR is 20.00 EUR below the limit of 50.00 EUR"
    assert notice.blocks


def test_silent_where_nothing_is_bought(totals: Totals) -> None:
    assert (
        apply_thresholds(totals, [Threshold("t", ThresholdKind.HARD_MINIMUM, eur("1"), merchant="cosy")]).notices == ()
    )
    empty = compute_totals([], currency="EUR", prices_include_tax=True, profile=PROFILE)
    assert apply_thresholds(empty, [Threshold("t", ThresholdKind.HARD_MINIMUM, eur("1"))]).notices == ()


def test_messages(totals: Totals) -> None:
    above = Threshold("t", ThresholdKind.HARD_MAXIMUM, eur("35.00"))
    assert apply_thresholds(totals, [above]).notices[0].message == "40.00 EUR is 5.00 EUR above the limit of 35.00 EUR"
    own = attrs.evolve(above, message="Please call us.")
    assert apply_thresholds(totals, [own]).notices[0].message == "Please call us."


def test_what_is_refused(totals: Totals) -> None:
    with pytest.raises(CurrencyMismatch):
        apply_thresholds(totals, [Threshold("t", ThresholdKind.HARD_MINIMUM, Money.of("1", "USD"))])
    taken = Threshold("shipping", ThresholdKind.SOFT_MINIMUM, eur("50.00"), fee=eur("1.00"))
    with pytest.raises(InvalidTotals, match="'shipping' is the key of"):
        apply_thresholds(totals, [taken])
