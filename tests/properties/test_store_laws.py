"""Whatever is done to them, the store in memory and the one in SQL answer alike, and the invariants hold on both."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mktcore.audit import verify_store
from mktcore.errors import MktcoreError
from mktcore.persistence import Scope, put
from mktcore.persistence.ranges import Above, AtLeast, AtMost, Below, Between
from mktcore.stock import ReservationRequest, StockCount
from mktcore.testing.stores.samples import AT, ENTRIES, PARCELS, Entry, Parcel, ParcelMoved
from persistence.opening import open_store

SCOPES = st.sampled_from([Scope.operator(), Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("ann")])
MERCHANTS = st.sampled_from(["acme", "bolt"])
IDS = st.sampled_from(["a", "b", "c", "D"])
ITEMS = st.sampled_from(["i1", "i2"])
RESERVATIONS = st.lists(st.sampled_from([f"r{n}" for n in range(6)]), max_size=3)
TIMES = st.integers(0, 3).map(lambda hours: AT + timedelta(hours=hours))
SMALL = st.integers(0, 5)
LABELS = st.none() | st.sampled_from(["x", "y"])


class TwoStores(RuleBasedStateMachine):
    """Every step is one unit, run on both stores; what it returns or raises must be the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [open_store(name, Path(self.folder.name)) for name in ("memory", "sqlite")]

    def teardown(self) -> None:
        self.stores[1].close()
        self.folder.cleanup()

    def run(self, scope: Scope, work: Callable[[Any], object], *, commit: bool = True) -> None:
        answers = [self.answer(store, scope, work, commit=commit) for store in self.stores]
        assert answers[0] == answers[1]

    @staticmethod
    def answer(store: Any, scope: Scope, work: Callable[[Any], object], *, commit: bool) -> object:
        try:
            with store.begin(scope) as unit:
                found = work(unit)
                if commit:
                    unit.commit()
        except MktcoreError as error:
            return type(error), error.code
        return found

    @rule(scope=SCOPES, key=IDS, merchant=MERCHANTS, label=LABELS, lot=SMALL, commit=st.booleans())
    def add(self, *, scope: Scope, key: str, merchant: str, label: str | None, lot: int, commit: bool) -> None:
        parcel = Parcel(key, merchant, buyer="ann" if lot % 2 else None, label=label, lot=lot)
        self.run(scope, lambda unit: unit.repository(PARCELS).add(parcel), commit=commit)

    @rule(scope=SCOPES, key=IDS, merchant=MERCHANTS, label=LABELS, lag=st.integers(0, 1))
    def save(self, scope: Scope, key: str, merchant: str, label: str | None, lag: int) -> None:
        def work(unit: Any) -> object:
            found = unit.repository(PARCELS).get(key)
            changed = attrs.evolve(found, merchant=merchant, label=label, version=max(found.version - lag, 0))
            return unit.repository(PARCELS).save(changed)

        self.run(scope, work)

    @rule(scope=SCOPES, key=IDS)
    def remove(self, scope: Scope, key: str) -> None:
        self.run(scope, lambda unit: unit.repository(PARCELS).remove(unit.repository(PARCELS).get(key)))

    @rule(scope=SCOPES, merchant=MERCHANTS, lot=SMALL, label=LABELS, after=st.none() | IDS, limit=st.integers(1, 3))
    def look(self, *, scope: Scope, merchant: str, lot: int, label: str | None, after: str | None, limit: int) -> None:
        def work(unit: Any) -> object:
            parcels = unit.repository(PARCELS)
            page = parcels.page({"merchant": merchant}, after=after, limit=limit)
            return page, parcels.count({"lot": lot}), parcels.find_where("label", [label, "x"]), list(parcels.stream())

        self.run(scope, work)

    @rule(scope=SCOPES, item=ITEMS, merchant=MERCHANTS, on_hand=SMALL, backorder=st.integers(0, 2), at=TIMES)
    def count(self, *, scope: Scope, item: str, merchant: str, on_hand: int, backorder: int, at: Any) -> None:
        self.run(
            scope,
            lambda unit: unit.stock.set_on_hand([StockCount(item, merchant, on_hand, backorder=backorder)], at=at),
        )

    @rule(scope=SCOPES, names=RESERVATIONS, item=ITEMS, quantity=st.integers(1, 3), expires_at=st.none() | TIMES)
    def reserve(self, scope: Scope, names: list[str], item: str, quantity: int, expires_at: Any) -> None:
        requests = [ReservationRequest(name, item if n % 2 else "i1", quantity) for n, name in enumerate(names)]
        self.run(scope, lambda unit: unit.stock.reserve(requests, expires_at=expires_at, at=AT))

    @rule(scope=SCOPES, names=RESERVATIONS, expires_at=st.none() | TIMES, release=st.booleans())
    def end(self, scope: Scope, names: list[str], expires_at: Any, release: bool) -> None:
        if release:
            self.run(scope, lambda unit: unit.stock.release(names, at=AT))
        else:
            self.run(scope, lambda unit: unit.stock.extend(names, expires_at=expires_at))

    @rule(scope=SCOPES, name=st.sampled_from([f"r{n}" for n in range(6)]), quantity=SMALL)
    def consume(self, scope: Scope, name: str, quantity: int) -> None:
        self.run(scope, lambda unit: unit.stock.consume({name: quantity}, at=AT))

    @rule(scope=SCOPES, now=TIMES, limit=st.integers(1, 3))
    def expire(self, scope: Scope, now: Any, limit: int) -> None:
        self.run(scope, lambda unit: unit.stock.expire(now=now, limit=limit))

    @rule(scope=SCOPES, amount=st.integers(1, 4), limit=SMALL, release=st.booleans())
    def claim(self, scope: Scope, amount: int, limit: int, release: bool) -> None:
        if release:
            self.run(scope, lambda unit: unit.counters.release("c", amount))
        else:
            self.run(scope, lambda unit: (unit.counters.claim("c", amount, limit), unit.counters.count("c")))

    @rule(names=st.lists(IDS, max_size=4), commit=st.booleans(), merchant=st.none() | MERCHANTS)
    def publish(self, names: list[str], commit: bool, merchant: str | None) -> None:
        events = [ParcelMoved(subject=name, at=AT, merchant=merchant) for name in names]
        self.run(Scope.operator(), lambda unit: unit.publish(events), commit=commit)

    @rule(delivered=st.integers(0, 2), limit=st.integers(1, 2))
    def relay(self, delivered: int, limit: int) -> None:
        settled = []
        for store in self.stores:
            given = store.queue.claim(claim="c", now=AT + timedelta(days=1), lease=timedelta(0), limit=99)
            chosen = sorted(given, key=lambda delivery: str(delivery.envelopes[0].id))[:limit]
            done = [store.queue.settle(one, min(delivered, len(one.envelopes)), ready_at=AT) for one in chosen]
            settled.append(
                ([[one.id for one in delivery.envelopes] for delivery in chosen], done, store.queue.count_pending())
            )
        assert settled[0] == settled[1]

    @rule(scope=SCOPES, name=IDS, item=ITEMS)
    def read_log(self, scope: Scope, name: str, item: str) -> None:
        self.run(scope, lambda unit: (unit.find_events("testing_parcel", name), unit.find_events("stock_item", item)))

    @invariant()
    def invariants_hold(self) -> None:
        assert [verify_store(store) for store in self.stores] == [(), ()]


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


