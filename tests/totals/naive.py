"""Totals a second time: deliberately naive, on fractions, straight from the rules in docs/totals.md.

It shares no arithmetic with the library: every amount is a Fraction until the one moment it is rounded, every group is
found by scanning, and nothing is fast.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import attrs

from mktcore.money import Allocation, Rounding
from mktcore.totals import Expense, Line, Reduction, RoundAt, RoundingProfile, TaxRate, TaxTreatment
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.inputs import ALL, Basis, LineSelection

Key = tuple[str, Fraction, TaxTreatment]


class AboveBase(Exception):
    """A reduction takes off more than there is."""


@dataclass
class Entry:
    kind: str
    key: str
    merchant: str | None
    units: int
    rates: tuple[TaxRate, ...]
    pinned: dict[tuple[str, Fraction], int]
    exact: Fraction
    amount: int = 0
    left: int = 0
    off: dict[str, int] = field(default_factory=dict)
    borne: dict[str, int] = field(default_factory=dict)
    tax: dict[Key, int] = field(default_factory=dict)

    def unpinned(self) -> int:
        return sum(tax for (name, rate, _), tax in self.tax.items() if (name, rate) not in self.pinned)

    def charged(self) -> int:
        return sum(tax for (_, _, treatment), tax in self.tax.items() if treatment is TaxTreatment.STANDARD)


def round_fraction(value: Fraction, mode: Rounding) -> int:
    low = math.floor(value)
    rest = value - low
    half = Fraction(1, 2)
    if rest == 0:
        return low
    nearest = low + 1 if rest > half else low
    away = low + 1 if value > 0 else low
    towards = low if value > 0 else low + 1
    even = low if low % 2 == 0 else low + 1
    answers = {
        Rounding.CEILING: low + 1,
        Rounding.FLOOR: low,
        Rounding.UP: away,
        Rounding.DOWN: towards,
        Rounding.HALF_UP: away if rest == half else nearest,
        Rounding.HALF_DOWN: towards if rest == half else nearest,
        Rounding.HALF_EVEN: even if rest == half else nearest,
    }
    return answers[mode]


def apportion(total: int, weights: Sequence[Fraction | int], by: Allocation, caps: Sequence[int] = ()) -> list[int]:
    """Split by weight; the earlier is the first among equals."""
    if total == 0:
        return [0 for _ in weights]
    whole = sum(weights, Fraction(0))
    shares = [Fraction(total) * weight / whole for weight in weights]
    if by is Allocation.CUMULATIVE:
        sums = [round_fraction(sum(shares[: n + 1], Fraction(0)), Rounding.HALF_UP) for n in range(len(shares))]
        return [after - before for before, after in zip([0, *sums], sums, strict=False)]
    parts = [math.floor(share) for share in shares]
    for _ in range(total - sum(parts)):
        if by is Allocation.LARGEST_REMAINDER:
            rests = [share - part for share, part in zip(shares, parts, strict=True)]
            parts[rests.index(max(rests))] += 1
        else:
            room = [n for n, share in enumerate(shares) if share and parts[n] == math.floor(share)]
            parts[next(n for n in room if not caps or parts[n] < caps[n])] += 1
    return parts


def apportion_capped(total: int, weights: Sequence[Fraction | int], caps: Sequence[int], by: Allocation) -> list[int]:
    full: dict[int, int] = {}
    while True:
        free = [i for i in range(len(weights)) if i not in full]
        rest = total - sum(full.values())
        whole = sum((weights[i] for i in free), Fraction(0))
        over = [i for i in free if whole and rest * weights[i] / whole > caps[i]]
        if not over:
            break
        full |= {i: caps[i] for i in over}
    parts = (
        dict(zip(free, apportion(rest, [weights[i] for i in free], by, [caps[i] for i in free]), strict=True)) | full
    )
    return [parts[i] for i in range(len(weights))]


def in_groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    merchants = list(dict.fromkeys(entry.merchant for entry in entries))
    return [[entry for entry in entries if entry.merchant == merchant] for merchant in merchants]


def spread(
    total: int, entries: Sequence[Entry], weigh: Callable[[Entry], Fraction | int], by: Allocation
) -> dict[int, int]:
    """Over the merchants first, then over each one's entries; answers by the entry's id()."""
    groups = in_groups(entries)
    parts = apportion(total, [sum((weigh(entry) for entry in group), Fraction(0)) for group in groups], by)
    found: dict[int, int] = {}
    for part, group in zip(parts, groups, strict=True):
        found |= dict(zip(map(id, group), apportion(part, [weigh(entry) for entry in group], by), strict=True))
    return found


def spread_capped(total: int, entries: Sequence[Entry], by: Allocation) -> dict[int, int]:
    """By the original amounts, none above what is left."""
    groups = in_groups(entries)
    weights = [sum(entry.amount for entry in group) for group in groups]
    parts = apportion_capped(total, weights, [sum(entry.left for entry in group) for group in groups], by)
    found: dict[int, int] = {}
    for part, group in zip(parts, groups, strict=True):
        inner = apportion_capped(part, [e.amount for e in group], [e.left for e in group], by)
        found |= dict(zip(map(id, group), inner, strict=True))
    return found


def round_at(
    profile: RoundingProfile,
    entries: Sequence[Entry],
    base: Callable[[Entry], int],
    rate: Callable[[Entry], Fraction],
) -> dict[int, int]:
    """Round base times rate at a level, and apportion down what was rounded higher up."""
    found: dict[int, int] = {}
    at, mode = profile.at, profile.mode
    if at is RoundAt.UNIT:
        for entry in entries:
            units = (
                apportion(base(entry), [1] * entry.units, Allocation.LARGEST_REMAINDER)
                if entry.units > 1
                else [base(entry)]
            )
            found[id(entry)] = sum(round_fraction(unit * rate(entry), mode) for unit in units)
    elif at is RoundAt.LINE:
        for entry in entries:
            found[id(entry)] = round_fraction(base(entry) * rate(entry), mode)
    else:
        for group in in_groups(entries) if at is RoundAt.MERCHANT else [list(entries)]:
            total = sum((base(entry) * rate(entry) for entry in group), Fraction(0))
            found |= spread(
                round_fraction(total, mode), group, lambda entry: base(entry) * rate(entry), profile.allocation
            )
    return found


def price(inputs: Inputs, entries: list[Entry]) -> None:
    at = inputs.profile.prices_at or inputs.profile.at
    mode = inputs.profile.mode
    for entry in entries:
        if entry.exact.denominator == 1 or at in {RoundAt.LINE, RoundAt.UNIT}:
            entry.amount = round_fraction(entry.exact, mode)
    for group in in_groups(entries) if at is RoundAt.MERCHANT else [entries]:
        loose = [entry for entry in group if entry.exact.denominator != 1]
        if at in {RoundAt.MERCHANT, RoundAt.ORDER} and loose:
            whole = sum(entry.amount for entry in group)
            rounded = round_fraction(whole + sum((entry.exact for entry in loose), Fraction(0)), mode)
            parts = spread(rounded - whole, loose, lambda entry: entry.exact, inputs.profile.allocation)
            for entry in loose:
                entry.amount = parts[id(entry)]
    for entry in entries:
        entry.left = entry.amount


def exact_amount(line: Line, at: RoundAt, mode: Rounding) -> Fraction:
    unit = Fraction(line.unit_price.minor)
    once = 0
    for option in line.options:
        if option.percent is not None:
            unit += line.unit_price.minor * Fraction(option.percent)
        elif option.mark_up is not None and option.once:
            once += option.mark_up.minor
        elif option.mark_up is not None:
            unit += option.mark_up.minor
    unit = unit * Fraction(line.unit_multiplier) / line.per
    if at is RoundAt.UNIT:
        unit = Fraction(round_fraction(unit, mode))
    return unit * line.quantity + (once if line.quantity else 0)


def find_targets(reduction: Reduction, entries: list[Entry]) -> list[Entry]:
    chosen = []
    for entry in entries:
        keys = reduction.lines if entry.kind == "line" else reduction.expenses
        if entry.kind == "line" and keys is None and reduction.expenses is None:
            keys = ALL
        named = keys is not None and (isinstance(keys, LineSelection) or entry.key in keys)
        if named and (reduction.merchant is None or entry.merchant == reduction.merchant):
            chosen.append(entry)
    return chosen


def reduce(reduction: Reduction, entries: list[Entry], profile: RoundingProfile) -> None:
    targets = find_targets(reduction, entries)
    parts = take_percent(reduction, targets, profile) if reduction.percent is not None else None
    if parts is None or (reduction.cap is not None and sum(parts.values()) > reduction.cap.minor):
        parts = take_amount(reduction, targets, profile.allocation, capped=parts is not None)
    for group in in_groups(targets):
        taken = sum(parts[id(entry)] for entry in group)
        share = Fraction(0) if group[0].merchant is None else Fraction(reduction.merchant_share or 0)
        borne = apportion(
            round_fraction(taken * share, profile.mode), [parts[id(entry)] for entry in group], profile.allocation
        )
        for entry, bears in zip(group, borne, strict=True):
            entry.left -= parts[id(entry)]
            entry.off[reduction.key] = parts[id(entry)]
            entry.borne[reduction.key] = bears


def take_percent(reduction: Reduction, targets: list[Entry], profile: RoundingProfile) -> dict[int, int]:
    remaining = reduction.basis is Basis.REMAINING
    percent = Fraction(reduction.percent or 0)
    parts = round_at(profile, targets, lambda e: e.left if remaining else e.amount, lambda _: percent)
    for entry in targets:
        if parts[id(entry)] > entry.left:
            if not reduction.cap_at_base:
                raise AboveBase
            parts[id(entry)] = entry.left
    return parts


def take_amount(reduction: Reduction, targets: list[Entry], by: Allocation, *, capped: bool) -> dict[int, int]:
    limits = [limit.minor for limit in (None if capped else reduction.amount, reduction.cap) if limit is not None]
    total = min(limits)
    available = sum(entry.left for entry in targets)
    if total > available:
        if not reduction.cap_at_base:
            raise AboveBase
        total = available
    if reduction.basis is Basis.REMAINING:
        return spread(total, targets, lambda entry: entry.left, by)
    return spread_capped(total, targets, by)


def tax_share(entry: Entry, key: Key, *, included: bool) -> Fraction:
    """The tax of this key as a fraction of the entry's amount."""
    net = Fraction(1)
    taxes = Fraction(0)
    mine = Fraction(0)
    for rate in entry.rates:
        tax = Fraction(rate.rate) * (net + taxes if rate.compound else net)
        taxes += tax
        if (rate.name, Fraction(rate.rate), rate.treatment) == key:
            mine = tax
    return mine / (net + taxes) if included else mine


