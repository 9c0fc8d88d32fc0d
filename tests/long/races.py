"""Many processes for the same last things: exact, round after round.

    python tests/long/races.py --store sqlite --rounds 500
    python tests/long/races.py --store postgresql --rounds 500
    python tests/long/races.py --naive              # get, then save: the same race, lost; exits with 1

In each round 16 processes take the last 200 pieces of one stock item one by one, use one idempotency key 64 times, and
claim against a limit of 50.
"""

import argparse
import sys
import time
from typing import Any

from stress import AT, OPERATOR, add_store_argument, make_database, open_store, run_processes

from mktcore.adapters.sql import SqlStore, SqlUnit, pause_with_jitter
from mktcore.offers.stock import ReservationRequest, StockCount
from mktcore.unit_of_work import IdempotencyRecord, retry_unit

ATTEMPTS = 10_000


def retry(store: SqlStore, work: Any) -> Any:
    def run() -> Any:
        with store.begin(OPERATOR) as unit:
            found = work(unit)
            unit.commit()
        return found

    return retry_unit(run, attempts=ATTEMPTS, pause=pause_with_jitter)


def take_guarded(unit: SqlUnit, item: str, name: str) -> bool:
    return not unit.stock.reserve([ReservationRequest(name, item, 1)], expires_at=None, at=AT)


def take_naively(unit: SqlUnit, item: str, _name: str) -> bool:
    level = unit.stock.find_levels([item])[item]
    if level.on_hand < 1:
        return False
    unit.stock.set_on_hand([StockCount(item, level.merchant, level.on_hand - 1)], at=AT)
    return True


def place(unit: SqlUnit, key: str, answer: str) -> object:
    known = unit.find_record(str(OPERATOR), key)
    if known is not None:
        return known.result
    unit.counters.claim(f"{key}-work", 1, 1_000_000)
    unit.record(IdempotencyRecord(str(OPERATOR), key, "place", {}, answer, AT))
    return answer


def race(number: int, barrier: Any, url: str, rounds: int, naive: bool) -> list[tuple[int, list[object], int]]:
    store = open_store(url)
    take = take_naively if naive else take_guarded
    results = []
    for turn in range(rounds):
        barrier.wait()
        sold = 0
        while retry(store, lambda unit: take(unit, f"item-{turn}", f"r{turn}-{number}-{sold}")):
            sold += 1
        barrier.wait()
        answers = [retry(store, lambda unit: place(unit, f"key-{turn}", f"{number}")) for _ in range(4)]
        barrier.wait()
        claimed = 0
        while retry(store, lambda unit: unit.counters.claim(f"limit-{turn}", 1, 50)):
            claimed += 1
        results.append((sold, answers, claimed))
    return results


def find_faults(store: SqlStore, found: list[Any], rounds: int, pieces: int) -> list[str]:
    faults = []
    with store.begin(OPERATOR) as unit:
        for turn in range(rounds):
            level = unit.stock.find_levels([f"item-{turn}"])[f"item-{turn}"]
            sold = sum(each[turn][0] for each in found)
            answers = {answer for each in found for answer in each[turn][1]}
            claimed = sum(each[turn][2] for each in found)
            if (sold, level.reserved) != (pieces, pieces):
                faults.append(f"round {turn}: {sold} of {pieces} pieces were sold, {level.reserved} are reserved")
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
    parser.add_argument("--naive", action="store_true", help="get, then save")
    options = parser.parse_args()
    with make_database(options.store) as url:
        store = open_store(url)
        with store.begin(OPERATOR) as unit:
            counts = [StockCount(f"item-{turn}", "acme", options.pieces) for turn in range(options.rounds)]
            unit.stock.set_on_hand(counts, at=AT)
            unit.commit()
        store.close()
        begun = time.perf_counter()
        found = run_processes(options.processes, race, url, options.rounds, options.naive)
        seconds = time.perf_counter() - begun
        store = open_store(url)
        faults = find_faults(store, found, options.rounds, options.pieces)
        store.close()
    print(f"{options.rounds} rounds of {options.processes} processes on {options.store} in {seconds:.1f} s")
    print("\n".join(faults) or "every round was exact")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
