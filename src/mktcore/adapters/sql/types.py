"""Column types that keep what they are given."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from mktcore.clock import to_utc

__all__ = ["Instant", "SortedText"]


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
        instant = to_utc(value)
        return instant if dialect.name == "postgresql" else instant.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read in UTC."""
        if value is None:
            return None
        found = value if dialect.name == "postgresql" else datetime.fromisoformat(value)
        instant: datetime = found.astimezone(UTC)
        return instant


class SortedText(TypeDecorator[str]):
    """Text that sorts by code point in every database, so that a page ends at the same record everywhere."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by dialect: SQLite compares bytes already, PostgreSQL does with the collation "C"."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())
