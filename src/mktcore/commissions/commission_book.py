"""Which commission is due on a sale, and why."""

from collections.abc import Iterable
from datetime import datetime

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_line import CommissionLine
from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Fixed, Percentage
from mktcore.money import Rounding

__all__ = ["calculate_commissions"]


def calculate_commissions(
    lines: Iterable[CommissionLine], rules: Iterable[CommissionRule], *, now: datetime
) -> tuple[Commission, ...]:
    """Return one entry per line and rule group that matches it, in the order of lines, then of groups."""
    valid = [rule for rule in rules if rule.valid.contains(now)]
    groups: dict[str, list[CommissionRule]] = {}
    for rule in sorted(valid, key=lambda rule: (rule.group, -rule.priority, rule.id)):
        groups.setdefault(rule.group, []).append(rule)
    return tuple(
        _apply(rule, line)
        for line in lines
        for candidates in groups.values()
        for rule in [next((rule for rule in candidates if _matches(rule, line)), None)]
        if rule is not None
    )


def _matches(rule: CommissionRule, line: CommissionLine) -> bool:
    return rule.merchant in (None, line.merchant) and rule.category in (None, line.category)


def _apply(rule: CommissionRule, line: CommissionLine) -> Commission:
    base, terms = line.find_base(rule.base), rule.terms
    if isinstance(terms, Percentage):
        amount, reason = (base * terms.rate).round(Rounding.HALF_UP), f"{terms} of {base} {rule.base}"
    else:
        assert isinstance(terms, Fixed)
        amount, reason = terms.amount * line.quantity, f"{terms} for {line.quantity}"
    return Commission(line.key, rule.id, group=rule.group, base=base, amount=amount, reason=reason)
