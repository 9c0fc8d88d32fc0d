"""Many processes post captures, refunds, disputes and holds of the same parties: the books stay whole, nobody waits.

    python tests/long/ledger.py                       # 16 processes, three ways, four rounds of 4 seconds each
    python tests/long/ledger.py --rounds 10 --merchants 500

Round by round the same work is done with psycopg alone (`ledger_by_hand.py`), through mktcore, and through mktcore with
half of all traffic on one merchant; in turns, so that what else the machine does falls on all three. Afterwards the
books are proved: every transaction balances, every stored balance is the sum of its entries, no account is past its
limit, every hold ended once. Exits with 1 where that does not hold, a deadlock was counted, or a target is missed: 40 %
of psycopg's rate, 60 % of it on one hot merchant of what it is spread, 99 of 100 calls within 250 ms.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from ledger_by_hand import Books
from sqlalchemy import create_engine, text
from stress import AT, OPERATOR, make_database, open_store, run_processes

from mktcore.ledger import Account, Hold, Leg, Transaction
from mktcore.money import Money
from mktcore.persistence import retry_unit
from mktcore.sql import pause_with_jitter

CLEARING, TAX, VAT, COMMISSION, DISPUTES = (
    Account("operator", name, "EUR") for name in ("clearing", "sales_tax", "own_vat", "commission_income", "disputes")
)
Line = tuple[Account, int]


@attrs.frozen
class Step:
    """One call.

    Attributes:
        verb: `post`, `hold` or `settle`.
        key: Of its transaction, or its hold.
        kind: The event.
        lines: What moves; debits positive.
        hold: The hold that it settles.
    """

    verb: str
    key: str
    kind: str
    lines: tuple[Line, ...]
    hold: str = ""


def plan(number: int, mode: str, merchants_: int) -> Iterator[Step]:
    """Yield what one process does, without end: 70 % captures, the rest takes from merchants."""
    chance = random.Random(number)  # noqa: S311 - the same steps in every run
    merchants = [Account(f"merchant:{mode}-{one:04}", "available", "EUR") for one in range(merchants_)]
    hot = mode == "hot"
    turn = 0
    while True:
        turn += 1
        key = f"{mode}-{number}-{turn}"
        merchant = merchants[0] if hot and chance.random() < 0.5 else chance.choice(merchants)
        yield from _choose(chance, key, merchant)


def _choose(chance: random.Random, key: str, merchant: Account) -> Iterator[Step]:
    lot, part = chance.random(), chance.randint(100, 900)
    if lot < 0.7:
        sale = ((CLEARING, 20 * part), (merchant, -15 * part), (TAX, -2 * part), (COMMISSION, -2 * part), (VAT, -part))
        yield Step("post", key, "capture", sale)
    elif lot < 0.85:
        back = ((merchant, 15 * part), (TAX, 2 * part), (COMMISSION, 2 * part), (VAT, part), (CLEARING, -20 * part))
        yield Step("post", key, "refund", back)
    elif lot < 0.92:
        lost = ((merchant, 15 * part), (TAX, 2 * part), (COMMISSION, 2 * part), (VAT, part), (DISPUTES, -20 * part))
        yield Step("post", key, "dispute", lost)
    else:
        lines = ((merchant, part), (CLEARING, -part))
        yield Step("hold", f"{key}-hold", "hold", lines)
        yield Step("settle", f"{key}-paid", "paid", lines, f"{key}-hold")


def to_transaction(step: Step) -> Transaction:
    legs = [Leg(account, Money.from_minor(minor, "EUR")) for account, minor in step.lines]
    return Transaction(step.key, step.kind, legs, effective_at=AT, cause=step.key)


def through_mktcore(url: str) -> Callable[[Step], bool]:
    store = open_store(url)

    def work(step: Step) -> bool:
        def unit_of_work() -> bool:
            with store.begin(OPERATOR) as unit:
                if step.verb == "hold":
                    (debit, amount), (credit, _) = step.lines
                    short = unit.ledger.hold([Hold(step.key, debit, credit, Money.from_minor(amount, "EUR"))], at=AT)
                elif step.verb == "settle":
                    unit.ledger.settle(step.hold, to_transaction(step), at=AT)
                    short = ()
                else:
                    short = unit.ledger.post([to_transaction(step)], at=AT)
                unit.commit()
            return not short

        return retry_unit(unit_of_work, attempts=1_000, pause=pause_with_jitter)

    return work


def by_hand(url: str) -> Callable[[Step], bool]:
    books = Books(url.replace("postgresql+psycopg://", "postgresql://", 1))

    def work(step: Step) -> bool:
        lines = [(str(account), minor) for account, minor in step.lines]
        if step.verb == "hold":
            return books.hold(step.key, lines[0][0], lines[1][0], lines[0][1])
        if step.verb == "settle":
            return books.settle(step.hold, step.key, lines, at=AT)
        return books.post(step.key, step.kind, step.key, lines, at=AT)

    return work


def run(number: int, barrier: Any, url: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """Work in turns in every mode, and return how long each call took, in seconds."""
    workers = {"by-hand": by_hand(url), "mktcore": through_mktcore(url), "hot": through_mktcore(url)}
    plans = {mode: plan(number, mode, options.merchants) for mode in workers}
    took: dict[str, list[float]] = {mode: [] for mode in workers}
    for mode, work in workers.items():
        for _ in range(options.warm_up):  # until every statement is compiled and prepared, in each process
            work_for(work, plans[mode], seconds=0.0)
    for _ in range(options.rounds):
        for mode, work in workers.items():
            barrier.wait()
            took[mode] += work_for(work, plans[mode], seconds=options.seconds)
    return took


def work_for(work: Callable[[Step], bool], steps: Iterator[Step], *, seconds: float) -> list[float]:
    """Work until the time is over; what was held is settled, what was not is passed over."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while not took or time.monotonic() < end:
        step = next(steps)
        following = next(steps) if step.verb == "hold" else None
        is_done = True
        for one in (step, following):
            if one is not None and is_done:
                begun = time.perf_counter()
                is_done = work(one)
                took.append(time.perf_counter() - begun)
    return took


