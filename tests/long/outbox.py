"""Producers and relays in processes of their own: every event delivered, in order per aggregate, none lost.

python tests/long/outbox.py --store sqlite --events 20000
python tests/long/outbox.py --store postgresql --events 20000
python tests/long/outbox.py --store postgresql --crash          # a relay is killed in the middle: only repeats
python tests/long/outbox.py --store postgresql --cursor         # a cursor on ids instead: loses events; exits with 1
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from stress import AT, FORK, OPERATOR, add_store_argument, make_database, open_store

from mktcore.adapters.event_publishers import FilePublisher
from mktcore.adapters.event_relay import Relay
from mktcore.persistence import Retryable, retry_unit
from mktcore.sql import pause_with_jitter
from mktcore.testing.stores.samples import ParcelMoved

AGGREGATES = 50


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ProcessIds:
    def __init__(self) -> None:
        self.count = 0

    def new_id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{os.getpid()}-{self.count}"


def produce(url: str, number: int, events: int) -> None:
    store = open_store(url)
    chance = random.Random(number)  # noqa: S311 - variety, no secret
    for turn in range(events):
        subject = f"s{chance.randrange(AGGREGATES)}"

        def work(subject: str = subject, turn: int = turn) -> None:
            with store.begin(OPERATOR) as unit:
                unit.publish([ParcelMoved(subject=subject, at=AT, to=f"{number}-{turn}")])
                unit.commit()

        retry_unit(work, attempts=1000, pause=pause_with_jitter)


def relay(url: str, path: Path, stop: Any, lease: timedelta) -> None:
    store = open_store(url)
    with FilePublisher(path) as publisher:
        worker = Relay(store.queue, publisher, SystemClock(), ProcessIds(), lease=lease, batch=5)
        while True:
            stopping = stop.is_set()
            try:
                sent = worker.run_once().sent
            except Retryable:
                continue
            if not sent:
                if stopping and not store.queue.count_pending():
                    return
                time.sleep(0.01)


def produce_rows(url: str, number: int, events: int) -> None:
    """Produce into a table with a serial id, as an outbox with a cursor has it."""
    engine = create_engine(url)
    chance = random.Random(number)  # noqa: S311 - variety, no secret
    for turn in range(events):
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO cursor_outbox (name) VALUES (:name)"), {"name": f"{number}-{turn}"})
            time.sleep(chance.uniform(0, 0.002))  # the rest of the unit


def follow_cursor(url: str, path: Path, stop: Any, _lease: timedelta) -> None:
    engine = create_engine(url)
    cursor, query = 0, text("SELECT id, name FROM cursor_outbox WHERE id > :cursor ORDER BY id LIMIT 100")
    with path.open("ab", buffering=0) as file:
        while True:
            stopping = stop.is_set()
            with engine.connect() as connection:
                rows = connection.execute(query, {"cursor": cursor}).all()
            for row in rows:
                file.write(json.dumps({"id": str(row.id), "event": {"to": row.name}}).encode() + b"\n")
                cursor = row.id
            if stopping and not rows:
                return


def find_faults(lines: list[dict[str, Any]], expected: int, *, may_repeat: bool) -> list[str]:
    faults = []
    counts = Counter(line["id"] for line in lines)
    if len(counts) != expected:
        faults.append(f"{expected - len(counts)} of {expected} events were lost")
    repeated = sum(count - 1 for count in counts.values())
    if repeated and not may_repeat:
        faults.append(f"{repeated} events were delivered again without a crash")
    first_seen: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        stream, _, number = line["id"].rpartition("/")
        if not stream:
            continue
        seen = first_seen[stream]
        if int(number) > len(seen) + 1:
            faults.append(f"{line['id']} came before {len(seen) + 1}")
        if int(number) == len(seen) + 1:
            seen.append(int(number))
    return faults[:10]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--producers", type=int, default=8)
    parser.add_argument("--relays", type=int, default=3)
    parser.add_argument("--crash", action="store_true", help="kill a relay in the middle, and start another")
    parser.add_argument("--cursor", action="store_true", help="a cursor on ids, to see it lose events (PostgreSQL)")
    options = parser.parse_args()
    each = options.events // options.producers
    begun = time.perf_counter()
    with make_database("postgresql" if options.cursor else options.store) as url:
        path = Path(url.partition("sqlite:///")[2] or f"/tmp/mktcore-events-{os.getpid()}").with_suffix(".jsonl")  # noqa: S108 - removed below
        stop = FORK.Event()
        if options.cursor:
            engine = create_engine(url)
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE cursor_outbox (id bigserial PRIMARY KEY, name text)"))
            engine.dispose()
        lease = timedelta(seconds=3 if options.crash else 300)  # nobody waits for a lease that no crash ends
        send, follow = (produce_rows, follow_cursor) if options.cursor else (produce, relay)
        relays = [
            FORK.Process(target=follow, args=(url, path, stop, lease))
            for _ in range(1 if options.cursor else options.relays)
        ]
        producers = [FORK.Process(target=send, args=(url, number, each)) for number in range(options.producers)]
        for process in [*relays, *producers]:
            process.start()
        if options.crash:
            time.sleep(1)
            os.kill(relays[0].pid or 0, signal.SIGKILL)
        for process in producers:
            process.join()
        stop.set()
        for process in relays:
            process.join()
        lines = [json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}")]
        path.unlink()
    faults = find_faults(lines, each * options.producers, may_repeat=options.crash)
    seconds = time.perf_counter() - begun
    repeated = len(lines) - len({line["id"] for line in lines})
    print(f"{each * options.producers} events on {options.store}, {repeated} delivered again, in {seconds:.1f} s")
    print("\n".join(faults) or "every event was delivered, in order, none was lost")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
