"""Column types that keep what they are given."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from mktcore.clock import to_utc

__all__ = ["COLUMN_TYPES", "Instant", "JsonList", "SortedText", "read_column_instant"]


def _to_sorted_text(value: datetime) -> str:
    return to_utc(value).isoformat(timespec="microseconds")


def read_column_instant(value: datetime | str) -> datetime:
    """Return an instant as a driver reads it, in UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An instant: `timestamptz` on PostgreSQL, on SQLite text of fixed width in UTC, which sorts as time does."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by dialect."""
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write in UTC."""
        if value is None:
            return None
        return to_utc(value) if dialect.name == "postgresql" else _to_sorted_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read in UTC."""
        del dialect
        if value is None:
            return None
        return read_column_instant(value)


class SortedText(TypeDecorator[str]):
    """Text that sorts by code point in every database, so that a page ends at the same record everywhere."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by dialect: SQLite compares bytes already, PostgreSQL does with the collation "C"."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())


class JsonList(TypeDecorator[Sequence[str | int | datetime]]):
    """Texts, ints or instants as one parameter, for SQLite's `json_each`; never a column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str | int | datetime] | None, dialect: Dialect) -> Any:
        """Write as JSON, in ASCII, an instant as its column has it."""
        del dialect
        return None if value is None else json.dumps(value, default=_to_sorted_text)


COLUMN_TYPES: Mapping[type, type[TypeEngine[Any]]] = {int: BigInteger, datetime: Instant, str: SortedText}
"""What an ordered column is, by what it holds."""
