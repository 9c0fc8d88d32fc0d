"""Events in SQL: numbered per aggregate when the unit commits, claimed by aggregate, never by a cursor on ids."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, case, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.schema import SystemTables
from mktcore.adapters.sql.session import SqlSession
from mktcore.adapters.sql.transactions import OwnTransaction
from mktcore.events import Envelope, Event
from mktcore.persistence import Party, Scope
from mktcore.persistence.outbox import Delivery
from mktcore.wire import Codec

__all__ = ["SqlQueue", "find_events", "to_envelope", "write_events"]

_BATCH = 100


def write_events(session: SqlSession, codec: Codec, events: Sequence[Event]) -> None:
    """Number events and write them to the outbox.

    Called last in a unit: whoever numbers an aggregate's events keeps its row locked until the commit, so that numbers
    have no gaps and nobody sees 2 before 1; that should not take longer than it must.
    """
    by_stream: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_stream.setdefault((event.subject_kind, event.subject), []).append(event)
    # In the order of streams, in every unit, so that two never wait for each other in a circle.
    rows = [
        {"kind": kind, "subject": subject, "last": len(group), "published": 0, "ready_at": group[0].at, "claim": ""}
        for (kind, subject), group in sorted(by_stream.items())
    ]
    statement = session.tables.prepare(_number_in_postgresql if session.is_postgresql else _number_in_sqlite)
    numbered = {(row.kind, row.subject): row.last for row in session.write(statement, rows)}
    session.write(
        session.tables.events.insert(),
        [
            _to_row(codec, event, numbered[stream] - len(group) + position)
            for stream, group in sorted(by_stream.items())
            for position, event in enumerate(group, 1)
        ],
    )


def _to_row(codec: Codec, event: Event, sequence: int) -> dict[str, object]:
    name, document = codec.write_fields(event)
    return {
        "kind": event.subject_kind,
        "subject": event.subject,
        "sequence": sequence,
        "at": event.at,
        "merchant": event.merchant,
        "buyer": event.buyer,
        "type": name,
        "document": document,
    }


def find_events(
    session: SqlSession, codec: Codec, stream: tuple[str, str], after: int, limit: int
) -> tuple[Envelope, ...]:
    """Return committed events of one aggregate that the scope may see, and of each what it may see, in order."""
    columns = session.tables.events.c
    mine = [columns.kind == stream[0], columns.subject == stream[1], columns.sequence > after]
    if session.scope.party is not Party.OPERATOR:
        mine.append((columns.merchant if session.scope.party is Party.MERCHANT else columns.buyer) == session.scope.id)
    found = (
        select(columns.sequence, columns.type, columns.document).where(*mine).order_by(columns.sequence).limit(limit)
    )
    # The conditions chose those that name the party, so that the limit counts what is returned; each is shown by party.
    shown = (to_envelope(codec, row).view_for(session.scope) for row in session.read(found))
    return tuple(envelope for envelope in shown if envelope is not None)


def to_envelope(codec: Codec, row: Any) -> Envelope:
    """Return the event of a row."""
    return Envelope(codec.read_fields(row.type, row.document), row.sequence)


class SqlQueue:
    """Hands out the heads of aggregates' queues; each call is a transaction of its own."""

    def __init__(self, engine: Engine, codec: Codec, tables: SystemTables) -> None:
        """Work on a store's database."""
        self._engine = engine
        self._codec = codec
        self._tables = tables

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        columns = self._tables.streams.c
        ready = and_(columns.published < columns.last, columns.ready_at <= now)
        found = select(columns.kind, columns.subject).where(ready).order_by(columns.ready_at).limit(limit)
        with translate_errors(), self._engine.connect() as connection:
            session = SqlSession(OwnTransaction(connection), Scope.operator(), self._tables)
            session.begin_writing()
            # Skip what another relay is claiming: waiting for it would find it claimed.
            streams = [tuple(row) for row in session.read(found.with_for_update(skip_locked=True))]
            if not streams:
                return ()
            mine = tuple_(columns.kind, columns.subject).in_(sorted(streams))
            # The lease is the turn itself: until it ends nobody finds the aggregate ready.
            session.write(update(self._tables.streams).where(mine).values(claim=claim, ready_at=now + lease))
            rows = session.read(self._tables.prepare(_select_heads).where(mine)).all()
            session.commit()
        heads: dict[tuple[str, str], list[Envelope]] = {(kind, subject): [] for kind, subject in streams}
        for row in rows:
            heads[row.kind, row.subject].append(to_envelope(self._codec, row))
        return tuple(Delivery(tuple(envelopes), claim) for envelopes in heads.values())

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        event = delivery.envelopes[0].event
        columns = self._tables.streams.c
        published = delivery.envelopes[0].sequence - 1
        # By the number too: a caller may give two claims one name, and the mark must not move twice.
        held = and_(
            columns.kind == event.subject_kind,
            columns.subject == event.subject,
            columns.claim == delivery.claim,
            columns.published == published,
        )
        statement = (
            update(self._tables.streams)
            .where(held)
            .values(published=published + delivered, ready_at=ready_at, claim="")
        )
        return self._write(statement) == 1

    def count_pending(self) -> int:
        """Return how many committed events are not published yet."""
        columns = self._tables.streams.c
        waiting = select(func.coalesce(func.sum(columns.last - columns.published), 0))
        with translate_errors(), self._engine.connect() as connection:
            return int(connection.execute(waiting.where(columns.published < columns.last)).scalar_one())

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` published events that happened before an instant."""
        columns = self._tables.events.c
        streams = self._tables.streams
        stream = and_(streams.c.kind == columns.kind, streams.c.subject == columns.subject)
        # The last event may go too: numbers go on from the stream, not from the events.
        old = select(columns.kind, columns.subject, columns.sequence).join(streams, stream)
        old = old.where(columns.at < before, columns.sequence <= streams.c.published).order_by(columns.at).limit(limit)
        key = tuple_(columns.kind, columns.subject, columns.sequence)
        return self._write(delete(self._tables.events).where(key.in_(old)))

    def _write(self, statement: Any) -> int:
        with translate_errors(), self._engine.connect() as connection:
            session = SqlSession(OwnTransaction(connection), Scope.operator(), self._tables)
            changed: int = session.write(statement).rowcount
            session.commit()
        return changed


def _select_heads(tables: SystemTables) -> Any:
    events, streams = tables.events.c, tables.streams.c
    same = and_(streams.kind == events.kind, streams.subject == events.subject)
    found = select(events.kind, events.subject, events.sequence, events.type, events.document)
    found = found.join_from(tables.events, tables.streams, same)
    waiting = (events.sequence > streams.published, events.sequence <= streams.published + _BATCH)
    return found.where(*waiting).order_by(events.kind, events.subject, events.sequence)


def _number(tables: SystemTables, insert: Any) -> Any:
    columns = tables.streams.c
    # A stream that waits keeps its turn: newer events must not put older ones off.
    waits = columns.published < columns.last
    numbered = {
        "last": columns.last + insert.excluded.last,
        "ready_at": case((waits, columns.ready_at), else_=insert.excluded.ready_at),
    }
    statement = insert.on_conflict_do_update(index_elements=["kind", "subject"], set_=numbered)
    return statement.returning(columns.kind, columns.subject, columns.last)


def _number_in_postgresql(tables: SystemTables) -> Any:
    return _number(tables, postgresql.insert(tables.streams))


def _number_in_sqlite(tables: SystemTables) -> Any:
    return _number(tables, sqlite.insert(tables.streams))
