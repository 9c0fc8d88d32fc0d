"""Speed, target by target, beside a floor by hand and the peers that are installed, as a page of the documentation.

    pip install -e ".[dev,benchmarks]"
    python tests/benchmarks/bench_speed.py > docs/speed.md

All of it is one run: what is compared takes turns, so that a slow moment of the machine hits all alike, and of each the
best round counts. `--oscar-python PYTHON` measures django-oscar in an environment of its own.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.peer_totals import bind_peers
from benchmarks.sale_times import STORES, TARGETS, HandShop, Shop, Taken, _take_apart, measure, open_shop, write_market
from benchmarks.small_orders_floor import compute_bare
from benchmarks.test_small_orders_speed import FLOOR_US, LIMITS_US, bind_totals, make_order
from benchmarks.test_wire_round_trip import CODEC, read_by_hand, write_by_hand
from benchmarks.test_wire_round_trip import make_order as make_document
from benchmarks.turns import best_in_turns

HEAD = """# Speed

What a sale costs, beside the least that it could cost and beside what else a shop can install. The page is made by
`python tests/benchmarks/bench_speed.py > docs/speed.md` (with the extras `dev` and `benchmarks`), in one run on one
machine: {machine}. What is compared takes turns; of each the best round counts.
Quote the ratios: the times are those of that machine, which others may have been using.

Peers: {peers}.
Vendure and Medusa (Node.js), Saleor and Spree (a stack of services each) cannot be installed by pip, and are not here.
State machines have a run of their own, beside transitions and python-statemachine:
`python tests/benchmarks/bench_processes.py`.
"""
TOTALS = """## Totals of everyday orders

Every line has a reduction of its own, at two tax rates; every seller a taxed freight. The floor is the same in ints,
inlined by hand, with nothing checked (`tests/benchmarks/small_orders_floor.py`). The peers sum taxed amounts; they
know no order. Asked: so many us, where the floor of 100 lines of 10 sellers takes {floor}.
"""
DOCUMENTS = """
## Documents

An order of 100 lines of 14 fields, five of them money, as a store keeps it. The floor is code by hand with the same
checks, as quick a writer and the standard parser (`tests/benchmarks/test_wire_round_trip.py`).
"""
SALE = """
## A sale

500 SKUs of 10 merchants, three offers each, a fee of each merchant, commission; simulated, placed, and shipped by one
merchant. Milliseconds of this process's processor, in which neither the disk nor PostgreSQL is; asked is of a quiet
machine, by its clock. The floor is the same rows read, decoded, encoded and committed by hand
(`tests/benchmarks/sale_floor.py`), with no rule known; in memory, the totals in ints, and a copy of what the order's
documents say. django-oscar prices and places a stored basket of as many lines
on SQLite; it splits no order, computes no commission, remembers no key, and can oversell.
`python tests/benchmarks/sale_times.py --throughput` prints the same by the clock, how long stock is locked, and
placements a second.
"""
PEERS = ("prices", "py-moneyed")


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--oscar-python", default=sys.executable if find_spec("oscar") else None)
    parser.add_argument("--stores", nargs="+", default=STORES, choices=STORES)
    parser.add_argument("--rounds", type=int, default=24)
    asked = parser.parse_args()
    machine = f"CPython {platform.python_version()}, {platform.system()} on {platform.machine()}"
    peers = [
        name_peer(asked.oscar_python or sys.executable, "django-oscar"),
        *map(partial(name_peer, sys.executable), PEERS),
    ]
    say(HEAD.format(machine=machine, peers=", ".join(peers)))
    for section in (write_totals(), write_documents(), write_sale(asked.stores, asked.rounds, asked.oscar_python)):
        for line in section:
            say(line)


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)


def name_peer(python: str, name: str) -> str:
    """Return a peer and its version, or that it is not here."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return f"{name} {found.stdout.strip() or '(not installed for this run)'}"


def write_totals() -> Iterator[str]:
    """Yield the table of totals."""
    yield TOTALS.format(floor=FLOOR_US)
    large = make_order(100, 10)
    head = ["lines x sellers", "mktcore, us", "floor, us", "x floor", "of that machine", "asked", *bind_peers(large)]
    yield write_row(head)
    yield write_row(["---"] * len(head))
    for lines, sellers in LIMITS_US:
        order = make_order(lines, sellers)
        peers = bind_peers(order)
        grand = compute_bare(order)[2][-1]
        assert all(peer() == grand for peer in peers.values())
        floors = partial(compute_bare, order), partial(compute_bare, large)
        ours, floor, whole, *others = best_in_turns(bind_totals(order), *floors, *peers.values(), repeat=10, seconds=2)
        scaled, most = ours / whole * FLOOR_US, LIMITS_US[lines, sellers]
        times = [f"{one * 1e6:.0f} us, {one / ours:.1f} x mktcore" for one in others]
        figures = [f"{ours * 1e6:.1f}", f"{floor * 1e6:.1f}", f"{ours / floor:.1f}", f"{scaled:.1f} us", f"{most} us"]
        yield write_row([f"{lines} x {sellers}", *figures, *times])


