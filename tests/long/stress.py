"""What the long runs share: a database to work on, processes that start together, and how to end them."""

import argparse
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from mktcore.persistence import Scope
from mktcore.sql import SqlStore
from mktcore.testing import KINDS
from persistence.hosting import open_hosted_at
from persistence.opening import create_database

__all__ = ["AT", "FORK", "OPERATOR", "add_store_argument", "make_database", "open_store", "run_processes"]

AT = datetime(2026, 1, 1, tzinfo=UTC)
OPERATOR = Scope.operator()
FORK = multiprocessing.get_context("fork")


def add_store_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--joined", action="store_true", help="inside of a host's transactions, each with a row of its own"
    )


@contextmanager
def make_database(store: str) -> Iterator[str]:
    """Create an empty database with its tables, and yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="mktcore-long-"))
    url = f"sqlite:///{folder / 'market.db'}" if store == "sqlite" else create_database()
    SqlStore.open(url, KINDS).close()
    open_hosted_at(url, "after-a-row").close()
    yield url
    shutil.rmtree(folder, ignore_errors=True)


def open_store(url: str, *, joined: bool = False) -> Any:
    """Open the store at a URL; joined, each unit is in a transaction of a host that wrote a row before."""
    return open_hosted_at(url, "after-a-row") if joined else SqlStore.open(url, KINDS, create=False)


def run_processes(count: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Run `work(number, barrier, *arguments)` in processes, and return what each returned.

    Raises:
        RuntimeError: A process failed.
    """
    barrier = FORK.Barrier(count)
    answers: Any = FORK.Queue()

    def run(number: int) -> None:
        try:
            answers.put((number, work(number, barrier, *arguments), None))
        except BaseException as error:
            barrier.abort()
            answers.put((number, None, f"{type(error).__name__}: {error}"))
            raise

    processes = [FORK.Process(target=run, args=(number,)) for number in range(count)]
    for process in processes:
        process.start()
    found = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    failed = [f"process {number}: {error}" for number, _, error in found if error is not None]
    if failed:
        raise RuntimeError("; ".join(failed))
    return [answer for _, answer, _ in sorted(found, key=lambda one: int(one[0]))]
