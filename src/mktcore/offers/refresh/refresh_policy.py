"""How often a merchant is asked anew, and what a refresh reports."""

from datetime import timedelta

import attrs

from mktcore.errors import InvalidValue
from mktcore.offers.offer import Approval

__all__ = ["RefreshPolicy", "RefreshReport"]


@attrs.frozen
class RefreshPolicy:
    """How merchants are asked.

    Attributes:
        deadline: How long an answer may take; 2.5 seconds, as merchants are used to, unless told otherwise.
        batch: Items asked of a merchant at once.
        lease: How long a claim holds; longer than the deadline, by what it takes to store a batch.
        first_pause: How long after a question without an answer the next one comes; each time twice as long.
        longest_pause: The longest it gets.
        approval: What an offer is that a merchant's answer makes: approved, or pending for the operator.
    """

    deadline: timedelta = timedelta(seconds=2.5)
    batch: int = 50
    lease: timedelta = timedelta(minutes=1)
    first_pause: timedelta = timedelta(seconds=10)
    longest_pause: timedelta = timedelta(minutes=10)
    approval: Approval = Approval.APPROVED

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.deadline < self.lease:
            raise InvalidValue("RefreshPolicy", "deadline", self.deadline, "above zero, and below the lease")
        if type(self.batch) is not int or self.batch < 1:
            raise InvalidValue("RefreshPolicy", "batch", self.batch, "1 or more")
        if not timedelta(0) < self.first_pause <= self.longest_pause:
            raise InvalidValue("RefreshPolicy", "first_pause", self.first_pause, "above zero, up to the longest")

    def pause_after(self, attempts: int) -> timedelta:
        """Return how long to wait after so many questions without an answer."""
        # Beyond that a timedelta overflows; the longest pause is reached far before.
        doublings = min(attempts - 1, 30)
        return min(self.longest_pause, self.first_pause * (1 << doublings))


@attrs.frozen
class RefreshReport:
    """What came of fetching, in items.

    Attributes:
        asked: Items that merchants were asked about.
        refreshed: Of these, items whose answer was applied.
        unavailable: Items without a good answer, which cannot be had now.
        stale: Items whose answer was older than one applied before.
        lost: Items whose claim had ended, so that somebody else asks, and items that are bound no longer.
    """

    asked: int = 0
    refreshed: int = 0
    unavailable: int = 0
    stale: int = 0
    lost: int = 0

    def __add__(self, other: "RefreshReport") -> "RefreshReport":
        """Return both together."""
        return RefreshReport(*[mine + its for mine, its in zip(attrs.astuple(self), attrs.astuple(other), strict=True)])
