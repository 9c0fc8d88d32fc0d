"""A store in SQL: SQLite embedded in the host's process, PostgreSQL for many processes."""

from mktcore.adapters.jittered_pause import pause_with_jitter
from mktcore.sql.database_names import InvalidNaming
from mktcore.sql.errors import DatabaseUnreachable, SchemaOutdated, UnsupportedDatabase
from mktcore.sql.inspect_layout import LayoutTooNew, TableTaken
from mktcore.sql.store import SqlStore
from mktcore.sql.store_tables import build_metadata
from mktcore.sql.unit import SqlUnit

__all__ = [
    "DatabaseUnreachable",
    "InvalidNaming",
    "LayoutTooNew",
    "SchemaOutdated",
    "SqlStore",
    "SqlUnit",
    "TableTaken",
    "UnsupportedDatabase",
    "build_metadata",
    "pause_with_jitter",
]
