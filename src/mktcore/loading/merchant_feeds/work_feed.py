"""Going through feeds: one part at a time, in one transaction with the note that it was done."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import attrs

from mktcore.errors import MktcoreError
from mktcore.feeds.feed import FEEDS, Feed, FeedCounts, FeedState
from mktcore.feeds.feed_chunk import FEED_CHUNKS, RowFate, RowOutcome, to_chunk_id
from mktcore.feeds.feed_events import FeedChanged
from mktcore.loading.merchant_feeds.store_rows import RowStorage, store_rows
from mktcore.loading.merchant_feeds.vanish_between import vanish_between
from mktcore.loading.written_instants import find_zone
from mktcore.money import Currency
from mktcore.offers.price_guards import PriceHolder
from mktcore.parties import MEMBERSHIPS, Activity, check_activity
from mktcore.persistence import NotFound, Retryable, Scope, StaleVersion, UniqueViolation
from mktcore.persistence.errors import Busy
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.ranges import AtLeast, AtMost
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["MAX_WAITING", "FeedReport", "FeedWorker", "end_feed", "name_waiting"]

MAX_WAITING: Final = 20
"""Feeds of one merchant that wait: who sends more than workers go through sends too much."""
MAX_ATTEMPTS: Final = 8
_PAUSE: Final = timedelta(seconds=10)
_BEYOND: Final = 2 * _PAUSE * (1 << MAX_ATTEMPTS)
"""No feed is put off so long: one that is due later still was sent, or put off, by a clock that is ahead."""


@attrs.frozen
class FeedReport:
    """What a worker did.

    Attributes:
        chunks: Parts that it went through.
        rows: Rows in them.
        ended: Feeds that are over since.
    """

    chunks: int = 0
    rows: int = 0
    ended: int = 0


@watched
@attrs.frozen
class FeedWorker:
    """Goes through one part after the other.

    Attributes:
        runtime: Where feeds are kept, and what time it is.
        currency: The marketplace's.
        holder: Holds prices that guards do not let pass.
        most: How many offers of a SKU a merchant may have.
    """

    runtime: Runtime[MarketUnit]
    currency: Currency
    holder: PriceHolder = attrs.field(kw_only=True)
    most: int = attrs.field(kw_only=True)

    def go_through_next(self) -> FeedReport | None:
        """Go through the part whose turn it is; None where nothing waits.

        Raises:
            MktcoreError: The store fails before it is known whose turn it is.
        """
        try:
            return self.runtime.retry(self._do_part)
        except MktcoreError as error:
            found = error
        # Whatever stands in the way of one part must not keep others waiting.
        if not self.runtime.retry(lambda: self._put_off(found)):
            raise found
        return FeedReport()

    def _do_part(self) -> FeedReport | None:
        try:
            return self._store_part()
        except (StaleVersion, UniqueViolation, NotFound) as race:  # another worker, or the merchant, was faster
            raise Retryable(race.describe()) from race

    def _store_part(self) -> FeedReport | None:
        now = self.runtime.now()
        with self.runtime.store.begin(Scope.operator()) as unit:
            feed = _find_next(unit, now)
            if feed is None:
                return None
            chunk = unit.repository(FEED_CHUNKS).find(to_chunk_id(feed.id, feed.chunks_done))
            if chunk is None:
                end_feed(unit, feed, FeedState.FAILED, now=now, problem=f"part {feed.chunks_done} of it is gone")
                unit.commit()
                return FeedReport(ended=1)
            check_activity(unit.repository(MEMBERSHIPS).find(feed.merchant), Activity.EDIT, now)
            outcomes = store_rows(unit, chunk.rows, self._say_how(feed, now))
            vanished = vanish_between(unit, chunk, now=now) if feed.whole is not None else 0
            unit.repository(FEED_CHUNKS).save(attrs.evolve(chunk, rows=(), outcomes=outcomes))
            stored = unit.repository(FEEDS).save(feed.go_on(len(outcomes), _count(outcomes, vanished), now))
            if stored.is_over():
                unit.publish([FeedChanged.of(stored, now)])
            unit.commit()
            return FeedReport(1, len(outcomes), int(stored.is_over()))

    def _put_off(self, error: MktcoreError) -> bool:
        """Let the feed whose turn it is wait, longer each time, or give it up; tell whether there is one."""
        now = self.runtime.now()
        with self.runtime.store.begin(Scope.operator()) as unit:
            feed = _find_next(unit, now)
            if feed is None:
                return False
            attempts = feed.attempts + 1
            if attempts >= MAX_ATTEMPTS or not isinstance(error, Retryable | Busy):
                given_up = attrs.evolve(feed, attempts=attempts)
                end_feed(unit, given_up, FeedState.FAILED, now=now, problem=error.describe()[:1000])
            else:
                unit.repository(FEEDS).save(attrs.evolve(feed, attempts=attempts))
                self._let_wait(unit, feed.merchant, now + _PAUSE * (1 << attempts))
            unit.commit()
            return True

    def _let_wait(self, unit: MarketUnit, merchant: str, until: datetime) -> None:
        # All of its merchant's: those after it may rest on what it says, and other merchants must not wait for them.
        for one in unit.repository(FEEDS).page(name_waiting(merchant), limit=MAX_WAITING).items:
            unit.repository(FEEDS).save(attrs.evolve(one, due=until))

    def _say_how(self, feed: Feed, now: datetime) -> RowStorage:
        return RowStorage(
            merchant=feed.merchant,
            currency=self.currency,
            holder=self.holder,
            most=self.most,
            keeps_empty=feed.keeps_empty,
            zone=find_zone(feed.time_zone),
            now=now,
        )


def end_feed(unit: MarketUnit, feed: Feed, state: FeedState, *, now: datetime, problem: str = "") -> Feed:
    """Store that nobody goes on with a feed, and tell it."""
    stored = unit.repository(FEEDS).save(feed.end(state, now, problem))
    unit.publish([FeedChanged.of(stored, now)])
    return stored


def name_waiting(merchant: str) -> dict[str, Wanted]:
    """Return what a merchant's feeds are found by that wait."""
    return {"merchant": merchant, "state": FeedState.WAITING.value}


def _find_next(unit: MarketUnit, now: datetime) -> Feed | None:
    """Return the feed whose turn it is: of the merchant that waits longest, the first that it sent."""
    feeds = unit.repository(FEEDS)
    # Those beyond reach first: whatever its clock said, a feed must not wait for years, and it does so once.
    for due in (AtLeast(now + _BEYOND), AtMost(now)):
        heads = feeds.page({"due": due}, order="due", limit=1).items
        if heads:
            return feeds.page(name_waiting(heads[0].merchant), order="accepted_at", limit=1).items[0]
    return None


def _count(outcomes: Iterable[RowOutcome], vanished: int) -> FeedCounts:
    counted = Counter(one.fate for one in outcomes)
    return FeedCounts(
        counted[RowFate.ADDED],
        changed=counted[RowFate.CHANGED],
        unchanged=counted[RowFate.UNCHANGED],
        held=counted[RowFate.HELD],
        refused=counted[RowFate.REFUSED],
        vanished=vanished,
    )
