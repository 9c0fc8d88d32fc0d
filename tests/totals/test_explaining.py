"""Explanations, as a person reads them: every rounding step that moved a cent is named."""

from decimal import Decimal
from fractions import Fraction

import pytest

from mktcore.money import Money, Rounding
from mktcore.totals import (
    Expense,
    Line,
    Option,
    PinnedTax,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    compute_totals,
)
from mktcore.totals.errors import UnknownFigure
from mktcore.totals.inputs import ALL, Basis

VAT = TaxRate("VAT", Decimal("0.19"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def profile(at: RoundAt, mode: Rounding = Rounding.HALF_UP) -> RoundingProfile:
    return RoundingProfile(at, mode)


LINES = [Line(key, merchant, eur("0.29"), 2, (VAT,)) for key, merchant in (("1", "acme"), ("2", "acme"), ("3", "bolt"))]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (RoundAt.UNIT, "0.12 EUR - exactly 0.1102 EUR, unit by unit, rounds half up"),
        (RoundAt.LINE, "0.11 EUR - exactly 0.1102 EUR rounds half up"),
        (RoundAt.MERCHANT, "0.11 EUR - 0.11 EUR is its exact share of 0.22 EUR"),
        (RoundAt.ORDER, "0.11 EUR - 0.11 EUR is its exact share of 0.22 EUR"),
    ],
)
def test_the_tax_of_a_line_at_every_level(at: RoundAt, reason: str) -> None:
    totals = compute_totals(LINES, prices_include_tax=False, profile=profile(at))
    explanation = totals.explain("lines.2.tax_total")
    assert explanation.reason == "on top of the prices"
    assert [part.to_line() for part in explanation.parts] == [f"VAT 19 %, lines.2: {reason}"]


def test_a_tax_rounded_on_the_order_goes_down_step_by_step() -> None:
    lines = [Line("1", "acme", eur("0.10"), 1, (VAT,)), Line("2", "bolt", eur("0.20"), 1, (VAT,))]
    totals = compute_totals(lines, prices_include_tax=False, profile=profile(RoundAt.ORDER))
    assert totals.explain("order.tax_total").to_text() == (
        "order.tax_total: 0.06 EUR - on top of the prices\n"
        "└─ VAT 19 %: 0.06 EUR - exactly 0.057 EUR rounds half up\n"
        "   ├─ VAT 19 %, merchants.acme: 0.02 EUR - 0.02 EUR is its exact share of 0.06 EUR\n"
        "   │  └─ VAT 19 %, lines.1: 0.02 EUR - all of it\n"
        "   └─ VAT 19 %, merchants.bolt: 0.04 EUR - 0.04 EUR is its exact share of 0.06 EUR\n"
        "      └─ VAT 19 %, lines.2: 0.04 EUR - all of it"
    )


def test_a_price_with_everything() -> None:
    line = Line(
        "1",
        "acme",
        eur("1.99"),
        3,
        unit_multiplier=Decimal("0.35"),
        per=2,
        options=(Option("engraving", mark_up=eur("0.10")), Option("gold", percent=Decimal("0.5"))),
    )
    for at, reason in {
        RoundAt.UNIT: "3 x 1.99 EUR per 2 x 0.35; a unit of 0.539875 EUR rounds half up",
        RoundAt.LINE: "3 x 1.99 EUR per 2 x 0.35 = 1.619625 EUR rounds half up",
        RoundAt.ORDER: "3 x 1.99 EUR per 2 x 0.35 = 1.619625 EUR, rounded half up with the order's sum and apportioned",
    }.items():
        totals = compute_totals([line], prices_include_tax=True, profile=profile(at))
        explanation = totals.explain("lines.1.subtotal")
        assert explanation.reason == reason
        assert [part.to_line() for part in explanation.parts] == [
            "unit price: 1.99 EUR per 2",
            "option engraving: 0.10 EUR",
            "option gold: 50 %",
        ]


def test_reductions_of_every_kind() -> None:
    totals = compute_totals(
        [Line("1", "acme", eur("9.99")), Line("2", "bolt", eur("5.00"))],
        [
            Reduction("TENTH", percent=Decimal("0.1"), merchant="acme"),
            Reduction("HALF-CAPPED", percent=Decimal("0.5"), cap=eur("1.00"), basis=Basis.ORIGINAL),
            Reduction("ALL-OF-IT", amount=eur("100.00"), lines=ALL, cap_at_base=True),
        ],
        prices_include_tax=True,
        profile=profile(RoundAt.LINE),
    )
    assert [part.to_line() for part in totals.explain("order.discount_total").parts] == [
        "reduction TENTH: 1.00 EUR - the sum of",
        "reduction HALF-CAPPED: 1.00 EUR - 1.00 EUR, over 14.99 EUR",
        "reduction ALL-OF-IT: 12.99 EUR - 100.00 EUR, clamped to what is left, over 12.99 EUR",
    ]
    assert [part.to_line() for part in totals.explain("lines.1.discount_total").parts] == [
        "reduction TENTH, lines.1: 1.00 EUR - 10 % of exactly 0.999 EUR rounds half up",
        "reduction HALF-CAPPED, lines.1: 0.67 EUR - all of it",
        "reduction ALL-OF-IT, lines.1: 8.32 EUR - all of it",
    ]


