"""How much of an amount that hangs on a sale stands in the books while the sale is earned, canceled, refunded. Pure.

Commission, its tax, and what the marketplace bears of a promotion all follow one law (invariant I8): what is given back
to date is the amount times what was canceled and refunded to date, over what the buyer paid as placed, rounded once.
"""

from collections.abc import Iterable
from operator import attrgetter

import attrs

from mktcore.money import Rounding, round_ratio
from mktcore.postings.line_funds import Pool

__all__ = ["Progress", "find_standing"]


_GET_PAID, _GET_PLACED, _GET_PIECES = attrgetter("paid"), attrgetter("as_placed"), attrgetter("pieces")


@attrs.frozen(kw_only=True)
class Progress:
    """How far a sale has come, in minor units of what the buyer paid; in pieces, where nothing was to be paid.

    Attributes:
        base: All of it, as placed; never zero.
        open: Neither earned nor canceled.
        canceled: Canceled before it was earned.
        refunded: Given back after it had been earned.
        is_paid: It is counted in money.
    """

    base: int
    open: int
    canceled: int
    refunded: int
    is_paid: bool = True

    @classmethod
    def of(cls, pools: Iterable[Pool]) -> "Progress":
        """Return the progress of some lines and charges together."""
        known = tuple(pools)
        # A fee on goods that cost nothing follows the pieces: of no money there is no share.
        is_paid = sum([pool.whole.paid for pool in known]) != 0
        get = _GET_PAID if is_paid else _GET_PIECES
        if is_paid and any(pool.added.paid for pool in known):
            # As placed: what came on top since is no part of what an amount was frozen on.
            get = _GET_PLACED
        base = open_ = canceled = refunded = 0
        # One turn over them: nearly every commission is of one line, and a large order has hundreds.
        for pool in known:
            base += get(pool.whole)
            open_ += get(pool.open)
            canceled += get(pool.canceled)
            refunded += get(pool.refunded)
        return cls(base=base or 1, open=open_, canceled=canceled, refunded=refunded, is_paid=is_paid)


def find_standing(
    amount: int, progress: Progress, *, refundable: bool = True, mode: Rounding = Rounding.HALF_UP
) -> int:
    """Return how much of an amount stands in the books: what was earned of it, less what went back with refunds.

    It is a function of the state alone, so what is to be posted after an event is its difference, in whatever order
    the events came. Once nothing is open it is the amount less its reversal by I8.

    >>> shipped = Progress(base=9308, open=0, canceled=1862, refunded=0)
    >>> find_standing(980, shipped), find_standing(980, attrs.evolve(shipped, refunded=931))
    (784, 686)

    Args:
        amount: The whole amount, in minor units, as it was frozen at placement.
        progress: Of what it hangs on.
        refundable: False for what is kept whatever goes back: it is taken of canceled goods too.
        mode: How running totals round.
    """
    sign = 1 if progress.base > 0 else -1

    def find_reversed(part: int) -> int:
        return round_ratio(amount * part * sign, progress.base * sign, mode)

    if not refundable:
        return amount - find_reversed(progress.open)
    # What is open counts as if it were canceled next: canceling it then moves nothing, and no step drifts from I8.
    earned = amount - find_reversed(progress.open + progress.canceled)
    refunded = find_reversed(progress.canceled + progress.refunded) - find_reversed(progress.canceled)
    # While pieces are open the two roundings may differ by one: what was not taken is not given back.
    return max(earned - refunded, 0) if amount > 0 else min(earned - refunded, 0)
