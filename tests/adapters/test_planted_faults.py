"""The conformance check is itself checked: each planted fault is caught by the clause that names it.

Every fault is one mistake that real stores make, planted into the store in memory. A check that misses one would pass
a host's broken adapter.
"""

import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import attrs
import pytest

from mktcore.adapters import counters_over_tables, stock_over_tables
from mktcore.adapters.counters_over_tables import CounterBook, InboxBook
from mktcore.adapters.memory import MemoryStore, event_queue, repository, sorted_index, unit, versioned_tables
from mktcore.adapters.memory.mark_index import MarkIndex
from mktcore.adapters.memory.sorted_index import SortedIndex
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.system_rows import (
    EVENTS,
    POSITIONS,
    RECORDS,
    STREAMS,
    SUBSCRIBERS,
    Stream,
    to_event_key,
)
from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.stock_over_tables import COUNTERS, RESERVATIONS, STOCK, StockBook
from mktcore.events import Envelope
from mktcore.persistence import Kind, NotFound, Page, Party, Scope, StaleVersion, kinds, queries
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.errors import InvalidCursor, InvalidLimit
from mktcore.persistence.event_ports import Delivery
from mktcore.persistence.queries import Query, check_conditions
from mktcore.stock import Reservation, ReturnCondition, StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.stock.shortage import find_shortages
from mktcore.testing import KINDS, STORE_CLAUSES
from mktcore.testing.stores import Bench
from mktcore.testing.stores.samples import AT

Patch = pytest.MonkeyPatch
FAULTS: dict[str, tuple[str, Callable[[Patch], None]]] = {}
Repo = repository.MemoryRepository
Unit = unit.MemoryUnit
Stock = StockBook
Queue = event_queue.MemoryQueue
Subscriptions = event_queue.MemorySubscriptions


