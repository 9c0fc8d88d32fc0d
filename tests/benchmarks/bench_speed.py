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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.peer_totals import bind_peers
from benchmarks.sale_costs import TARGETS_MS, measure_sale
from benchmarks.small_orders_floor import compute_bare
from benchmarks.test_small_orders_speed import FLOOR_US, LIMITS_US, bind_totals, make_order
from benchmarks.test_wire_round_trip import CODEC, read_by_hand, write_by_hand
from benchmarks.test_wire_round_trip import make_order as make_document
from benchmarks.turns import best_in_turns

HEAD = """# Speed

What a sale costs, beside the least that it could cost and beside what else a shop can install. The page is made by
`python tests/benchmarks/bench_speed.py > docs/speed.md`, in one run on one machine: {machine}. What is compared takes
turns; of each the best round counts. Quote the ratios: the times are those of that machine.

Peers: {peers}.
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

2,000 SKUs of 10 merchants, three offers each, net prices, a fee of each merchant. Processor time, in which waiting for
the disk is not. The floor on SQLite is the same statements sent by hand, with nothing decided between them; in memory,
the order's totals in ints by hand. django-oscar prices and places a stored basket of the same goods; it splits no
order, computes no commission, remembers no key, and can oversell. Asked: of a quiet machine, by its clock.
"""
PEERS = ("django-oscar", "prices", "py-moneyed")


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--oscar-python", default=sys.executable if find_spec("oscar") else None)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    machine = f"CPython {platform.python_version()}, {platform.system()} on {platform.machine()}"
    say(HEAD.format(machine=machine, peers="; ".join(map(name_peer, PEERS))))
    for section in (write_totals(), write_documents(), write_sale(asked.oscar_python, asked.rounds)):
        for line in section:
            say(line)


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)


def name_peer(name: str) -> str:
    """Return a peer and its version, or that it is not here."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} (not in this environment)"


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
        calls = [
            bind_totals(order),
            lambda order=order: compute_bare(order),
            lambda: compute_bare(large),
            *peers.values(),
        ]
        ours, floor, whole, *others = best_in_turns(*calls, repeat=10, seconds=2)
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


def write_sale(oscar_python: str | None, rounds: int) -> Iterator[str]:
    """Yield the table of a whole sale."""
    yield SALE
    yield write_row(["store", "lines", "", "mktcore, ms", "floor, ms", "x floor", "asked, ms", "django-oscar, ms"])
    yield write_row(["---"] * 8)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shop = None if oscar_python is None else stack.enter_context(start_oscar(oscar_python, folder / "oscar.db"))
        ask = None if shop is None else partial(ask_shop, shop)
        for store in ("memory", "sqlite"):
            for one in measure_sale(store, folder, ask=ask if store == "sqlite" else None, rounds=rounds):
                asked = str(TARGETS_MS.get((store, one.lines, one.name), "-"))
                peer = "-" if one.peer is None else f"{one.peer * 1e3:.1f}, {one.peer / one.ours:.1f} x mktcore"
                figures = [f"{one.ours * 1e3:.2f}", f"{one.floor * 1e3:.2f}", f"{one.ours / one.floor:.1f}"]
                yield write_row([store, str(one.lines), one.name, *figures, asked, peer])


def start_oscar(python: str, database: Path) -> "subprocess.Popen[str]":
    """Return the peer's process."""
    command = [python, "-W", "ignore", str(HERE / "bench_oscar_shop.py"), str(database)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask_shop(shop: "subprocess.Popen[str]", what: str) -> float:
    """Return the seconds that a call took the peer."""
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
