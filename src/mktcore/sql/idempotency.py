"""Idempotency records in SQL."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from mktcore.persistence import NotFound
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.sql.column_comparisons import insert_new
from mktcore.sql.driver_statements import Call
from mktcore.sql.packed_text import pack_text, unpack_text
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables
from mktcore.sql.types import read_column_instant
from mktcore.wire import Codec
from mktcore.wire.documents import MAX_STORED_BYTES

__all__ = ["SqlRecords", "read_result", "to_idempotency_record"]


def read_result(codec: Codec, kept: str | None) -> Any:
    """Return the answer that a row keeps; None while there is none."""
    if kept is None:
        return None
    return codec.from_json(unpack_text(kept, max_bytes=MAX_STORED_BYTES), max_bytes=MAX_STORED_BYTES)


def to_idempotency_record(codec: Codec, row: Any) -> IdempotencyRecord:
    """Return the record of a row."""
    result = read_result(codec, row.result)
    return IdempotencyRecord(
        row.owner,
        key=row.key,
        operation=row.operation,
        request=json.loads(row.request),
        result=result,
        at=read_column_instant(row.at),
    )


class _Row(NamedTuple):
    owner: str
    key: str
    operation: str
    request: str
    result: str | None
    at: datetime | str


class SqlRecords:
    """What keys were used for, and what came of them."""

    def __init__(self, session: SqlSession, codec: Codec) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._codec = codec

    def find(self, owner: str, key: str) -> IdempotencyRecord | None:
        """Return what this owner's key was used for, or None."""
        if not self._session.scope.is_authority:
            return None
        return self.find_many(owner, [key]).get(key)

    def find_many(self, owner: str, keys: Iterable[str]) -> dict[str, IdempotencyRecord]:
        """Return what this owner's keys were used for, by key."""
        if not self._session.scope.is_authority:
            return {}
        find = self._session.tables.prepare(_build_find)
        calls = [Call(find, {"owned_by": owner, "used": key}) for key in keys]
        # Most often the first statements of a unit: sent so, PostgreSQL's BEGIN goes with them.
        answers = self._session.read_together(calls) if calls else []
        rows = [_Row(*answer.rows[0]) for answer in answers if answer.rows]
        return {row.key: to_idempotency_record(self._codec, row) for row in rows}

    def add(self, record: IdempotencyRecord) -> None:
        """Remember what a key was used for."""
        self.add_many([record])

    def add_many(self, records: Sequence[IdempotencyRecord]) -> None:
        """Remember what keys were used for."""
        build = _build_insert_postgresql if self._session.is_postgresql else _build_insert_sqlite
        insert = self._session.tables.prepare(build)
        # In the order of keys, as whoever remembers the same ones would wait for them.
        ordered = sorted(records, key=lambda record: (record.owner, record.key))
        for record in ordered:
            self._check_scope(record)
        answers = self._session.write_together([Call(insert, self._to_row(record)) for record in ordered])
        for record, answer in zip(ordered, answers, strict=True):
            # Another unit used the key meanwhile: from the start, this one finds what was answered.
            if answer.count != 1:
                raise self._session.lose(f"the key {record.key!r} was used in the meantime")

    def finish(self, record: IdempotencyRecord) -> None:
        """Freeze the result of a key that was recorded as in progress."""
        self._check_scope(record)
        row = {f"new_{name}": value for name, value in self._to_row(record).items()}
        if self._session.write(self._session.tables.prepare(_build_finish), row).rowcount != 1:
            raise self._session.lose(f"the key {record.key!r} is not in progress")

    def _to_row(self, record: IdempotencyRecord) -> dict[str, Any]:
        result = None if record.result is None else pack_text(self._codec.to_json(record.result).decode())
        return {
            "owner": record.owner,
            "key": record.key,
            "operation": record.operation,
            "request": json.dumps(record.request),
            "result": result,
            "at": record.at,
        }

    def _check_scope(self, record: IdempotencyRecord) -> None:
        if not self._session.scope.is_authority:
            raise NotFound("idempotency record", record.key)


def _build_find(tables: SystemTables) -> Any:
    records = tables.records
    return select(records).where(records.c.owner == bindparam("owned_by"), records.c.key == bindparam("used"))


def _build_insert_postgresql(tables: SystemTables) -> Any:
    return insert_new(tables.records, is_postgresql=True)


def _build_insert_sqlite(tables: SystemTables) -> Any:
    return insert_new(tables.records, is_postgresql=False)


def _build_finish(tables: SystemTables) -> Any:
    columns = tables.records.c
    key = (columns.owner == bindparam("new_owner"), columns.key == bindparam("new_key"))
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("operation", "request", "result", "at")}
    return update(tables.records).where(*key, columns.result.is_(None)).values(changed)
