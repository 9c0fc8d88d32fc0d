"""Speed of totals against their floors, in one process. Prints the table that docs/totals.md speaks of:

python -m pytest tests/benchmarks/test_totals_speed.py -q -s
"""

import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter

import pytest

from benchmarks.totals_floor import BareInputs, OwnInputs, checked_floor, checked_own_floor, floor, own_floor
from mktcore.money import Money, Rounding
from mktcore.totals import Line, Reduction, RoundAt, RoundingProfile, TaxRate, Totals, compute_totals

PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
SIZES = [(10, 3), (100, 10), (1000, 50), (10_000, 50)]
VAT = (TaxRate("VAT", Decimal("0.19")),)
REDUCTIONS = (Reduction("VOUCHER", amount=Money.of("9.99", "EUR")), Reduction("SALE", percent=Decimal("0.1")))


def make_lines(count: int, merchants: int) -> list[Line]:
    return [
        Line(f"line-{n}", f"merchant-{n % merchants}", Money.from_minor(199 + 37 * n % 9000, "EUR"), 1 + n % 5, VAT)
        for n in range(count)
    ]


def make_bare(lines: list[Line], merchants: int, *, included: bool) -> BareInputs:
    return BareInputs(
        [line.unit_price.minor for line in lines],
        [line.quantity for line in lines],
        [n % merchants for n in range(len(lines))],
        merchants,
        999,
        (1, 10),
        (19, 100),
        included,
    )


def best_of(*calls: Callable[[], object], seconds: float = 0.5) -> list[float]:
    """Return the least seconds of each call; the calls take turns, so that all meet the same noise."""
    best = [float("inf")] * len(calls)
    end = perf_counter() + seconds
    while perf_counter() < end:
        for position, call in enumerate(calls):
            start = perf_counter()
            call()
            best[position] = min(best[position], perf_counter() - start)
    return best


def compute(lines: list[Line], *, included: bool) -> Totals:
    return compute_totals(lines, REDUCTIONS, prices_include_tax=included, profile=PROFILE)


@pytest.mark.parametrize("included", [False, True], ids=["excluded", "included"])
@pytest.mark.parametrize(("count", "merchants"), SIZES)
def test_totals_stay_near_the_floor(count: int, merchants: int, *, included: bool) -> None:
    lines = make_lines(count, merchants)
    bare = make_bare(lines, merchants, included=included)
    totals, (_, _, order, _, _) = compute(lines, included=included), floor(bare)
    assert checked_floor(lines, REDUCTIONS, included=included) == floor(bare)
    figures = totals.order
    assert (figures.subtotal_minor, figures.discount_minor, figures.tax_minor, figures.grand_minor) == order
    least, checked, ours = best_of(
        lambda: floor(bare),
        lambda: checked_floor(lines, REDUCTIONS, included=included),
        lambda: compute(lines, included=included),
        seconds=0.5 if count <= 1000 else 2,
    )
    tracemalloc.start()
    kept = compute(lines, included=included)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept.order == totals.order
    print(  # noqa: T201 - the table is what the command is for
        f"\n{count:>6} x {merchants:<3}{'included' if included else 'excluded'}: floor {least * 1e6:8.1f} us, "
        f"totals {ours * 1e6:8.1f} us = {ours / least:.2f}x bare, {ours / checked:.2f}x checked; "
        f"{ours / count * 1e9:.0f} ns and {used / count:.0f} bytes a line"
    )
    if count >= 100:
        assert ours <= 6 * least
        assert ours <= 2 * checked


def make_own(lines: list[Line], merchants: int, *, included: bool) -> tuple[list[Reduction], OwnInputs]:
    """Return two reductions for each line, each a value of its own, and the same on bare ints."""
    own = [Reduction(f"a{n}", amount=Money.from_minor(50, "EUR"), lines=(line.key,)) for n, line in enumerate(lines)]
    own += [Reduction(f"b{n}", percent=Decimal("0.1"), lines=(line.key,)) for n, line in enumerate(lines)]
    count = len(lines)
    bare = [(n, 50, 0) for n in range(count)] + [(n, 1, 10) for n in range(count)]
    prices, quantities = [line.unit_price.minor for line in lines], [line.quantity for line in lines]
    sellers = [n % merchants for n in range(count)]
    return own, OwnInputs(prices, quantities, sellers, merchants, bare, (19, 100), included)


@pytest.mark.parametrize("included", [False, True], ids=["excluded", "included"])
@pytest.mark.parametrize(("count", "merchants"), SIZES)
def test_reductions_of_single_lines(count: int, merchants: int, *, included: bool) -> None:
    """Two reductions for each line: as many checks and parts as there are reductions."""
    lines = make_lines(count, merchants)
    own, bare = make_own(lines, merchants, included=included)

    def compute_own() -> Totals:
        return compute_totals(lines, own, prices_include_tax=included, profile=PROFILE)

    totals, (figures, _, order, parts) = compute_own(), own_floor(bare)
    assert checked_own_floor(lines, own, included=included) == own_floor(bare)
    found = totals.order
    assert (found.subtotal_minor, found.discount_minor, found.tax_minor, found.grand_minor) == order
    assert [minor for _, minor in totals.order.reduction_minors] == parts
    for line, (_, discount, tax, _) in zip(lines, figures, strict=True):
        one = totals.lines[line.key]
        assert (one.discount_minor, one.tax_minor) == (discount, tax)
    least, checked, ours = best_of(
        lambda: own_floor(bare),
        lambda: checked_own_floor(lines, own, included=included),
        compute_own,
        seconds=0.5 if count <= 1000 else 2,
    )
    print(  # noqa: T201 - the table is what the command is for
        f"\n{count:>6} x {merchants:<3}{'included' if included else 'excluded'}, two reductions of its own each: "
        f"floor {least * 1e6:8.1f} us, totals {ours * 1e6:8.1f} us = {ours / least:.2f}x bare, "
        f"{ours / checked:.2f}x checked; {ours / count * 1e9:.0f} ns a line"
    )
    if count >= 100:
        assert ours <= 6 * least
        assert ours <= 2 * checked