def fault(clause: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def plant(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
        FAULTS[patch.__name__] = (clause, patch)
        return patch

    return plant


def _replace(patch: Patch, owner: Any, name: str, function: Callable[..., Any]) -> None:
    patch.setattr(owner, name, function)


@fault("unit.an-update-is-never-lost")
def versions_are_not_compared(patch: Patch) -> None:
    def check(self: Any, value: Any) -> None:
        stored = self._view.find_latest(value.id)
        if not self.kind.matches(stored, self._writes):
            raise NotFound(self.kind.name, value.id)

    _replace(patch, Repo, "_check_version", check)


@fault("unit.threads-lose-no-update")
def versions_are_compared_with_what_was_read(patch: Patch) -> None:
    def check(self: Any, value: Any) -> None:
        stored = self._view.find(value.id)  # what the unit saw when it began, not what is stored now
        if not self.kind.matches(stored, self._writes):
            raise NotFound(self.kind.name, value.id)
        if stored.version != value.version:
            raise StaleVersion(self.kind.name, value.id, value.version)

    _replace(patch, Repo, "_check_version", check)


@fault("unit.changes-are-invisible-before-the-commit")
def reads_are_dirty(patch: Patch) -> None:
    views: list[Any] = []
    begin, find = versioned_tables.View.__init__, versioned_tables.View.find

    def note(self: Any, table: Any, commit: int) -> None:
        begin(self, table, commit)
        views.append(self)

    def find_anywhere(self: Any, key: str) -> Any:
        for view in reversed(views):
            if view._table is self._table and key in view.changes:
                return view.changes[key][0]
        return find(self, key)

    _replace(patch, versioned_tables.View, "__init__", note)
    _replace(patch, versioned_tables.View, "find", find_anywhere)


@fault("unit.a-page-is-of-one-moment")
def rows_are_committed_one_by_one(patch: Patch) -> None:
    def apply(self: Any, changes: Any) -> None:
        for name, rows in changes.items():
            for key, value in rows.items():
                with self.latch:
                    self._commit += 1
                    self.tables[name].write(key, value, commit=self._commit, oldest=0)
                time.sleep(0.0005)

    _replace(patch, SharedState, "apply", apply)


@fault("unit.leaving-without-commit-changes-nothing")
def counters_are_written_at_once(patch: Patch) -> None:
    def claim(self: Any, name: str, amount: int, limit: int) -> bool:
        found = self._unit.change(COUNTERS).get(name) or 0
        if found + amount > limit:
            return False
        self._unit._state.apply({COUNTERS: {name: (found + amount, {})}})
        return True

    _replace(patch, CounterBook, "claim", claim)


@fault("unit.a-commit-is-final")
def closed_units_stay_usable(patch: Patch) -> None:
    _replace(patch, MemorySession, "check_usable", lambda _self: None)


@fault("repository.add-many-is-atomic")
def additions_of_a_batch_stay(patch: Patch) -> None:
    def add_many(self: Any, values: Any) -> None:
        for value in values:
            self.add(value)

    _replace(patch, Repo, "add_many", add_many)


@fault("repository.save-many-is-atomic")
def saves_of_a_batch_stay(patch: Patch) -> None:
    def save_many(self: Any, values: Any) -> None:
        for value in values:
            self.save(value)

    _replace(patch, Repo, "save_many", save_many)


@fault("repository.unique-columns-guard-saves")
def unique_columns_are_checked_when_adding_only(patch: Patch) -> None:
    store = Repo._store

    def store_unchecked(self: Any, value: Any) -> Any:
        if value.version == 1:
            return store(self, value)
        self._view.change(value.id, value)
        return value

    _replace(patch, Repo, "_store", store_unchecked)


@fault("repository.save-raises-the-version")
def versions_stand_still_in_the_store(patch: Patch) -> None:
    def store(self: Any, value: Any) -> Any:
        self._view.change(value.id, attrs.evolve(value, version=max(value.version - 1, 1)))
        return value

    _replace(patch, Repo, "_store", store)


@fault("scope.get-and-find")
def scope_is_forgotten_when_finding(patch: Patch) -> None:
    _replace(patch, Repo, "_find", lambda self, key: self._view.find(key))


@fault("scope.find-many-checks-each")
def scope_is_forgotten_in_bulk(patch: Patch) -> None:
    def find_many(self: Any, ids: Any) -> dict[str, Any]:
        return {key: found for key in ids if (found := self._view.find(key)) is not None}

    _replace(patch, Repo, "find_many", find_many)


@fault("scope.pages-are-filtered")
def scope_is_forgotten_in_lists(patch: Patch) -> None:
    _replace(patch, Repo, "_scan", lambda self, where, after="": self._view.scan(dict(where), after))


@fault("scope.pages-are-filtered")
def a_filter_replaces_the_scope(patch: Patch) -> None:
    def scan(self: Any, where: Any, after: str = "") -> Any:
        return iter(()) if self._reads is None else self._view.scan({**self._reads, **where}, after)

    _replace(patch, Repo, "_scan", scan)


@fault("scope.counts-are-filtered")
def scope_is_forgotten_when_counting(patch: Patch) -> None:
    def count_all(self: Any, where: Any = None) -> int:
        return sum(1 for _ in self._view.scan(check_conditions(self.kind, where)[0]))

    _replace(patch, Repo, "count", count_all)


@fault("scope.pages-do-not-tell-of-others")
def pages_are_filtered_after_they_are_cut(patch: Patch) -> None:
    def page(self: Any, where: Any = None, *, order: Any = None, after: Any = None, limit: int = 100) -> Page[Any]:
        del order
        rows = list(self._view.scan(check_conditions(self.kind, where)[0], after or ""))[: limit + 1]
        items = tuple(value for _, value in rows[:limit] if self.kind.matches(value, self._reads))
        return Page(items, rows[limit - 1][0] if len(rows) > limit else None)

    _replace(patch, Repo, "page", page)


@fault("scope.ownership-is-the-stored-one")
def ownership_is_read_from_the_request(patch: Patch) -> None:
    def check(self: Any, value: Any) -> None:
        if self._view.find_latest(value.id) is None or not self.kind.matches(value, self._writes):
            raise NotFound(self.kind.name, value.id)

    _replace(patch, Repo, "_check_version", check)


@fault("scope.records-are-not-given-away")
def ownership_can_be_given_away(patch: Patch) -> None:
    _replace(patch, Repo, "_check_authority", lambda _self, _value: None)


@fault("scope.errors-tell-nothing")
def errors_tell_what_is_forbidden(patch: Patch) -> None:
    def get(self: Any, key: str) -> Any:
        found = self.find(key)
        if found is None:
            raise NotFound(self.kind.name, key) if self._view.find(key) is None else NotFound("foreign record", key)
        return found

    _replace(patch, Repo, "get", get)


@fault("scope.events-are-filtered")
def events_are_read_by_all(patch: Patch) -> None:
    _replace(patch, Envelope, "view_for", lambda self, scope: attrs.evolve(self, event=self.event.view_for(scope)))


@fault("scope.events-are-shown-by-party")
def events_are_shown_whole_to_whom_they_name(patch: Patch) -> None:
    def show(self: Envelope, scope: Scope) -> Envelope | None:
        return self if scope.covers(merchant=self.event.merchant, buyer=self.event.buyer) else None

    _replace(patch, Envelope, "view_for", show)


@fault("scope.foreign-reservations-are-not-ended")
def reservations_are_ended_by_all(patch: Patch) -> None:
    def find(_self: Any, rows: Any, keys: Any) -> Iterator[tuple[str, Any]]:
        for key in sorted(set(keys)):
            if rows.get(key) is not None:
                yield key, rows.get(key)

    _replace(patch, Stock, "_find", find)


@fault("scope.keys-are-found-under-authority")
def keys_are_read_by_all(patch: Patch) -> None:
    def find_record(self: Any, owner: str, key: str) -> Any:
        return self._session.view(RECORDS).find(f"{owner}\0{key}")

    _replace(patch, Unit, "find_record", find_record)


def _spoil(patch: Patch, spoil: Callable[[Any], Any]) -> None:
    """Store something else than what was given."""
    store = Repo._store

    def store_spoiled(self: Any, value: Any) -> Any:
        stored = store(self, value)
        if hasattr(stored, "rate"):
            self._view.change(value.id, spoil(stored))
        return stored

    _replace(patch, Repo, "_store", store_spoiled)


@fault("values.decimals-stay-exact")
def decimals_are_stored_as_floats(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, rate=Decimal(repr(float(value.rate)))))


@fault("values.decimals-keep-their-digits")
def decimals_are_normalized(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, rate=value.rate.normalize()))


@fault("values.ints-beyond-floats-stay-exact")
def ints_are_stored_as_floats(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, count=int(float(value.count))))


@fault("values.instants-keep-their-time-zone")
def time_zones_are_lost(patch: Patch) -> None:
    def lose(value: Any) -> Any:
        local = value.at.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=1)  # a server's clock in Berlin
        return attrs.evolve(value, at=local.replace(tzinfo=UTC))

    _spoil(patch, lose)


