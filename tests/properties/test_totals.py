"""The laws of totals (invariants I1 and I2) in every rounding profile, and agreement with a second implementation."""

from fractions import Fraction

import pytest
from hypothesis import event, given, reject

from mktcore.testing import strategies
from mktcore.totals import InvalidTotals, Totals
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.figures import Figures
from mktcore.totals.given_inputs import Inputs
from totals.naive import AboveBase, Entry, naive_totals

ABOVE_BASE = {"totals.reduction-above-base", "totals.pinned-tax-above-base"}


def compute(inputs: Inputs) -> Totals:
    """Compute, leaving out the inputs that are refused for a reduction or a pinned tax above its base."""
    try:
        return compute_from(inputs)
    except InvalidTotals as error:
        if {problem.code for problem in error.problems} <= ABOVE_BASE:
            reject()
        raise


def figures_of(totals: Totals, entry: Entry) -> Figures:
    return totals.lines[entry.key] if entry.kind == "line" else totals.expenses[entry.key]


@given(strategies.order_inputs(above_base=True))
def test_a_second_naive_implementation_agrees(inputs: Inputs) -> None:
    check_against_naive(inputs)


def check_against_naive(inputs: Inputs) -> None:
    """Compare every figure of every line and expense with the second implementation's."""
    try:
        expected = naive_totals(inputs)
    except AboveBase:
        event("reduction above base")
        with pytest.raises(InvalidTotals, match="takes off more than"):
            compute_from(inputs)
        return
    totals = compute(inputs)
    assert len(totals.lines) + len(totals.expenses) == len(expected)
    for entry in expected:
        actual = figures_of(totals, entry)
        added = 0 if inputs.prices_include_tax else entry.charged()
        amounts = (entry.amount, 0) if entry.kind == "line" else (0, entry.amount)
        assert (actual.subtotal_minor, actual.expense_minor) == amounts
        assert actual.discount_minor == entry.amount - entry.left
        assert actual.tax_minor == entry.charged()
        assert actual.grand_minor == entry.left + added
        assert dict(actual.reduction_minors) == entry.off
        assert actual.merchant_borne_minor == sum(entry.borne.values())
        found = {(tax.name, Fraction(tax.rate), tax.treatment): tax.tax.minor for tax in actual.tax_amounts}
        assert found == {key: tax if key[2].value == "standard" else 0 for key, tax in entry.tax.items()}
