"""Feeding a search engine: listings are brought up to date from events, and when time alone changes them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

import attrs

from mktcore.catalog import SKUS
from mktcore.catalog.shown_skus import find_shown_skus
from mktcore.market_policy import MarketPolicy
from mktcore.offers import BuyBoxPolicy
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import Delivery, EventQueue, Subscriptions
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.ranges import AtMost
from mktcore.runtime import Runtime
from mktcore.sales_context import VISITOR
from mktcore.stock import MarketUnit
from mktcore.storefront.affected_skus import find_affected
from mktcore.storefront.listing_filter import ListingFilter
from mktcore.storefront.make_entries import Shelf, find_offers, prepare_entries
from mktcore.storefront.next_change import find_next_change
from mktcore.storefront.ports import EventReaders, ListingSink
from mktcore.storefront.search_engine_listing import LISTINGS_DUE, Listing, ListingDue
from mktcore.telemetry import watched

__all__ = ["Projection", "ProjectionReport"]

_BATCH = 200
"""SKUs that are listed at once: a few calls for all of them."""
_AGGREGATES = 100
_LEASE = timedelta(minutes=10)


@attrs.frozen
class ProjectionReport:
    """What was brought up to date.

    Attributes:
        put: Listings that the sink was given.
        removed: SKUs that the sink was told to forget, whether or not it knew them.
    """

    put: int = 0
    removed: int = 0

    def __add__(self, other: "ProjectionReport") -> "ProjectionReport":
        return ProjectionReport(self.put + other.put, self.removed + other.removed)


@watched
@attrs.frozen(kw_only=True)
class Projection:
    """Feeds a sink with the listing of every SKU that a visitor is shown, and keeps them up to date.

    One process at a time brings a projection up to date: two would overtake each other in the sink.

    Attributes:
        name: Of the projection, and of its position among the store's subscribers.
        sink: Where listings go.
        subscriptions: Of the market's store.
        runtime: Where the market is kept, and what time it is.
        policy: The market's currency, and the order of rules.
        buy_box: How the leading offer is chosen.
        channels: The sales channels that prices are listed for; None for who names none.
        readers: Tell which SKUs an event is of.
    """

    name: str
    sink: ListingSink
    subscriptions: Subscriptions
    runtime: Runtime[MarketUnit]
    policy: MarketPolicy
    buy_box: BuyBoxPolicy
    channels: tuple[str | None, ...]
    readers: EventReaders

    def rebuild(self) -> ProjectionReport:
        """List everything anew, from nothing; the first thing that a projection does.

        Call it while nothing else writes, or again soon after the first time: of a unit that had begun before the
        projection ever subscribed no event is given.
        """
        # Before anything is read: what changes from now on is given as an event.
        self.subscriptions.subscribe(self.name)
        self.sink.clear()
        self._forget_due()
        return self._list_all(self._stream_skus())

    def bring_up_to_date(self) -> ProjectionReport:
        """List what events since the last time are of, and what time alone has changed; call it regularly.

        What fails is done again with the next call, and everything may be done twice.
        """
        queue = self.subscriptions.subscribe(self.name)
        report = ProjectionReport()
        while deliveries := self._claim(queue):
            report += self._list_all(self._read_affected(deliveries))
            for one in deliveries:
                queue.settle(one, len(one.envelopes), ready_at=self.runtime.now())
        return report + self._list_due()

    def _claim(self, queue: EventQueue) -> Sequence[Delivery]:
        claim, now = self.runtime.ids.new_id("claim"), self.runtime.now()
        return queue.claim(claim=claim, now=now, lease=_LEASE, limit=_AGGREGATES)

    def _read_affected(self, deliveries: Sequence[Delivery]) -> set[str]:
        events = [envelope.event for one in deliveries for envelope in one.envelopes]
        with self.runtime.store.begin(Scope.operator()) as unit:
            return set(find_affected(unit, events, self.readers))

    def _stream_skus(self) -> Iterator[str]:
        after: str | None = None
        while True:
            # A unit for each page: none stays open while the sink is busy.
            with self.runtime.store.begin(Scope.operator()) as unit:
                page = unit.repository(SKUS).page(after=after, limit=_BATCH)
            yield from (sku.id for sku in page.items)
            after = page.next
            if after is None:
                return

    def _list_due(self) -> ProjectionReport:
        """List what is due by now; listing it makes it due at a later instant, or never."""
        report = ProjectionReport()
        while True:
            with self.runtime.store.begin(Scope.operator()) as unit:
                where: dict[str, Wanted] = {"projection": self.name, "due": AtMost(self.runtime.now())}
                due = unit.repository(LISTINGS_DUE).page(where, order="due", limit=_BATCH).items
            if not due:
                return report
            report += self._list_all([one.sku for one in due])

    def _list_all(self, skus: Iterable[str]) -> ProjectionReport:
        report = ProjectionReport()
        given = iter(skus)
        while batch := tuple(islice(given, _BATCH)):
            with self.runtime.store.begin(Scope.operator()) as unit:
                listings, due = self._make_listings(unit, batch)
            gone = [sku for sku in batch if sku not in listings]
            if listings:
                self.sink.put(list(listings.values()))
            if gone:
                self.sink.remove(gone)
            # After the sink took it: what is lost before that is due still.
            self._note_due(batch, due)
            report += ProjectionReport(len(listings), len(gone))
        return report

    def _make_listings(
        self, unit: MarketUnit, batch: Sequence[str]
    ) -> tuple[dict[str, Listing], dict[str, ListingDue]]:
        """Return the listings of those SKUs that are listed, and when each SKU has to be looked at again."""
        known = unit.repository(SKUS).find_many(batch)
        shown = find_shown_skus(unit, None, known.values())
        offers = find_offers(unit, [sku.id for sku in shown])
        now = self.runtime.now()
        shelf = Shelf(
            context=VISITOR,
            priced_for=VISITOR,
            policy=self.policy,
            buy_box=self.buy_box,
            now=now,
            channels=self.channels,
        )
        maker = prepare_entries(unit, shelf, shown, offers=offers, asked=ListingFilter())
        listings: dict[str, Listing] = {}
        due: dict[str, ListingDue] = {}
        for sku in shown:
            change = find_next_change(offers.get(sku.id, ()), maker.facts, currency=self.policy.currency.code, now=now)
            if change is not None:
                due[sku.id] = ListingDue.of(self.name, sku.id, change)
            entries = [maker.in_channel(channel).make(sku) for channel in self.channels]
            found = [entry for entry in entries if entry is not None]
            if found:
                listings[sku.id] = Listing.of(found, change)
        return listings, due

    def _note_due(self, batch: Sequence[str], due: dict[str, ListingDue]) -> None:
        wanted = {one.id: one for one in due.values()}
        now = self.runtime.now()

        def note(unit: MarketUnit) -> None:
            repository = unit.repository(LISTINGS_DUE)
            known = repository.find_many([ListingDue.of(self.name, sku, now).id for sku in batch])
            repository.add_many([one for one in wanted.values() if one.id not in known])
            for former in known.values():
                one = wanted.get(former.id)
                if one is None:
                    repository.remove(former)
                elif one.due != former.due:
                    repository.save(attrs.evolve(former, due=one.due))

        self.runtime.run(Scope.operator(), note, contested=[LISTINGS_DUE])

    def _forget_due(self) -> None:
        def forget(unit: MarketUnit) -> bool:
            found = unit.repository(LISTINGS_DUE).page({"projection": self.name}, limit=_BATCH).items
            for one in found:
                unit.repository(LISTINGS_DUE).remove(one)
            return bool(found)

        while self.runtime.run(Scope.operator(), forget):
            pass
