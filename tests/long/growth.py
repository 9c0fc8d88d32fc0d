"""How the cost of a sale grows with what does not apply to it: curves and exponents, in processor time.

python tests/long/growth.py --store memory sqlite postgresql --case codes ended --sizes 30 100 1000 10000

Of each case and size there is a market of its own; the sizes take turns, and the best of the rounds counts, as a
machine that others use only ever makes a call slower. It is processor time, of this process and of PostgreSQL's, as
that is what a call costs on a machine that waits for nobody. An exponent is the slope between two sizes next to each
other, on logarithms: 0 costs the same however much there is, 1 grows with it. The command exits with 1 where one is
above 0.1 and the largest size costs 5 ms more than the smallest, of cases that are to be flat.
"""

import argparse
import gc
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from markets import TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import OFFERS, Offer
from mktcore.parties import MERCHANTS, Merchant
from mktcore.periods import Period
from mktcore.persistence import Kind, Scope
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    Amount,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    WithCode,
)
from mktcore.promotions.conditions import FirstOrder, InGroup, WithPoolCode
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.testing.fakes import ManualClock

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OPERATOR = Scope.operator()
ROUNDS = 7
MOST_MORE = 5.0
"""Milliseconds that ten thousand of what does not apply may cost more than none of it."""
FLAT = 0.1
MARKET = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category,category,brand\n"
    + "".join(f"s{n},Thing {n},,things/group-{n % 5},brand-{n % 3}\n" for n in range(40)),
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"o{n},{'acme' if n % 2 else 'bolt'},s{n},{10 + n}.00,1000000\n" for n in range(40)),
}
TEN_OFF = PercentOff(Decimal("0.1"))
OVER = Period(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
TO_COME = Period(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))


@attrs.frozen
class Case:
    """What grows.

    Attributes:
        fill: Puts so much of it into a market.
        is_flat: Whether it is to cost nothing.
        codes: What the cart enters.
        offer: The offer that the cart's only line names; None for lines of the market's offers.
        sizes: What is tried, where nothing else is asked for.
    """

    fill: Callable[[Marketplace, int], None]
    is_flat: bool = True
    codes: tuple[str, ...] = ()
    makes_cart: Callable[[str], Cart] | None = None
    sizes: tuple[int, ...] = (1, 10, 100, 1_000, 10_000)


def add(market: Marketplace, kind: Kind[Any], values: Sequence[Any]) -> None:
    for start in range(0, len(values), 5_000):
        with market.store.begin(OPERATOR) as unit:
            unit.repository(kind).add_many(values[start : start + 5_000])
            unit.commit()


def fill_promotions(make: Callable[[int], Promotion]) -> Callable[[Marketplace, int], None]:
    return lambda market, size: add(market, PROMOTIONS, [make(n) for n in range(size)])


def fill_applying(market: Marketplace, size: int) -> None:
    """Put 30 promotions that apply among others that do not, of every sort there is."""
    add(market, PROMOTIONS, [Promotion(f"applies-{n}", PercentOff(Decimal("0.01"))) for n in range(30)])
    sorts = [ABSENT[name] for name in sorted(ABSENT)]
    add(market, PROMOTIONS, [sorts[n % len(sorts)](n) for n in range(size - 30)])


def fill_pool(market: Marketplace, size: int) -> None:
    add(market, PROMOTIONS, [Promotion("pooled", TEN_OFF, condition=WithPoolCode("summer"))])
    add(market, POOL_CODES, [PoolCode("summer", f"CODE-{n}") for n in range(size)])


def fill_schedules(market: Marketplace, size: int) -> None:
    """Put schedules of one SKU that ended, one week after the other."""
    breaks = [PriceBreak(1, Money.of("4.50", "EUR"))]
    ends = [NOW - timedelta(days=30 + n) for n in range(size)]
    periods = [Period(end - timedelta(days=7), end) for end in ends]
    add(market, PRICE_SCHEDULES, [PriceSchedule(f"x{n}", "bolt", breaks, valid=one) for n, one in enumerate(periods)])
    add(market, ASSIGNMENTS, [Assignment(f"a{n}", "s0", f"x{n}", merchant="bolt") for n in range(size)])


def fill_offers(market: Marketplace, size: int) -> None:
    """Let so many merchants sell one SKU, each dearer than the one before."""
    names = [f"m{n}" for n in range(size)]
    add(market, MERCHANTS, [Merchant(name, name) for name in names])
    schedules = [
        PriceSchedule(f"p{n}", name, [PriceBreak(1, Money.from_minor(2_000 + n, "EUR"))])
        for n, name in enumerate(names)
    ]
    add(market, PRICE_SCHEDULES, schedules)
    add(market, OFFERS, [Offer(f"f{n}", name, "s0", schedule=f"p{n}") for n, name in enumerate(names)])


def fill_first_order(market: Marketplace, size: int) -> None:
    """Let the buyer have ordered so many lines before."""
    add(market, PROMOTIONS, [Promotion("welcome", TEN_OFF, condition=FIRST_ORDER)])
    lines = [CartLine(f"l{n}", f"s{n % 40}", 1, offer=f"o{n % 40}") for n in range(size)]
    market.place(Cart.of("FIRST", buyer="ann", lines=lines), key="first", scope=OPERATOR)


def make_cart(name: str, codes: tuple[str, ...] = ()) -> Cart:
    lines = [CartLine(f"l{n}", f"s{n}", 1, offer=f"o{n}") for n in range(4)]
    return Cart.of(name, buyer="ann", lines=lines, codes=codes)


def choose_offer(name: str) -> Cart:
    return Cart.of(name, buyer="ann", lines=[CartLine("l0", "s0", 1)])


