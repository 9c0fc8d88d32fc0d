"""Speed of everyday orders against a floor by hand, in one process, by CPU time. Prints a table:

python -m pytest tests/benchmarks/test_small_orders_speed.py -q -s
"""

from collections.abc import Callable
from decimal import Decimal

import pytest

from benchmarks.small_orders_floor import BareLine, BareOrder, compute_bare
from benchmarks.turns import best_in_turns
from mktcore.money import Money, Rounding
from mktcore.totals import Expense, Line, Reduction, RoundAt, RoundingProfile, TaxRate, Totals, compute_totals

PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
RATES = {1900: (TaxRate("VAT", Decimal("0.19")),), 700: (TaxRate("VAT", Decimal("0.07")),)}
FLOOR_US = 27
"""What the floor takes for 100 lines of 10 sellers on the machine for which the limits were set."""
LIMITS_US = {(1, 1): 15, (3, 1): 25, (3, 2): 25, (10, 3): 45, (100, 10): 5 * FLOOR_US}
SLACK = 1.15
"""Neighbours make one of two measurements dearer, whoever takes turns."""


def make_order(lines: int, sellers: int) -> BareOrder:
    """Return lines with a reduction of its own each, at two rates, and one taxed freight of each seller."""
    goods = [
        BareLine(n % sellers, 199 + 37 * n % 9000, 1 + n % 5, reductions=(20,), rate=1900 if n % 3 else 700)
        for n in range(lines)
    ]
    return BareOrder(goods, [(seller, 490, 1900) for seller in range(sellers)], sellers)


def bind_totals(order: BareOrder) -> Callable[[], Totals]:
    """Return what computes the same order from the library's values, which are built before."""
    lines, reductions = [], []
    for n, bare in enumerate(order.lines):
        price = Money.from_minor(bare.price, "EUR")
        lines.append(Line(f"l{n}", f"m{bare.seller}", price, bare.quantity, RATES[bare.rate]))
        reductions += [
            Reduction(f"r{n}", amount=Money.from_minor(off, "EUR"), lines=(f"l{n}",)) for off in bare.reductions
        ]
    freight = [
        Expense(f"f{seller}", f"m{seller}", Money.from_minor(minor, "EUR"), RATES[rate])
        for seller, minor, rate in order.freight
    ]
    return lambda: compute_totals(lines, reductions, freight, prices_include_tax=False, profile=PROFILE)


@pytest.mark.parametrize(("lines", "sellers"), LIMITS_US)
def test_everyday_orders_stay_near_their_floor(lines: int, sellers: int) -> None:
    order, large = make_order(lines, sellers), make_order(100, 10)
    compute = bind_totals(order)
    figures, bare = compute().order, compute_bare(order)[2]
    found = (figures.subtotal_minor, figures.discount_minor, figures.expense_minor, figures.tax_minor)
    assert (*found, figures.grand_minor) == bare
    ours, floor, whole = best_in_turns(compute, lambda: compute_bare(order), lambda: compute_bare(large), repeat=20)
    scaled = ours / whole * FLOOR_US
    print(  # noqa: T201 - the table is what the command is for
        f"\n{lines:>4} x {sellers:<2}: {ours * 1e6:6.1f} us, {ours / floor:4.1f} floors of {floor * 1e6:.1f} us; "
        f"{scaled:6.1f} us where the floor of 100 x 10 takes {FLOOR_US}, {LIMITS_US[lines, sellers]} asked"
    )
    assert scaled <= SLACK * LIMITS_US[lines, sellers]
