"""Rows given to PostgreSQL as JSON: one parameter and one statement, whatever their number.

An array for each column, or a value for each cell, takes psycopg several times as long to send.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Integer, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from mktcore.sql.types import Instant

__all__ = ["give_rows", "insert_given", "to_given"]

_TO_JSON = json.JSONEncoder(default=datetime.isoformat, check_circular=False, separators=(",", ":")).encode


def to_given(rows: Any) -> str:
    """Return rows as a statement takes them."""
    return _TO_JSON(rows)


def give_rows(name: str, columns: Iterable[Column[Any]]) -> Any:
    """Return rows with these columns that the parameter `name` brings, to be selected from."""
    typed = [column(one.name, _to_plain(one.type)) for one in columns]
    given = func.json_to_recordset(cast(bindparam(name, type_=Text), JSON)).table_valued(*typed, name=f"given_{name}")
    return given.render_derived(with_types=True)


def insert_given(name: str, table: Table, condition: Any = None) -> Any:
    """Return an insertion of rows of a table that the parameter `name` brings, if a condition holds."""
    rows = select(*give_rows(name, table.columns).c)
    names = [one.name for one in table.columns]
    return postgresql.insert(table).from_select(names, rows if condition is None else rows.where(condition))


def _to_plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, Instant):
        return DateTime(timezone=True)
    return kind if isinstance(kind, BigInteger | Integer) else Text()
