"""Taxes: each name and rate on its own, rounded at the profile's level and apportioned down."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm

import attrs

from mktcore.money import Money
from mktcore.money.allocation import MAX_BITS
from mktcore.money.rounding import to_ratio
from mktcore.notice import Notice
from mktcore.totals.apportionment import Bounds, round_at_level, round_each, round_sums, round_within
from mktcore.totals.errors import InvalidTotals
from mktcore.totals.inputs import TaxRate, TaxTreatment
from mktcore.totals.line_positions import segment
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["TaxColumn", "TaxDifference", "TaxShare", "TaxableColumns", "compute_taxes", "find_shares", "sum_columns"]


@attrs.frozen
class TaxDifference:
    """A pinned tax that is not what this library computes for that line or expense alone.

    Attributes:
        where: `lines.KEY` or `expenses.KEY`.
        name: The tax.
        rate: Its rate.
        pinned: The amount from outside; it stands.
        computed: What the rate gives, rounded on its own.
    """

    where: str
    name: str
    rate: Decimal
    pinned: Money
    computed: Money

    @property
    def difference(self) -> Money:
        """Pinned less computed."""
        return self.pinned - self.computed


@attrs.frozen
class TaxShare:
    """One tax of a set of rates, as the fraction of the amount it stands beside.

    Attributes:
        tax_rate: The tax.
        numerator: Of the fraction.
        denominator: Of the fraction.
        column: The same text for taxes of equal name, rate and treatment, which make one column: a text remembers its
            hash, as a Decimal and an enum's member do not.
    """

    tax_rate: TaxRate
    numerator: int
    denominator: int
    column: str


@attrs.frozen
class TaxColumn:
    """One tax by position.

    Attributes:
        tax_rate: The first rate seen of this name, rate and treatment.
        positions: Where the tax stands, ascending.
        parts: Its minor units at each of the positions.
    """

    tax_rate: TaxRate
    positions: Sequence[int]
    parts: tuple[int, ...]


@lru_cache(maxsize=4096)
def find_shares(tax_rates: tuple[TaxRate, ...], included: bool) -> tuple[TaxShare, ...]:
    """Return each tax as a fraction of the amount, contained in it or on top of it.

    >>> from decimal import Decimal
    >>> [(s.numerator, s.denominator) for s in find_shares((TaxRate("VAT", Decimal("0.25")),), True)]
    [(1, 5)]
    """
    factors: list[Fraction] = []
    taxed = Fraction(1)
    for tax_rate in tax_rates:
        factor = Fraction(*to_ratio(tax_rate.rate))
        # A compound tax is on the price with the taxes before it.
        factors.append(factor * taxed if tax_rate.compound else factor)
        taxed += factors[-1]
    # Contained taxes are parts of a price that holds all of them.
    whole = taxed if included else Fraction(1)
    shares = [factor / whole for factor in factors]
    return tuple(
        [
            TaxShare(tax_rate, share.numerator, share.denominator, column=_name_column(tax_rate))
            for tax_rate, share in zip(tax_rates, shares, strict=True)
        ]
    )


def _name_column(tax_rate: TaxRate) -> str:
    numerator, denominator = to_ratio(tax_rate.rate)  # in lowest terms: 0.190 is 0.19
    return f"{numerator}/{denominator} {tax_rate.treatment.value} {tax_rate.name}"


@attrs.frozen(eq=False)
class TaxableColumns:
    """What taxes are computed on.

    Attributes:
        bases: Per position, the amount after reductions; it contains the taxes when `included`.
        quantities: Per position, the pieces that a unit's rounding looks at.
        tax_rates: Per position, the taxes.
        bounds: The parts: merchants, and the marketplace's own.
        included: Whether amounts contain their taxes.
        pinned: Tax amounts from outside, by position and (name, rate).
    """

    bases: Sequence[int]
    quantities: Sequence[int]
    tax_rates: Sequence[tuple[TaxRate, ...]]
    bounds: Bounds
    included: bool
    pinned: Mapping[int, Mapping[tuple[str, Decimal], int]]


# Looking a member up on its class costs more than the arithmetic on a short line.
_STANDARD, _REVERSE_CHARGE = TaxTreatment.STANDARD, TaxTreatment.REVERSE_CHARGE
_UNIT, _LINE = RoundAt.UNIT, RoundAt.LINE

_Member = tuple[Sequence[int], TaxShare]
"""Positions that share a set of tax rates, and the share of one of those rates."""


def compute_taxes(taxable: TaxableColumns, profile: RoundingProfile) -> list[TaxColumn]:
    """Return every tax by position, in the order in which the positions first name it.

    Taxes inside of a price are never more than the price: where each of them rounded would be, the first ones stand,
    and of the later ones as much as is left. At the levels of merchants and the order it moves to what has room.

    Raises:
        InvalidTotals: The rates have no common denominator of practical size.
    """
    members: dict[str, list[_Member]] = {}
    for tax_rates, positions in _group_by_rates(taxable.tax_rates):
        for share in find_shares(tax_rates, taxable.included):
            members.setdefault(share.column, []).append((positions, share))
    groups = list(members.values())
    columns = [_compute_column(taxable, group, profile) for group in groups]
    # One tax alone is half of a price at most.
    if taxable.included and len(columns) > 1 and _pass_price(columns, taxable.bases):
        return _compute_within(taxable, groups, profile)
    return columns


def _pass_price(columns: Iterable[TaxColumn], bases: Sequence[int]) -> bool:
    sums = [0] * len(bases)
    for column in columns:
        for position, part in zip(column.positions, column.parts, strict=True):
            sums[position] += part
    return any(tax > base for tax, base in zip(sums, bases, strict=True))


def _compute_within(taxable: TaxableColumns, groups: list[list[_Member]], profile: RoundingProfile) -> list[TaxColumn]:
    room = list(taxable.bases)
    for position, pinned in taxable.pinned.items():
        room[position] -= sum(pinned.values())
    columns = []
    for group in groups:
        column = _compute_column(taxable, group, profile, room=room)
        key = (column.tax_rate.name, column.tax_rate.rate)
        for position, part in zip(column.positions, column.parts, strict=True):
            if key not in taxable.pinned.get(position, {}):
                room[position] -= part
        columns.append(column)
    return columns


def _group_by_rates(tax_rates: Sequence[tuple[TaxRate, ...]]) -> Iterable[tuple[tuple[TaxRate, ...], Sequence[int]]]:
    # Most orders have one set of rates, the same object on every line: compare identities before values.
    if tax_rates and tax_rates[0] is tax_rates[-1] and len(set(map(id, tax_rates))) == 1:
        return [(tax_rates[0], range(len(tax_rates)))]
    by_identity: dict[int, list[int]] = {}
    for position, rates in enumerate(tax_rates):
        known = by_identity.get(id(rates))
        if known is None:
            by_identity[id(rates)] = [position]
        else:
            known.append(position)
    by_value: dict[tuple[TaxRate, ...], list[int]] = {}
    for positions in by_identity.values():
        alike = by_value.setdefault(tax_rates[positions[0]], positions)
        if alike is not positions:
            alike += positions
            alike.sort()
    return by_value.items()


def _compute_column(
    taxable: TaxableColumns, members: list[_Member], profile: RoundingProfile, *, room: Sequence[int] | None = None
) -> TaxColumn:
    rate = members[0][1].tax_rate
    positions = members[0][0] if len(members) == 1 else sorted([p for group, _ in members for p in group])
    # A reverse charge counts only where prices contain the tax, which then has to be taken out.
    if rate.treatment is not _STANDARD and not (rate.treatment is _REVERSE_CHARGE and taxable.included):
        return TaxColumn(rate, positions, (0,) * len(positions))
    fixed: dict[int, int] = {}
    if taxable.pinned:
        key = (rate.name, rate.rate)
        fixed = {position: pinned[key] for position, pinned in taxable.pinned.items() if key in pinned}
    if fixed:
        # What was decided outside stands: only the rest is rounded and apportioned.
        members = [([p for p in group if p not in fixed], share) for group, share in members]
    if room is None:
        parts = _round_members(taxable, members, profile)
    else:
        parts = _round_members_within(taxable, members, profile, room=room)
    if fixed:
        free = [p for p in positions if p not in fixed]
        merged = dict(zip(free, parts, strict=True)) | fixed
        parts = [merged[p] for p in positions]
    return TaxColumn(rate, positions, tuple(parts))


def _round_members(taxable: TaxableColumns, members: list[_Member], profile: RoundingProfile) -> list[int]:
    """Return the rounded tax at each of the members' positions, ascending."""
    if len(members) == 1:
        positions, share = members[0]
        if profile.at is _LINE:  # the same as below, in fewer calls
            bases = taxable.bases
            if len(positions) != len(bases):
                bases = [bases[position] for position in positions]
            return round_each(bases, share.numerator, share.denominator, mode=profile.mode)
        ratio = (share.numerator, share.denominator)
        if len(positions) == len(taxable.bases):
            return round_at_level(taxable.bases, taxable.quantities, ratio, bounds=taxable.bounds, profile=profile)
        bases, quantities = _pick(taxable, positions)
        return round_at_level(bases, quantities, ratio, bounds=segment(positions, taxable.bounds), profile=profile)
    found: dict[int, int] = {}
    if profile.at is _LINE or profile.at is _UNIT:
        for positions, share in members:
            bases, quantities = _pick(taxable, positions)
            ratio = (share.numerator, share.denominator)
            parts = round_at_level(bases, quantities, ratio, bounds=(), profile=profile)
            found.update(zip(positions, parts, strict=True))
        return [found[position] for position in sorted(found)]
    weights, scale = _weigh(taxable, members)
    bounds = segment(list(weights), taxable.bounds)
    return round_sums(list(weights.values()), scale, bounds=bounds, profile=profile)