def test_grand_totals_show_their_waterfall() -> None:
    totals = compute_totals(
        LINES[:1],
        [Reduction("V", amount=eur("0.08"), merchant_share=Decimal("0.5"))],
        [Expense("shipping", "acme", eur("4.90"))],
        prices_include_tax=False,
        profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP, cash_increment=Decimal("0.05")),
    )
    grand = totals.explain()
    assert (grand.title, grand.value) == ("order.grand_total", str(totals.order.grand_total))
    assert grand.reason == "subtotal - discount + expenses + tax"
    assert [part.title for part in grand.parts] == [
        "order.subtotal",
        "order.discount_total",
        "order.expense_total",
        "order.tax_total",
    ]
    cash = totals.explain("expenses.cash-rounding.expense_total")
    assert cash.reason == "brings the order's grand total to a multiple of the smallest coin"
    assert totals.explain("expenses.shipping.expense_total").reason == "as given"
    assert totals.explain("order.merchant_net").reason.startswith("net + the reductions that the marketplace bears")
    assert totals.explain("lines.1.marketplace_borne").value == "0.04 EUR"
    assert "flowchart RL" in grand.to_mermaid()
    assert grand.to_markdown().startswith("- **order.grand_total**: 5.50 EUR")


def test_what_came_from_outside_and_what_is_not_charged() -> None:
    pinned = (PinnedTax("VAT", Decimal("0.19"), eur("0.12")),)
    lines = [
        Line("1", "acme", eur("0.58"), tax_rates=(VAT,), pinned_taxes=pinned),
        Line("2", "acme", eur("0.58"), tax_rates=(VAT,)),
        Line("3", "acme", eur("1.00"), tax_rates=(TaxRate.exempt("VAT"),)),
        Line("4", "acme", eur("1.19"), tax_rates=(TaxRate.reverse_charge("VAT", Decimal("0.19")),)),
    ]
    totals = compute_totals(lines, prices_include_tax=True, profile=profile(RoundAt.MERCHANT))
    told = [part.to_line() for part in totals.explain("merchants.acme.tax_total").parts]
    rounded = "exactly 0.092605… EUR rounds half up; 0.12 EUR of it is given from outside"
    assert told == [
        f"VAT 19 %, merchants.acme: 0.21 EUR - {rounded}",
        "VAT 0 %, exempt, merchants.acme: 0.00 EUR - outside this tax",
        "VAT 19 %, reverse-charge, merchants.acme: 0.00 EUR - owed by the buyer",
    ]
    assert totals.explain("lines.4.subtotal").reason == "1 x 1.19 EUR; stripped of VAT 19 %, which the buyer owes"
    (only,) = totals.explain("lines.1.tax_total").parts
    assert only.reason == "0.12 EUR of it is given from outside"


def test_where_a_tax_from_outside_differs_is_told_of_the_charge_that_has_it() -> None:
    """There are more charges than lines, so no place among the one is a place among the other."""
    pinned = (PinnedTax("VAT", Decimal("0.19"), eur("0.50")),)
    charges = [Expense(key, "acme", eur("1.19"), (VAT,)) for key in ("shipping", "wrapping")]
    charges.append(Expense("insurance", "acme", eur("1.19"), (VAT,), pinned_taxes=pinned))
    line = Line("1", "acme", eur("1.19"), tax_rates=(VAT,))
    totals = compute_totals([line], expenses=charges, prices_include_tax=True, profile=profile(RoundAt.LINE))
    [difference] = totals.tax_differences
    assert (difference.where, str(difference.pinned), str(difference.computed)) == (
        "expenses.insurance",
        "0.50 EUR",
        "0.19 EUR",
    )


def test_exact_amounts_of_a_currency_without_decimals() -> None:
    jct = (TaxRate("JCT", Decimal("0.1")),)
    line = Line("1", "acme", Money.of(105, "JPY"), 1, jct, unit_multiplier=Fraction(1, 3))
    totals = compute_totals([line], prices_include_tax=False, profile=profile(RoundAt.LINE, Rounding.DOWN))
    assert totals.explain("lines.1.tax_total").parts[0].reason == "exactly 3.5 JPY rounds down"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("lines.9.subtotal", "there is no 'lines.9' in this order"),
        ("order.colour", "a level has no 'colour'"),
        ("order", "there is no '' in this order"),
        ("", "there is no '' in this order"),
        ("merchants.acme.__class__", "a level has no '__class__'"),
    ],
)
def test_unknown_figures(path: str, reason: str) -> None:
    totals = compute_totals(LINES, prices_include_tax=True, profile=profile(RoundAt.LINE))
    with pytest.raises(UnknownFigure) as caught:
        totals.explain(path)
    assert caught.value.reason == reason
    assert "LEVEL.FIGURE" in str(caught.value)


def test_keys_may_hold_points() -> None:
    totals = compute_totals([Line("a.b.c", "x.y", eur("1.00"))], prices_include_tax=True, profile=profile(RoundAt.LINE))
    assert totals.explain("lines.a.b.c.subtotal").value == "1.00 EUR"
    assert totals.explain("merchants.x.y.subtotal").value == "1.00 EUR"
