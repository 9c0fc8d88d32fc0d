"""Floors for totals: the same results on bare ints, inlined by hand, and the same over the library's inputs and checks.

The first case: every line under two reductions (a voucher of a fixed amount, then a percentage) and a tax, rounded half
up per line. The voucher goes to merchants and then to lines by largest remainder, as the library does it. The second
case: two reductions *of its own* for each line, so that there are twice as many reductions as lines.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mktcore.money import Currency, Money
from mktcore.totals import Line, Reduction
from mktcore.totals.inputs import Basis

__all__ = ["BareInputs", "BareTotals", "OwnInputs", "checked_floor", "checked_own_floor", "floor", "own_floor"]


class BareInputs(NamedTuple):
    prices: Sequence[int]
    quantities: Sequence[int]
    merchants: Sequence[int]
    merchant_count: int
    voucher: int
    percent: tuple[int, int]
    tax: tuple[int, int]
    """Numerator and denominator of the rate."""
    included: bool


BareTotals = tuple[
    list[tuple[int, int, int, int]], list[tuple[int, int, int, int]], tuple[int, int, int, int], list[int], list[int]
]
"""Per line, per merchant and in all: subtotal, discount, tax, grand; and the parts of the two reductions."""


def floor(inputs: BareInputs) -> BareTotals:  # noqa: C901 - inlined by hand: that is what a floor is
    count = len(inputs.prices)
    subtotals = [price * quantity for price, quantity in zip(inputs.prices, inputs.quantities, strict=True)]
    groups: list[list[int]] = [[] for _ in range(inputs.merchant_count)]
    for index, merchant in enumerate(inputs.merchants):
        groups[merchant].append(index)
    group_subtotals = [sum([subtotals[index] for index in group]) for group in groups]
    whole = sum(group_subtotals)
    voucher = inputs.voucher
    group_parts = [voucher * weight // whole for weight in group_subtotals]
    rest = voucher - sum(group_parts)
    if rest:
        rests = [voucher * weight % whole for weight in group_subtotals]
        for position in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:rest]:
            group_parts[position] += 1
    vouchers = [0] * count
    for group, part, weight in zip(groups, group_parts, group_subtotals, strict=True):
        if not weight:
            continue
        products = [part * subtotals[index] for index in group]
        parts = [product // weight for product in products]
        rest = part - sum(parts)
        if rest:
            rests = [product % weight for product in products]
            for position in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:rest]:
                parts[position] += 1
        for index, one in zip(group, parts, strict=True):
            vouchers[index] = one
    top, bottom = inputs.percent
    rate, hundred = inputs.tax
    below = hundred + rate if inputs.included else hundred
    twice, double = 2 * rate, 2 * below
    percents = [0] * count
    lines: list[tuple[int, int, int, int]] = []
    for index, (subtotal, part) in enumerate(zip(subtotals, vouchers, strict=True)):
        left = subtotal - part
        off = (2 * top * left + bottom) // (2 * bottom)
        percents[index] = off
        base = left - off
        tax = (base * twice + below) // double
        lines.append((subtotal, part + off, tax, base if inputs.included else base + tax))
    merchants = []
    for group in groups:
        subtotal = discount = tax = grand = 0
        for index in group:
            one, two, three, four = lines[index]
            subtotal += one
            discount += two
            tax += three
            grand += four
        merchants.append((subtotal, discount, tax, grand))
    order = (
        sum([one[0] for one in merchants]),
        sum([one[1] for one in merchants]),
        sum([one[2] for one in merchants]),
        sum([one[3] for one in merchants]),
    )
    return lines, merchants, order, vouchers, percents


def _read_lines(
    lines: Sequence[Line], currency: Currency
) -> tuple[list[int], list[int], list[int], int, dict[str, int]]:
    """Return prices, quantities and merchants of checked lines, how many merchants there are, and each line's place."""
    seen: dict[str, int] = {}
    numbers: dict[str, int] = {}
    prices, quantities, merchants = [], [], []
    rates = set()
    for index, line in enumerate(lines):
        price, quantity = line.unit_price, line.quantity
        if type(line.key) is not str or line.key in seen:
            raise ValueError(line.key)
        seen[line.key] = index
        if type(price) is not Money or price.currency is not currency or price.minor < 0:
            raise ValueError(price)
        if type(quantity) is not int or quantity < 0 or line.per != 1 or line.unit_multiplier != 1 or line.options:
            raise ValueError(quantity)
        if line.pinned_taxes:
            raise ValueError(line.pinned_taxes)
        rates.add(id(line.tax_rates))
        merchants.append(numbers.setdefault(line.merchant, len(numbers)))
        prices.append(price.minor)
        quantities.append(quantity)
    if len(rates) > 1:
        raise ValueError(rates)
    return prices, quantities, merchants, len(numbers), seen