def _round_members_within(
    taxable: TaxableColumns, members: list[_Member], profile: RoundingProfile, *, room: Sequence[int]
) -> list[int]:
    if profile.at is _LINE or profile.at is _UNIT:
        positions = sorted(position for group, _ in members for position in group)
        parts = _round_members(taxable, members, profile)
        return [min(part, room[position]) for position, part in zip(positions, parts, strict=True)]
    weights, scale = _weigh(taxable, members)
    ordered = list(weights)
    left, bounds = [room[position] for position in ordered], segment(ordered, taxable.bounds)
    return round_within(list(weights.values()), scale, bounds=bounds, profile=profile, room=left)


def _weigh(taxable: TaxableColumns, members: Iterable[_Member]) -> tuple[dict[int, int], int]:
    """Return the tax at each position, ascending, exact: as numerators over one denominator."""
    # Rounded as one sum over members with unlike shares, so all of them are brought to one denominator first.
    found: dict[int, int] = {}
    scale = 1
    known = tuple(members)
    for _, share in known:
        scale = lcm(scale, share.denominator)
        if scale.bit_length() > MAX_BITS >> 1:  # every weight would grow to this size
            name = share.tax_rate.name
            message = f"the rates of {name!r} have no common denominator of practical size"
            raise InvalidTotals.of([Notice("totals.too-fine-taxes", "", message, "give rates with fewer digits")])
    for positions, share in known:
        factor = share.numerator * (scale // share.denominator)
        found.update([(position, taxable.bases[position] * factor) for position in positions])
    return dict(sorted(found.items())), scale


def _pick(taxable: TaxableColumns, positions: Sequence[int]) -> tuple[list[int], Sequence[int]]:
    quantities = [taxable.quantities[p] for p in positions] if taxable.quantities else ()
    return [taxable.bases[p] for p in positions], quantities


def sum_columns(columns: Sequence[TaxColumn], treatment: TaxTreatment, size: int) -> list[int]:
    """Return, per position, the sum of the taxes of one treatment."""
    sums = [0] * size
    for column in columns:
        if column.tax_rate.treatment is not treatment:
            continue
        if len(columns) == 1 and len(column.parts) == size:
            return list(column.parts)
        for index, position in enumerate(column.positions):
            sums[position] += column.parts[index]
    return sums
