"""Speed of price resolution, each beside its floor: `pytest tests/benchmarks/test_pricing_speed.py`.

The machine is noisy: what is compared runs in turns in one process, and the best round of each counts.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

from mktcore.money import Money
from mktcore.periods import Period
from mktcore.pricing import Assignment, PriceBook, PriceBreak, PriceQuery, PriceSchedule, Recurrence, lint_prices
from mktcore.sales_context import SalesContext

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
PRICE = Money.of("9.99", "EUR")
CART = 100
ROUNDS = 400


def make_book(count: int) -> PriceBook:
    """Give each of `count` offers a schedule of its own, half of them with a price for a group beside it."""
    breaks = [PriceBreak(1, PRICE), PriceBreak(10, PRICE)]
    schedules = [PriceSchedule(f"s{n}", "acme", breaks) for n in range(count)]
    assignments = [Assignment(f"a{n}", f"sku-{n}", f"s{n}", merchant="acme", group="vip") for n in range(0, count, 2)]
    return PriceBook(schedules, assignments, defaults={f"o{n}": f"s{n}" for n in range(count)})


def make_cart(count: int) -> list[PriceQuery]:
    """Ask for 100 products, spread over the whole book."""
    return [
        PriceQuery(
            f"sku-{n}",
            "acme",
            "EUR",
            context=SalesContext("b1", user="u1", groups=("vip",), channel="web"),
            offer=f"o{n}",
            quantity=12,
        )
        for n in range(0, count, count // CART)
    ]


def find_best(*works: Callable[[], object]) -> list[float]:
    """Return the seconds of the best round of each, run in turns."""
    best = [1e9] * len(works)
    for _ in range(ROUNDS):
        for position, work in enumerate(works):
            start = perf_counter()
            work()
            best[position] = min(best[position], perf_counter() - start)
    return best


def test_a_hundred_thousand_schedules_cost_the_same_as_a_hundred() -> None:
    small, large = make_book(100), make_book(100_000)
    few, many = make_cart(100), make_cart(100_000)
    prices = {query.offer: (1, 12, PRICE) for query in few}
    floor, short, long = find_best(
        lambda: [prices[query.offer] for query in few],  # one look-up of what somebody decided before
        lambda: small.resolve_all(few, now=NOW),
        lambda: large.resolve_all(many, now=NOW),
    )
    print(  # noqa: T201 - the figures are what a benchmark is run for
        f"\nfloor {CART / floor:,.0f}/s; {CART / short:,.0f}/s with 100 schedules, "
        f"{CART / long:,.0f}/s with 100,000: x {long / short:.2f}"
    )
    assert long / short < 1.5
    assert CART / short >= 100_000


def test_a_recurring_window_costs_little_once_it_is_expanded() -> None:
    weekly = Recurrence(
        "FREQ=WEEKLY;BYDAY=FR", date(2020, 1, 3), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon"
    )
    daily = Recurrence("FREQ=DAILY", date(2020, 1, 1), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon")
    instants = [NOW + timedelta(hours=n) for n in range(100)]
    once = [perf_counter()]
    for rule in (weekly, daily):
        rule.contains(NOW)
        once.append(perf_counter())
    asked, compared = find_best(lambda: [daily.contains(at) for at in instants], lambda: [at < NOW for at in instants])
    print(  # noqa: T201 - the figures are what a benchmark is run for
        f"\nexpanded once in {(once[1] - once[0]) * 1e3:.1f} and {(once[2] - once[1]) * 1e3:.1f} ms; then "
        f"{asked / 100 * 1e9:.0f} ns against {compared / 100 * 1e9:.0f} ns for a comparison"
    )
    assert asked / 100 < 20e-6


def make_dated_book(count: int, *, products: int) -> tuple[PriceBook, list[PriceQuery]]:
    """Give schedules of some weeks to everyone and three groups, spread over so many products."""
    breaks = [PriceBreak(1, PRICE)]
    schedules = [
        PriceSchedule(
            f"s{n}", "acme", breaks, valid=Period(NOW + timedelta(n % 50), NOW + timedelta(n % 50 + 7 + n % 13))
        )
        for n in range(count)
    ]
    groups = (None, "vip", "staff", "trade")
    assignments = [
        Assignment(f"a{n}", f"sku-{n % products}", f"s{n}", merchant="acme", group=groups[n % 4]) for n in range(count)
    ]
    asked = [PriceQuery(f"sku-{n}", "acme", "EUR") for n in range(products)]
    return PriceBook(schedules, assignments), asked


def test_a_lint_of_a_hundred_thousand_schedules_sorts_and_sweeps() -> None:
    figures = []
    for products in (1, 25_000):
        seconds, found = [], 0
        for count in (10_000, 100_000):
            book, asked = make_dated_book(count, products=min(products, count // 4))
            start = perf_counter()
            found = len(lint_prices(book, asked))
            seconds.append(perf_counter() - start)
        figures.append(f"{seconds[1]:.1f} s for {found:,} findings, x {seconds[1] / seconds[0]:.1f} for x 10")
        assert seconds[1] < 20 * seconds[0]  # comparing each with each would take 100 times as long
    print(f"\none product: {figures[0]}; 25,000 products: {figures[1]}")  # noqa: T201 - the figures are what it is run for
