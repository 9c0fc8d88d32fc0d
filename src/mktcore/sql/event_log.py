"""Events in SQL: numbered per aggregate when the unit commits, and read back as the history of their aggregate."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.events import Envelope, Event
from mktcore.persistence import Party
from mktcore.persistence.event_ports import AT_ONCE
from mktcore.persistence.queries import check_limit, check_sequence
from mktcore.sql.driver_statements import Call
from mktcore.sql.given_rows import give_rows, to_given
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables
from mktcore.sql.types import Instant
from mktcore.wire import Codec

__all__ = ["find_events", "to_envelope", "write_events"]

Streams = Mapping[tuple[str, str], Sequence[Event]]
"""New events by the aggregate they are of: its kind and its id."""
Numbered = Mapping[tuple[str, str], int]
"""The last number of each aggregate's events."""


def write_events(session: SqlSession, codec: Codec, events: Sequence[Event]) -> None:
    """Number events and write them to the outbox.

    Called last in a unit: whoever numbers an aggregate's events keeps its row locked until the commit, so that numbers
    have no gaps and nobody sees 2 before 1; that should not take longer than it must.
    """
    by_stream: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_stream.setdefault((event.subject_kind, event.subject), []).append(event)
    streams = dict(sorted(by_stream.items()))
    write = _write_in_postgresql if session.is_postgresql else _write_in_sqlite
    numbered, names = write(session, codec, streams)
    # The subscribers that have a name wait for the new events, too.
    if names:
        statement = session.tables.prepare(_move_in_postgresql if session.is_postgresql else _move_in_sqlite)
        rows = [
            {"subscriber": name, **_to_progress(stream, last=numbered[stream], published=numbered[stream] - len(group))}
            for name in names
            for stream, group in streams.items()
        ]
        session.write(statement, rows)


def _write_in_postgresql(session: SqlSession, codec: Codec, streams: Streams) -> tuple[Numbered, list[str]]:
    """Number events and write them in one statement; return the last number of each aggregate, and the subscribers."""
    rows = [_to_row(codec, event, place) for group in streams.values() for place, event in enumerate(group, 1)]
    counts = [{"kind": kind, "subject": subject, "last": len(group)} for (kind, subject), group in streams.items()]
    given = {"streams": to_given(counts), "events": to_given(rows), "at_once": AT_ONCE}
    written, names = session.write_together(
        [Call(session.tables.prepare(_number_and_add), given), Call(session.tables.prepare(_select_names), {})]
    )
    return {(kind, subject): last for kind, subject, last in written.rows}, [name for (name,) in names.rows]


def _write_in_sqlite(session: SqlSession, codec: Codec, streams: Streams) -> tuple[Numbered, list[str]]:
    number = session.tables.prepare(_number_in_sqlite)
    counts = [_to_progress(stream, last=len(group), published=0) for stream, group in streams.items()]
    written = session.write_together([Call(number, count) for count in counts])
    numbered = {(kind, subject): last for answer in written for kind, subject, last in answer.rows}
    rows = [
        _to_row(codec, event, numbered[stream] - len(group) + place)
        for stream, group in streams.items()
        for place, event in enumerate(group, 1)
    ]
    calls = [Call(session.tables.prepare(_add_events), rows), Call(session.tables.prepare(_select_names), {})]
    names = session.write_together(calls)[1]
    return numbered, [name for (name,) in names.rows]


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
    session: SqlSession, codec: Codec, stream: tuple[str, str], *, after: int, limit: int
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


def _change_number(tables: SystemTables, insert: Any) -> Any:
    columns = tables.streams.c
    numbered = {"last": columns.last + insert.excluded.last, **_wait(columns, insert, columns.turn)}
    statement = insert.on_conflict_do_update(index_elements=["kind", "subject"], set_=numbered)
    return statement.returning(columns.kind, columns.subject, columns.last)


def _add_events(tables: SystemTables) -> Any:
    return tables.events.insert()


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


def _number_and_add(tables: SystemTables) -> Any:
    """Number aggregates' events, and add them with these numbers: they are given with their places in the unit."""
    columns, events = tables.streams.c, tables.events
    given = give_rows("streams", [columns.kind, columns.subject, columns.last])
    values = (given.c.kind, given.c.subject, given.c.last, literal(0), bindparam("at_once", type_=Instant), literal(""))
    names = ["kind", "subject", "last", "published", "ready_at", "claim", "turn"]
    insert = postgresql.insert(tables.streams).from_select(names, select(*values, _next_turn(tables.streams)))
    numbered = _change_number(tables, insert).cte("numbered")
    counted, new = give_rows("streams", [columns.kind, columns.subject, columns.last]), give_rows("events", events.c)
    is_same = [and_(one.c.kind == new.c.kind, one.c.subject == new.c.subject) for one in (numbered, counted)]
    before = numbered.c.last - counted.c.last
    shown = [new.c[one.name] + before if one.name == "sequence" else new.c[one.name] for one in events.c]
    rows = select(*shown).where(*is_same)
    added = postgresql.insert(events).from_select([one.name for one in events.c], rows).cte("added")
    return select(numbered.c.kind, numbered.c.subject, numbered.c.last).add_cte(added)


def _number_in_sqlite(tables: SystemTables) -> Any:
    return _change_number(tables, sqlite.insert(tables.streams).values(turn=_next_turn(tables.streams)))


def _move_in_postgresql(tables: SystemTables) -> Any:
    return _move(tables, postgresql.insert(tables.positions))


def _move_in_sqlite(tables: SystemTables) -> Any:
    return _move(tables, sqlite.insert(tables.positions))