def tax(inputs: Inputs, entries: list[Entry]) -> None:
    charge(inputs, entries, within=False)
    # Taxes that are inside of a price, each rounded, may come to more than the price.
    if inputs.prices_include_tax and any(sum(entry.tax.values()) > entry.left for entry in entries):
        charge(inputs, entries, within=True)


def cut(
    profile: RoundingProfile, parts: dict[int, int], entries: list[Entry], weigh: Callable[[Entry], Fraction]
) -> dict[int, int]:
    """Of a tax as it was rounded, what finds room beside the taxes before it."""
    room = {id(entry): entry.left - sum(entry.pinned.values()) - entry.unpinned() for entry in entries}
    if profile.at in {RoundAt.UNIT, RoundAt.LINE}:
        return {key: min(part, room[key]) for key, part in parts.items()}
    found: dict[int, int] = {}
    for span in in_groups(entries) if profile.at is RoundAt.MERCHANT else [entries]:
        total = sum(parts[id(entry)] for entry in span)
        groups = in_groups(span)
        caps = [sum(room[id(entry)] for entry in group if weigh(entry)) for group in groups]
        weights = [sum((weigh(entry) for entry in group), Fraction(0)) for group in groups]
        shares = apportion_capped(min(total, sum(caps)), weights, caps, profile.allocation)
        for share, group in zip(shares, groups, strict=True):
            inner = apportion_capped(
                share, [weigh(entry) for entry in group], [room[id(entry)] for entry in group], profile.allocation
            )
            found |= dict(zip(map(id, group), inner, strict=True))
    return found