@fault("values.booleans-stay-booleans")
def booleans_are_stored_as_ints(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, sealed=int(value.sealed)))


@fault("values.empty-and-absent-differ")
def empty_text_is_stored_as_null(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, label=value.label or None))


@fault("values.text-is-kept-as-it-is")
def text_is_trimmed(patch: Patch) -> None:
    _spoil(patch, lambda value: attrs.evolve(value, note=value.note.strip()))


@fault("query.column-text-is-taken-literally")
def columns_ignore_case(patch: Patch) -> None:
    def scan(self: Any, where: Any, after: str = "", *, latest: bool = False) -> Iterator[tuple[str, Any]]:
        find = self.find_latest_row if latest else self.find_row
        for key in sorted({*self._table._keys, *self.changes}):
            value, held = find(key)
            if (
                value is not None
                and key > after
                and all(str(held[name]).lower() == str(wanted).lower() for name, wanted in where.items())
            ):
                yield key, value

    _replace(patch, versioned_tables.View, "scan", scan)


@fault("query.ids-sort-by-code-point")
def ids_sort_like_a_dictionary(patch: Patch) -> None:
    page = Repo.page

    def sort(self: Any, where: Any = None, **options: Any) -> Page[Any]:
        found = page(self, where, **options)
        return Page(tuple(sorted(found.items, key=lambda value: value.id.lower())), found.next)

    _replace(patch, Repo, "page", sort)


@fault("query.pages-are-by-key-not-by-offset")
def pages_are_by_offset(patch: Patch) -> None:
    def page(self: Any, where: Any = None, *, order: Any = None, after: Any = None, limit: int = 100) -> Page[Any]:
        del order
        start = int(after or 0)
        rows = [value for _, value in self._scan(check_conditions(self.kind, where)[0])]
        return Page(tuple(rows[start : start + limit]), str(start + limit) if len(rows) > start + limit else None)

    _replace(patch, Repo, "page", page)


@fault("query.a-full-last-page-is-the-last")
def a_full_page_promises_another(patch: Patch) -> None:
    page = Repo.page

    def promise(self: Any, where: Any = None, *, after: Any = None, limit: int = 100, **more: Any) -> Page[Any]:
        found = page(self, where, after=after, limit=limit, **more)
        return Page(found.items, found.items[-1].id if len(found.items) == limit else None)

    _replace(patch, Repo, "page", promise)


@fault("order.equal-ones-go-by-their-ids")
def cursors_hold_the_value_alone(patch: Patch) -> None:
    def is_behind(entries: Any, query: Any) -> tuple[int, int]:
        low, high = find_ends(entries, attrs.evolve(query, after=None))
        if query.after is None:
            return low, high
        value = query.after.value
        if query.order.is_descending:
            return low, min(high, bisect_left(entries, value, key=lambda entry: entry[0]))
        return max(low, bisect_right(entries, value, key=lambda entry: entry[0])), high

    find_ends = sorted_index._find_ends
    _replace(patch, sorted_index, "_find_ends", is_behind)


@fault("order.records-without-a-value-come-last")
def records_without_a_value_are_left_out(patch: Patch) -> None:
    _replace(patch, Query, "may_lack_value", lambda _self: False)


@fault("order.ranges-hold-what-they-say")
def ranges_hold_both_ends(patch: Patch) -> None:
    check = Kind.check_range
    _replace(patch, Kind, "check_range", lambda *given: attrs.evolve(check(*given), holds_low=True, holds_high=True))


@fault("order.ranges-are-paged")
def ranges_begin_anew_on_every_page(patch: Patch) -> None:
    find_ends = sorted_index._find_ends

    def find(entries: Any, query: Any) -> tuple[int, int]:
        return find_ends(entries, attrs.evolve(query, after=None) if query.ranges else query)

    # A page that repeats itself for ever is cut, so that the clause fails rather than hangs.
    calls = count(1)

    def page(self: Any, where: Any = None, **options: Any) -> Page[Any]:
        found = original(self, where, **options)
        return Page(found.items, found.next if next(calls) < 50 else None)

    original = Repo.page
    _replace(patch, sorted_index, "_find_ends", find)
    _replace(patch, Repo, "page", page)


@fault("order.pages-go-by-a-column")
def minus_is_overlooked(patch: Patch) -> None:
    build = queries.build_query

    def overlook(*given: Any, order: Any = None, **more: Any) -> Any:
        return build(*given, order=order and order.removeprefix("-"), **more)

    _replace(patch, repository, "build_query", overlook)


@fault("order.ints-are-exact")
def ints_sort_as_text(patch: Patch) -> None:
    read = Kind.read_column

    def as_text(self: Any, name: str, value: Any) -> Any:
        found = read(self, name, value)
        return str(found) if type(found) is int else found

    def check(self: Any, name: str, value: Any) -> Any:
        found = known(self, name, value)
        return str(found) if type(found) is int and name in self.ordered else found

    known = Kind.check_column
    _replace(patch, Kind, "read_column", as_text)
    _replace(patch, Kind, "check_column", check)


@fault("order.instants-are-compared-as-instants")
def instants_are_cut_to_seconds(patch: Patch) -> None:
    known = Kind.check_column

    def cut(self: Any, name: str, value: Any) -> Any:
        found = known(self, name, value)
        return found.replace(microsecond=0) if isinstance(found, datetime) else found

    _replace(patch, Kind, "check_column", cut)


