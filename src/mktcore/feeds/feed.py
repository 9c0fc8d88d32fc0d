"""A feed: what a merchant sent at once, and how far it was gone through."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind, column
from mktcore.persistence.kinds import Ordered

__all__ = ["FEEDS", "Feed", "FeedCounts", "FeedState", "check_vanishing_part"]


class FeedState(StrEnum):
    """Where a feed stands."""

    WAITING = "waiting"
    """A worker has still to go through it, or through the rest of it."""
    DONE = "done"
    """Every row was stored, or refused."""
    STOPPED = "stopped"
    """Its merchant, or the operator, stopped it; what was stored until then stays."""
    FAILED = "failed"
    """It could not be gone on with; `Feed.problem` says why, and what was stored until then stays."""


@attrs.frozen
class FeedCounts:
    """What became of the rows that were gone through.

    Attributes:
        added: Offers that are new.
        changed: Offers of which something changed: their terms, price or stock.
        unchanged: Offers of which nothing did.
        held: Offers whose price waits for approval; the rest of the row was stored.
        refused: Rows that were not stored.
        vanished: Offers that were for sale, and that a feed of everything does not name.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0
    refused: int = 0
    vanished: int = 0

    def __add__(self, other: "FeedCounts") -> "FeedCounts":
        """Return both together."""
        return FeedCounts(*[mine + its for mine, its in zip(attrs.astuple(self), attrs.astuple(other), strict=True)])


@attrs.frozen
class Feed:
    """What a merchant sent at once: rows of its offers with their prices and stock.

    Attributes:
        id: Its id.
        merchant: Whose it is.
        rows: How many rows it has.
        done: How many of them were gone through.
        chunks: In how many parts it is kept.
        chunks_done: How many of these were gone through; a worker goes through one at a time, in one transaction.
        accepted_at: When it was sent, UTC, and after its merchant's that wait: they are gone through in this order.
        whole: None for changes; else it is everything that the merchant has, of which so great a part may vanish.
        keeps_empty: An empty cell tells nothing; otherwise it says that there is no value.
        time_zone: On whose clocks its dates are; None where nobody told.
        state: Where it stands.
        counts: What became of the rows.
        due: When it is its turn, UTC; None when it is over.
        attempts: How often its next part could not be gone through.
        problem: Why it failed; empty where it did not.
        ended_at: When it was over, UTC.
        version: How often it was stored.
    """

    id: str
    merchant: str
    rows: int = attrs.field(kw_only=True)
    done: int = attrs.field(default=0, kw_only=True)
    chunks: int = attrs.field(kw_only=True)
    chunks_done: int = attrs.field(default=0, kw_only=True)
    accepted_at: datetime = attrs.field(kw_only=True)
    whole: Decimal | None = attrs.field(default=None, kw_only=True)
    keeps_empty: bool = attrs.field(default=False, kw_only=True)
    time_zone: str | None = attrs.field(default=None, kw_only=True)
    state: FeedState = attrs.field(default=FeedState.WAITING, kw_only=True)
    counts: FeedCounts = attrs.field(default=FeedCounts(), kw_only=True)
    due: datetime | None = attrs.field(default=None, kw_only=True)
    attempts: int = attrs.field(default=0, kw_only=True)
    problem: str = attrs.field(default="", kw_only=True)
    ended_at: datetime | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("feed", self.id)
        check_vanishing_part(self.whole)
        for field, least, most in (("done", 0, self.rows), ("chunks_done", 0, self.chunks), ("rows", 0, None)):
            value = getattr(self, field)
            if type(value) is not int or value < least or (most is not None and value > most):
                raise InvalidValue("Feed", field, value, f"a whole number from {least} to {most or 'any'}")

    def is_over(self) -> bool:
        """Tell whether no worker will go on with it."""
        return self.state is not FeedState.WAITING

    def go_on(self, rows: int, counts: FeedCounts, now: datetime) -> "Feed":
        """Return it after its next part, of so many rows, was gone through."""
        is_last = self.chunks_done + 1 == self.chunks
        return attrs.evolve(
            self,
            done=self.done + rows,
            chunks_done=self.chunks_done + 1,
            counts=self.counts + counts,
            attempts=0,  # failures are counted by part: a feed of many parts may stumble now and then
            state=FeedState.DONE if is_last else FeedState.WAITING,
            due=None if is_last else now,
            ended_at=now if is_last else None,
        )

    def end(self, state: FeedState, now: datetime, problem: str = "") -> "Feed":
        """Return it when nobody goes on with it."""
        return attrs.evolve(self, state=state, due=None, ended_at=now, problem=problem)


def check_vanishing_part(whole: Decimal | None) -> None:
    """Let a part of a merchant's offers pass that may vanish at once.

    Raises:
        InvalidValue: It is no fraction from 0 to 1.
    """
    if whole is not None and not (isinstance(whole, Decimal) and whole.is_finite() and 0 <= whole <= 1):
        raise InvalidValue("Feed", "whole", whole, 'a fraction from 0 to 1, such as Decimal("0.2")')


FEEDS = Kind(
    "feed",
    Feed,
    columns={"merchant": column("merchant"), "state": column("state")},
    ordered={
        "accepted_at": Ordered(
            lambda feed: feed.accepted_at, datetime, within=("merchant", "state", ("merchant", "state"))
        ),
        # What is over has no due date, and no entry: workers walk past none of the feeds that ever were.
        "due": Ordered(lambda feed: feed.due, datetime),
    },
    together=(("merchant", "state"),),
    merchant="merchant",
    reads=Permission.OFFERS,
)
"""A merchant reads how far its own are."""
