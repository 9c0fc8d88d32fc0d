"""A host that is a Django project: its settings, and databases that tests add to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import django
from django.conf import settings
from django.db import connections
from sqlalchemy import make_url

__all__ = ["add_database", "lend_connection"]

_numbers = count(1)

if not settings.configured:
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        USE_TZ=True,
        ROOT_URLCONF="persistence.django_shop",
        ALLOWED_HOSTS=["*"],
    )
    django.setup()


def add_database(url: str, **options: Any) -> str:
    """Add the database at an address of SQLAlchemy to Django's, and return its alias.

    Args:
        url: Where it is.
        options: More of Django's settings for it.
    """
    alias, target = f"host_{next(_numbers)}", make_url(url)
    found: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": target.database}
    if target.get_backend_name() == "postgresql":
        host = target.host or target.query.get("host", "")
        found |= {"ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": str(target.port or "")}
        found |= {"USER": target.username or "", "PASSWORD": target.password or ""}
    default = connections.settings["default"]
    connections.settings[alias] = connections.configure_settings({"default": default, alias: found | options})[alias]
    return alias


@contextmanager
def lend_connection(alias: str) -> Iterator[None]:
    """Give this thread another connection to a database, and close it afterwards; as if a second request came."""
    former = getattr(connections._connections, alias, None)
    connections[alias] = connections.create_connection(alias)
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]
        if former is not None:
            connections[alias] = former
