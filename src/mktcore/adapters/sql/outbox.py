"""Events in SQL: numbered per aggregate when the unit commits, claimed by aggregate, never by a cursor on ids."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, case, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.schema import EVENTS, STREAMS
from mktcore.adapters.sql.session import SqlSession
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
    rows = [
        {"kind": kind, "subject": subject, "last": len(group), "published": 0, "ready_at": group[0].at, "claim": ""}
        for (kind, subject), group in sorted(by_stream.items())
    ]
    statement = _NUMBER_POSTGRESQL if session.is_postgresql else _NUMBER_SQLITE
    numbered = {(row.kind, row.subject): row.last for row in session.write(statement, rows)}
    session.write(
        EVENTS.insert(),
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
    """Return committed events of one aggregate that the scope may see, in order."""
    columns = EVENTS.c
    mine = [columns.kind == stream[0], columns.subject == stream[1], columns.sequence > after]
    if session.scope.party is not Party.OPERATOR:
        mine.append((columns.merchant if session.scope.party is Party.MERCHANT else columns.buyer) == session.scope.id)
    found = (
        select(columns.sequence, columns.type, columns.document).where(*mine).order_by(columns.sequence).limit(limit)
    )
    return tuple(to_envelope(codec, row) for row in session.read(found))


def to_envelope(codec: Codec, row: Any) -> Envelope:
    """Return the event of a row."""
    return Envelope(codec.read_fields(row.type, row.document), row.sequence)


class SqlQueue:
    """Hands out the heads of aggregates' queues; each call is a transaction of its own."""

    def __init__(self, engine: Engine, codec: Codec) -> None:
        """Work on a store's database."""
        self._engine = engine
        self._codec = codec

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        columns = STREAMS.c
        ready = and_(columns.published < columns.last, columns.ready_at <= now)
        found = select(columns.kind, columns.subject).where(ready).order_by(columns.ready_at).limit(limit)
        with translate_errors(), self._engine.connect() as connection:
            session = SqlSession(connection, Scope.operator())
            session.begin_writing()
            streams = [tuple(row) for row in session.read(found.with_for_update(skip_locked=True))]
            if not streams:
                return ()
            mine = tuple_(columns.kind, columns.subject).in_(sorted(streams))
            session.write(update(STREAMS).where(mine).values(claim=claim, ready_at=now + lease))
            rows = session.read(_HEADS.where(mine)).all()
            session.commit()
        heads: dict[tuple[str, str], list[Envelope]] = {(kind, subject): [] for kind, subject in streams}
        for row in rows:
            heads[row.kind, row.subject].append(to_envelope(self._codec, row))
        return tuple(Delivery(tuple(envelopes), claim) for envelopes in heads.values())

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        event = delivery.envelopes[0].event
        columns = STREAMS.c
        published = delivery.envelopes[0].sequence - 1
        held = and_(
            columns.kind == event.subject_kind,
            columns.subject == event.subject,
            columns.claim == delivery.claim,
            columns.published == published,
        )
        statement = update(STREAMS).where(held).values(published=published + delivered, ready_at=ready_at, claim="")
        return self._write(statement) == 1

    def count_pending(self) -> int:
        """Return how many committed events are not published yet."""
        columns = STREAMS.c
        waiting = select(func.coalesce(func.sum(columns.last - columns.published), 0))
        with translate_errors(), self._engine.connect() as connection:
            return int(connection.execute(waiting.where(columns.published < columns.last)).scalar_one())

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` published events that happened before an instant."""
        columns = EVENTS.c
        stream = and_(STREAMS.c.kind == columns.kind, STREAMS.c.subject == columns.subject)
        old = select(columns.kind, columns.subject, columns.sequence).join(STREAMS, stream)
        old = old.where(columns.at < before, columns.sequence <= STREAMS.c.published).order_by(columns.at).limit(limit)
        key = tuple_(columns.kind, columns.subject, columns.sequence)
        return self._write(delete(EVENTS).where(key.in_(old)))

    def _write(self, statement: Any) -> int:
        with translate_errors(), self._engine.connect() as connection:
            session = SqlSession(connection, Scope.operator())
            changed: int = session.write(statement).rowcount
            session.commit()
        return changed


_HEADS = (
    select(EVENTS.c.kind, EVENTS.c.subject, EVENTS.c.sequence, EVENTS.c.type, EVENTS.c.document)
    .join(STREAMS, and_(STREAMS.c.kind == EVENTS.c.kind, STREAMS.c.subject == EVENTS.c.subject))
    .where(EVENTS.c.sequence > STREAMS.c.published, EVENTS.c.sequence <= STREAMS.c.published + _BATCH)
    .order_by(EVENTS.c.kind, EVENTS.c.subject, EVENTS.c.sequence)
)


def _build_numbering(insert: Any) -> Any:
    waits = STREAMS.c.published < STREAMS.c.last
    numbered = {
        "last": STREAMS.c.last + insert.excluded.last,
        "ready_at": case((waits, STREAMS.c.ready_at), else_=insert.excluded.ready_at),
    }
    statement = insert.on_conflict_do_update(index_elements=["kind", "subject"], set_=numbered)
    return statement.returning(STREAMS.c.kind, STREAMS.c.subject, STREAMS.c.last)


_NUMBER_POSTGRESQL = _build_numbering(postgresql.insert(STREAMS))
_NUMBER_SQLITE = _build_numbering(sqlite.insert(STREAMS))
