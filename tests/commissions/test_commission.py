"""Which commission is due, by which rule."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mktcore.commissions import (
    Commission,
    CommissionBase,
    CommissionLine,
    CommissionRule,
    Fixed,
    Percentage,
    calculate_commissions,
)
from mktcore.errors import InvalidValue
from mktcore.money import Money
from mktcore.periods import Period

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def percent(rate: str) -> Percentage:
    return Percentage(Decimal(rate))


LINE = CommissionLine("1", "acme", "cameras", quantity=3, net=eur("87.12"), gross=eur("103.67"))


def calculate(*rules: CommissionRule, line: CommissionLine = LINE) -> list[tuple[str, str]]:
    return [(entry.rule, str(entry.amount)) for entry in calculate_commissions([line], rules, now=NOW)]


def test_a_percentage_is_rounded_half_up() -> None:
    assert calculate(CommissionRule("all", percent("0.16"))) == [("all", "13.94 EUR")]


def test_a_fixed_amount_is_taken_for_each_piece() -> None:
    assert calculate(CommissionRule("all", Fixed(eur("0.20")))) == [("all", "0.60 EUR")]


def test_the_base_can_be_what_the_buyer_pays() -> None:
    assert calculate(CommissionRule("all", percent("0.10"), base=CommissionBase.GROSS)) == [("all", "10.37 EUR")]


def test_in_a_group_the_highest_priority_that_matches_wins_and_groups_add_up() -> None:
    rules = [
        CommissionRule("default", percent("0.12")),
        CommissionRule("cameras", percent("0.08"), category="cameras", priority=10),
        CommissionRule("books", percent("0.15"), category="books", priority=20),
        CommissionRule("bolt", percent("0.01"), merchant="bolt", priority=30),
        CommissionRule("handling", Fixed(eur("0.20")), group="handling"),
    ]
    assert calculate(*rules) == calculate(*reversed(rules)) == [("handling", "0.60 EUR"), ("cameras", "6.97 EUR")]


def test_of_two_equal_rules_the_lesser_id_wins() -> None:
    assert calculate(CommissionRule("b", percent("0.2")), CommissionRule("a", percent("0.1"))) == [("a", "8.71 EUR")]


def test_a_rule_applies_from_its_start_up_to_but_not_at_its_end() -> None:
    starts = CommissionRule("starts", percent("0.1"), valid=Period(NOW, None))
    ended = CommissionRule("ended", percent("0.1"), valid=Period(None, NOW))
    assert calculate(starts, ended) == [("starts", "8.71 EUR")]


def test_a_rule_that_takes_nothing_is_still_seen() -> None:
    assert calculate(CommissionRule("free", percent("0"))) == [("free", "0.00 EUR")]


def test_no_rule_no_commission() -> None:
    assert calculate() == []


def test_an_entry_says_what_was_taken_of_what() -> None:
    [entry] = calculate_commissions([LINE], [CommissionRule("all", percent("0.16"))], now=NOW)
    assert entry == Commission(
        "1",
        "all",
        group="sale",
        base=eur("87.12"),
        amount=eur("13.94"),
        reason="16 % of 87.12 EUR net",
        quantity=3,
        terms=percent("0.16"),
        at=NOW,
    )
    assert entry.explain().to_text() == "commission of line 1: 13.94 EUR - rule all: 16 % of 87.12 EUR net"


@pytest.mark.parametrize("rate", ["1.01", "-0.01", "NaN", "Infinity"])
def test_a_rate_is_a_fraction(rate: str) -> None:
    with pytest.raises(InvalidValue, match="a fraction from 0 to 1"):
        percent(rate)


def test_amounts_and_quantities_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidValue, match="zero or more"):
        Fixed(eur("-0.01"))
    with pytest.raises(InvalidValue, match="above zero"):
        CommissionLine("1", "acme", "", quantity=0, net=eur("1"), gross=eur("1"))
