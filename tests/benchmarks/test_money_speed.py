"""Speed of money and apportionment against their floors, in one process:

    python -m pytest tests/benchmarks/test_money_speed.py -q -s

The limits in nanoseconds of docs/totals.md are of a machine on which a frozen attrs class with four fields is built in
396 ns; here they are taken as ratios to that, measured in the same run.
"""

from collections.abc import Callable, Sequence
from timeit import Timer

import attrs
import pytest

from mktcore.money import Money, allocate


@attrs.frozen
class Four:
    a: int
    b: int
    c: int
    d: int


YARDSTICK_NS = 396
LIMITS_NS = {"add": 450, "from_minor": 350, "of": 1000}


def least_ns(*calls: Callable[[], object], rounds: int = 40, seconds: float = 0.01) -> list[float]:
    """Return the least nanoseconds of each call; they take turns, so that all meet the same noise."""
    timers = [Timer(call) for call in calls]
    numbers = [max(1, int(seconds / min(timer.repeat(3, 1)))) for timer in timers]
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for position, (timer, number) in enumerate(zip(timers, numbers, strict=True)):
            best[position] = min(best[position], timer.timeit(number) / number * 1e9)
    return best


def test_money_is_as_quick_as_a_frozen_value() -> None:
    one, two = Money.of("19.99", "EUR"), Money.of("0.01", "EUR")
    yardstick, add, from_minor, of = least_ns(
        lambda: Four(1, 2, 3, 4),
        lambda: one + two,
        lambda: Money.from_minor(1999, "EUR"),
        lambda: Money.of("19.99", "EUR"),
    )
    for name, measured in {"add": add, "from_minor": from_minor, "of": of}.items():
        scaled = measured * YARDSTICK_NS / yardstick
        print(f"\n{name:>10}: {measured:5.0f} ns, {scaled:5.0f} ns on the yardstick's machine")  # noqa: T201 - the table
        assert scaled <= LIMITS_NS[name]


def allocate_floor(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Largest remainder with nothing around it."""
    weight = sum(weights)
    products = [total * part for part in weights]
    parts = [product // weight for product in products]
    left = total - sum(parts)
    if left:
        rests = [product % weight for product in products]
        for position in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:left]:
            parts[position] += 1
    return tuple(parts)


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_allocate_stays_near_its_floor(count: int) -> None:
    weights = [1 + 37 * n % 1009 for n in range(count)]
    total = 999_983
    assert allocate(total, weights) == allocate_floor(total, weights)
    floor, ours = least_ns(lambda: allocate_floor(total, weights), lambda: allocate(total, weights))
    print(f"\n{count:>5} parts: floor {floor / 1000:6.1f} us, allocate {ours / 1000:6.1f} us = {ours / floor:.2f}x")  # noqa: T201 - the table
    assert ours <= 1.5 * floor