FIRST_ORDER = FirstOrder()
ABSENT: dict[str, Callable[[int], Promotion]] = {
    "codes": lambda n: Promotion(f"p{n}", TEN_OFF, condition=WithCode((f"CODE{n}", f"OTHER{n}"))),
    "limits": lambda n: Promotion(
        f"p{n}", TEN_OFF, condition=WithCode((f"CODE{n}",)), limits=Limits(uses=9, per_buyer=1)
    ),
    "ended": lambda n: Promotion(f"p{n}", TEN_OFF, valid=OVER),
    "to-come": lambda n: Promotion(f"p{n}", TEN_OFF, valid=TO_COME),
    "both": lambda n: Promotion(f"p{n}", TEN_OFF, valid=TO_COME if n % 2 else OVER),
    "groups": lambda n: Promotion(
        f"p{n}", TEN_OFF, condition=AllOf((InGroup((f"g{n}",)), Amount(Money.of("1.00", "EUR"))))
    ),
    "skus": lambda n: Promotion(f"p{n}", TEN_OFF, targets=LineFilter(skus=(f"other-{n}",))),
    "categories": lambda n: Promotion(f"p{n}", TEN_OFF, targets=LineFilter(categories=(f"other/{n}",))),
    "merchants": lambda n: Promotion(f"p{n}", TEN_OFF, owner=f"other-{n}"),
}
CASES: dict[str, Case] = {
    **{f"promotions: {name}": Case(fill_promotions(make)) for name, make in ABSENT.items()},
    "promotions: 30 apply": Case(fill_applying, sizes=(30, 100, 1_000, 10_000)),
    "codes in a pool, none entered": Case(fill_pool, sizes=(10, 1_000, 100_000)),
    "codes in a pool, one entered": Case(fill_pool, codes=("code-7",), sizes=(10, 1_000, 100_000)),
    "schedules that ended": Case(fill_schedules),
    "offers of one SKU": Case(fill_offers, is_flat=False, makes_cart=choose_offer, sizes=(1, 10, 100, 1_000)),
    "lines of the first order": Case(fill_first_order, sizes=(1, 10, 100, 1_000)),
}


@attrs.frozen
class Measured:
    """A market of one size, and how what a sale costs there is measured."""

    market: Marketplace
    case: Case
    server: tuple[str, ...]
    names: Iterator[int]

    def simulate(self) -> None:
        make = self.case.makes_cart
        name = f"C{next(self.names)}"
        cart = make_cart(name, self.case.codes) if make is None else make(name)
        found = self.market.simulate(cart, scope=OPERATOR)
        if found.issues:
            raise AssertionError(found.issues)

    def read_clock(self) -> float:
        """Return the seconds of processor time that this process and the server's have taken."""
        served = sum(int(Path(path).read_text().split()[0]) for path in self.server)
        return time.process_time() + served / 1e9

    def measure(self, calls: int) -> float:
        """Return the milliseconds of a call, of several one after the other."""
        begin = self.read_clock()
        for _ in range(calls):
            self.simulate()
        return (self.read_clock() - begin) / calls * 1e3


def find_server(market: Marketplace) -> tuple[str, ...]:
    """Return where Linux tells the processor time of PostgreSQL's process for each of a store's connections."""
    engine = getattr(market.store, "engine", None)
    if engine is None or engine.dialect.name != "postgresql":
        return ()
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        pids = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        ).scalars()
        return tuple(f"/proc/{pid}/schedstat" for pid in pids)


def analyze(market: Marketplace) -> None:
    engine = getattr(market.store, "engine", None)
    if engine is not None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def open_sizes(stack: ExitStack, store: str, case: Case, sizes: Sequence[int]) -> list[Measured]:
    opened = []
    for size in sizes:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        market = stack.enter_context(open_market(store, folder, ManualClock(NOW), MARKET))
        case.fill(market, size)
        analyze(market)
        measured = Measured(market, case, (), count())
        measured.simulate()
        opened.append(attrs.evolve(measured, server=find_server(market)))
    return opened


def run(store: str, name: str, sizes: Sequence[int] | None, rounds: int) -> bool:
    """Print the curve of a case; tell whether it is as flat as it is to be."""
    case = CASES[name]
    tried = tuple(sizes or case.sizes)
    with ExitStack() as stack:
        opened = open_sizes(stack, store, case, tried)
        gc.collect()
        gc.freeze()
        taken: list[list[float]] = [[] for _ in opened]
        for turn in range(rounds):
            for at in range(len(opened)) if turn % 2 else reversed(range(len(opened))):
                taken[at].append(opened[at].measure(5))
        gc.unfreeze()
    best = [min(one) for one in taken]
    pairs = zip(zip(tried, best, strict=True), zip(tried[1:], best[1:], strict=True), strict=False)
    slopes = [math.log(late / early) / math.log(more / few) for (few, early), (more, late) in pairs]
    curve = ", ".join(f"{size:,}: {took:.2f}" for size, took in zip(tried, best, strict=True))
    exponents = ", ".join(f"{slope:.2f}" for slope in slopes)
    print(f"{store:10} {name:32} ms {curve}; exponents {exponents}; x {best[-1] / best[0]:.2f}", flush=True)
    return not case.is_flat or max(slopes, default=0.0) <= FLAT or best[-1] - best[0] <= MOST_MORE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", nargs="+", default=["memory", "sqlite", "postgresql"])
    parser.add_argument("--case", nargs="+", default=[""], help="words of the names of cases")
    parser.add_argument("--sizes", nargs="+", type=int)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    wanted = [name for name in CASES if any(word in name for word in asked.case)]
    kept = [run(store, name, asked.sizes, asked.rounds) for store in asked.store for name in wanted]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
