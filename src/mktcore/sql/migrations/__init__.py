"""Alembic migrations of the tables that every store keeps, for hosts that migrate their database themselves.

Add `mktcore.sql.migrations:versions` (the folder `VERSIONS`) to `version_locations` of the host's Alembic
environment; the revisions carry the branch label `mktcore`, and name tables with the prefix `mktcore_` in the
connection's own schema. The tables of kinds are data of the host's own choice: give `build_metadata(kinds)` to
autogenerate, whose revisions `host_revisions` keeps in the host's own folder.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import attrs
from sqlalchemy import Connection

from mktcore.errors import ErrorCategory
from mktcore.persistence import Kind
from mktcore.persistence.errors import StoreError
from mktcore.sql.change_layout import change_layout, lock_layout
from mktcore.sql.database_names import Naming
from mktcore.sql.first_release import list_old_indexes
from mktcore.sql.inspect_layout import check_free
from mktcore.sql.store_tables import build_store_tables
from mktcore.wire import Codec

__all__ = ["VERSIONS", "IrreversibleMigration", "check_names", "migrate_tables"]

VERSIONS = Path(__file__).parent / "versions"
"""The folder of the revisions."""


@attrs.define(eq=False, slots=False)
class IrreversibleMigration(StoreError):
    """A revision that cannot be undone: an older release could not read what was written since."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.irreversible-migration"
    remedy: ClassVar[str] = "restore the copy of the database that was made before"
    revision: str

    def describe(self) -> str:
        """Name it."""
        return f"revision {self.revision} cannot be undone"


def check_names(connection: Connection) -> None:
    """Refuse a database that holds anything under the names of what every store has, before the first table is made.

    Raises:
        TableTaken: Something does; nothing was changed.
    """
    check_free(connection, build_store_tables((), Naming()), besides=list_old_indexes())


def migrate_tables(connection: Connection, kinds: Iterable[Kind[Any]] = (), *, codec: Codec | None = None) -> None:
    """Move what release 0.1.0 stored to the tables of this one, in the transaction of the connection.

    The library's own kinds are migrated in any case. A database that is migrated already stays as it is.

    Args:
        connection: In a transaction, which the caller commits; on SQLite of an engine that begins one for DDL too.
        kinds: The host's own kinds.
        codec: How documents are read and written; the shared one by default.

    Raises:
        TableTaken: Something bears one of our names that we did not make; nothing was changed.
        LayoutTooNew: A later release was here.
    """
    if connection.dialect.name == "postgresql":  # on SQLite the transaction, which has begun, is the lock
        lock_layout(connection)
    change_layout(connection, kinds, naming=Naming(), codec=codec or Codec())