def charge(inputs: Inputs, entries: list[Entry], *, within: bool) -> None:
    included = inputs.prices_include_tax
    for entry in entries:
        entry.tax.clear()
    keys = list(dict.fromkeys((r.name, Fraction(r.rate), r.treatment) for entry in entries for r in entry.rates))
    for key in keys:
        name, rate, treatment = key
        taxed = [e for e in entries if any((r.name, Fraction(r.rate), r.treatment) == key for r in e.rates)]
        if treatment is TaxTreatment.EXEMPT or (treatment is TaxTreatment.REVERSE_CHARGE and not included):
            for entry in taxed:
                entry.tax[key] = 0
            continue
        free = [entry for entry in taxed if (name, rate) not in entry.pinned]
        parts = round_at(
            inputs.profile,
            free,
            lambda e: e.left,
            lambda e, key=key: tax_share(e, key, included=included),  # type: ignore[misc]  # binds the loop's key
        )
        if within:
            parts = cut(
                inputs.profile,
                parts,
                free,
                lambda e, key=key: e.left * tax_share(e, key, included=included),  # type: ignore[misc]  # as above
            )
        for entry in taxed:
            entry.tax[key] = entry.pinned[name, rate] if (name, rate) in entry.pinned else parts[id(entry)]


def strip(entries: list[Entry]) -> None:
    """Take the reverse-charged tax out of included prices, and out of what was taken off them."""
    for entry in entries:
        for key in [key for key in entry.tax if key[2] is TaxTreatment.REVERSE_CHARGE]:
            share = tax_share(entry, key, included=True)
            entry.left -= entry.tax[key]
            entry.off = {name: off - math.floor(off * share) for name, off in entry.off.items()}
            entry.borne = {name: off - math.floor(off * share) for name, off in entry.borne.items()}
            entry.amount = entry.left + sum(entry.off.values())


