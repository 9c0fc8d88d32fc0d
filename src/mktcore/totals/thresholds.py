"""Order thresholds: minimums and maximums that block, remind, or cost a fee."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import Enum

import attrs

from mktcore.money import CurrencyMismatch, Money, Rounding
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.figures import Figures
from mktcore.totals.inputs import Expense, TaxRate
from mktcore.totals.totals import Totals

__all__ = ["Threshold", "ThresholdKind", "ThresholdNotice", "ThresholdOutcome", "apply_thresholds"]


class ThresholdKind(Enum):
    """What happens on the wrong side of a threshold."""

    HARD_MINIMUM = "hard-minimum"
    """Below it the order is blocked."""
    HARD_MAXIMUM = "hard-maximum"
    """Above it the order is blocked."""
    SOFT_MINIMUM = "soft-minimum"
    """Below it the buyer sees the message; a fee, when one is set, is charged."""


@attrs.frozen
class Threshold:
    """A limit on what is bought, over all merchants or of one.

    Attributes:
        key: Unique among the thresholds; the fee becomes an expense of this key.
        kind: What happens on the wrong side.
        limit: The amount itself is on the right side.
        merchant: None for the whole order, whose fee is the marketplace's expense; otherwise only this merchant's
            lines count, and the fee is the merchant's expense.
        buyer: Only for this buyer, together with `merchant` for one relation; None for every buyer.
        after_reductions: Look at the lines after reductions instead of before.
        message: What the buyer is told.
        fee: A fixed fee for a soft minimum.
        fee_percent: A fee as a fraction of the amount that is looked at.
        fee_mode: How a fee in percent rounds; None for the profile's mode.
        fee_tax_rates: The taxes on the fee.
    """

    key: str
    kind: ThresholdKind
    limit: Money
    merchant: str | None = None
    buyer: str | None = None
    after_reductions: bool = False
    message: str = ""
    fee: Money | None = None
    fee_percent: Decimal | None = None
    fee_mode: Rounding | None = None
    fee_tax_rates: tuple[TaxRate, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.fee is not None and self.fee.currency != self.limit.currency:
            raise CurrencyMismatch(self.limit.currency.code, self.fee.currency.code)


@attrs.frozen
class ThresholdNotice:
    """A threshold that is missed, by how much, and the fee for it.

    Attributes:
        threshold: The threshold.
        amount: What was looked at.
        missing: What is lacking to the minimum, or is beyond the maximum.
        fee: What is charged for it, tax as the prices have it; None without a fee.
    """

    threshold: Threshold
    amount: Money
    missing: Money
    fee: Money | None = None

    @property
    def blocks(self) -> bool:
        """Whether the order cannot be placed."""
        return self.threshold.kind is not ThresholdKind.SOFT_MINIMUM

    @property
    def message(self) -> str:
        """What the buyer is told: the threshold's message, or a plain one."""
        side = "above" if self.threshold.kind is ThresholdKind.HARD_MAXIMUM else "below"
        plain = f"{self.amount} is {self.missing} {side} the limit of {self.threshold.limit}"
        return self.threshold.message or plain


@attrs.frozen
class ThresholdOutcome:
    """The totals with every fee in them, and all thresholds that were missed.

    Attributes:
        totals: With the fees as expenses.
        notices: Every missed threshold, in order.
        fees: The expenses that were added.
    """

    totals: Totals
    notices: tuple[ThresholdNotice, ...]
    fees: tuple[Expense, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether a hard threshold is missed."""
        return any(notice.blocks for notice in self.notices)


def apply_thresholds(totals: Totals, thresholds: Iterable[Threshold], *, buyer: str | None = None) -> ThresholdOutcome:
    """Look at every threshold, and add the fees of the missed ones as expenses.

    A merchant's threshold is silent when nothing is bought of that merchant, the order's when nothing is bought at all.

    Args:
        totals: The totals without fees.
        thresholds: The limits, in the order in which their notices are wanted.
        buyer: Who buys; thresholds of other buyers are passed over.

    Raises:
        CurrencyMismatch: A limit or fee of another currency.
        InvalidTotals: A fee cannot become an expense: a negative one, or a key that is taken.
    """
    # Judged before any fee: one threshold's fee must not lift the order over another.
    notices = tuple([notice for one in thresholds for notice in _look_at(totals, one, buyer)])
    fees = [
        Expense(notice.threshold.key, notice.threshold.merchant, notice.fee, tax_rates=notice.threshold.fee_tax_rates)
        for notice in notices
        if notice.fee is not None
    ]
    if fees:
        given = totals.inputs
        totals = compute_from(attrs.evolve(given, expenses=(*given.expenses, *fees)))
    return ThresholdOutcome(totals, notices, tuple(fees))


def _look_at(totals: Totals, threshold: Threshold, buyer: str | None) -> Iterator[ThresholdNotice]:
    if threshold.buyer is not None and threshold.buyer != buyer:
        return
    amount = _amount_of_lines(totals, threshold)
    if amount is None:
        return
    above = threshold.kind is ThresholdKind.HARD_MAXIMUM
    missing = amount - threshold.limit if above else threshold.limit - amount
    if missing.is_positive():
        fee = None if threshold.kind is not ThresholdKind.SOFT_MINIMUM else _fee(threshold, amount, totals)
        yield ThresholdNotice(threshold, amount, missing, fee=fee)


def _amount_of_lines(totals: Totals, threshold: Threshold) -> Money | None:
    lines: list[Figures] = [
        line for line in totals.lines.values() if threshold.merchant is None or line.merchant == threshold.merchant
    ]
    if not lines:
        return None
    if threshold.after_reductions:
        return Money.sum([line.subtotal - line.discount_total for line in lines])
    return Money.sum([line.subtotal for line in lines])


def _fee(threshold: Threshold, amount: Money, totals: Totals) -> Money | None:
    if threshold.fee_percent is None:
        return threshold.fee
    percent = (amount * threshold.fee_percent).round(threshold.fee_mode or totals.inputs.profile.mode)
    return percent if threshold.fee is None else threshold.fee + percent