@fault("order.scopes-hold-in-order")
def scope_is_forgotten_in_order(patch: Patch) -> None:
    walk = Repo._walk

    def walk_all(self: Any, query: Any) -> Any:
        return self._view.walk(query, {**query.equal, **query.ranges}) if query.order.column else walk(self, query)

    _replace(patch, Repo, "_walk", walk_all)


@fault("order.own-writes-are-in-their-place")
def own_writes_are_not_in_order(patch: Patch) -> None:
    _replace(patch, versioned_tables.View, "_find_own", lambda _self, _column, _matches: iter(()))


@fault("order.records-move-when-they-are-saved")
def entries_of_old_values_stay(patch: Patch) -> None:
    def walk(self: Any, query: Any, where: Any) -> Iterator[tuple[str, Any]]:
        del where
        for _, key in self._table.iterate_ordered(query, query.equal):
            if (value := self.find(key)) is not None:
                yield key, value

    _replace(patch, versioned_tables.View, "walk", walk)
    _replace(patch, SortedIndex, "remove", lambda _self, _entry, _part: None)


@fault("order.mangled-cursors-are-refused")
def mangled_cursors_begin_anew(patch: Patch) -> None:
    read = Query.read_position

    def read_or_begin(self: Any, cursor: str) -> Any:
        try:
            return read(self, cursor)
        except InvalidCursor:
            return None

    _replace(patch, Query, "read_position", read_or_begin)


@fault("order.foreign-cursors-are-refused")
def cursors_do_not_name_their_order(patch: Patch) -> None:
    _replace(patch, Query, "_sign", lambda _self, text: f"{len(text):08}")


@fault("query.a-page-needs-a-limit")
def limits_are_only_compared_with_zero(patch: Patch) -> None:
    def check(limit: Any) -> Any:
        if limit < 1:
            raise InvalidLimit(repr(limit))
        return limit

    _replace(patch, queries, "check_limit", check)


@fault("idempotency.a-used-key-is-retryable")
def the_last_result_wins(patch: Patch) -> None:
    def write(self: Any, record: Any, *, finishes: bool) -> None:
        del finishes
        with self._session.writing():
            self._session.view(RECORDS).change(f"{record.owner}\0{record.key}", record)

    _replace(patch, Unit, "_write_record", write)


@fault("idempotency.owners-have-their-own-keys")
def keys_are_shared_by_owners(patch: Patch) -> None:
    write, find = Unit._write_record, Unit.find_record

    def find_record(self: Any, owner: str, key: str) -> Any:
        del owner
        return find(self, "everybody", key)

    _replace(patch, Unit, "find_record", find_record)
    _replace(
        patch,
        Unit,
        "_write_record",
        lambda self, record, *, finishes: write(self, attrs.evolve(record, owner="everybody"), finishes=finishes),
    )


@fault("idempotency.a-unit-that-lost-cannot-commit")
def a_lost_unit_commits_the_rest(patch: Patch) -> None:
    lose = MemorySession.lose

    def forgive(self: Any, reason: str) -> Any:
        error = lose(self, reason)
        self._lost = None
        return error

    _replace(patch, MemorySession, "lose", forgive)


@fault("outbox.numbers-go-on-without-gaps")
def numbers_are_used_up_by_rollbacks(patch: Patch) -> None:
    numbers: dict[str, Iterator[int]] = {}
    publish = Unit.publish

    def number(self: Any, events: Any) -> None:
        taken = list(events)
        self._numbers = [
            *getattr(self, "_numbers", []),
            *[next(numbers.setdefault(one.subject, count(1))) for one in taken],
        ]
        publish(self, taken)

    def write(self: Any) -> None:
        streams, events = self._session.view(STREAMS), self._session.view(EVENTS)
        for event, sequence in zip(self._events, self._numbers, strict=True):
            streams.changes[f"{event.subject_kind}/{event.subject}"] = Stream(sequence, 0)
            events.changes[to_event_key(Envelope(event, sequence))] = Envelope(event, sequence)

    _replace(patch, Unit, "publish", number)
    _replace(patch, Unit, "_write_events", write)


@fault("outbox.a-commit-writes-its-events")
def events_are_sent_after_the_commit_if_at_all(patch: Patch) -> None:
    _replace(patch, Unit, "_write_events", lambda _self: None)


@fault("queue.a-rolled-back-event-is-not-queued")
def events_are_written_at_once(patch: Patch) -> None:
    def publish(self: Any, events: Any) -> None:
        self._events = list(events)
        with self._session.writing():
            self._write_events()
        self._session._state.apply({name: dict(self._session.view(name).changes) for name in (STREAMS, EVENTS)})
        self._events = []

    _replace(patch, Unit, "publish", publish)


@fault("queue.a-late-commit-is-not-skipped")
def the_outbox_is_a_cursor_on_ids(patch: Patch) -> None:
    ids = count(1)
    rows: dict[int, Envelope] = {}
    cursor = [0]
    publish, write = Unit.publish, Unit._write_events

    def take_ids(self: Any, events: Any) -> None:
        taken = list(events)
        self._ids = [*getattr(self, "_ids", []), *[next(ids) for _ in taken]]
        publish(self, taken)

    def write_rows(self: Any) -> None:
        write(self)
        changed = self._session.view(EVENTS).changes
        rows.update(zip(self._ids, [row[0] for row in changed.values()], strict=False))

    def claim(self: Any, **_options: Any) -> tuple[Delivery, ...]:
        del self
        new = sorted(number for number in rows if number > cursor[0])
        cursor[0] = max([*new, cursor[0]])
        return tuple(Delivery((rows[number],), "c") for number in new)

    _replace(patch, Unit, "publish", take_ids)
    _replace(patch, Unit, "_write_events", write_rows)
    _replace(patch, Queue, "claim", claim)
    _replace(patch, Queue, "settle", lambda *_args, **_options: True)


