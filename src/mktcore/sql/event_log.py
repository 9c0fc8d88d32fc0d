"""Events in SQL: numbered per aggregate when the unit commits, and read back as the history of their aggregate."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.events import Envelope, Event
from mktcore.persistence import Party
from mktcore.persistence.outbox import AT_ONCE
from mktcore.persistence.queries import check_limit, check_sequence
from mktcore.sql.schema import SystemTables
from mktcore.sql.session import SqlSession
from mktcore.wire import Codec

__all__ = ["find_events", "to_envelope", "write_events"]


def write_events(session: SqlSession, codec: Codec, events: Sequence[Event]) -> None:
    """Number events and write them to the outbox.

    Called last in a unit: whoever numbers an aggregate's events keeps its row locked until the commit, so that numbers
    have no gaps and nobody sees 2 before 1; that should not take longer than it must.
    """
    by_stream: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_stream.setdefault((event.subject_kind, event.subject), []).append(event)
    streams = sorted(by_stream.items())
    statement = session.tables.prepare(_number_in_postgresql if session.is_postgresql else _number_in_sqlite)
    rows = session.write(statement, [_to_progress(stream, last=len(group), published=0) for stream, group in streams])
    numbered = {(row.kind, row.subject): row.last for row in rows}
    _tell_subscribers(session, {stream: (numbered[stream], len(group)) for stream, group in streams})
    session.write(
        session.tables.events.insert(),
        [
            _to_row(codec, event, numbered[stream] - len(group) + position)
            for stream, group in streams
            for position, event in enumerate(group, 1)
        ],
    )


def _tell_subscribers(session: SqlSession, streams: dict[tuple[str, str], tuple[int, int]]) -> None:
    """Let the subscribers that have a name wait for the new events: `last` and how many are new, by aggregate."""
    names = session.read(session.tables.prepare(_select_names)).scalars().all()
    if names:
        statement = session.tables.prepare(_move_in_postgresql if session.is_postgresql else _move_in_sqlite)
        rows = [
            {"subscriber": name, **_to_progress(stream, last=last, published=last - new)}
            for name in names
            for stream, (last, new) in streams.items()
        ]
        session.write(statement, rows)


def _to_progress(stream: tuple[str, str], last: int, published: int) -> dict[str, object]:
    kind, subject = stream
    # No clock of a writer: one that is ahead would keep the events from everybody until its time has come.
    return {
        "kind": kind,
        "subject": subject,
        "last": last,
        "published": published,
        "ready_at": AT_ONCE,
        "claim": "",
    }


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
    check_limit(limit)
    columns, last = session.tables.events.c, check_sequence(stream[0], after)
    mine = [columns.kind == stream[0], columns.subject == stream[1], columns.sequence > last]
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


def _select_names(tables: SystemTables) -> Any:
    # Locked until the commit, so that who unsubscribes waits, and no position of a forgotten subscriber is written.
    found = select(tables.subscribers.c.name).order_by(tables.subscribers.c.name)
    return found.with_for_update(read=True, key_share=True)


def _number(tables: SystemTables, insert: Any) -> Any:
    columns = tables.streams.c
    numbered = {"last": columns.last + insert.excluded.last, **_wait(columns, insert, columns.turn)}
    statement = insert.values(turn=_next_turn(tables.streams))
    statement = statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=numbered)
    return statement.returning(columns.kind, columns.subject, columns.last)


def _move(tables: SystemTables, insert: Any) -> Any:
    columns = tables.positions.c
    moved = {"last": insert.excluded.last, **_wait(columns, insert, columns.turn)}
    statement = insert.values(turn=_next_turn(tables.positions))
    return statement.on_conflict_do_update(index_elements=["subscriber", "kind", "subject"], set_=moved)


def _wait(columns: Any, insert: Any, turn: Any) -> dict[str, Any]:
    """Say when an aggregate may be claimed, and after which others; one that waits already keeps its turn."""
    waits = columns.published < columns.last
    return {
        "ready_at": case((waits, columns.ready_at), else_=insert.excluded.ready_at),
        "turn": case((waits, turn), else_=insert.excluded.turn),
    }


def _next_turn(table: Any) -> Any:
    # Two that take the same turn at once are equal; a sequence would only make one of them the first.
    waiting = table.alias()
    found = select(func.coalesce(func.max(waiting.c.turn), 0) + 1).where(waiting.c.published < waiting.c.last)
    return found.scalar_subquery()


def _number_in_postgresql(tables: SystemTables) -> Any:
    return _number(tables, postgresql.insert(tables.streams))


def _number_in_sqlite(tables: SystemTables) -> Any:
    return _number(tables, sqlite.insert(tables.streams))


def _move_in_postgresql(tables: SystemTables) -> Any:
    return _move(tables, postgresql.insert(tables.positions))


def _move_in_sqlite(tables: SystemTables) -> Any:
    return _move(tables, sqlite.insert(tables.positions))
