"""What is given back of a commission when a sale is refunded: by its own frozen entry, exact in any order."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_rule import Reversal
from mktcore.errors import InvalidValue
from mktcore.explain import Explanation
from mktcore.money import CurrencyMismatch, Money, round_ratio

__all__ = ["CommissionReversal", "reverse_commission"]


@attrs.frozen(kw_only=True)
class CommissionReversal:
    """What is given back of a commission in one step.

    Attributes:
        commission: Id of the entry, in its merchant order.
        amount: What the marketplace gives back, tax excluded.
        tax: The tax on it that is given back.
        reason: How far the sale is refunded, as a person reads it.
        at: When, UTC; None where it was only calculated.
    """

    commission: str
    amount: Money
    tax: Money
    reason: str
    at: datetime | None = None

    def is_empty(self) -> bool:
        """Tell whether nothing is given back."""
        return self.amount.is_zero() and self.tax.is_zero()

    def explain(self) -> Explanation:
        """Say what is given back, and why that much."""
        parts = () if self.tax.is_zero() else (Explanation("tax on it", str(self.tax)),)
        return Explanation(f"reversal of {self.commission}", str(self.amount), self.reason, parts)


def reverse_commission(
    entry: Commission,
    *,
    refunded: Money | int,
    of: Money | int,
    before: Iterable[CommissionReversal] = (),
    at: datetime | None = None,
) -> CommissionReversal:
    """Return what is given back of a commission when what it was taken of has been refunded so far.

    Cumulative: done to date = round(original x progress), this time = that less what was done before; amount and tax
    each by themselves. So whatever the order and the sizes of refunds, all of them together give back the whole.

    >>> entry = Commission(
    ...     "1",
    ...     "all",
    ...     group="sale",
    ...     base=Money.of("87.12", "EUR"),
    ...     amount=Money.of("13.94", "EUR"),
    ...     reason="16 %",
    ...     tax=Money.of("2.65", "EUR"),
    ... )
    >>> step = reverse_commission(entry, refunded=Money.of("29.04", "EUR"), of=Money.of("87.12", "EUR"))
    >>> print(step.amount, step.tax)
    4.65 EUR 0.88 EUR

    Args:
        entry: The frozen entry.
        refunded: What has been refunded of the sale to date, this time included: money, or pieces.
        of: All that can be refunded of it, in the same measure.
        before: The reversals of this entry so far; those of others are left aside.
        at: When it happens, UTC.

    Raises:
        InvalidValue: More is refunded than there is, or less than nothing.
        CurrencyMismatch: The two are of different currencies.
    """
    done, whole = _to_progress(refunded, of)
    own = [one for one in before if one.commission == entry.id]
    if entry.reversal is Reversal.KEEP:
        done = 0
    return CommissionReversal(
        commission=entry.id,
        amount=_reverse(entry, entry.amount, [one.amount for one in own], progress=(done, whole)),
        tax=_reverse(entry, entry.tax, [one.tax for one in own], progress=(done, whole)),
        reason="kept" if entry.reversal is Reversal.KEEP else f"{refunded} of {of} refunded to date",
        at=at,
    )


def count_reversed(entry: Commission, *, refunded: int, of: int, before: Iterable[CommissionReversal] = ()) -> int:
    """Return the amount that `reverse_commission` gives back of an entry, in minor units, and nothing else of it.

    Args:
        entry: The frozen entry.
        refunded: What has been refunded of the sale to date, in minor units or in pieces.
        of: All that can be refunded of it, in the same measure.
        before: The reversals of this entry so far.

    Raises:
        InvalidValue: More is refunded than there is, or less than nothing.
    """
    done, whole = _to_progress(refunded, of)
    kept = entry.reversal is Reversal.KEEP
    return _count(entry, entry.amount, [one.amount for one in before], progress=(0 if kept else done, whole))


def _to_progress(refunded: Money | int, of: Money | int) -> tuple[int, int]:
    done, whole = _to_count(refunded), _to_count(of)
    if isinstance(refunded, Money) and isinstance(of, Money) and refunded.currency != of.currency:
        raise CurrencyMismatch(of.currency.code, refunded.currency.code)
    if isinstance(refunded, Money) is not isinstance(of, Money) or not 0 <= done <= whole:
        raise InvalidValue("reverse_commission", "refunded", str(refunded), f"from 0 to {of}, in the same measure")
    # Of what cost nothing, nothing can be refunded: its fee is given back with the first refund, and no later.
    return (done, whole) if whole else (1, 1)


def _to_count(measure: Money | int) -> int:
    return measure.minor if isinstance(measure, Money) else measure


def _reverse(entry: Commission, original: Money, before: Iterable[Money], *, progress: tuple[int, int]) -> Money:
    return Money.from_minor(_count(entry, original, before, progress=progress), original.currency)


def _count(entry: Commission, original: Money, before: Iterable[Money], *, progress: tuple[int, int]) -> int:
    done, whole = progress
    so_far = sum([money.minor for money in before])
    to_date = round_ratio(original.minor * done, whole, entry.rounding)
    # Progress in pieces may lie a hair beyond the same progress in money: nothing is ever taken back by that.
    return max(to_date - so_far, 0)