def write_documents() -> Iterator[str]:
    """Yield the table of documents."""
    yield DOCUMENTS
    yield write_row(["", "mktcore, us", "without orjson, us", "floor, us", "x floor", "asked"])
    yield write_row(["---"] * 6)
    order = make_document()
    tag, text = CODEC.write_fields(order)
    whole = CODEC.to_json(order)
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "write": (lambda: CODEC.write_fields(order), lambda: write_by_hand(order)),
        "read": (lambda: CODEC.read_fields(tag, text), lambda: read_by_hand(whole)),
    }
    for name, (ours, by_hand) in pairs.items():

        def strict(ours: Callable[[], object] = ours) -> object:
            with patch("mktcore.wire.canonical_text.orjson", None):
                return ours()

        quick, plain, floor = best_in_turns(ours, strict, by_hand, seconds=3)
        yield write_row(
            [name, f"{quick * 1e6:.0f}", f"{plain * 1e6:.0f}", f"{floor * 1e6:.0f}", f"{quick / floor:.2f}", "2"]
        )


def write_sale(stores: Sequence[str], rounds: int, oscar_python: str | None) -> Iterator[str]:
    """Yield the table of a whole sale."""
    yield SALE
    yield write_row(["store", "lines", "", "mktcore", "floor", "x floor", "asked", "django-oscar"])
    yield write_row(["---"] * 8)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_market(folder / "files")
        shop = None if oscar_python is None else stack.enter_context(start_oscar(oscar_python, folder / "oscar.db"))
        for store, lines in product(stores, (4, 100)):
            ours, floors, peers = measure_sale(store, folder, shop if store == "sqlite" else None, lines, rounds)
            for name, taken in ours.items():
                floor, peer = floors.get(name), peers.get(name)
                figures = [f"{taken:.2f}", *("-" if floor is None else (f"{floor:.2f}", f"{taken / floor:.1f}"))]
                figures += ["-"] * (3 - len(figures))
                asked = str(TARGETS.get((lines, name, store), "-"))
                told = "-" if peer is None else f"{peer:.1f}, {peer / taken:.1f} x mktcore"
                yield write_row([store, str(lines), name, *figures, asked, told])


Figures = dict[str, float]
"""By what is done, milliseconds of the processor."""


def measure_sale(
    store: str, folder: Path, shop: "subprocess.Popen[str] | None", lines: int, rounds: int
) -> tuple[Figures, Figures, Figures]:
    """Return what a sale costs here, by hand, and at the peer's, in turns."""
    ours, floors, peers = Figures(), Figures(), Figures()
    with ExitStack() as stack:
        own = open_shop(store, folder, stack, f"a{lines}-")
        hand = None if store == "memory" else HandShop(open_shop(store, folder, stack, f"b{lines}-"), lines)
        for turn in range(3):
            keep_least(ours, measure(own, own, lines, rounds // 3))
            if hand is not None:
                keep_least(floors, measure(hand, Shop(own.market, f"h{turn}-"), lines, rounds // 3))
            for name in () if shop is None else ("simulate", "place"):
                seconds = min(ask_shop(shop, f"{name} {lines}") for _ in range(max(2, rounds // 3)))
                peers[name] = min(peers.get(name, seconds * 1e3), seconds * 1e3)
        if hand is not None:
            hand.floor.close()
        else:
            bare = make_order(lines, min(10, lines))
            floors["simulate"] = best_in_turns(partial(compute_bare, bare), repeat=10, seconds=0.3)[0] * 1e3
            floors["place"] = _take_apart(own.place(own.make_cart(lines)))[1]
    return ours, floors, peers


def keep_least(known: Figures, taken: dict[str, Taken]) -> None:
    """Keep the least of what was known and what was taken now."""
    for name, (_, processor) in taken.items():
        known[name] = min(known.get(name, processor), processor)


def start_oscar(python: str, database: Path) -> "subprocess.Popen[str]":
    """Return the peer's process."""
    command = [python, "-W", "ignore", str(HERE / "bench_oscar_shop.py"), str(database)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask_shop(shop: "subprocess.Popen[str] | None", what: str) -> float:
    """Return the seconds that a call took the peer."""
    assert shop is not None
    assert shop.stdin is not None
    assert shop.stdout is not None
    shop.stdin.write(f"{what}\n")
    shop.stdin.flush()
    return float(shop.stdout.readline())


def write_row(cells: list[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
