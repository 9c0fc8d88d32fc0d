"""Linting tax rules: rules that tax nothing, and goods and fees that no rule taxes though they say so. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from mktcore.notice import Notice, Severity
from mktcore.taxes.tax_rule import TaxRule

__all__ = ["lint_taxes"]


def lint_taxes(rules: Iterable[TaxRule], named: Mapping[str, str]) -> tuple[Notice, ...]:
    """Return what is wrong with tax rules: findings, in the order of their codes and places.

    >>> from decimal import Decimal
    >>> rules = [TaxRule.of("standard", "VAT", Decimal("0.19"))]
    >>> for finding in lint_taxes(rules, {"standrad": "SKU lamp"}):
    ...     print(finding.code, "-", finding.where)
    taxes.matches-nothing - tax rule standard:VAT
    taxes.untaxed - SKU lamp

    Args:
        rules: All rules there are.
        named: Each tax category that goods or fees name, with one that does.
    """
    known = tuple(rules)
    found = [*_find_ambiguous(known), *_find_unused(known, named), *_find_untaxed(known, named)]
    return tuple(sorted(found, key=lambda one: one.code))


def _find_ambiguous(rules: Iterable[TaxRule]) -> Iterator[Notice]:
    """Yield pairs of one tax of which none is narrower, though both may apply to one order."""
    groups: dict[tuple[str, str], list[TaxRule]] = {}
    for rule in rules:
        groups.setdefault((rule.category, rule.name), []).append(rule)
    for group in groups.values():
        for first, second in combinations(sorted(group, key=lambda rule: rule.id), 2):
            if _are_alike(first, second):
                message = f"{second.id} is as narrow, and may apply to the same order: the first by id is taken"
                remedy = "give them periods, places or buyers that do not meet, or remove one"
                operands = {"first": first.id, "second": second.id}
                yield Notice("taxes.ambiguous", f"tax rule {first.id}", message, remedy, operands=operands)


def _are_alike(first: TaxRule, second: TaxRule) -> bool:
    meets_buyers = bool(first.buyers) == bool(second.buyers) and (
        not first.buyers or not set(first.buyers).isdisjoint(second.buyers)
    )
    is_as_timed = first.valid.is_always() == second.valid.is_always() and first.valid.overlaps(second.valid)
    return meets_buyers and is_as_timed and _share_places(first, second)


def _share_places(first: TaxRule, second: TaxRule) -> bool:
    if not first.destinations or not second.destinations:
        return first.destinations == second.destinations
    return any(
        one.narrowness == other.narrowness
        and (one.country, one.subdivision) == (other.country, other.subdivision)
        and one.first[: len(other.first)] <= other.last
        and other.first[: len(one.first)] <= one.last
        for one in first.destinations
        for other in second.destinations
    )


def _find_unused(rules: Iterable[TaxRule], named: Mapping[str, str]) -> Iterator[Notice]:
    for rule in rules:
        if rule.category not in named:
            message = f"no goods and no fee are of tax category {rule.category}"
            remedy, operands = "correct its category, or remove it", {"rule": rule.id, "category": rule.category}
            where = f"tax rule {rule.id}"
            yield Notice("taxes.matches-nothing", where, message, remedy, operands=operands, severity=Severity.WARNING)


def _find_untaxed(rules: Iterable[TaxRule], named: Mapping[str, str]) -> Iterator[Notice]:
    taxed = {rule.category for rule in rules}
    for category in sorted(named.keys() - taxed):
        message = f"no rule taxes tax category {category}: it is sold untaxed"
        remedy, operands = "add a rule, if of rate 0, or correct the category", {"category": category}
        yield Notice("taxes.untaxed", named[category], message, remedy, operands=operands, severity=Severity.WARNING)