@fault("queue.a-claim-is-exclusive")
def single_events_are_claimed(patch: Patch) -> None:
    taken: set[str] = set()

    def claim(self: Any, **options: Any) -> tuple[Delivery, ...]:
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            free = [one for _, one in session.view(EVENTS).scan({}) if one.id not in taken]
        taken.update(one.id for one in free)
        return tuple(Delivery((one,), options["claim"]) for one in free)

    _replace(patch, Queue, "claim", claim)


@fault("queue.a-lease-ends")
def leases_never_end(patch: Patch) -> None:
    claim = Queue.claim

    def claim_for_ever(self: Any, **options: Any) -> Any:
        return claim(self, **{**options, "lease": timedelta(days=1)})

    _replace(patch, Queue, "claim", claim_for_ever)


@fault("queue.a-lost-claim-settles-nothing")
def settling_needs_no_claim(patch: Patch) -> None:
    settle = Queue.settle

    def settle_anyway(self: Any, delivery: Delivery, delivered: int, *, ready_at: Any) -> bool:
        event = delivery.envelopes[0].event
        with self._state.read() as commit:
            session = MemorySession(self._state, None, commit)  # type: ignore[arg-type]  # a scope is not needed here
            stream = session.view(STREAMS).find(f"{event.subject_kind}/{event.subject}")
        return settle(self, attrs.evolve(delivery, claim=stream.claim), delivered, ready_at=ready_at)

    _replace(patch, Queue, "settle", settle_anyway)


@fault("queue.pruning-takes-only-what-is-published-and-old")
def pruning_takes_what_waits(patch: Patch) -> None:
    def prune(self: Any, *, before: Any, limit: int = 1000) -> int:
        del limit
        with self._state.read() as commit:
            session = MemorySession(self._state, None, commit)  # type: ignore[arg-type]  # a scope is not needed here
            with session.writing():
                events = session.view(EVENTS)
                old = [key for key, one in events.scan({}) if one.event.at < before]
                events.changes.update(dict.fromkeys(old, versioned_tables.GONE))
            session.commit()
        return len(old)

    _replace(patch, Queue, "prune", prune)


@fault("queue.new-events-are-ready-whatever-clock-wrote-them")
def new_events_wait_for_the_clock_that_wrote_them(patch: Patch) -> None:
    write = Unit._write_events

    def write_at(self: Any) -> None:
        write(self)
        for event in self._events:
            key, streams = f"{event.subject_kind}/{event.subject}", self._session.view(STREAMS)
            stream = streams.find_latest(key)
            late = max(stream.ready_at, min(event.at, AT + timedelta(hours=9)))
            streams.change(key, attrs.evolve(stream, ready_at=late))

    _replace(patch, Unit, "_write_events", write_at)


@fault("queue.a-claim-by-a-wrong-clock-is-void")
def claims_hold_as_long_as_the_clock_says(patch: Patch) -> None:
    _replace(patch, event_queue, "_is_free", lambda stream, now: stream.ready_at <= now)


@fault("queue.a-claim-can-be-renewed")
def renewing_does_nothing(patch: Patch) -> None:
    _replace(patch, Queue, "renew", lambda _self, deliveries, **_options: tuple(deliveries))


@fault("queue.a-lost-claim-is-not-renewed")
def renewing_needs_no_claim(patch: Patch) -> None:
    _replace(patch, Queue, "_is_held", lambda self, progress, one: progress.find_latest(self._to_key(one)) is not None)


@fault("queue.what-was-claimed-goes-behind-the-others")
def claiming_keeps_the_turn(patch: Patch) -> None:
    patch.setattr(SharedState, "turns", _FirstCome(), raising=False)


class _FirstCome:
    """Gives every aggregate the same turn, so that names decide."""

    def __set__(self, state: object, turns: object) -> None:
        pass

    def __get__(self, state: object, owner: object) -> Iterator[int]:
        return iter([0, 0])


@fault("queue.pruning-leaves-no-gap")
def pruning_goes_by_instants(patch: Patch) -> None:
    def prune(self: Any, *, before: Any, limit: int = 1000) -> int:
        with event_queue._write(self._state) as session:
            streams, events = session.view(STREAMS), session.view(EVENTS)
            done = [
                (one.event.at, key)
                for key, one in events.scan({}, latest=True)
                if one.event.at < before and one.sequence <= streams.find_latest(key.rpartition("/")[0]).published
            ]
            old = [key for _, key in sorted(done)][:limit]
            for key in old:
                events.change(key, None)
        return len(old)

    _replace(patch, Queue, "prune", prune)


@fault("subscription.each-has-its-own-position")
def subscribers_share_one_position(patch: Patch) -> None:
    _replace(patch, Subscriptions, "subscribe", lambda self, _name: Queue(self._state))


@fault("subscription.a-new-one-begins-with-what-comes")
def subscribers_begin_at_the_first_event(patch: Patch) -> None:
    write = Unit._write_events

    def write_all(self: Any) -> None:
        write(self)
        positions = self._session.view(POSITIONS)
        for key in list(positions.changes):
            if positions._table.find_latest(key)[0] is None:
                positions.change(key, attrs.evolve(positions.find_latest(key), published=0))

    _replace(patch, Unit, "_write_events", write_all)


