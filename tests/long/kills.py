"""kill -9 of a process that acknowledges its commits: every acknowledged commit is there, whole, and nothing else is.

    python tests/long/kills.py --store sqlite --kills 500
    python tests/long/kills.py --store postgresql --kills 100
    python tests/long/kills.py --store postgresql --kills 20 --server      # the server is killed too
    python tests/long/kills.py --store sqlite --kills 500 --joined         # inside of a host's transactions

Each commit stores a record, publishes an event, reserves a piece, and claims one of a counter; the four must agree.
With `--joined` the host writes a row first, in the same transaction, and commits: the five must agree.
"""

import argparse
import logging
import os
import random
import signal
import sqlite3
import sys
import time
from typing import Any

from stress import AT, OPERATOR, add_store_argument, make_database, open_store

from mktcore.persistence import retry_unit
from mktcore.sql import SqlStore, pause_with_jitter
from mktcore.stock import ReservationRequest, StockCount
from mktcore.testing.stores.samples import PARCELS, Parcel, ParcelMoved
from persistence.hosting import count_notes
from persistence.opening import kill_postgresql

# It warns of pipelines that end with their server, which is what happens here.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

STREAMS = 3


def commit_for_ever(url: str, number: int, acknowledge: int, *, joined: bool) -> None:
    store = open_store(url, joined=joined)
    for turn in range(1_000_000):
        name = f"p{number}-{turn}"

        def work(name: str = name, turn: int = turn) -> None:
            with store.begin(OPERATOR) as unit:
                unit.repository(PARCELS).add(Parcel(name, "acme", note=name * 20))
                unit.publish([ParcelMoved(subject=f"s{turn % STREAMS}", at=AT, to=name)])
                unit.stock.reserve([ReservationRequest(name, "item", 1)], expires_at=None, at=AT)
                unit.counters.claim("commits", 1, 10**9)
                unit.commit()

        retry_unit(work, attempts=100, pause=pause_with_jitter)
        os.write(acknowledge, f"{name}\n".encode())


def run_child(url: str, number: int, seconds: float, *, kill: Any, joined: bool) -> list[str]:
    """Run a child until it is killed, and return what it acknowledged."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            commit_for_ever(url, number, write, joined=joined)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        first = pipe.readline()
        time.sleep(seconds)
        kill(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = [first, *pipe.readlines()]
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


def find_faults(store: SqlStore, acknowledged: set[str]) -> list[str]:
    faults = []
    with store.begin(OPERATOR) as unit:
        stored = {parcel.id for parcel in unit.repository(PARCELS).stream()}
        events: list[str] = []
        for stream in range(STREAMS):
            log = unit.find_events("testing_parcel", f"s{stream}", limit=1_000_000)
            if [one.sequence for one in log] != list(range(1, len(log) + 1)):
                faults.append(f"events of s{stream} have a gap")
            events += [getattr(one.event, "to", "") for one in log]
        reserved = unit.stock.find_levels(["item"])["item"].reserved
        counted = unit.counters.count("commits")
        held = unit.stock.find_reservations(stored)
    if missing := acknowledged - stored:
        faults.append(f"{len(missing)} acknowledged commits are gone: {sorted(missing)[:3]}")
    if sorted(events) != sorted(stored) or set(held) != stored or (reserved, counted) != (len(stored), len(stored)):
        faults.append(f"{len(stored)} records, {len(events)} events, {reserved} reserved, {counted} counted")
    if store.queue.count_pending() != len(events):
        faults.append(f"{store.queue.count_pending()} events wait of {len(events)}")
    return faults


def check_integrity(url: str) -> list[str]:
    if not url.startswith("sqlite"):
        return []
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    connection.close()
    return [] if found == ["ok"] else found


def check_notes(url: str, store: SqlStore) -> list[str]:
    """Compare the rows that the host wrote in the same transactions."""
    with store.begin(OPERATOR) as unit:
        stored = unit.repository(PARCELS).count()
    notes = count_notes(url)
    return [] if notes == stored else [f"{notes} rows of the host's for {stored} records"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--server", action="store_true", help="kill the PostgreSQL server as well")
    parser.add_argument("--check-every", type=int, default=25)
    options = parser.parse_args()
    faults: list[str] = []
    acknowledged: set[str] = set()
    begun = time.perf_counter()
    with make_database(options.store) as url:
        store = open_store(url)
        with store.begin(OPERATOR) as unit:
            unit.stock.set_on_hand([StockCount("item", "acme", 10**9)], at=AT)
            unit.commit()
        store.close()
        for number in range(options.kills):
            kill = (lambda _child: kill_postgresql()) if options.server else (lambda _child: None)
            seconds = random.uniform(0, 0.05)  # noqa: S311 - any moment will do
            acknowledged |= set(run_child(url, number, seconds, kill=kill, joined=options.joined))
            if number % options.check_every == 0 or number == options.kills - 1:
                store = open_store(url)
                faults += [
                    f"after kill {number}: {fault}"
                    for fault in [*find_faults(store, acknowledged), *check_integrity(url)]
                ]
                faults += check_notes(url, store) if options.joined else []
                store.close()
    seconds = time.perf_counter() - begun
    how = ", joined" if options.joined else ""
    print(
        f"{options.kills} kills on {options.store}{how}, {len(acknowledged)} acknowledged commits, in {seconds:.1f} s"
    )
    print("\n".join(faults) or "every acknowledged commit is there, whole")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
