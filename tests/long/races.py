"""Many processes for the same last things: exact, round after round.

    python tests/long/races.py --store sqlite --rounds 500
    python tests/long/races.py --store postgresql --rounds 500
    python tests/long/races.py --store postgresql --locations 4 --rounds 100
    python tests/long/races.py --store postgresql --joined --rounds 100
    python tests/long/races.py --naive              # get, then save: the same race, lost; exits with 1

In each round 16 processes take the last 200 pieces of one stock item one by one (with `--locations`, of an offer's
items at several places, two by two), use one idempotency key 64 times, and claim against a limit of 50. Another process
reads all the while, and reports every level that is below zero or promises more than there is.
"""

import argparse
import sys
import time
from typing import Any

from stress import AT, FORK, OPERATOR, add_store_argument, make_database, open_store, run_processes

from mktcore.offers.choose_stock_places import choose_sources
from mktcore.persistence import Retryable, retry_unit
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.sql import SqlStore, SqlUnit, pause_with_jitter
from mktcore.stock import ReservationRequest, StockCount

ATTEMPTS = 10_000


def retry(store: SqlStore, work: Any) -> Any:
    def run() -> Any:
        with store.begin(OPERATOR) as unit:
            found = work(unit)
            unit.commit()
        return found

    return retry_unit(run, attempts=ATTEMPTS, pause=pause_with_jitter)


def list_items(turn: int, locations: int) -> list[str]:
    return [f"item-{turn}@{place}" for place in range(locations)] or [f"item-{turn}"]


def take_guarded(unit: SqlUnit, items: list[str], name: str) -> int:
    return 1 if not unit.stock.reserve([ReservationRequest(name, items[0], 1)], expires_at=None, at=AT) else 0


def take_naively(unit: SqlUnit, items: list[str], _name: str) -> int:
    level = unit.stock.find_levels(items)[items[0]]
    if level.on_hand < 1:
        return 0
    unit.stock.set_on_hand([StockCount(items[0], level.merchant, level.on_hand - 1)], at=AT)
    return 1


def take_two(unit: SqlUnit, items: list[str], name: str) -> int:
    """Take a pair from wherever it is; when another process was faster, look again."""
    levels = unit.stock.find_levels(items)
    sources = choose_sources({item: levels[item].available for item in items}, 2)
    if not sources:
        return 0
    requests = [ReservationRequest(f"{name}-{source.item}", source.item, source.quantity) for source in sources]
    if unit.stock.reserve(requests, expires_at=None, at=AT):
        raise Retryable("another process was faster")
    return 2


def watch(url: str, rounds: int, locations: int, is_over: Any, answers: Any) -> None:
    """Read until it is over, and tell how many levels were read and which of them cannot be."""
    store = open_store(url)
    items = [item for turn in range(rounds) for item in list_items(turn, locations)]
    reads, wrong = 0, []
    while not is_over.is_set():
        with store.begin(OPERATOR) as unit:
            levels = unit.stock.find_levels(items).values()
        reads += len(levels)
        wrong += [
            str(level)
            for level in levels
            if min(level.on_hand, level.reserved, level.on_hand + level.backorder - level.reserved) < 0
        ]
        is_over.wait(0.002)
    answers.put((reads, wrong))


def place(unit: SqlUnit, key: str, answer: str) -> object:
    known = unit.find_record(str(OPERATOR), key)
    if known is not None:
        return known.result
    unit.counters.claim(f"{key}-work", 1, 1_000_000)
    unit.record(IdempotencyRecord(str(OPERATOR), key, "place", {}, answer, AT))
    return answer


def race(number: int, barrier: Any, url: str, options: argparse.Namespace) -> list[tuple[int, list[object], int]]:
    store = open_store(url, joined=options.joined)
    rounds, locations = options.rounds, options.locations
    take = take_naively if options.naive else take_two if locations else take_guarded
    results = []
    for turn in range(rounds):
        barrier.wait()
        sold = 0
        while taken := retry(store, lambda unit: take(unit, list_items(turn, locations), f"r{turn}-{number}-{sold}")):
            sold += taken
        barrier.wait()
        answers = [retry(store, lambda unit: place(unit, f"key-{turn}", f"{number}")) for _ in range(4)]
        barrier.wait()
        claimed = 0
        while retry(store, lambda unit: unit.counters.claim(f"limit-{turn}", 1, 50)):
            claimed += 1
        results.append((sold, answers, claimed))
    return results


def find_faults(store: SqlStore, found: list[Any], rounds: int, pieces: int, locations: int) -> list[str]:
    faults = []
    with store.begin(OPERATOR) as unit:
        for turn in range(rounds):
            levels = unit.stock.find_levels(list_items(turn, locations)).values()
            reserved = sum(level.reserved for level in levels)
            sold = sum(each[turn][0] for each in found)
            answers = {answer for each in found for answer in each[turn][1]}
            claimed = sum(each[turn][2] for each in found)
            if (sold, reserved) != (pieces, pieces):
                faults.append(f"round {turn}: {sold} of {pieces} pieces were sold, {reserved} are reserved")
            if len(answers) != 1 or unit.counters.count(f"key-{turn}-work") != 1:
                faults.append(f"round {turn}: one key had {len(answers)} answers")
            if (claimed, unit.counters.count(f"limit-{turn}")) != (50, 50):
                faults.append(f"round {turn}: {claimed} were claimed of 50")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--locations", type=int, default=0, help="spread the pieces over so many places")
    parser.add_argument("--naive", action="store_true", help="get, then save")
    options = parser.parse_args()
    with make_database(options.store) as url:
        store = open_store(url)
        with store.begin(OPERATOR) as unit:
            share = options.pieces // max(1, options.locations)
            counts = [
                StockCount(item, "acme", share)
                for turn in range(options.rounds)
                for item in list_items(turn, options.locations)
            ]
            unit.stock.set_on_hand(counts, at=AT)
            unit.commit()
        store.close()
        is_over, answers = FORK.Event(), FORK.Queue()
        watcher = FORK.Process(target=watch, args=(url, options.rounds, options.locations, is_over, answers))
        watcher.start()
        begun = time.perf_counter()
        found = run_processes(options.processes, race, url, options)
        seconds = time.perf_counter() - begun
        is_over.set()
        reads, wrong = answers.get()
        watcher.join()
        store = open_store(url)
        faults = find_faults(store, found, options.rounds, options.pieces, options.locations)
        faults += [f"read: {level}" for level in wrong]
        store.close()
    how = ", joined" if options.joined else ""
    print(f"{options.rounds} rounds of {options.processes} processes on {options.store}{how} in {seconds:.1f} s")
    print(f"{reads} levels were read meanwhile, {len(wrong)} of them below zero or beyond what is there")
    print("\n".join(faults) or "every round was exact")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
