"""The queues of unpublished events in SQL: claimed by aggregate, never by a cursor on ids."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update

from mktcore.errors import MktcoreError
from mktcore.events import Envelope
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import LONGEST_LEASE, Delivery, check_lease, check_subscriber
from mktcore.persistence.queries import check_limit
from mktcore.sql.column_comparisons import insert_new
from mktcore.sql.connections import Connections
from mktcore.sql.errors import translate_errors
from mktcore.sql.event_log import to_envelope
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables
from mktcore.wire import Codec

__all__ = ["SqlQueue", "SqlSubscriptions"]

_BATCH = 100


class SqlQueue:
    """Hands out the heads of aggregates' queues to one subscriber; each call is a transaction of its own."""

    def __init__(self, connections: Connections, codec: Codec, tables: SystemTables, *, subscriber: str = "") -> None:
        """Work on a store's database, for the subscriber without a name or for another one."""
        self._connections = connections
        self._codec = codec
        self._tables = tables
        self._progress = tables.positions if subscriber else tables.streams
        self._mine = [tables.positions.c.subscriber == subscriber] if subscriber else []

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        check_limit(limit)
        until, columns = now + check_lease(lease), self._progress.c
        free = or_(columns.ready_at <= now, columns.ready_at > now + LONGEST_LEASE)
        waiting = select(columns.kind, columns.subject).where(*self._mine, columns.published < columns.last, free)
        found = waiting.order_by(columns.turn, columns.kind, columns.subject).limit(limit)
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            session.begin_writing()
            # Skip what another relay is claiming: waiting for it would find it claimed.
            streams = [tuple(row) for row in session.read(found.with_for_update(skip_locked=True))]
            if not streams:
                return ()
            mine = [*self._mine, tuple_(columns.kind, columns.subject).in_(sorted(streams))]
            last = select(func.coalesce(func.max(columns.turn), 0) + 1).where(
                *self._mine, columns.published < columns.last
            )
            turn = session.read(last).scalar_one()
            session.write(update(self._progress).where(*mine).values(claim=claim, ready_at=until, turn=turn))
            rows = session.read(self._select_heads().where(*mine)).all()
            session.commit()
        heads: dict[tuple[str, str], list[Any]] = {(kind, subject): [] for kind, subject in streams}
        for row in rows:
            heads[row.kind, row.subject].append(row)
        read = [(self._read_head(head), claim) for head in heads.values()]
        return tuple(Delivery(envelopes, claim) for envelopes, claim in read if envelopes)

    def _select_heads(self) -> Any:
        events, progress = self._tables.events.c, self._progress.c
        same = and_(progress.kind == events.kind, progress.subject == events.subject)
        found = select(events.kind, events.subject, events.sequence, events.type, events.document)
        found = found.join_from(self._tables.events, self._progress, same)
        waiting = (events.sequence > progress.published, events.sequence <= progress.published + _BATCH)
        return found.where(*waiting).order_by(events.kind, events.subject, events.sequence)

    def _read_head(self, rows: Sequence[Any]) -> tuple[Envelope, ...]:
        """Return the events up to one that cannot be read, or is not there: nothing that follows goes before it."""
        head: list[Envelope] = []
        for row in rows:
            if head and row.sequence != head[-1].sequence + 1:
                break
            try:
                head.append(to_envelope(self._codec, row))
            except MktcoreError:
                break  # the claim holds until its lease ends, so that it is tried again; `verify` tells of it
        return tuple(head)

    def renew(self, deliveries: Sequence[Delivery], *, now: datetime, lease: timedelta) -> tuple[Delivery, ...]:
        """Hold claims until `now + lease`, and return those of them that are still held."""
        until = now + check_lease(lease)
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            session.begin_writing()
            held = [
                one
                for one in sorted(deliveries, key=_to_stream)  # by name, as everybody who locks several does
                if session.write(self._update_held(one).values(ready_at=until)).rowcount == 1
            ]
            session.commit()
        return tuple(one for one in deliveries if any(one is kept for kept in held))

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        published = delivery.envelopes[0].sequence - 1 + delivered
        settled = self._update_held(delivery).values(published=published, ready_at=ready_at, claim="")
        return self._write(settled) == 1

    def _update_held(self, delivery: Delivery) -> Any:
        columns, (kind, subject) = self._progress.c, _to_stream(delivery)
        held = (columns.claim == delivery.claim, columns.published == delivery.envelopes[0].sequence - 1)
        # By the number too: a caller may give two claims one name, and the mark must not move twice.
        return update(self._progress).where(*self._mine, columns.kind == kind, columns.subject == subject, *held)

    def count_pending(self) -> int:
        """Return how many committed events are not published to this subscriber yet."""
        columns = self._progress.c
        waiting = select(func.coalesce(func.sum(columns.last - columns.published), 0))
        with self._connections.open() as connection, translate_errors():
            pending = waiting.where(*self._mine, columns.published < columns.last)
            return int(connection.execute(pending).scalar_one())

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` events that happened before an instant and that every subscriber was sent."""
        check_limit(limit)
        events, streams = self._tables.events.c, self._tables.streams
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            session.begin_writing()
            done, left = 0, limit
            for row in session.read(_select_prunable(self._tables, before).limit(limit)).all():
                mine = (events.kind == row.kind, events.subject == row.subject)
                last = min(row.upper, row.lowest + left - 1)
                gone = session.write(delete(self._tables.events).where(*mine, events.sequence <= last)).rowcount
                stream = (streams.c.kind == row.kind, streams.c.subject == row.subject)
                session.write(update(streams).where(*stream, streams.c.pruned < last).values(pruned=last))
                done, left = done + gone, left - gone
                if left < 1:
                    break
            session.commit()
        return done

    def _write(self, statement: Any) -> int:
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            changed: int = session.write(statement).rowcount
            session.commit()
        return changed


def _to_stream(delivery: Delivery) -> tuple[str, str]:
    event = delivery.envelopes[0].event
    return event.subject_kind, event.subject


def _select_prunable(tables: SystemTables, before: datetime) -> Any:
    """Ask for aggregates that may lose their first events, and up to which.

    Clocks differ, so an earlier event may bear a later instant; it goes first all the same, or a gap would be left that
    looks as if an event was lost.
    """
    events, streams, positions = tables.events.c, tables.streams.c, tables.positions.c
    earlier = tables.events.alias()
    same = (earlier.c.kind == events.kind, earlier.c.subject == events.subject)
    kept = exists().where(*same, earlier.c.sequence < events.sequence, earlier.c.at >= before)
    here = (positions.kind == events.kind, positions.subject == events.subject)
    awaited = exists().where(*here, positions.published < events.sequence)
    stream = and_(streams.kind == events.kind, streams.subject == events.subject)
    old = select(
        events.kind,
        events.subject,
        func.max(events.sequence).label("upper"),
        func.min(events.sequence).label("lowest"),
    ).join_from(tables.events, tables.streams, stream)
    old = old.where(events.at < before, events.sequence <= streams.published).where(~kept, ~awaited)
    return old.group_by(events.kind, events.subject).order_by(events.kind, events.subject)


class SqlSubscriptions:
    """Subscribers with a position of their own each; see `mktcore.persistence.event_ports.Subscriptions`."""

    def __init__(self, connections: Connections, codec: Codec, tables: SystemTables) -> None:
        """Work on a store's database."""
        self._connections = connections
        self._codec = codec
        self._tables = tables

    def subscribe(self, name: str) -> SqlQueue:
        """Return the position of a subscriber: a new one, or for a known name where it was."""
        check_subscriber(name)
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            session.write(insert_new(self._tables.subscribers, is_postgresql=session.is_postgresql), {"name": name})
            session.commit()
        return SqlQueue(self._connections, self._codec, self._tables, subscriber=name)

    def unsubscribe(self, name: str) -> bool:
        """Forget a subscriber and its position; tell whether it was there."""
        subscribers, positions = self._tables.subscribers, self._tables.positions
        with self._connections.open_for_writing() as transaction:
            session = SqlSession(transaction, Scope.operator(), self._tables)
            gone: int = session.write(delete(subscribers).where(subscribers.c.name == name)).rowcount
            session.write(delete(positions).where(positions.c.subscriber == name))
            session.commit()
        return gone == 1

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all subscribers, sorted."""
        names = select(self._tables.subscribers.c.name).order_by(self._tables.subscribers.c.name)
        with self._connections.open() as connection, translate_errors():
            return tuple(connection.execute(names).scalars())
