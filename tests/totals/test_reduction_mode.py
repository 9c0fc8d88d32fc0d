"""Reductions may round in a mode of their own, apart from prices and taxes."""

from decimal import Decimal

import pytest

from mktcore.money import Money, Rounding
from mktcore.totals import Line, Reduction, RoundAt, RoundingProfile, TaxRate, Totals, compute_totals

VAT = TaxRate("VAT", Decimal("0.19"))


def compute(
    reduction: Reduction, mode: Rounding, reduction_mode: Rounding | None, at: RoundAt = RoundAt.LINE
) -> Totals:
    return compute_totals(
        [Line("1", "acme", Money.of("10.05", "EUR"), tax_rates=(VAT,))],
        [reduction],
        prices_include_tax=False,
        profile=RoundingProfile(at, mode, reduction_mode=reduction_mode),
        currency="EUR",
    )


@pytest.mark.parametrize("at", RoundAt)
@pytest.mark.parametrize("many", [False, True])
def test_reductions_round_down_while_taxes_round_up(at: RoundAt, many: bool) -> None:
    # 10 % of 10.05 is 1.005; 19 % of 9.05 is 1.7195 and of 9.04 is 1.7176.
    tenth = Reduction("tenth", percent=Decimal("0.1"), lines=None if many else ("1",))
    figures = {
        (mode, own): compute(tenth, mode, own, at).order
        for mode, own in [
            (Rounding.UP, Rounding.DOWN),
            (Rounding.DOWN, Rounding.UP),
            (Rounding.UP, None),
            (Rounding.DOWN, None),
        ]
    }
    shown = {modes: (str(one.discount_total), str(one.tax_total)) for modes, one in figures.items()}
    assert shown == {
        (Rounding.UP, Rounding.DOWN): ("1.00 EUR", "1.72 EUR"),
        (Rounding.DOWN, Rounding.UP): ("1.01 EUR", "1.71 EUR"),
        (Rounding.UP, None): ("1.01 EUR", "1.72 EUR"),
        (Rounding.DOWN, None): ("1.00 EUR", "1.71 EUR"),
    }


def test_who_bears_it_rounds_as_the_reduction_does() -> None:
    half = Reduction("half", amount=Money.of("0.05", "EUR"), merchant_share=Decimal("0.5"))
    borne = [str(compute(half, Rounding.UP, own).order.merchant_borne) for own in (Rounding.DOWN, Rounding.UP)]
    assert borne == ["0.02 EUR", "0.03 EUR"]


def test_the_explanation_names_the_mode_that_was_used() -> None:
    tenth = Reduction("tenth", percent=Decimal("0.1"))
    told = compute(tenth, Rounding.HALF_UP, Rounding.DOWN).explain("order.discount_total").to_text()
    assert "exactly 1.005 EUR rounds down" in told
