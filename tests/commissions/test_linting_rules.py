"""Lint: rules that can never match, bands with gaps and overlaps, and prices at which a cent costs much."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.commissions import AmountBand, CommissionRule, Percentage, SaleFilter, Tier, TierBy, Tiers
from mktcore.commissions.rule_lint import KnownNames, lint_rules
from mktcore.money import Money
from mktcore.notice import Severity
from mktcore.periods import Period
from yardstick import check_cost

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TEN = Percentage(Decimal("0.10"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def band(start: str, end: str | None = None) -> SaleFilter:
    return SaleFilter(price=AmountBand(eur(start), None if end is None else eur(end)))


def rule(name: str, rate: str = "0.10", **more: Any) -> CommissionRule:
    return CommissionRule(name, Percentage(Decimal(rate)), **more)


def lint(*rules: CommissionRule, known: KnownNames = KnownNames()) -> list[tuple[str, str, str]]:  # noqa: B008 - frozen
    found = lint_rules(rules, known, now=NOW)
    assert all(notice.severity is Severity.WARNING and notice.remedy for notice in found)
    return [(notice.where.removeprefix("commission rule "), notice.code, notice.message) for notice in found]


def test_sound_rules_are_not_told_of() -> None:
    default, books = rule("default"), rule("books", category="books", priority=1)
    known = KnownNames(categories=["books"], merchants=[], skus=[], brands=[])
    assert lint(default, books, known=known) == []
    assert lint(rule("archived", category="boks", is_active=False), known=known) == []


def test_a_slab_has_cliffs_and_marginal_tiers_have_none() -> None:
    tiers = [Tier(eur(start), Decimal(rate)) for start, rate in (("0", "0.15"), ("100", "0.10"), ("500", "0.05"))]
    slab = CommissionRule("slab", Tiers(tiers, is_slab=True))
    assert lint(slab) == [
        ("slab", "commissions.cliff", "a cliff: 499.99 EUR pays 50.00 EUR, 500.00 EUR pays 25.00 EUR (line)"),
        ("slab", "commissions.cliff", "a cliff: 99.99 EUR pays 15.00 EUR, 100.00 EUR pays 10.00 EUR (line)"),
    ]
    assert lint(attrs.evolve(slab, terms=Tiers(tiers))) == []
    assert [code for _, code, _ in lint(attrs.evolve(slab, terms=Tiers(tiers, by=TierBy.VOLUME, is_slab=True)))] == [
        "commissions.cliff"
    ] * 2


def test_neighbouring_bands_of_prices_have_cliffs_too() -> None:
    low, high = rule("low", "0.15", where=band("0", "500")), rule("high", "0.05", where=band("500"))
    assert lint(low, high) == [
        ("low", "commissions.cliff", "a cliff: 499.99 EUR pays 75.00 EUR, 500.00 EUR pays 25.00 EUR (unit-price)")
    ]
    assert lint(low, attrs.evolve(high, terms=low.terms)) == []


def test_gaps_between_bands_and_below_and_above_them_are_told() -> None:
    found = lint(rule("a", where=band("10", "100")), rule("b", where=band("200", "500")))
    assert found == [
        ("a", "commissions.band-gap", "nothing is taken from 0.00 EUR to below 10.00 EUR"),
        ("b", "commissions.band-gap", "nothing is taken from 100.00 EUR to below 200.00 EUR"),
        ("b", "commissions.band-gap", "nothing is taken from 500.00 EUR on"),
    ]
    rest = rule("rest", priority=-1)
    assert lint(rule("a", where=band("10", "100")), rule("b", where=band("200", "500")), rest) == []
    # What fills the gap of another group, or of other goods only, fills none here.
    elsewhere = [attrs.evolve(rest, group="other"), attrs.evolve(rest, category="books")]
    for one in elsewhere:
        assert len(lint(rule("a", where=band("10", "100")), rule("b", where=band("200", "500")), one)) == 3


def test_overlapping_bands_are_told_also_inside_of_a_wide_one() -> None:
    wide, inner, last = rule("wide", where=band("0")), rule("in", where=band("5", "9")), rule("last", where=band("90"))
    overlaps = [attrs.evolve(one, priority=number) for number, one in enumerate((wide, inner, last))]
    assert [(where, message) for where, code, message in lint(*overlaps) if code == "commissions.band-overlap"] == [
        ("in", "its band from 5.00 EUR to below 9.00 EUR overlaps that of wide, from 0.00 EUR: priority decides"),
        ("last", "its band from 90.00 EUR overlaps that of wide, from 0.00 EUR: priority decides"),
    ]


def test_tiers_that_start_above_zero_leave_a_gap() -> None:
    tiers = CommissionRule("t", Tiers([Tier(eur("100"), Decimal("0.1"))]))
    assert lint(tiers) == [("t", "commissions.band-gap", "nothing is taken below 100.00 EUR")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"merchant": "acme", "where": SaleFilter(merchants=["bolt"])}, "it is for acme, and for none but bolt"),
        ({"merchant": "acme", "where": SaleFilter(excluding=SaleFilter(merchants=["acme"]))}, "it excludes all"),
        ({"where": SaleFilter(brands=["x"], excluding=SaleFilter(brands=["x", "y"]))}, "it excludes all"),
        ({"valid": Period(None, NOW)}, "it ended at 2026-05-01 00:00 UTC"),
        (
            {"where": SaleFilter(price=AmountBand(eur("50")), order=AmountBand(eur("0"), eur("50")))},
            "no order below 50.00 EUR holds a piece from 50.00 EUR",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_can_never_match(given: dict[str, Any], reason: str) -> None:
    ((name, code, message),) = lint(rule("r", **given))
    assert (name, code) == ("r", "commissions.never-matches")
    assert message.startswith(f"it can never match: {reason}")


def test_names_that_do_not_exist_are_told() -> None:
    known = KnownNames(merchants=["acme"], categories=["books"], skus=["mug"], brands=["Orlik"])
    where = SaleFilter(skus=["mug", "mgu"], excluding=SaleFilter(brands=["Orlick"]))
    assert lint(rule("r", category="boks", where=where), known=known) == [
        ("r", "commissions.never-matches", "it can never match: there is no category 'boks'"),
        ("r", "commissions.unknown-name", "there is no SKU 'mgu'"),
        ("r", "commissions.unknown-name", "there is no brand 'Orlick'"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "is_shadowed"),
    [
        ({}, {"category": "books"}, True),
        ({"category": "books"}, {"category": "books", "merchant": "acme"}, True),
        ({"category": "books"}, {"category": "toys"}, False),
        ({"where": SaleFilter(brands=["x", "y"])}, {"where": SaleFilter(brands=["y"])}, True),
        ({"where": SaleFilter(brands=["y"])}, {"where": SaleFilter(brands=["x", "y"])}, False),
        ({"where": SaleFilter(channels=["web"])}, {}, False),
        ({"valid": Period(None, NOW)}, {}, False),
        ({"floor": Money.of("1", "USD")}, {}, False),
        ({"group": "other"}, {}, False),
        ({"where": SaleFilter(excluding=SaleFilter(brands=["x"]))}, {}, False),
        ({"where": band("0", "50")}, {"where": band("10", "20")}, True),
        ({"where": band("0", "50")}, {"where": band("10")}, False),
        ({"where": SaleFilter(attributes={"m": ["a", "b"]})}, {"where": SaleFilter(attributes={"m": ["b"]})}, True),
    ],
)
def test_a_rule_behind_one_that_takes_all_of_its_sales_is_told(
    first: dict[str, Any], second: dict[str, Any], is_shadowed: bool
) -> None:
    found = lint_rules([rule("second", **second), rule("first", priority=1, **first)])
    shadowed = [notice for notice in found if notice.code == "commissions.shadowed"]
    assert [notice.operands for notice in shadowed] == ([{"rule": "second", "before": "first"}] if is_shadowed else [])


@pytest.mark.slow
def test_ten_thousand_rules_are_linted_in_seconds() -> None:
    rules = [
        rule(f"r{n}", merchant=f"m{n % 500}", category=f"c{n % 97}", priority=n % 3, where=band(str(n), str(n + 5)))
        for n in range(10_000)
    ]
    check_cost(lambda: lint_rules(rules), yards=1_000)