def checked_floor(lines: Sequence[Line], reductions: Sequence[Reduction], *, included: bool) -> BareTotals:
    """The same from the library's values, with the checks that a sum cannot do without, one line at a time."""
    currency = lines[0].unit_price.currency
    prices, quantities, merchants, count, _ = _read_lines(lines, currency)
    voucher, percent = reductions
    if voucher.amount is None or percent.percent is None:
        raise ValueError(reductions)
    rate, hundred = lines[0].tax_rates[0].rate.as_integer_ratio()
    inputs = BareInputs(
        prices,
        quantities,
        merchants,
        count,
        voucher.amount.minor,
        percent.percent.as_integer_ratio(),
        (rate, hundred),
        included,
    )
    return floor(inputs)


class OwnInputs(NamedTuple):
    prices: Sequence[int]
    quantities: Sequence[int]
    merchants: Sequence[int]
    merchant_count: int
    reductions: Sequence[tuple[int, int, int]]
    """In their order: the line, and a fixed amount over 0, or numerator and denominator of a fraction."""
    tax: tuple[int, int]
    included: bool


OwnTotals = tuple[
    list[tuple[int, int, int, int]], list[tuple[int, int, int, int]], tuple[int, int, int, int], list[int]
]
"""Per line, per merchant and in all: subtotal, discount, tax, grand; and the part of each reduction."""


def own_floor(inputs: OwnInputs) -> OwnTotals:
    """Compute the second case."""
    subtotals = [price * quantity for price, quantity in zip(inputs.prices, inputs.quantities, strict=True)]
    remaining = list(subtotals)
    parts = []
    for index, top, bottom in inputs.reductions:
        left = remaining[index]
        off = (2 * top * left + bottom) // (2 * bottom) if bottom else top
        if off > left:
            raise ValueError(index)
        remaining[index] = left - off
        parts.append(off)
    rate, hundred = inputs.tax
    below = hundred + rate if inputs.included else hundred
    twice, double = 2 * rate, 2 * below
    sums = [[0, 0, 0, 0] for _ in range(inputs.merchant_count)]
    lines: list[tuple[int, int, int, int]] = []
    for subtotal, base, merchant in zip(subtotals, remaining, inputs.merchants, strict=True):
        tax = (base * twice + below) // double
        grand = base if inputs.included else base + tax
        lines.append((subtotal, subtotal - base, tax, grand))
        of_merchant = sums[merchant]
        of_merchant[0] += subtotal
        of_merchant[1] += subtotal - base
        of_merchant[2] += tax
        of_merchant[3] += grand
    merchants = [(one, two, three, four) for one, two, three, four in sums]
    order = (
        sum([one[0] for one in merchants]),
        sum([one[1] for one in merchants]),
        sum([one[2] for one in merchants]),
        sum([one[3] for one in merchants]),
    )
    return lines, merchants, order, parts


def checked_own_floor(lines: Sequence[Line], reductions: Sequence[Reduction], *, included: bool) -> OwnTotals:
    """The second case from the library's values, with the checks that a sum cannot do without, one value at a time."""
    currency = lines[0].unit_price.currency
    prices, quantities, merchants, count, places = _read_lines(lines, currency)
    seen: set[str] = set()
    read = []
    for reduction in reductions:
        if type(reduction.key) is not str or reduction.key in seen:
            raise ValueError(reduction.key)
        seen.add(reduction.key)
        if reduction.merchant is not None or reduction.expenses is not None or reduction.cap is not None:
            raise ValueError(reduction)
        if reduction.basis is not Basis.REMAINING or reduction.merchant_share or type(reduction.lines) is not tuple:
            raise ValueError(reduction)
        (target,) = reduction.lines
        amount, percent = reduction.amount, reduction.percent
        if percent is None:
            if type(amount) is not Money or amount.currency is not currency or amount.minor < 0:
                raise ValueError(amount)
            read.append((places[target], amount.minor, 0))
        else:
            top, bottom = percent.as_integer_ratio()
            if amount is not None or not 0 <= top <= bottom:
                raise ValueError(percent)
            read.append((places[target], top, bottom))
    tax = lines[0].tax_rates[0].rate.as_integer_ratio()
    return own_floor(OwnInputs(prices, quantities, merchants, count, read, tax, included))
