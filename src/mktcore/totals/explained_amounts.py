"""Amounts on their way down, recomputed for explanations: exact at each position, and what became of them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from mktcore.money import Currency, Money, Rounding
from mktcore.money.rounding import to_ratio
from mktcore.totals.apply_reductions import ReducedAmounts
from mktcore.totals.compute_taxes import TaxColumn, find_shares
from mktcore.totals.inputs import Basis, Reduction, TaxTreatment
from mktcore.totals.rounding_profile import RoundAt
from mktcore.totals.sheet import Sheet

__all__ = [
    "FIXED",
    "UNCHARGED",
    "AmountFlow",
    "Sums",
    "reduction_flows",
    "tax_flows",
    "write_cut_exact",
    "write_percent",
]

FIXED = -1
"""The level above the order: an amount that is given and only apportioned."""
UNCHARGED = 3
"""The level of what is nothing at all."""
# A unit's rounding is told at its line, the lowest level that has figures.
_LEVELS = {RoundAt.ORDER: 0, RoundAt.MERCHANT: 1, RoundAt.LINE: 2, RoundAt.UNIT: 2}

Sums = tuple[Fraction, int]
"""The exact sum of a stretch, and what it became."""


@attrs.frozen(eq=False)
class AmountFlow:
    """One reduction or one tax: what it is exactly at each position, and what became of it.

    Attributes:
        title: What it is.
        positions: Where it stands, ascending.
        exact: Per position, the exact amount; for an amount that is spread, the weight.
        parts: Per position, the minor units.
        level: Where it rounds, counted from the order's 0; above that are sums, below it is apportioned.
        head: Said where it rounds.
        given: Positions whose amount came from outside.
        mode: How it rounds where that is not the profile's own mode.
    """

    title: str
    positions: Sequence[int]
    exact: Mapping[int, Fraction]
    parts: Mapping[int, int]
    level: int
    head: str = ""
    given: frozenset[int] = frozenset()
    mode: Rounding | None = None

    def inside(self, span: tuple[int, int]) -> Sequence[int]:
        """Return the positions in a stretch."""
        start = bisect_left(self.positions, span[0])
        return self.positions[start : bisect_left(self.positions, span[1], start)]

    def sums(self, span: tuple[int, int]) -> Sums:
        """Return the exact sum and the sum of the parts over a stretch, without what was given."""
        positions = [position for position in self.inside(span) if position not in self.given]
        return sum([self.exact[p] for p in positions], Fraction(0)), sum([self.parts[p] for p in positions])


def reduction_flows(sheet: Sheet, amounts: Sequence[int], taken: Sequence[ReducedAmounts]) -> Iterator[AmountFlow]:
    """Tell each reduction, in order: what it looked at, and what it took off.

    Args:
        sheet: The computed columns.
        amounts: Before reductions, as the prices are given.
        taken: What each reduction took off these.
    """
    left = list(amounts)
    for reduction, (positions, minors, _) in zip(sheet.inputs.reductions, taken, strict=True):
        looked_at = left if reduction.basis is Basis.REMAINING else amounts
        weights = {position: looked_at[position] for position in positions}
        parts = dict(zip(positions, minors, strict=True))
        yield _reduction_flow(sheet, reduction, weights=weights, parts=parts)
        for position, minor in parts.items():
            left[position] -= minor


def _reduction_flow(
    sheet: Sheet, reduction: Reduction, weights: Mapping[int, int], *, parts: Mapping[int, int]
) -> AmountFlow:
    title, positions = f"reduction {reduction.key}", tuple(weights)
    total = sum(parts.values())
    # A percentage that met its cap became a fixed amount, spread by what stood there.
    if reduction.percent is None or (reduction.cap is not None and total == reduction.cap.minor):
        wanted = reduction.amount if reduction.amount is not None else reduction.cap
        clamped = ", clamped to what is left" if wanted is not None and wanted.minor != total else ""
        base = write_cut_exact(Fraction(sum(weights.values())), sheet.inputs.currency)
        exact = {position: Fraction(weight) for position, weight in weights.items()}
        return AmountFlow(title, positions, exact, parts=parts, level=FIXED, head=f"{wanted}{clamped}, over {base}")
    percent = Fraction(*to_ratio(reduction.percent))
    exact = {position: weight * percent for position, weight in weights.items()}
    level, head = _LEVELS[sheet.inputs.profile.at], f"{write_percent(reduction.percent)} of "
    mode = sheet.inputs.profile.reduction_mode
    return AmountFlow(title, positions, exact, parts=parts, level=level, head=head, mode=mode)


def tax_flows(sheet: Sheet, left: Sequence[int]) -> Iterator[AmountFlow]:
    """Tell each tax of the order.

    Args:
        sheet: The computed columns.
        left: After reductions, as the prices are given.
    """
    for column in sheet.columns:
        rate = column.tax_rate
        title = f"{rate.name} {write_percent(rate.rate)}"
        if rate.treatment is TaxTreatment.STANDARD:
            yield _tax_flow(sheet, column, left=left, title=title)
            continue
        why = "owed by the buyer" if rate.treatment is TaxTreatment.REVERSE_CHARGE else "outside this tax"
        nothing = dict.fromkeys(column.positions, Fraction(0))
        parts = dict.fromkeys(column.positions, 0)
        yield AmountFlow(
            f"{title}, {rate.treatment.value}", column.positions, nothing, parts=parts, level=UNCHARGED, head=why
        )


def _tax_flow(sheet: Sheet, column: TaxColumn, left: Sequence[int], *, title: str) -> AmountFlow:
    key, exact, given = (column.tax_rate.name, column.tax_rate.rate), {}, set()
    for position in column.positions:
        for share in find_shares(sheet.rates_at(position), sheet.inputs.prices_include_tax):
            if (share.tax_rate.name, share.tax_rate.rate) == key:
                exact[position] = left[position] * Fraction(share.numerator, share.denominator)
        if key in [(tax.name, tax.rate) for tax in sheet.pinned_at(position)]:
            given.add(position)
    parts = dict(zip(column.positions, column.parts, strict=True))
    return AmountFlow(
        title,
        column.positions,
        exact,
        parts=parts,
        level=_LEVELS[sheet.inputs.profile.at],
        head="",
        given=frozenset(given),
    )


def write_cut_exact(minor: Fraction, currency: Currency) -> str:
    """Write an exact amount in major units, cut after four more digits than the currency has.

    >>> write_cut_exact(Fraction(100, 3), Currency.of("EUR")), write_cut_exact(Fraction(100), Currency.of("EUR"))
    ('0.333333… EUR', '1.00 EUR')
    """
    scaled, rest = divmod(minor * 10**4, 1)
    digits = str(scaled).rjust(5, "0")[-4:]
    more = digits if rest else digits.rstrip("0")
    whole = str(Money.from_minor(scaled // 10**4, currency)).removesuffix(f" {currency.code}")
    point = "." if more and not currency.digits else ""
    return f"{whole}{point}{more}{'…' if rest else ''} {currency.code}"


def write_percent(rate: Decimal | int) -> str:
    """Write a fraction as a percentage.

    >>> write_percent(Decimal("0.0625"))
    '6.25 %'
    """
    return f"{(Decimal(rate) * 100).normalize():f} %"
