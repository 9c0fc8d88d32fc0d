"""A threshold of orders as it is kept: of the marketplace or of one merchant, in a channel, for a group, for a time."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money, Rounding
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.sales_context import SalesContext
from mktcore.totals import TaxRate, Threshold
from mktcore.totals.thresholds import ThresholdKind

__all__ = ["ORDER_THRESHOLDS", "OrderThreshold", "find_thresholds"]

MAX_MESSAGE = 500


@attrs.frozen
class OrderThreshold:
    """A minimum or maximum of what is bought, over all merchants or of one.

    Attributes:
        id: Its id.
        kind: A hard one blocks the order, a soft one tells the buyer and may cost a fee.
        limit: The amount itself is on the right side.
        merchant: Only this merchant's goods count, and a fee is its own; None for the whole order, whose fee is the
            marketplace's.
        channel: Only in this sales channel; None for every one.
        group: Only for this user group; None for everybody.
        buyer: Only for this buyer; None for every one.
        valid: When it holds.
        after_reductions: Look at goods after reductions instead of before.
        message: What the buyer is told; a plain sentence where it is empty.
        fee: A fixed fee for missing a soft minimum, tax included or not as the marketplace's prices are.
        fee_percent: A fee as a fraction of the amount that is looked at.
        fee_mode: How a fee in percent rounds; None for the profile's mode.
        tax_category: Names the tax rates on the fee; empty when it is not taxed.
        version: How often it was stored.

    Raises:
        InvalidValue: A limit or fee below zero, a fee on what blocks, or a message that is too long.
        CurrencyMismatch: The fee is in another currency than the limit.
    """

    id: str
    kind: ThresholdKind
    limit: Money
    merchant: str | None = attrs.field(default=None, kw_only=True)
    channel: str | None = attrs.field(default=None, kw_only=True)
    group: str | None = attrs.field(default=None, kw_only=True)
    buyer: str | None = attrs.field(default=None, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    after_reductions: bool = attrs.field(default=False, kw_only=True)
    message: str = attrs.field(default="", kw_only=True)
    fee: Money | None = attrs.field(default=None, kw_only=True)
    fee_percent: Decimal | None = attrs.field(default=None, kw_only=True)
    fee_mode: Rounding | None = attrs.field(default=None, kw_only=True)
    tax_category: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("threshold", self.id)
        for kind, name in (("merchant", self.merchant), ("channel", self.channel), ("buyer", self.buyer)):
            if name is not None:
                check_id(kind, name)
        if self.limit.is_negative():
            raise InvalidValue("OrderThreshold", "limit", self.limit, "zero or more")
        if len(self.message) > MAX_MESSAGE:
            raise InvalidValue("OrderThreshold", "message", len(self.message), f"{MAX_MESSAGE} characters at most")
        self._check_fee()

    def _check_fee(self) -> None:
        has_fee = self.fee is not None or self.fee_percent is not None
        if has_fee and self.kind is not ThresholdKind.SOFT_MINIMUM:
            raise InvalidValue("OrderThreshold", "fee", self.kind.value, "none: what blocks costs nothing")
        if self.fee is not None and self.fee.is_negative():
            raise InvalidValue("OrderThreshold", "fee", self.fee, "zero or more")
        if self.fee is not None and self.fee.currency != self.limit.currency:
            raise CurrencyMismatch(self.limit.currency.code, self.fee.currency.code)
        percent = self.fee_percent
        if percent is not None and not (isinstance(percent, Decimal) and percent.is_finite() and 0 <= percent <= 1):
            raise InvalidValue("OrderThreshold", "fee_percent", percent, "a fraction from 0 to 1")

    def concerns(self, context: SalesContext, now: datetime) -> bool:
        """Tell whether it holds for somebody, somewhere, now."""
        return (
            self.valid.contains(now)
            and self.channel in {None, context.channel}
            and self.buyer in {None, context.buyer}
            and (self.group is None or self.group in context.groups)
        )

    def to_threshold(self, key: str, rates: tuple[TaxRate, ...]) -> Threshold:
        """Return it as totals look at it.

        Args:
            key: Of the expense that a fee becomes.
            rates: The taxes on the fee.
        """
        return Threshold(
            key,
            self.kind,
            self.limit,
            merchant=self.merchant,
            after_reductions=self.after_reductions,
            message=self.message,
            fee=self.fee,
            fee_percent=self.fee_percent,
            fee_mode=self.fee_mode,
            fee_tax_rates=rates,
        )


def find_thresholds(
    thresholds: Iterable[OrderThreshold], context: SalesContext, now: datetime
) -> tuple[OrderThreshold, ...]:
    """Return those that hold for somebody, somewhere, now, in the order of their ids."""
    return tuple(sorted((one for one in thresholds if one.concerns(context, now)), key=lambda one: one.id))


ORDER_THRESHOLDS = Kind(
    "order_threshold",
    OrderThreshold,
    # None: the marketplace's own.
    columns={"merchant": lambda threshold: threshold.merchant},
    merchant="merchant",
    reads=Permission.MARKET,
)
"""The operator's to write; a merchant reads those of its own goods."""
