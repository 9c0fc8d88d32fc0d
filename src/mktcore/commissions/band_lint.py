"""Bands and slabs: what no rule takes, what two take, and where a cent more changes the fee by more. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs

from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Percentage, TierBy, Tiers
from mktcore.commissions.sale_filter import AmountBand
from mktcore.commissions.shadowed_rules import CoverIndex
from mktcore.money import Money, Rounding, round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.notice import Notice, Severity

__all__ = ["find_band_faults", "find_cliffs"]


@attrs.frozen
class _Banded:
    """A rule with the band of prices that sets it apart from its neighbours."""

    rule: CommissionRule
    band: AmountBand


def find_band_faults(rules: Iterable[CommissionRule]) -> Iterator[Notice]:
    """Yield the gaps and overlaps of price bands among rules of a group that differ in nothing else."""
    given, rests = tuple(rules), CoverIndex()
    for rule in given:
        if rule.where.price is None:
            rests.note(rule)
    for family in _group_bands(given):
        yield from _find_overlaps(family)
        # What a rule for the rest takes is no gap.
        if len(family) > 1 and rests.find(_without_band(family[0].rule)) is None:
            yield from _find_gaps(family)
    yield from (_tell_start(rule, rule.terms) for rule in given if isinstance(rule.terms, Tiers) and _has_gap(rule))


def find_cliffs(rules: Iterable[CommissionRule]) -> Iterator[Notice]:
    """Yield every amount at which a cent more changes the fee by more than that cent: of slabs, and between bands."""
    given = tuple(rules)
    for rule in given:
        if isinstance(rule.terms, Tiers) and rule.terms.is_slab:
            for low, high in pairwise(rule.terms.tiers):
                yield from _tell_cliff([rule], high.start, (low.rate, high.rate), by=rule.terms.by)
    for family in _group_bands(given):
        for below, above in pairwise(family):
            terms, others = below.rule.terms, above.rule.terms
            if below.band.end == above.band.start and isinstance(terms, Percentage) and isinstance(others, Percentage):
                rates = (terms.rate, others.rate)
                yield from _tell_cliff([below.rule, above.rule], above.band.start, rates, by=TierBy.UNIT_PRICE)


def _without_band(rule: CommissionRule) -> CommissionRule:
    return attrs.evolve(rule, where=attrs.evolve(rule.where, price=None))


def _group_bands(rules: Iterable[CommissionRule]) -> Iterable[Sequence[_Banded]]:
    families: dict[object, list[_Banded]] = {}
    for rule in rules:
        band = rule.where.price
        if band is None:
            continue
        # What sets rules of one family apart is the band and what they take; all else of them is alike.
        alike = attrs.evolve(rule.where, price=None)
        facts = (tuple(sorted(alike.attributes.items())), tuple(sorted(alike.merchant_attributes.items())))
        key = (
            rule.on,
            rule.group,
            rule.merchant,
            rule.category,
            rule.valid,
            rule.base,
            alike,
            facts,
            band.start.currency,
        )
        families.setdefault(key, []).append(_Banded(rule, band))
    return [sorted(family, key=lambda one: one.band.start.minor) for family in families.values()]


def _find_overlaps(family: Sequence[_Banded]) -> Iterator[Notice]:
    reaching = family[0]
    for banded in family[1:]:
        end = reaching.band.end
        if end is None or banded.band.start < end:
            message = f"its band {banded.band} overlaps that of {reaching.rule.id}, {reaching.band}: priority decides"
            operands = {"rule": banded.rule.id, "other": reaching.rule.id}
            remedy = "let one end where the other starts"
            yield _warn("commissions.band-overlap", banded.rule, message, remedy=remedy, operands=operands)
        if end is not None and (banded.band.end is None or banded.band.end > end):
            reaching = banded


def _find_gaps(family: Sequence[_Banded]) -> Iterator[Notice]:
    covered: Money | None = Money.zero(family[0].band.start.currency)
    for banded in family:
        if covered is not None and covered < banded.band.start:
            yield _tell_gap(banded.rule, f"from {covered} to below {banded.band.start}")
        if covered is not None:
            end = banded.band.end
            covered = None if end is None else max(covered, end)
    if covered is not None:
        yield _tell_gap(family[-1].rule, f"from {covered} on")


def _has_gap(rule: CommissionRule) -> bool:
    return isinstance(rule.terms, Tiers) and rule.terms.tiers[0].start.is_positive()


def _tell_start(rule: CommissionRule, terms: Tiers) -> Notice:
    return _tell_gap(rule, f"below {terms.tiers[0].start}")


def _tell_gap(rule: CommissionRule, which: str) -> Notice:
    message, operands = f"nothing is taken {which}", {"rule": rule.id, "gap": which}
    return _warn("commissions.band-gap", rule, message, remedy="add a band, or a rule for the rest", operands=operands)


def _tell_cliff(
    rules: Sequence[CommissionRule], start: Money, rates: tuple[Decimal, Decimal], *, by: TierBy
) -> Iterator[Notice]:
    low, high = (Fraction(*to_ratio(rate)) for rate in rates)
    below, at = start.minor - 1, start.minor
    fee_below, fee_at = (_round(below * low), _round(at * high))
    if abs(fee_at - fee_below) <= 1:
        return
    less, more = Money.from_minor(below, start.currency), Money.from_minor(fee_below, start.currency)
    message = f"a cliff: {less} pays {more}, {start} pays {Money.from_minor(fee_at, start.currency)} ({by})"
    operands = {"rule": rules[0].id, "at": str(start)}
    yield _warn("commissions.cliff", rules[0], message, remedy="make the tiers marginal, or mean it", operands=operands)


def _round(minor: Fraction) -> int:
    return round_ratio(minor.numerator, minor.denominator, Rounding.HALF_UP)


def _warn(code: str, rule: CommissionRule, message: str, *, remedy: str, operands: dict[str, str]) -> Notice:
    return Notice(code, f"commission rule {rule.id}", message, remedy, operands=operands, severity=Severity.WARNING)
