"""A unit of work in SQL."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from mktcore.access import Permission
from mktcore.access.unit_checks import check_event_reader, check_may_publish, check_part, check_reader
from mktcore.events import Envelope, Event
from mktcore.persistence import Kind, Scope
from mktcore.persistence.errors import UnknownKind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.noted_reads import NotedReads
from mktcore.sql.counters import SqlCounters, SqlInbox
from mktcore.sql.event_log import find_events, write_events
from mktcore.sql.idempotency import SqlRecords
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.ledger import SqlLedger
from mktcore.sql.lookup_statements import LookupStatements
from mktcore.sql.noted_reads import SqlReads
from mktcore.sql.repository import SqlRepository
from mktcore.sql.session import SqlSession
from mktcore.sql.stock import SqlStock
from mktcore.sql.stock_statements import build_find_levels
from mktcore.wire import Codec

__all__ = ["SqlUnit"]

T = TypeVar("T", bound=Aggregate)


class SqlUnit:
    """One transaction of a store in SQL; it has every part that a use case may ask for.

    Attributes:
        scope: Who is asking.
        counters: Counts that many writers share.
        inbox: Events handled already.
    """

    def __init__(
        self, session: SqlSession, lookups: LookupStatements, codec: Codec, *, documents: KnownDocuments
    ) -> None:
        """Work on a session.

        Args:
            session: The unit's.
            lookups: Of the store.
            codec: Reads and writes events, and answers under keys.
            documents: Reads and writes records.
        """
        self.scope: Scope = session.scope
        self._session = session
        self._lookups = lookups
        self._kinds = lookups.kinds
        self._codec = codec
        self._documents = documents
        self._events: list[Event] = []
        self._repositories: dict[str, SqlRepository[Any]] = {}
        self._records = SqlRecords(session, codec)
        self._stock = SqlStock(session, self)
        self.counters = SqlCounters(session)
        self.inbox = SqlInbox(session)
        self._ledger = SqlLedger(session)

    @property
    def stock(self) -> SqlStock:
        """Stock items and reservations."""
        check_part(self.scope, Permission.STOCK)
        return self._stock

    @property
    def ledger(self) -> SqlLedger:
        """The books."""
        check_part(self.scope, Permission.FINANCE)
        return self._ledger

    def repository(self, kind: Kind[T]) -> SqlRepository[T]:
        """Return the repository of a kind that the store was opened with."""
        known = self._repositories.get(kind.name)
        if known is not None and known.kind is kind:
            return known
        statements = self._kinds.get(kind.name)
        if statements is None or statements.kind is not kind:
            raise UnknownKind(kind.name)
        check_reader(self.scope, kind)
        found: SqlRepository[Any] = SqlRepository(self._session, statements, self._documents, lookups=self._lookups)
        self._repositories[kind.name] = found
        return found

    def add_records(self, groups: Iterable[tuple[Kind[Any], Sequence[Any]]]) -> None:
        """Store new records of several kinds, in the order given; after an error the unit can only be left."""
        added = [(self.repository(kind), values) for kind, values in groups if values]
        calls = [repository.list_additions(values) for repository, values in added]
        answers = iter(self._session.write_together([call for some in calls for call in some]))
        for (repository, values), some in zip(added, calls, strict=True):
            # The first tells whether all records were added, the others write what they are found by.
            count, *_ = [next(answers).count for _ in some]
            if count != len(values):
                error = repository.explain_conflict(values)
                self._session.lose(f"not all records of {repository.kind.name} could be added")
                raise error
            repository.marks.add(values)

    def note_reads(self) -> NotedReads:
        """Begin to note what repositories find; only under authority, from which no record is kept."""
        if not self.scope.is_authority:
            return NotedReads()
        levels = self._session.tables.prepare(
            build_find_levels, is_postgresql=self._session.is_postgresql, is_owned=False
        )
        notes = SqlReads(self._session.read_together, self._lookups, self._documents, select_stock=levels)
        self._session.note_in(notes)
        return notes

    def publish(self, events: Iterable[Event]) -> None:
        """Keep events for the commit, which numbers them."""
        self._session.check_usable()
        self._events.extend(check_may_publish(self.scope, events))

    def find_events(self, subject_kind: str, subject: str, *, after: int = 0, limit: int = 100) -> tuple[Envelope, ...]:
        """Return committed events of one aggregate whose sequence is above `after`, in order."""
        statements = self._kinds.get(subject_kind)
        check_event_reader(self.scope, subject_kind, None if statements is None else statements.kind)
        return find_events(self._session, self._codec, stream=(subject_kind, subject), after=after, limit=limit)

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        """Return what this owner's key was used for, or None."""
        return self._records.find(owner, key)

    def record(self, record: IdempotencyRecord) -> None:
        """Remember what a key was used for."""
        self._records.add(record)

    def find_records(self, owner: str, keys: Iterable[str]) -> dict[str, IdempotencyRecord]:
        """Return what this owner's keys were used for, by key."""
        return self._records.find_many(owner, keys)

    def record_many(self, records: Sequence[IdempotencyRecord]) -> None:
        """Remember what several keys were used for."""
        self._records.add_many(records)

    def finish_record(self, record: IdempotencyRecord) -> None:
        """Freeze the result of a key that was recorded as in progress."""
        self._records.finish(record)

    def commit(self) -> None:
        """Make everything of this unit durable, with its events."""
        if self._events:
            write_events(self._session, self._codec, self._events)
        self._session.commit()
