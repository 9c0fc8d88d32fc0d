"""Two rules that are not the same: the buyer's consent, and the merchant's bands."""

from decimal import Decimal

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money
from mktcore.pricing import DivergenceRule, OnDivergence
from mktcore.pricing.price_divergence import Direction, DivergenceBand, decide_divergence, needs_consent


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


RULE = DivergenceRule.of(
    "acme",
    [
        DivergenceBand(Direction.ABOVE, Decimal(0), None, action=OnDivergence.AUTHORISE),
        DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.05"), action=OnDivergence.AUTHORISE),
        DivergenceBand(
            Direction.BELOW, Decimal("0.05"), Decimal("0.2"), action=OnDivergence.TASK, approvers=("ann", "bo")
        ),
    ],
    otherwise=OnDivergence.DENY,
)


@pytest.mark.parametrize(
    ("ordered", "action", "approvers"),
    [
        ("100.00", "authorise", ()),
        ("100.01", "authorise", ()),
        ("900.00", "authorise", ()),
        ("95.00", "authorise", ()),
        ("94.99", "task", ("ann", "bo")),
        ("80.00", "task", ("ann", "bo")),
        ("79.99", "deny", ()),
        ("0.00", "deny", ()),
    ],
)
def test_the_merchants_bands_decide_by_direction(ordered: str, action: str, approvers: tuple[str, ...]) -> None:
    decision = decide_divergence(eur(ordered), eur("100.00"), RULE)
    assert (decision.action, decision.approvers) == (action, approvers)


def test_what_no_band_reaches_is_a_setting() -> None:
    lenient = DivergenceRule("acme", otherwise=OnDivergence.TASK, approvers=("ann",))
    decision = decide_divergence(eur("1.00"), eur("2.00"), lenient)
    assert (decision.action, decision.approvers) == (OnDivergence.TASK, ("ann",))
    assert decision.explain().to_text() == "price divergence: task - 1.00 EUR against 2.00 EUR now: no band matches"


def test_against_a_free_product_only_an_open_band_matches() -> None:
    narrow = DivergenceRule.of(
        "acme",
        [DivergenceBand(Direction.ABOVE, Decimal(0), Decimal(9), action=OnDivergence.AUTHORISE)],
        otherwise=OnDivergence.DENY,
    )
    assert decide_divergence(eur("1.00"), eur("0.00"), narrow).action is OnDivergence.DENY
    assert decide_divergence(eur("1.00"), eur("0.00"), RULE).action is OnDivergence.AUTHORISE


def test_the_buyer_agrees_to_a_rise_only() -> None:
    assert [needs_consent(eur("10.00"), eur(price)) for price in ("9.99", "10.00", "10.01")] == [False, False, True]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        decide_divergence(eur("1.00"), Money.of("1.00", "USD"), RULE)
    with pytest.raises(InvalidValue, match="zero or more"):
        DivergenceBand(Direction.BELOW, Decimal(-1), None, action=OnDivergence.DENY)
    with pytest.raises(InvalidValue, match="more than"):
        DivergenceBand(Direction.BELOW, Decimal(1), Decimal(1), action=OnDivergence.DENY)
    with pytest.raises(InvalidValue, match="somebody for a task"):
        DivergenceBand(Direction.BELOW, Decimal(0), None, action=OnDivergence.TASK)
    with pytest.raises(InvalidValue, match="somebody for a task"):
        DivergenceRule("acme", otherwise=OnDivergence.TASK)
