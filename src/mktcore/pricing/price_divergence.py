"""Divergence: what a price that changed means for the buyer, and, by another rule, for the merchant."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.explain import Explanation
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money
from mktcore.persistence import Kind, Party

__all__ = [
    "DEFAULT_PATIENCE",
    "DIVERGENCE_RULES",
    "Direction",
    "DivergenceBand",
    "DivergenceDecision",
    "DivergenceRule",
    "OnDivergence",
    "decide_divergence",
    "needs_consent",
]

MAX_PATIENCE = timedelta(days=366)
DEFAULT_PATIENCE = timedelta(days=7)
"""How long approvers have, unless the rule says otherwise: meanwhile goods are kept from others."""


def needs_consent(agreed: Money, current: Money) -> bool:
    """Tell whether the buyer must agree again: a rise needs consent, a drop passes on.

    >>> needs_consent(Money.of("10.00", "EUR"), Money.of("10.01", "EUR"))
    True
    >>> needs_consent(Money.of("10.00", "EUR"), Money.of("9.00", "EUR"))
    False

    Raises:
        CurrencyMismatch: The amounts are of different currencies.
    """
    return current > agreed


class Direction(StrEnum):
    """Where the order's price lies, seen from the merchant's current one."""

    BELOW = "below"
    """The buyer pays less than the merchant asks now."""
    ABOVE = "above"
    """The buyer pays more."""


class OnDivergence(StrEnum):
    """What the merchant does with an order whose price differs."""

    AUTHORISE = "authorise"
    DENY = "deny"
    TASK = "task"
    """Somebody has to approve it."""


@attrs.frozen
class DivergenceBand:
    """What happens when the order's price differs by so much.

    Attributes:
        direction: Below or above the merchant's price.
        above: From which difference on, as a fraction of the merchant's price, itself outside: 0 for any.
        to: Up to which difference, inside the band; None for any.
        action: What happens.
        approvers: Who has to approve, in their order; for a task only.
    """

    direction: Direction
    above: Decimal
    to: Decimal | None
    action: OnDivergence = attrs.field(kw_only=True)
    approvers: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.above < 0:
            raise InvalidValue("DivergenceBand", "above", self.above, "zero or more")
        if self.to is not None and self.to <= self.above:
            raise InvalidValue("DivergenceBand", "to", self.to, f"more than {self.above}")
        # A task without anybody to approve it would hold the order for ever.
        if bool(self.approvers) != (self.action is OnDivergence.TASK):
            raise InvalidValue("DivergenceBand", "approvers", self.approvers, "somebody for a task, nobody otherwise")

    def matches(self, direction: Direction, difference: Fraction) -> bool:
        """Tell whether a difference, as a fraction of the merchant's price, lies in this band."""
        # Open below, closed above: bands that touch leave no gap and share no difference.
        return direction is self.direction and self.above < difference and (self.to is None or difference <= self.to)

    def __str__(self) -> str:
        upper = "more" if self.to is None else _to_percent(self.to)
        return f"{self.direction} by over {_to_percent(self.above)} to {upper}"


def _to_percent(fraction: Decimal) -> str:
    # With the f, as normalize() alone writes 20 as 2E+1.
    return f"{(fraction * 100).normalize():f} %"


@attrs.frozen
class DivergenceRule:
    """A merchant's bands: the first that matches decides.

    Attributes:
        id: The merchant's id: each merchant has one rule.
        bands: What happens by direction and difference.
        otherwise: What happens when no band matches.
        approvers: Who has to approve when `otherwise` is a task.
        version: How often it was stored.
        answer_within: How long approvers have: an order's goods are kept for so long, and then it is refused.
    """

    id: str
    bands: tuple[DivergenceBand, ...] = ()
    otherwise: OnDivergence = attrs.field(default=OnDivergence.DENY, kw_only=True)
    approvers: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    answer_within: timedelta = attrs.field(default=DEFAULT_PATIENCE, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)
        if not timedelta() < self.answer_within <= MAX_PATIENCE:
            raise InvalidValue("DivergenceRule", "answer_within", self.answer_within, "above zero, a year at most")
        if bool(self.approvers) != (self.otherwise is OnDivergence.TASK):
            raise InvalidValue("DivergenceRule", "approvers", self.approvers, "somebody for a task, nobody otherwise")

    @classmethod
    def of(
        cls,
        merchant: str,
        bands: Iterable[DivergenceBand],
        *,
        otherwise: OnDivergence,
        answer_within: timedelta = DEFAULT_PATIENCE,
    ) -> "DivergenceRule":
        """Build a merchant's rule from any iterable of bands."""
        return cls(merchant, tuple(bands), otherwise=otherwise, answer_within=answer_within)