@fault("subscription.a-known-name-goes-on")
def subscribing_again_begins_anew(patch: Patch) -> None:
    subscribe = Subscriptions.subscribe

    def subscribe_anew(self: Any, name: str) -> Any:
        self.unsubscribe(name)
        return subscribe(self, name)

    _replace(patch, Subscriptions, "subscribe", subscribe_anew)


@fault("subscription.pruning-waits-for-all")
def pruning_asks_one_subscriber(patch: Patch) -> None:
    _replace(patch, event_queue, "_find_awaited", lambda _positions: {})


@fault("subscription.unsubscribing-forgets")
def unsubscribing_leaves_the_position(patch: Patch) -> None:
    def unsubscribe(self: Any, name: str) -> bool:
        with event_queue._write(self._state) as session:
            is_known = session.view(SUBSCRIBERS).find_latest(name) is not None
            session.view(SUBSCRIBERS).change(name, None)
        return is_known

    _replace(patch, Subscriptions, "unsubscribe", unsubscribe)


@fault("inbox.an-event-is-taken-once")
def the_inbox_is_shared_by_consumers(patch: Patch) -> None:
    take = InboxBook.take
    _replace(patch, InboxBook, "take", lambda self, _consumer, event: take(self, "all", event))


@fault("reservation.threads-take-the-last-units-once")
def stock_is_loaded_and_saved(patch: Patch) -> None:
    change = Unit.change

    def change_what_was_read(self: Any, table: str) -> Any:
        rows = change(self, table)
        return self.read(table) if table == STOCK else rows  # as of the unit's beginning, not of the write

    begin = Unit.__init__

    def begin_slowly(self: Any, *args: Any) -> None:
        begin(self, *args)
        time.sleep(random.uniform(0, 0.003))  # noqa: S311 - spreads threads, guards no secret

    _replace(patch, Unit, "__init__", begin_slowly)
    _replace(patch, Unit, "change", change_what_was_read)


@fault("reservation.reserving-is-all-or-nothing")
def what_is_there_is_reserved(patch: Patch) -> None:
    reserve = Stock.reserve

    def reserve_each(self: Any, requests: Any, **options: Any) -> Any:
        return tuple(short for one in requests for short in reserve(self, [one], **options))

    _replace(patch, Stock, "reserve", reserve_each)


@fault("reservation.requests-on-one-item-are-summed")
def each_request_is_compared_alone(patch: Patch) -> None:
    def find(levels: Any, requests: Any) -> Any:
        short = find_shortages
        return tuple(one for request in requests for one in short(levels, [request]))

    _replace(patch, stock_over_tables, "find_shortages", find)


@fault("reservation.ids-are-used-once")
def reservation_ids_are_used_again(patch: Patch) -> None:
    reserve = Stock.reserve

    def reserve_again(self: Any, requests: Any, **options: Any) -> Any:
        asked = list(requests)
        for one in asked:
            self._unit.change(RESERVATIONS).pop(one.id, None)
        return reserve(self, asked, **options)

    _replace(patch, Stock, "reserve", reserve_again)


@fault("reservation.releasing-twice-is-harmless")
def a_second_release_gives_back_again(patch: Patch) -> None:
    change = Stock._change_live

    def change_any(self: Any, ids: Any, **changes: Any) -> Any:
        held = self._unit.change(RESERVATIONS)
        for key in ids:
            if held.get(key) is not None:
                held[key] = attrs.evolve(held[key], state=ReservationState.LIVE)
        return change(self, ids, **changes)

    _replace(patch, Stock, "_change_live", change_any)


@fault("reservation.what-is-due-expires")
def everything_expires(patch: Patch) -> None:
    expire = Stock.expire
    _replace(
        patch, Stock, "expire", lambda self, *, now, limit=100: expire(self, now=now + timedelta(days=9), limit=limit)
    )


@fault("reservation.consuming-lowers-both")
def consumed_goods_stay_on_hand(patch: Patch) -> None:
    _replace(patch, StockLevel, "consume", StockLevel.release)


@fault("return.pieces-taken-back-are-reserved-again")
def what_is_taken_back_is_free_for_all(patch: Patch) -> None:
    _replace(patch, StockLevel, "recall", StockLevel.restock)


@fault("return.only-what-left-is-taken-back")
def a_reservation_opens_with_all_that_it_ever_held(patch: Patch) -> None:
    def recall(self: Reservation, quantity: int) -> Reservation:
        self._check_away(quantity)
        return attrs.evolve(self, consumed=self.consumed - quantity, state=ReservationState.LIVE)

    _replace(patch, Reservation, "recall", recall)


@fault("return.what-is-sellable-is-on-hand-again")
def whatever_comes_back_is_sold_again(patch: Patch) -> None:
    def restock(self: Any, returns: Any, *, at: Any) -> None:
        KEPT_RESTOCK(self, [attrs.evolve(one, condition=ReturnCondition.SELLABLE) for one in returns], at=at)

    _replace(patch, Stock, "restock", restock)


@fault("return.a-piece-comes-back-once")
def pieces_come_back_again_and_again(patch: Patch) -> None:
    _replace(patch, Reservation, "restock", lambda self, _: self)


@fault("return.a-piece-comes-back-once")
def returns_are_compared_one_by_one(patch: Patch) -> None:
    def restock(self: Any, returns: Any, *, at: Any) -> None:
        for one in returns:
            KEPT_RESTOCK(self, [one], at=at)

    _replace(patch, Stock, "restock", restock)


