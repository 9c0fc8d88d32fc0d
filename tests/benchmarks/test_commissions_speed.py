"""Speed of commission: `pytest -s tests/benchmarks/test_commissions_speed.py`. The best of many rounds counts.

The floor beside it does the least that such a calculation can: it looks up one rate for each line in a dict, multiplies
bare ints and rounds them, and builds nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest

from mktcore.commissions import AmountBand, CommissionLine, CommissionRule, Percentage, SaleFilter
from mktcore.commissions.commission_book import CommissionBook
from mktcore.money import Money

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SLOWER = 1.7
"""How much slower the slowest machine is that these limits were set against."""


def eur(minor: int) -> Money:
    return Money.from_minor(minor, "EUR")


def make_rule(number: int) -> CommissionRule:
    """Mix rules on categories, on merchants in them, on brands in a band of prices, on SKUs, and all but a merchant."""
    kinds: list[dict[str, Any]] = [
        {"category": f"c{number * 7 % 200}"},
        {"merchant": f"m{number % 50}", "category": f"c{number * 11 % 200}"},
        {"where": SaleFilter(brands=[f"b{number % 100}"], price=AmountBand(eur(number * 13 % 9_000)))},
        {"where": SaleFilter(skus=[f"s{number * 3 % 5_000}", f"s{number * 5 % 5_000}"])},
        {
            "where": SaleFilter(
                categories=[f"c{number * 17 % 200}"], channels=["web"], excluding=SaleFilter(merchants=["m1"])
            )
        },
    ]
    rate = Percentage(Decimal(number % 20) / 100)
    return CommissionRule(f"r{number}", rate, priority=number % 97, **kinds[number % 5])


def make_lines() -> list[CommissionLine]:
    return [
        CommissionLine(
            f"l{n}",
            f"m{n % 10}",
            f"c{n * 3 % 200}",
            quantity=1 + n % 4,
            net=eur(839 + 31 * n),
            gross=eur(999 + 37 * n),
            sku=f"s{n * 41 % 5_000}",
            brand=f"b{n % 100}",
            ancestors=(f"c{n % 20}", "c1", "c0"),
        )
        for n in range(100)
    ]


def time_best(work: Callable[[], object], rounds: int = 60) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return best


def make_floor(rules: list[CommissionRule], lines: list[CommissionLine]) -> Callable[[], list[int]]:
    rates = {rule.category: rule.terms.rate for rule in rules if isinstance(rule.terms, Percentage)}
    ratios = {name: rate.as_integer_ratio() for name, rate in rates.items()}
    bases = [(line.category, line.net.minor) for line in lines]

    def take() -> list[int]:
        found = []
        for category, base in bases:
            numerator, denominator = ratios.get(category, (0, 1))
            found.append((2 * base * numerator + denominator) // (2 * denominator))
        return found

    return take


@pytest.mark.parametrize(("count", "limit"), [(1_000, 3e-3), (10_000, 8e-3)])
def test_a_hundred_lines_are_charged_in_milliseconds_however_many_rules_there_are(count: int, limit: float) -> None:
    rules, lines = [make_rule(number) for number in range(count)], make_lines()
    book = CommissionBook(rules)
    assert len(book.calculate(lines, now=NOW)) == 100
    taken, floor = time_best(lambda: book.calculate(lines, now=NOW)), time_best(make_floor(rules, lines))
    built = time_best(lambda: CommissionBook(rules), 3)
    print(f"\n{count} rules x 100 lines: {taken * 1e3:.2f} ms; book {built * 1e3:.1f} ms; floor {floor * 1e3:.3f} ms")  # noqa: T201
    assert taken < limit * SLOWER


def test_ten_times_the_rules_cost_far_less_than_ten_times_the_time() -> None:
    lines = make_lines()
    few, many = (CommissionBook([make_rule(number) for number in range(count)]) for count in (1_000, 10_000))
    once = time_best(lambda: few.calculate(lines, now=NOW))
    assert time_best(lambda: many.calculate(lines, now=NOW)) < 4 * once
