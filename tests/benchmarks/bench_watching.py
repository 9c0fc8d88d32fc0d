"""What being watched costs a call: `python tests/benchmarks/bench_watching.py`."""

import sys
from pathlib import Path
from timeit import repeat
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from markets import EXAMPLE
from mktcore.adapters.system import SystemClock, SystemIds
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.runtime import Runtime
from mktcore.telemetry import Told, watched


class Plain:
    def __init__(self, runtime: Any) -> None:
        self.runtime = runtime

    def do(self, *, scope: object) -> object:
        return scope


@watched
class Watched(Plain):
    def do(self, *, scope: object) -> object:
        return scope


class Silent:
    """An observer that does nothing."""

    def begin(self, _use_case: str) -> "Silent":
        return self

    def end(self, told: Told) -> None:
        pass


def time_of(call: Any, number: int) -> float:
    """Return the seconds of one call, the best of some runs."""
    return min(repeat(call, number=number, repeat=7)) / number


def main() -> None:
    market = Marketplace.in_memory("EUR")
    market.load(EXAMPLE)
    watching = Marketplace(market.store, "EUR", observer=Silent())
    plain = Plain(Runtime(market.store, SystemClock(), SystemIds()))
    seen = Watched(plain.runtime)
    bare = time_of(lambda: plain.do(scope=None), 100_000)
    cost = time_of(lambda: seen.do(scope=None), 100_000) - bare
    print(f"a call that nobody watches: {cost * 1e6:.2f} us more")
    operator = market.as_operator()
    cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", sku="camera")])
    for name, one in (("nobody watches", market), ("an observer watches", watching)):
        read = time_of(lambda: one.access.find_roles(scope=operator), 2000)  # noqa: B023 - called at once
        simulated = time_of(lambda: one.simulate(cart, scope=operator), 100)  # noqa: B023 - as above
        print(f"{name}: a read {read * 1e6:.1f} us, a simulation {simulated * 1e6:.0f} us")


if __name__ == "__main__":
    main()