@fault("return.a-return-is-told")
def returns_are_told_to_nobody(patch: Patch) -> None:
    def restock(self: Any, returns: Any, *, at: Any) -> None:
        told = self._unit.publish
        self._unit.publish = list
        KEPT_RESTOCK(self, returns, at=at)
        self._unit.publish = told

    _replace(patch, Stock, "restock", restock)


@fault("stock.a-shortage-is-recorded-and-told")
def a_short_count_is_raised_to_what_is_reserved(patch: Patch) -> None:
    record = StockLevel.count

    def raise_level(self: Any, one: Any) -> Any:
        level = record(self, one)
        return attrs.evolve(level, on_hand=max(level.on_hand, level.reserved))

    _replace(patch, StockLevel, "count", raise_level)


@fault("stock.a-count-keeps-what-is-reserved")
def a_count_forgets_what_is_reserved(patch: Patch) -> None:
    def record(self: Any, one: Any) -> Any:
        return StockLevel(self.item, self.merchant, one.on_hand, reserved=0, backorder=one.backorder)

    _replace(patch, StockLevel, "count", record)


@fault("counter.threads-never-pass-the-limit")
def counters_are_loaded_and_saved(patch: Patch) -> None:
    def claim(self: Any, name: str, amount: int, limit: int) -> bool:
        found = self._unit.read(COUNTERS).get(name) or 0
        time.sleep(random.uniform(0, 0.003))  # noqa: S311 - spreads threads, guards no secret
        if found + amount > limit:
            return False
        self._unit.change(COUNTERS)[name] = found + amount
        return True

    _replace(patch, CounterBook, "claim", claim)


@fault("counter.a-lowered-limit-grants-nothing")
def a_limit_is_remembered(patch: Patch) -> None:
    limits: dict[str, int] = {}
    claim = CounterBook.claim

    def claim_first(self: Any, name: str, amount: int, limit: int) -> bool:
        granted: bool = claim(self, name, amount, limits.setdefault(name, limit))
        return granted

    _replace(patch, CounterBook, "claim", claim_first)


@fault("counter.many-are-counted-at-once")
def unused_counters_are_left_out(patch: Patch) -> None:
    def count_many(self: Any, names: Any) -> dict[str, int]:
        counts = self._unit.read(COUNTERS)
        return {name: counts[name] for name in names if counts.get(name)}

    _replace(patch, CounterBook, "count_many", count_many)


@fault("counter.a-counter-holds-63-bits")
def limits_are_taken_as_they_are(patch: Patch) -> None:
    _replace(patch, counters_over_tables, "cut_limit", lambda limit: limit)


@fault("number.every-limit-is-checked")
def a_limit_of_expiring_is_taken_as_it_is(patch: Patch) -> None:
    _replace(patch, stock_over_tables, "check_limit", lambda limit: limit)


@fault("relation.related-buyers-read")
def relations_are_read_as_one_merchant(patch: Patch) -> None:
    def filter_reads(self: Any, scope: Scope) -> Any:
        found = KEPT_READS(self, scope)
        if found is None:
            return None
        return {
            name: min(map(str, wanted - {None})) if isinstance(wanted, frozenset) else wanted
            for name, wanted in found.items()
        }

    _replace(patch, Kind, "filter_reads", filter_reads)


@fault("relation.nobody-is-related-unless-looked-up")
def an_unknown_relation_shows_everything(patch: Patch) -> None:
    def filter_reads(self: Any, scope: Scope) -> Any:
        found = KEPT_READS(self, scope)
        is_open = found is None and self.related is not None and scope.party is Party.BUYER
        return {} if is_open else found

    _replace(patch, Kind, "filter_reads", filter_reads)


@fault("relation.related-buyers-do-not-write")
def whoever_reads_may_write(patch: Patch) -> None:
    _replace(patch, Kind, "filter_writes", KEPT_READS)


@fault("relation.named-parties-read-what-the-operator-writes")
def writers_are_not_looked_at(patch: Patch) -> None:
    def filter_writes(self: Any, scope: Scope) -> Any:
        return KEPT_WRITES(attrs.evolve(self, writers=frozenset(Party)), scope)

    _replace(patch, Kind, "filter_writes", filter_writes)


@fault("relation.a-fixed-column-stays")
def fixed_columns_are_saved(patch: Patch) -> None:
    _replace(patch, Kind, "check_fixed", lambda *_: None)


@fault("user.users-read-what-they-may")
def users_are_shown_empty_lists(patch: Patch) -> None:
    _replace(patch, unit, "check_reader", lambda *_: None)


@fault("user.undeclared-kinds-are-for-no-user")
def what_nobody_declared_is_for_every_user(patch: Patch) -> None:
    _replace(patch, kinds, "_reaches", lambda scope, permission: permission is None or KEPT_REACHES(scope, permission))


@fault("user.users-write-what-they-may")
def whoever_reads_a_kind_writes_it(patch: Patch) -> None:
    def filter_writes(self: Any, scope: Scope) -> Any:
        return KEPT_WRITES(attrs.evolve(self, writes=self.reads), scope)

    _replace(patch, Kind, "filter_writes", filter_writes)


@fault("user.parts-are-shown-by-party")
def a_page_shows_the_whole_record(patch: Patch) -> None:
    page = Repo.page

    def page_whole(self: Any, *args: Any, **named: Any) -> Any:
        patch.setattr(self, "_show", None)
        return page(self, *args, **named)

    _replace(patch, Repo, "page", page_whole)


