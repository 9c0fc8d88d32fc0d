"""Which commission is due on a sale, and why."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.commissions.commission_rule import CommissionBase, CommissionRule, Fixed, Percentage
from mktcore.errors import InvalidValue
from mktcore.explain import Explanation
from mktcore.money import CurrencyMismatch, Money, Rounding

__all__ = ["Commission", "CommissionLine", "calculate_commissions"]


@attrs.frozen
class CommissionLine:
    """What the calculation needs to know of an order line.

    Attributes:
        key: The line's key.
        merchant: Who sold it.
        category: The SKU's category.
        quantity: Pieces sold.
        net: The line after the reductions its merchant bears, tax excluded.
        gross: What the buyer pays for the line, tax included.
    """

    key: str
    merchant: str
    category: str
    quantity: int = attrs.field(kw_only=True)
    net: Money = attrs.field(kw_only=True)
    gross: Money = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.quantity) is not int or self.quantity < 1:
            raise InvalidValue("CommissionLine", "quantity", self.quantity, "a whole number above zero")


@attrs.frozen
class Commission:
    """The commission of one line by one rule, frozen at placement.

    Attributes:
        line: Key of the line.
        rule: Id of the rule.
        group: The rule's group.
        base: What it was taken of.
        amount: What the marketplace takes, rounded half up.
        reason: The terms, as a person reads them.
    """

    line: str
    rule: str
    group: str = attrs.field(kw_only=True)
    base: Money = attrs.field(kw_only=True)
    amount: Money = attrs.field(kw_only=True)
    reason: str = attrs.field(kw_only=True)

    def explain(self) -> Explanation:
        """Say what was taken of what, by which rule."""
        return Explanation(f"commission of line {self.line}", str(self.amount), f"rule {self.rule}: {self.reason}")


def calculate_commissions(
    lines: Iterable[CommissionLine], rules: Iterable[CommissionRule], *, now: datetime
) -> tuple[Commission, ...]:
    """Return one entry per line and rule group that matches it, in the order of lines, then of groups.

    A percentage is rounded half up to minor units per line, a fixed amount is multiplied by the quantity. A rule that
    takes nothing of a line still appears, with a zero amount, so that it can be seen why nothing is due.

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> line = CommissionLine(
    ...     "1", "acme", "cameras", quantity=1, net=Money.of("87.12", "EUR"), gross=Money.of("103.67", "EUR")
    ... )
    >>> rules = [CommissionRule("cameras", Percentage(Decimal("0.16")), category="cameras")]
    >>> [commission] = calculate_commissions([line], rules, now=datetime(2026, 1, 1, tzinfo=UTC))
    >>> print(commission.explain().to_text())
    commission of line 1: 13.94 EUR - rule cameras: 16 % of 87.12 EUR net

    Raises:
        CurrencyMismatch: A rule takes an amount of another currency.
    """
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
    base = line.net if rule.base is CommissionBase.NET else line.gross
    terms = rule.terms
    if isinstance(terms, Fixed) and terms.amount.currency != base.currency:
        raise CurrencyMismatch(base.currency.code, terms.amount.currency.code)
    if isinstance(terms, Percentage):
        amount = (base * terms.rate).round(Rounding.HALF_UP)
        reason = f"{terms} of {base} {rule.base}"
    else:
        amount = terms.amount * line.quantity
        reason = f"{terms} for {line.quantity}"
    return Commission(line.key, rule.id, group=rule.group, base=base, amount=amount, reason=reason)