RANKS = st.none() | st.integers(-2, 2)
INSTANTS = st.none() | st.integers(0, 3).map(lambda minutes: AT + timedelta(minutes=minutes))
TITLES = st.none() | st.sampled_from(["", "A", "a", "ä", "\uffff", "\U00010000"])
ENTRY_IDS = st.sampled_from([f"e{number}" for number in range(8)])
ORDERS = st.none() | st.sampled_from(["rank", "-rank", "at", "-at", "title", "-title"])


def ranges(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    given_values = values.filter(lambda value: value is not None)
    one_ended = [st.builds(kind, given_values) for kind in (AtLeast, Above, AtMost, Below)]
    return st.one_of(st.builds(Between, given_values, given_values), *one_ended)


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "merchant": MERCHANTS,
        "shelf": st.sampled_from(["", "s"]),
        "rank": RANKS | ranges(RANKS),
        "at": INSTANTS | ranges(INSTANTS),
        "title": TITLES | ranges(TITLES),
    },
)
OPERATORS: dict[type, Callable[[Any, Any], bool]] = {AtLeast: ge, Above: gt, AtMost: le, Below: lt}


class NaiveEntries:
    """What lists must hold, as plainly as it can be said: everything is filtered, sorted and cut anew."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def list_all(self, scope: Scope, where: dict[str, Any], order: str | None) -> list[Entry]:
        seen = [one for one in self.entries.values() if scope == Scope.operator() or one.merchant == scope.id]
        if scope.party == "buyer":
            seen = []
        found = [one for one in seen if all(self.holds(getattr(one, name), wanted) for name, wanted in where.items())]
        found.sort(key=lambda one: one.id)
        ranged = [name for name, wanted in where.items() if isinstance(wanted, (Between, *OPERATORS))]
        name = (order or (ranged[0] if ranged else "")).removeprefix("-")
        if not name:
            return found
        descends = order is not None and order.startswith("-")
        found.sort(key=lambda one: one.id, reverse=descends)
        valued = [one for one in found if getattr(one, name) is not None]
        valued.sort(key=lambda one: getattr(one, name), reverse=descends)
        return valued + [one for one in found if getattr(one, name) is None]

    @staticmethod
    def holds(value: Any, wanted: Any) -> bool:
        if isinstance(wanted, Between):
            return value is not None and wanted.start <= value < wanted.end
        if type(wanted) in OPERATORS:
            return value is not None and OPERATORS[type(wanted)](value, wanted.value)
        return bool(value == wanted)


class OrderedLists(RuleBasedStateMachine):
    """Pages, streams and counts of both stores are those of the naive model, after any changes, on any page size."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [open_store(name, Path(self.folder.name)) for name in ("memory", "sqlite")]
        self.model = NaiveEntries()

    def teardown(self) -> None:
        self.stores[1].close()
        self.folder.cleanup()

    @rule(
        key=ENTRY_IDS, merchant=MERCHANTS, rank=RANKS, at=INSTANTS, title=TITLES, shelf=st.sampled_from(["", "s"]),
        commit=st.booleans(),
    )  # fmt: skip
    def write(self, *, key: str, commit: bool, **fields: Any) -> None:
        known = self.model.entries.get(key)
        changed = Entry(key, **fields) if known is None else attrs.evolve(known, **fields)
        for store in self.stores:
            with store.begin(Scope.operator()) as unit:
                put(unit, ENTRIES, changed)
                if commit:
                    unit.commit()
        if commit:
            self.model.entries[key] = attrs.evolve(changed, version=changed.version + 1)

    @rule(key=ENTRY_IDS)
    def remove(self, key: str) -> None:
        known = self.model.entries.pop(key, None)
        for store in self.stores if known is not None else ():
            with store.begin(Scope.operator()) as unit:
                unit.repository(ENTRIES).remove(known)
                unit.commit()

    @rule(scope=SCOPES, where=CONDITIONS, order=ORDERS, limit=st.integers(1, 4))
    def look(self, scope: Scope, where: dict[str, Any], order: str | None, limit: int) -> None:
        expected = self.model.list_all(scope, where, order)
        for store in self.stores:
            with store.begin(scope) as unit:
                entries = unit.repository(ENTRIES)
                assert list(entries.stream(where, order=order)) == expected
                assert entries.count(where) == len(expected)
                found, after = [], None
                while True:
                    page = entries.page(where, order=order, after=after, limit=limit)
                    found += page.items
                    after = page.next
                    if after is None:
                        break
                    assert len(page.items) == limit
                assert found == expected


TestOrderedLists = OrderedLists.TestCase
TestOrderedLists.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