@fault("user.authority-is-no-user")
def authority_keeps_the_users_permissions(patch: Patch) -> None:
    def to_operator(self: Scope) -> Scope:
        return attrs.evolve(KEPT_AUTHORITY(self), permissions=self.permissions)

    _replace(patch, Scope, "to_operator", to_operator)


@fault("user.stock-and-books-are-for-those-who-may")
def stock_is_for_every_user(patch: Patch) -> None:
    _replace(patch, stock_over_tables, "check_part", lambda *_: None)


@fault("user.stock-and-books-are-for-those-who-may")
def the_inbox_is_everybodys(patch: Patch) -> None:
    _replace(patch, counters_over_tables, "check_authority", lambda *_: None)


@fault("user.events-are-for-those-who-read-the-subject")
def events_are_for_every_user(patch: Patch) -> None:
    _replace(patch, unit, "check_event_reader", lambda *_: None)


@fault("user.parties-publish-what-names-them")
def anybody_publishes_anything(patch: Patch) -> None:
    _replace(patch, unit, "check_may_publish", lambda _, events: events)


@fault("marks.a-mark-holds-from-its-start-to-before-its-end")
def a_mark_holds_at_its_end(patch: Patch) -> None:
    _replace(
        patch, MarkIndex, "iterate", lambda self, marks, _at: (one[2] for text in marks for one in self._by_end[text])
    )
    _replace(patch, versioned_tables.View, "find_marked", _find_marked(lambda mark, at: mark.starts <= at <= mark.ends))


@fault("marks.a-saved-record-has-its-new-marks-only")
def former_marks_find_a_record(patch: Patch) -> None:
    _replace(patch, versioned_tables.View, "find_marked", _find_marked(lambda _mark, _at: True, checks_texts=False))


@fault("marks.a-saved-record-has-its-new-marks-only")
def own_marks_are_not_seen(patch: Patch) -> None:
    find = versioned_tables.View.find_marked

    def find_marked(self: Any, marks: set[str], at: datetime) -> dict[str, Any]:
        return {key: value for key, value in find(self, marks, at).items() if key not in self.changes}

    _replace(patch, versioned_tables.View, "find_marked", find_marked)


@fault("marks.any-mark-finds-a-record-once")
def all_marks_are_needed(patch: Patch) -> None:
    find = versioned_tables.View.find_marked

    def find_marked(self: Any, marks: set[str], at: datetime) -> dict[str, Any]:
        found = [find(self, {mark}, at) for mark in sorted(marks)]
        return {key: found[0][key] for key in set.intersection(*map(set, found))} if found else {}

    _replace(patch, versioned_tables.View, "find_marked", find_marked)


@fault("marks.marks-find-what-the-scope-reads")
def marks_find_everybodys_records(patch: Patch) -> None:
    def find_marked(self: Any, marks: Any, at: datetime) -> tuple[Any, ...]:
        return tuple(self._view.find_marked(set(marks), at).values())

    _replace(patch, Repo, "find_marked", find_marked)


@fault("reads.what-lasts-is-found-whoever-else-has-ended")
def what_names_nobody_has_ended(patch: Patch) -> None:
    find = Repo.find_lasting

    def find_lasting(self: Any, column: str, values: Any, unless_over: Any) -> tuple[Any, ...]:
        return tuple(one for one in find(self, column, values, unless_over) if one.label is not None)

    _replace(patch, Repo, "find_lasting", find_lasting)


def _find_marked(
    holds: Callable[[Mark, datetime], bool], *, checks_texts: bool = True
) -> Callable[..., dict[str, Any]]:
    """Return a look-up by marks with a mistake in what it takes for one that holds."""

    def find_marked(self: Any, marks: set[str], at: datetime) -> dict[str, Any]:
        rows = {key: self.find_row(key) for key in sorted({*self._table.iterate_marked(marks, at), *self.changes})}
        return {
            key: row[0]
            for key, row in rows.items()
            if any((mark.text in marks or not checks_texts) and holds(mark, at) for mark in row[1].get("*marks", ()))
        }

    return find_marked


KEPT_READS, KEPT_WRITES = Kind.filter_reads, Kind.filter_writes
KEPT_REACHES, KEPT_AUTHORITY = kinds._reaches, Scope.to_operator
KEPT_RESTOCK = Stock.restock


def _find_violation(clause_id: str) -> str | None:
    (clause,) = [clause for clause in STORE_CLAUSES if clause.id == clause_id]
    found = clause.find_violation(Bench(MemoryStore(KINDS, wait_seconds=2)))
    return None if found is None else found.message


@pytest.mark.parametrize("name", FAULTS)
def test_the_clause_that_names_a_fault_catches_it(name: str, monkeypatch: Patch) -> None:
    clause, plant = FAULTS[name]
    assert _find_violation(clause) is None
    plant(monkeypatch)
    seen = any(_find_violation(clause) for _ in range(20))  # a race is given more than one chance
    assert seen, f"{clause} did not notice that {name.replace('_', ' ')}"


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_one_mistake_not_a_wreck(name: str, monkeypatch: Patch) -> None:
    FAULTS[name][1](monkeypatch)
    kept = [
        one for one in ("repository.find-absent-is-none", "unit.an-empty-unit-commits") if _find_violation(one) is None
    ]
    assert kept == ["repository.find-absent-is-none", "unit.an-empty-unit-commits"]


def test_at_least_twenty_faults_are_planted() -> None:
    assert len(FAULTS) >= 20
