"""Feeds of merchants: accepted at once, gone through by workers, read while they are."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import attrs

from mktcore.access import Permission, check_granted
from mktcore.errors import InvalidValue
from mktcore.feeds.feed import FEEDS, Feed, FeedState, check_vanishing_part
from mktcore.feeds.feed_chunk import FEED_CHUNKS, FeedChunk, FeedRow, RowOutcome, to_chunk_id
from mktcore.feeds.feed_events import FeedChanged
from mktcore.feeds.lists import FeedList
from mktcore.loading.csv_rows import EmptyCells
from mktcore.loading.merchant_feeds.accept_feed import FeedRefused, cut_feed, list_rows, name_offer
from mktcore.loading.merchant_feeds.vanish_between import check_vanishing
from mktcore.loading.merchant_feeds.work_feed import MAX_WAITING, FeedReport, FeedWorker, end_feed, name_waiting
from mktcore.loading.written_instants import find_zone
from mktcore.money import Currency
from mktcore.notice import Notice
from mktcore.offers.price_guards import PriceHolder
from mktcore.parties import MERCHANTS, Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Retryable, Scope, UniqueViolation
from mktcore.persistence.answer_once import answer_once
from mktcore.persistence.record_quotas import Quotas
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FeedOutcomes", "FeedReport", "Feeds"]


@attrs.frozen
class FeedOutcomes:
    """A page of what became of rows, and where the next one starts (None after the last that was gone through)."""

    items: tuple[RowOutcome, ...]
    next: str | None


@watched
@attrs.frozen(slots=False)
class Feeds(FeedList):
    """What merchants send at once: offers with their prices and stock, up to 100,000 rows.

    Attributes:
        runtime: Where they are kept, and what time it is.
        currency: The marketplace's.
        holder: Holds prices that guards do not let pass.
        quotas: How many offers of a SKU a merchant may have.
    """

    runtime: Runtime[MarketUnit]
    currency: Currency = attrs.field(kw_only=True)
    holder: PriceHolder = attrs.field(kw_only=True)
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)

    def accept(
        self,
        merchant: str,
        rows: Iterable[Mapping[str, str | None]],
        *,
        key: str,
        scope: Scope,
        whole: Decimal | None = None,
        empty_cells: EmptyCells = EmptyCells.CLEAR,
        time_zone: str | None = None,
    ) -> Feed:
        """Keep a feed for the workers, and return it as it was accepted; the same key returns the same feed.

        Args:
            merchant: Whose it is.
            rows: Texts by column, as `csv.DictReader` reads `offers.csv`. None tells nothing, as a column that is not
                there does, and nor does a column `merchant`.
            key: The caller's idempotency key.
            scope: Who asks: the merchant, or the operator.
            whole: The greatest part of the offers for sale that may vanish, 0 to 1, where the feed is everything that
                the merchant has; None for one of changes, by which nothing vanishes.
            empty_cells: What an empty cell means for an offer that is there.
            time_zone: On whose clocks dates without an offset are.

        Raises:
            FeedRefused: It is no feed, or more would vanish than may, or 20 others of the merchant wait.
            IdempotencyConflict: The key was used for another feed.
            InvalidValue: The part that may vanish is none, or there is no such time zone.
            NotFound: It is another merchant's.
            PermissionDenied, ActivityRefused: The caller may not write offers.
        """
        check_granted(scope, Permission.OFFERS)
        if not scope.covers(merchant=merchant):
            raise NotFound(MERCHANTS.name, merchant)
        find_zone(time_zone)
        check_vanishing_part(whole)
        given = list_rows(rows)
        digest = _digest(given)

        told = {"whole": whole, "empty_cells": empty_cells, "time_zone": time_zone}
        request = {"merchant": merchant, "rows": digest, **told}

        def accept(unit: MarketUnit) -> Feed:
            unit.repository(MERCHANTS).get(merchant)
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            made = self._make(merchant, given, whole=whole, empty_cells=empty_cells, time_zone=time_zone)
            made = _put_behind(made, self._find_waiting(unit, merchant))
            if whole is not None:
                check_vanishing(unit, merchant, {name_offer(row) for row in given}, limit=whole)
            return self._keep(unit, made, given)

        return self._answer(accept, key=key, scope=scope, request=request)

    def _answer(
        self, accept: Callable[[MarketUnit], Feed], *, key: str, scope: Scope, request: Mapping[str, object]
    ) -> Feed:
        def answer() -> Feed:
            try:
                with self.runtime.store.begin(scope.to_operator()) as unit:
                    return answer_once(
                        unit,
                        lambda: accept(unit),
                        answers=(Feed, Feed),
                        scope=scope,
                        key=key,
                        operation="accept feed",
                        request=request,
                        at=self.runtime.now(),
                    )
            except UniqueViolation as race:  # the same key at the same time
                raise Retryable(race.describe()) from race

        return self.runtime.retry(answer)

    def page_outcomes(self, feed: str, *, scope: Scope, after: str | None = None) -> FeedOutcomes:
        """Return what became of rows, part by part, in the order of their offers; about 200 at a time.

        Args:
            feed: Id of the feed.
            scope: Who asks.
            after: Where the page before ended (`FeedOutcomes.next`).

        Raises:
            NotFound: There is no such feed of this caller.
            InvalidValue: It is no place where a page ends.
            PermissionDenied: The caller's user may not read offers.
        """
        known = self.get(feed, scope=scope)
        number = 0 if after is None else _read_place(after)

        def read(unit: MarketUnit) -> FeedChunk | None:
            return unit.repository(FEED_CHUNKS).find(to_chunk_id(known.id, number))

        chunk = self.runtime.read(scope.to_operator(), read)
        if chunk is None or chunk.outcomes is None:
            return FeedOutcomes((), None)
        is_last = number + 1 >= known.chunks_done
        return FeedOutcomes(chunk.outcomes, None if is_last else str(number + 1))

    def stop(self, feed: str, *, scope: Scope) -> Feed:
        """Let nobody go on with a feed; what was stored of it stays. One that is over is returned as it is.

        Raises:
            NotFound: There is no such feed of this caller.
            PermissionDenied, ActivityRefused: The caller may not write offers.
        """
        check_granted(scope, Permission.OFFERS)

        def stop(unit: MarketUnit) -> Feed:
            known = _get(unit, feed, scope)
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return known if known.is_over() else end_feed(unit, known, FeedState.STOPPED, now=self.runtime.now())

        return self.runtime.run(scope.to_operator(), stop)

    def remove(self, feed: str, *, scope: Scope) -> None:
        """Remove a feed that is over, with what became of its rows; what it stored stays.

        Raises:
            NotFound: There is no such feed of this caller.
            InvalidValue: It is not over: stop it first.
            PermissionDenied, ActivityRefused: The caller may not write offers.
        """
        check_granted(scope, Permission.OFFERS)

        def remove(unit: MarketUnit) -> None:
            known = _get(unit, feed, scope)
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            if not known.is_over():
                raise InvalidValue("Feed", "state", known.state, "one that is over: stop it first")
            for number in range(known.chunks):
                chunk = unit.repository(FEED_CHUNKS).find(to_chunk_id(known.id, number))
                if chunk is not None:
                    unit.repository(FEED_CHUNKS).remove(chunk)
            unit.repository(FEEDS).remove(known)

        self.runtime.run(scope.to_operator(), remove)

    def work(self, *, limit: int = 50) -> FeedReport:
        """Go through up to `limit` parts of feeds that wait, each in one transaction; call it regularly, in workers.

        A merchant's feeds are gone through in the order in which they were sent, and merchants take turns. Whoever
        dies between two parts, or in one, loses nothing: what was committed is noted with it.

        Raises:
            InvalidValue: The limit is not one or more.
            Busy: The store is, before anything was done.
        """
        if type(limit) is not int or limit < 1:
            raise InvalidValue("Feeds", "limit", limit, "a whole number above zero")
        worker = FeedWorker(self.runtime, self.currency, holder=self.holder, most=self.quotas.offers)
        total = FeedReport()
        for _ in range(limit):
            done = worker.go_through_next()
            if done is None:
                break
            total = FeedReport(total.chunks + done.chunks, total.rows + done.rows, total.ended + done.ended)
        return total

    def _make(
        self,
        merchant: str,
        rows: tuple[FeedRow, ...],
        *,
        whole: Decimal | None,
        empty_cells: EmptyCells,
        time_zone: str | None,
    ) -> Feed:
        now = self.runtime.now()
        return Feed(
            self.runtime.ids.new_id("feed"),
            merchant,
            rows=len(rows),
            chunks=1,
            accepted_at=now,
            whole=whole,
            keeps_empty=empty_cells is EmptyCells.KEEP,
            time_zone=time_zone,
            due=now,
        )

    def _find_waiting(self, unit: MarketUnit, merchant: str) -> tuple[Feed, ...]:
        """Return the feeds of a merchant that wait, where there is room for another.

        Raises:
            FeedRefused: There is none.
        """
        waiting = unit.repository(FEEDS).page(name_waiting(merchant), limit=MAX_WAITING).items
        if len(waiting) >= MAX_WAITING:
            message = f"{len(waiting)} feeds of {merchant} wait to be gone through"
            remedy = "wait until they are, or stop those that are of no use"
            raise FeedRefused.of([Notice("feeds.too-many", "", message, remedy=remedy)])
        return waiting

    def _keep(self, unit: MarketUnit, made: Feed, rows: tuple[FeedRow, ...]) -> Feed:
        chunks = cut_feed(made.id, made.merchant, rows)
        unit.repository(FEED_CHUNKS).add_many(chunks)
        stored = unit.repository(FEEDS).add(attrs.evolve(made, chunks=len(chunks)))
        unit.publish([FeedChanged.of(stored, made.accepted_at)])
        return stored


def _put_behind(made: Feed, waiting: Iterable[Feed]) -> Feed:
    """Return a new feed that comes after those that wait, whatever another process's clock said when they were sent."""
    behind = [one.accepted_at + timedelta(microseconds=1) for one in waiting]
    return attrs.evolve(made, accepted_at=max([made.accepted_at, *behind]))


def _get(unit: MarketUnit, feed: str, scope: Scope) -> Feed:
    found = unit.repository(FEEDS).find(feed)
    if found is None or not scope.covers(merchant=found.merchant):
        raise NotFound(FEEDS.name, feed)
    return found


def _digest(rows: Iterable[FeedRow]) -> str:
    """Return what tells one feed from another: a key remembers no 100,000 rows."""
    found = sha256()
    for row in rows:
        for name, text in sorted(row.cells.items()):
            found.update(f"{len(name)}:{name}{len(text)}:{text}".encode(errors="surrogatepass"))
        found.update(b"\n")
    return found.hexdigest()


def _read_place(after: str) -> int:
    if not (isinstance(after, str) and after.isascii() and after.isdigit() and len(after) <= 6):  # noqa: PLR2004 - digits
        raise InvalidValue("FeedOutcomes", "after", after, "what a page told as its next")
    return int(after)