def naive_totals(inputs: Inputs) -> list[Entry]:
    """Return every line and expense with its figures, in the library's order."""
    mode = inputs.profile.mode
    prices_at = inputs.profile.prices_at or inputs.profile.at
    items: list[Line | Expense] = [*inputs.lines, *inputs.expenses]
    merchants: list[str | None] = [m for m in dict.fromkeys(item.merchant for item in items) if m is not None]
    entries: list[Entry] = []
    for merchant in [*merchants, None]:
        for item in items:
            if item.merchant != merchant:
                continue
            pinned = {(tax.name, Fraction(tax.rate)): tax.amount.minor for tax in item.pinned_taxes}
            if isinstance(item, Line):
                exact = exact_amount(item, prices_at, mode)
                entry = Entry("line", item.key, merchant, item.quantity, item.tax_rates, pinned, exact)
            else:
                amount = Fraction(item.amount.minor)
                entry = Entry("expense", item.key, merchant, 1, item.tax_rates, pinned, amount)
            entries.append(entry)
    price(inputs, entries)
    reduced_by = attrs.evolve(inputs.profile, mode=inputs.profile.reduction_mode or mode)
    for reduction in inputs.reductions:
        reduce(reduction, entries, reduced_by)
    tax(inputs, entries)
    if inputs.prices_include_tax:
        strip(entries)
    increment = inputs.profile.cash_increment
    if increment is not None:
        grand = sum(e.left + (0 if inputs.prices_include_tax else e.charged()) for e in entries)
        step = Fraction(increment) * inputs.currency.units_per_major
        rounded = round_fraction(grand / step, inputs.profile.cash_mode or mode) * step
        cash = Entry("expense", "cash-rounding", None, 1, (), {}, rounded - grand)
        cash.amount = cash.left = int(cash.exact)
        entries.append(cash)
    return entries
