"""Working inside of Django's transaction: `market.joined(DjangoTransaction())` within `transaction.atomic()`.

With `ATOMIC_REQUESTS` every view is within one.
"""

from typing import Any

from django.db import connections

from mktcore.persistence.errors import NoTransaction

__all__ = ["DjangoTransaction"]


class DjangoTransaction:
    """The transaction that is open on one of Django's connections, in the thread that asks.

    Django's connection has to be to the marketplace's own database: SQLite, or PostgreSQL through psycopg 3. Statements
    run on the driver's connection itself, so Django's log of queries does not show them.
    """

    def __init__(self, using: str = "default") -> None:
        """Name the connection.

        Args:
            using: Its alias in Django's settings.
        """
        self._using = using

    def get_driver_connection(self) -> Any:
        """Return the driver's connection.

        Raises:
            NoTransaction: No `atomic()` is open on it.
        """
        connection = connections[self._using]
        if not connection.in_atomic_block:
            raise NoTransaction(f"connection {self._using!r} of Django")
        # A block that only began has perhaps said nothing to the database yet.
        connection.ensure_connection()
        return connection.connection

    def get_address(self) -> str:
        """Return what tells its database from others."""
        settings = connections[self._using].settings_dict
        return "/".join(str(settings.get(name)) for name in ("ENGINE", "HOST", "PORT", "NAME"))
