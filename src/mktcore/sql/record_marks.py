"""Marks of records in SQL: one table for all kinds, with one index by mark, end and start of each period."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert

from mktcore.persistence import Kind
from mktcore.sql.store_tables import SystemTables

__all__ = ["build_forget_marks", "build_insert_marks", "list_mark_rows"]


def build_forget_marks(tables: SystemTables) -> Any:
    """Return the removal of the marks of the record `marked` of the kind `marked_kind`."""
    columns = tables.marks.c
    return delete(tables.marks).where(columns.kind == bindparam("marked_kind"), columns.id == bindparam("marked"))


def build_insert_marks(tables: SystemTables) -> Any:
    """Return the insertion of marks."""
    return insert(tables.marks)


def list_mark_rows(kind: Kind[Any], values: Sequence[Any], ends: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """Return the rows of the marks of some records, in the order of ids: locks are taken in it.

    Args:
        kind: Theirs.
        values: The records.
        ends: When others end that these name, by the others' ids; see `Kind.lasting`.
    """
    lasting = kind.lasting
    named = {} if lasting is None else {value.id: str(kind.read_column(lasting.named_in, value)) for value in values}
    return [
        {
            "kind": kind.name,
            "text": mark.text,
            "ends": ends.get(named.get(value.id, ""), mark.ends),
            "starts": mark.starts,
            "id": value.id,
        }
        for value in sorted(values, key=lambda one: str(one.id))
        for mark in sorted(kind.read_marks(value), key=lambda one: (one.text, one.ends, one.starts))
    ]