CHECKS = {
    "transactions do not balance": """
        SELECT count(*) FROM (SELECT 1 FROM mktcore_ledger_entry GROUP BY left(id, length(id) - 4)
        HAVING sum(amount) <> 0) AS wrong""",
    "entries lack their transaction, or it lacks some": """
        SELECT count(*) FROM mktcore_ledger_transaction AS t WHERE legs <>
        (SELECT count(*) FROM mktcore_ledger_entry AS e WHERE e.id BETWEEN t.key || '@000' AND t.key || '@999')""",
    "balances are not the sum of their entries": """
        SELECT count(*) FROM (SELECT account, sum(amount) AS total FROM mktcore_ledger_entry GROUP BY account) AS e
        FULL JOIN (SELECT account, sum(amount) AS total FROM (SELECT account, balance AS amount
        FROM mktcore_ledger_account UNION ALL SELECT account, amount FROM mktcore_ledger_delta) AS b GROUP BY account)
        AS b USING (account) WHERE coalesce(e.total, 0) <> coalesce(b.total, 0)""",
    "accounts are past their limit": """
        SELECT count(*) FROM (SELECT account, sum(room) AS room FROM (SELECT account, allowance - held - balance AS room
        FROM mktcore_ledger_account UNION ALL SELECT account, -amount FROM mktcore_ledger_delta) AS b
        WHERE account LIKE 'merchant:%' GROUP BY account) AS b WHERE room < 0""",
    "accounts hold what no live hold holds": """
        SELECT count(*) FROM mktcore_ledger_account AS a WHERE held <> (SELECT coalesce(sum(amount), 0)
        FROM mktcore_ledger_hold AS h WHERE h.debit = a.account AND h.state = 'live')""",
    "holds were settled without a transaction, or with more than one": """
        SELECT count(*) FROM mktcore_ledger_hold AS h WHERE (state = 'settled') <> (1 =
        (SELECT count(*) FROM mktcore_ledger_transaction AS t WHERE t.key = replace(h.id, '-hold', '-paid')))""",
}
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def find_faults(url: str) -> list[str]:
    """Return what of the books does not hold; nothing when they are whole."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = {what: int(connection.execute(text(query)).scalar_one()) for what, query in CHECKS.items()}
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        counts["deadlocks"] = int(connection.execute(text(DEADLOCKS)).scalar_one())
    engine.dispose()
    return [f"{count} {what}" for what, count in counts.items() if count]


def measure(options: argparse.Namespace) -> tuple[dict[str, list[float]], list[str]]:
    """Return how long the calls of each mode took, sorted, in ms; and what does not hold."""
    with make_database("postgresql") as url:
        found = run_processes(options.processes, run, url, options)
        faults = find_faults(url)
    return {mode: sorted(1_000 * one for each in found for one in each[mode]) for mode in found[0]}, faults


def main() -> int:
    """Run, print, and tell whether all targets were reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--warm-up", type=int, default=60, help="calls of each process before it is measured")
    parser.add_argument("--merchants", type=int, default=200)
    parser.add_argument("--books-only", action="store_true", help="prove the books, and let any rate pass")
    options = parser.parse_args()
    took, faults = measure(options)
    rates = {mode: len(calls) / options.rounds / options.seconds for mode, calls in took.items()}
    slow = {mode: calls[int(len(calls) * 0.99)] for mode, calls in took.items()}
    for mode, calls in took.items():
        half = calls[len(calls) // 2]
        print(f"{mode}: {rates[mode]:,.0f} calls/s, half within {half:.1f} ms, 99 % within {slow[mode]:.0f} ms")
    share, hot = rates["mktcore"] / rates["by-hand"], rates["hot"] / rates["mktcore"]
    print(f"mktcore reaches {share:.0%} of psycopg, and {hot:.0%} of that on one hot merchant")
    if not options.books_only:
        targets = {"40 %": share >= 0.4, "60 %": hot >= 0.6, "250 ms": max(slow["mktcore"], slow["hot"]) < 250}
        faults += [f"missed: {name}" for name, is_reached in targets.items() if not is_reached]
    for fault in faults:
        print(fault)
    print("the books are whole" if not faults else "FAILED")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
