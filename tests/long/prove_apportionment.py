"""Prove the laws of rounding and apportionment with an SMT solver, for every total, on small sizes:

    python -m pip install -e ".[proof]" && python tests/long/prove_apportionment.py

It is the library's own code that runs, on a total that is a symbol: each comparison asks the solver (Z3) which way can
be taken, and every way is followed. At the end of each the laws must hold for *all* totals of zero or more that lead
there; the solver either proves it or names a total that breaks one. Weights run through all vectors up to a size and
a value, so that the arithmetic stays linear and the solver's answer is a proof, not a sample.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, permutations, product
from typing import Any

import z3

from mktcore.money import Allocation, Rounding, round_ratio
from mktcore.money.allocation import split_units


class Paths:
    """Runs a function along every way that its symbolic input can take."""

    def __init__(self, *assumptions: z3.BoolRef) -> None:
        self.assumptions = assumptions
        self.solver = z3.Solver()
        self.taken: list[bool] = []
        self.step = 0
        self.count = 0

    def follow(self, run: Callable[[], Any]) -> Iterator[Any]:
        """Yield the result of each way; while it is looked at, the solver holds what led there."""
        self.taken = []
        while True:
            self.solver.reset()
            self.solver.add(*self.assumptions)
            self.step = 0
            result = run()
            self.count += 1
            yield result
            while self.taken and not self.taken[-1]:
                self.taken.pop()
            if not self.taken:
                return
            self.taken[-1] = False

    def decide(self, condition: z3.BoolRef) -> bool:
        """Take one way: the way of this run so far, then the true one first, and never one that cannot be."""
        if self.step == len(self.taken):
            if self.solver.check(condition) == z3.unsat:
                self.solver.add(z3.Not(condition))
                return False
            if self.solver.check(z3.Not(condition)) == z3.unsat:
                self.solver.add(condition)
                return True
            self.taken.append(True)
        elif self.solver.check(condition) == z3.unsat or self.solver.check(z3.Not(condition)) == z3.unsat:
            return bool(self.solver.check(condition) != z3.unsat)
        way = self.taken[self.step]
        self.step += 1
        self.solver.add(condition if way else z3.Not(condition))
        return way

    def require(self, law: z3.BoolRef, name: str) -> None:
        """Check that a law holds for everything that leads here."""
        if self.solver.check(z3.Not(law)) != z3.unsat:
            sys.exit(f"{name} does not hold: {self.solver.model()}")


class Symbol:
    """An int that is not known yet; as much of `int` as the code under proof uses."""

    def __init__(self, value: z3.ArithRef, paths: Paths) -> None:
        self.value = value
        self.paths = paths

    def _new(self, value: z3.ArithRef) -> "Symbol":
        return Symbol(value, self.paths)

    def __add__(self, other: "Symbol | int") -> "Symbol":
        return self._new(self.value + plain(other))

    __radd__ = __add__

    def __sub__(self, other: "Symbol | int") -> "Symbol":
        return self._new(self.value - plain(other))

    def __mul__(self, other: int) -> "Symbol":
        return self._new(self.value * other)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> "Symbol":
        return self._new(self.value / divisor)  # Z3's whole division is Python's while the divisor is above zero

    def __mod__(self, divisor: int) -> "Symbol":
        return self._new(self.value % divisor)

    def __divmod__(self, divisor: int) -> "tuple[Symbol, Symbol]":
        return self // divisor, self % divisor

    def __and__(self, one: int) -> "Symbol":
        assert one == 1
        return self._new(self.value % 2)

    def __bool__(self) -> bool:
        return self.paths.decide(self.value != 0)

    def __lt__(self, other: "Symbol | int") -> bool:
        return self.paths.decide(self.value < plain(other))

    def __gt__(self, other: "Symbol | int") -> bool:
        return self.paths.decide(self.value > plain(other))

    def __ge__(self, other: "Symbol | int") -> bool:
        return self.paths.decide(self.value >= plain(other))

    def __le__(self, other: "Symbol | int") -> bool:
        return self.paths.decide(self.value <= plain(other))

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, (Symbol, int))
        return self.paths.decide(self.value == plain(other))

    __hash__ = None  # type: ignore[assignment]  # two symbols may turn out to be equal

    def __index__(self) -> int:
        number = 0
        while not self.paths.decide(self.value == number):
            number += 1
        return number


def plain(value: "Symbol | int") -> Any:
    return value.value if isinstance(value, Symbol) else value


def prove_split(weights: Sequence[int], mode: Allocation) -> int:
    """Prove the laws of I2 for one vector of weights and every total of zero or more."""
    total, weight = z3.Int("total"), sum(weights)
    paths = Paths(total >= 0)
    for found in paths.follow(lambda: split_units(Symbol(total, paths), list(weights), weight, mode)):  # type: ignore[arg-type]  # a symbol for an int
        parts = [plain(part) for part in found]
        paths.require(z3.Sum(parts) == total, "the sum")
        for part, one in zip(parts, weights, strict=True):
            paths.require(part >= 0, "the sign")
            paths.require(z3.Implies(one == 0, part == 0), "zero weight")
            low, high = part * weight - total * one, total * one - part * weight
            if mode is Allocation.FIRST_COME:  # a part whose share is whole may get one too
                paths.require(z3.And(low <= weight, high < weight), "nearness")
            else:
                paths.require(z3.And(low < weight, high < weight), "nearness")
        if mode is Allocation.LARGEST_REMAINDER:
            prove_order(paths, parts, weights)
        elif mode is Allocation.CUMULATIVE:
            for reached, running in zip(accumulate(weights), accumulate(parts), strict=True):
                twice = 2 * (running * weight - total * reached)
                paths.require(z3.And(-weight < twice, twice <= weight), "running sums are rounded half up")
    return paths.count


def prove_order(paths: Paths, parts: Sequence[Any], weights: Sequence[int]) -> None:
    """Prove that a larger weight never gets less, and that ties go to the earlier part."""
    for (first, one), (second, other) in permutations(enumerate(weights), 2):
        if one < other:
            paths.require(parts[first] <= parts[second], "a larger weight never gets less")
        elif one == other and first < second:
            paths.require(parts[first] >= parts[second], "ties go to the earlier part")


def prove_rounding(denominator: int, mode: Rounding) -> int:
    """Prove what a mode means, for one denominator and every numerator."""
    number = z3.Int("numerator")
    paths = Paths()
    for found in paths.follow(lambda: round_ratio(Symbol(number, paths), denominator, mode)):  # type: ignore[arg-type]  # as above
        whole = plain(found)
        over = whole * denominator - number
        near = z3.And(-denominator < over, over < denominator)
        half = z3.And(-denominator <= 2 * over, 2 * over <= denominator)
        tie = z3.Or(2 * over == denominator, 2 * over == -denominator)
        meaning = {
            Rounding.UP: z3.And(near, z3.If(number >= 0, over >= 0, over <= 0)),
            Rounding.DOWN: z3.And(near, z3.If(number >= 0, over <= 0, over >= 0)),
            Rounding.CEILING: z3.And(near, over >= 0),
            Rounding.FLOOR: z3.And(near, over <= 0),
            Rounding.HALF_UP: z3.And(half, z3.Implies(tie, z3.If(number >= 0, over > 0, over < 0))),
            Rounding.HALF_DOWN: z3.And(half, z3.Implies(tie, z3.If(number >= 0, over < 0, over > 0))),
            Rounding.HALF_EVEN: z3.And(half, z3.Implies(tie, whole % 2 == 0)),
        }
        paths.require(meaning[mode], mode.name)
    return paths.count


def main() -> None:
    parser = argparse.ArgumentParser(description="Prove the laws of rounding and apportionment on small sizes.")
    parser.add_argument("--parts", type=int, default=3, help="prove up to so many parts")
    parser.add_argument("--weight", type=int, default=4, help="prove for weights of 0 to this")
    parser.add_argument("--denominator", type=int, default=12, help="prove rounding up to this denominator")
    sizes = parser.parse_args()
    for mode in Rounding:
        paths = sum(prove_rounding(denominator, mode) for denominator in range(1, sizes.denominator + 1))
        report(f"rounding {mode.name}: every numerator over 1 to {sizes.denominator}, {paths} ways")
    for allocation in Allocation:
        for size in range(1, sizes.parts + 1):
            vectors = [weights for weights in product(range(sizes.weight + 1), repeat=size) if any(weights)]
            paths = sum(prove_split(weights, allocation) for weights in vectors)
            report(f"{allocation.value}: every total over {len(vectors)} vectors of {size} weights, {paths} ways")


def report(line: str) -> None:
    print(f"proved {line}", flush=True)


if __name__ == "__main__":
    main()
