"""Linting tax rules: rules that tax nothing, and goods and fees that no rule taxes though they say so. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from mktcore.errors import Notice, Severity
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
    return tuple(sorted([*_find_unused(known, named), *_find_untaxed(known, named)], key=lambda one: one.code))


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
