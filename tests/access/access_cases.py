"""Every cell of the ownership matrix, tried on every path to a record, on a store built from the same matrix."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any, ClassVar, Protocol

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import NAMES_ITS_BUYER, Asker, Owned, RecordAction, list_access
from mktcore.events import Event
from mktcore.persistence import Committing, Kind, NotFound, Outbox, Repositories, Scope, column
from mktcore.persistence.event_ports import EventLog
from mktcore.wire import register_type

NOW = datetime(2026, 7, 1, tzinfo=UTC)
_numbers = count(1)


class Path(StrEnum):
    """How one gets at a record."""

    GET = "get"
    LIST = "list"
    COUNT = "count"
    FILTER = "filter"
    BULK = "bulk"
    CHILD = "child"
    EVENT = "event"


@attrs.frozen
class Thing:
    """An owned record, its child, or an assignment of it."""

    id: str
    owner: str | None
    buyer: str | None
    note: str
    parent: str | None = None
    version: int = 0


@attrs.frozen(kw_only=True)
class ThingTouched(Event):
    subject_kind: ClassVar[str] = "test_thing"
    note: str


register_type("tests.thing", 1, Thing)
register_type("tests.thing-touched", 1, ThingTouched)


def make_kind(subject: Owned, suffix: str, action: RecordAction = RecordAction.UPDATE) -> Kind[Thing]:
    columns = {name: column(name) for name in ("owner", "buyer", "note", "parent")}
    return Kind(f"test_{subject.name.lower()}{suffix}", Thing, columns=columns, **scope_rule(subject, action))


RECORDS = {subject: make_kind(subject, "") for subject in Owned}
CHILDREN = {subject: make_kind(subject, "_part") for subject in Owned}
ASSIGNMENTS = {subject: make_kind(subject, "_use", RecordAction.ASSIGN) for subject in Owned}
KINDS = (*RECORDS.values(), *CHILDREN.values(), *ASSIGNMENTS.values())


class Unit(Repositories, Outbox, EventLog, Committing, Protocol):
    """What a case needs."""


class Store(Protocol):
    def begin(self, scope: Scope) -> AbstractContextManager[Unit]: ...


@attrs.frozen
class Case:
    """May this asker do this, seen on this path?"""

    subject: Owned
    action: RecordAction
    asker: Asker
    path: Path
    allowed: bool

    def __str__(self) -> str:
        return f"{self.subject}-{self.action}-{self.asker}-{self.path}".replace(" ", "-")


def list_cases() -> Iterator[Case]:
    """Yield every cell with every path."""
    for subject, action, asker, allowed in list_access():
        for path in Path:
            # Events go to the parties they name: a shipment's names its buyer, a catalog's none.
            unheard = asker is Asker.RELATED_BUYER and subject not in NAMES_ITS_BUYER and path is Path.EVENT
            yield Case(subject, action, asker, path, allowed and not (action is RecordAction.READ and unheard))


def find_leak(store: Store, case: Case) -> str:
    """Try a case, and return how it ends otherwise than the matrix says; nothing when it ends so."""
    return _Trial(store, case, next(_numbers)).run()


@attrs.frozen
class _Trial:
    store: Store
    case: Case
    number: int

    @property
    def owner(self) -> str:
        return f"owner-{self.number}"

    @property
    def scope(self) -> Scope:
        n = self.number
        related = frozenset({self.owner})
        return {
            Asker.OPERATOR: Scope.operator(),
            Asker.OWNER: Scope.merchant(self.owner),
            Asker.OTHER_MERCHANT: Scope.merchant(f"other-{n}"),
            Asker.RELATED_BUYER: attrs.evolve(Scope.buyer(f"buyer-{n}"), merchants=related),
            Asker.UNRELATED_BUYER: attrs.evolve(Scope.buyer(f"stranger-{n}"), merchants=frozenset({f"other-{n}"})),
        }[self.case.asker]

    @property
    def kind(self) -> Kind[Thing]:
        if self.case.path is Path.CHILD:
            return CHILDREN[self.case.subject]
        return (ASSIGNMENTS if self.case.action is RecordAction.ASSIGN else RECORDS)[self.case.subject]

    def make(self, note: str, suffix: str = "") -> Thing:
        names_buyer = self.case.subject in NAMES_ITS_BUYER
        buyer = f"buyer-{self.number}" if names_buyer else None
        return Thing(f"thing-{self.number}{suffix}", self.owner, buyer, note, f"parent-{self.number}")

    def run(self) -> str:
        action, old, mark = self.case.action, f"old-{self.number}", f"mark-{self.number}"
        if action is RecordAction.READ:
            self.put(mark)
            return self.compare(self.is_seen(self.scope, mark), "seen")
        if action in {RecordAction.CREATE, RecordAction.ASSIGN}:
            self.write(lambda unit: self.add(unit, mark), mark)
            return self.compare(self.is_seen(Scope.operator(), mark), "created")
        stored = self.put(old)
        if action is RecordAction.UPDATE:
            changed = [attrs.evolve(thing, note=mark) for thing in stored]
            self.write(lambda unit: self.save(unit, changed), mark)
            return self.compare(self.is_seen(Scope.operator(), mark), "changed")
        self.write(lambda unit: [unit.repository(self.kind).remove(thing) for thing in stored], mark)
        if self.case.path is Path.EVENT:
            return self.compare(self.is_seen(Scope.operator(), mark), "told")
        return self.compare(not self.is_seen(Scope.operator(), old), "removed")

    def compare(self, happened: object, what: str) -> str:
        if bool(happened) is self.case.allowed:
            return ""
        return f"{self.case}: {'' if happened else 'not '}{what}"

    def put(self, note: str) -> list[Thing]:
        with self.store.begin(Scope.operator()) as unit:
            things = [unit.repository(self.kind).add(self.make(note))]
            if self.case.path is Path.BULK:
                things.append(unit.repository(self.kind).add(self.make(note, "-b")))
            unit.publish([self.make_event(note)])
            unit.commit()
        return things

    def make_event(self, note: str) -> ThingTouched:
        thing = self.make(note)
        return ThingTouched(subject=thing.id, at=NOW, merchant=thing.owner, buyer=thing.buyer, note=note)

    def write(self, work: Any, mark: str) -> None:
        try:
            with self.store.begin(self.scope) as unit:
                work(unit)
                unit.publish([self.make_event(mark)])
                unit.commit()
        except NotFound as refusal:
            assert self.owner not in str(refusal)  # noqa: PT017 - the refusal itself must tell nothing

    def add(self, unit: Unit, mark: str) -> None:
        repository = unit.repository(self.kind)
        if self.case.path is Path.BULK:
            repository.add_many([self.make(mark), self.make(mark, "-b")])
        else:
            repository.add(self.make(mark))

    def save(self, unit: Unit, changed: list[Thing]) -> None:
        repository = unit.repository(self.kind)
        if self.case.path is Path.BULK:
            repository.save_many(changed)
        else:
            repository.save(changed[0])

    def is_seen(self, scope: Scope, mark: str) -> bool:
        """Tell whether somebody sees, on this path, a record with this note."""
        thing = self.make(mark)
        with self.store.begin(scope) as unit:
            repository = unit.repository(self.kind)
            if self.case.path is Path.GET:
                return self.get(repository, thing.id, mark)
            if self.case.path is Path.LIST:
                return any(one.note == mark for one in repository.stream())
            if self.case.path is Path.COUNT:
                whole = repository.count() if scope.party is not scope.party.OPERATOR else 0
                return repository.count({"note": mark}) + whole > 0
            if self.case.path is Path.BULK:
                found = repository.find_many([thing.id, f"{thing.id}-b"])
                return [one.note for one in found.values()] == [mark, mark]
            if self.case.path is Path.EVENT:
                return any(one.event.note == mark for one in unit.find_events("test_thing", thing.id))  # type: ignore[attr-defined]  # this kind's only event
            wanted = ("parent", thing.parent) if self.case.path is Path.CHILD else ("note", mark)
            return any(one.note == mark for one in repository.find_where(wanted[0], [wanted[1]]))

    @staticmethod
    def get(repository: Any, key: str, mark: str) -> bool:
        found = repository.find(key)
        if found is not None:
            assert repository.get(key) == found
            return bool(found.note == mark)
        try:
            repository.get(key)
        except NotFound:
            return False
        raise AssertionError(key)