DIVERGENCE_RULES = Kind(
    "divergence_rule",
    DivergenceRule,
    columns={"merchant": lambda rule: rule.id},
    merchant="merchant",
    writers=frozenset({Party.MERCHANT}),
    reads=Permission.PRICES,
    writes=Permission.PRICES,
)


@attrs.frozen
class DivergenceDecision:
    """What the merchant's rule says of an order's price.

    Attributes:
        action: Authorise, deny, or a task.
        approvers: Who has to approve a task, in their order.
        ordered: The order's price.
        current: The merchant's current price; None where it has none any more.
        reason: The band that matched, or that none did.
    """

    action: OnDivergence
    approvers: tuple[str, ...]
    ordered: Money = attrs.field(kw_only=True)
    current: Money | None = attrs.field(kw_only=True)
    reason: str = attrs.field(kw_only=True)

    def explain(self) -> Explanation:
        """Say what was compared, and which band decided."""
        now = "no price" if self.current is None else str(self.current)
        return Explanation("price divergence", self.action, f"{self.ordered} against {now} now: {self.reason}")


def decide_divergence(ordered: Money, current: Money, rule: DivergenceRule) -> DivergenceDecision:
    """Say what a merchant does with an order, by how far its price is from the merchant's current one.

    >>> rule = DivergenceRule.of(
    ...     "acme",
    ...     [
    ...         DivergenceBand(Direction.ABOVE, Decimal(0), None, action=OnDivergence.AUTHORISE),
    ...         DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.05"), action=OnDivergence.AUTHORISE),
    ...         DivergenceBand(
    ...             Direction.BELOW, Decimal("0.05"), Decimal("0.2"), action=OnDivergence.TASK, approvers=("ann", "bo")
    ...         ),
    ...     ],
    ...     otherwise=OnDivergence.DENY,
    ... )
    >>> decision = decide_divergence(Money.of("90.00", "EUR"), Money.of("100.00", "EUR"), rule)
    >>> print(decision.explain().to_text())
    price divergence: task - 90.00 EUR against 100.00 EUR now: below by over 5 % to 20 %
    >>> decide_divergence(Money.of("79.99", "EUR"), Money.of("100.00", "EUR"), rule).action
    <OnDivergence.DENY: 'deny'>

    Equal prices are authorised. Where the merchant now gives it away, any price above is beyond every bounded band.

    Raises:
        CurrencyMismatch: The amounts are of different currencies.
    """
    if ordered.currency != current.currency:
        raise CurrencyMismatch(current.currency.code, ordered.currency.code)
    if ordered == current:
        return DivergenceDecision(
            OnDivergence.AUTHORISE, (), ordered=ordered, current=current, reason="the prices are the same"
        )
    direction = Direction.BELOW if ordered < current else Direction.ABOVE
    for band in rule.bands:
        # A free product has no fraction to measure by: only an open band reaches every difference.
        if current.minor == 0:
            matches = direction is band.direction and band.to is None
        else:
            # Exact: a difference on the edge of a band falls to one side, always the same.
            matches = band.matches(direction, Fraction(abs(ordered.minor - current.minor), current.minor))
        if matches:
            return DivergenceDecision(band.action, band.approvers, ordered=ordered, current=current, reason=str(band))
    return DivergenceDecision(
        rule.otherwise, rule.approvers, ordered=ordered, current=current, reason="no band matches"
    )
