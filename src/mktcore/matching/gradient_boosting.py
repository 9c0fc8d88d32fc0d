"""Fitting small trees to labelled signals: gradient boosting over histograms, in whole numbers, without chance.

Each tree is fitted to what the ones before it left unexplained (J. Friedman, "Greedy function approximation", 2001;
second order as in T. Chen and C. Guestrin, "XGBoost", 2016). Signals are cut into few steps, so that a split is
found by adding up one number per row and signal. Rows and signals take turns by their number instead of being drawn.
"""

from collections.abc import Sequence
from math import exp, log
from operator import itemgetter
from zlib import crc32

import attrs

from mktcore.matching.decision_forest import LEAF, Forest, parse_tree

__all__ = ["UNKNOWN", "Boosting", "Fitted", "fit_trees"]

MILLION = 1_000_000
UNIT = 1 << 14
SHIFT = 29
"""A gradient and a curvature share one number: the gradient in units of 1/16384 above this bit, the curvature below."""
MASK = (1 << SHIFT) - 1
# The curvatures of so many rows, 1/4 of a unit each at most, stay below the bits of the gradients.
MAX_ROWS = 1 << 16
QUANTILES = 31
STEPS = 24
UNKNOWN = -1500
"""Values up to this one say that a signal is unknown; no order holds between them and the others."""
INFINITE = float("inf")


@attrs.frozen
class Boosting:
    """How trees are fitted.

    Attributes:
        rounds: How many trees.
        depth: Splits on the way to a leaf, at most.
        rate: Part of its finding that each tree contributes.
        penalty: Added to the curvature of each leaf: the higher, the smaller its value.
        least: Curvature that a branch needs, about a quarter of its rows.
        turns: Each tree leaves out one row in so many.
    """

    rounds: int = 120
    depth: int = 4
    rate: float = 0.1
    penalty: float = 1.0
    least: float = 1.0
    turns: int = 4


@attrs.frozen
class Fitted:
    """Trees, each as the row of numbers that `parse_tree` reads, and the log-odds they start from, in millionths."""

    base: int
    trees: tuple[tuple[int, ...], ...]


@attrs.define(slots=True)
class _Binned:
    columns: list[bytes]
    cuts: list[list[int]]


def fit_trees(
    rows: Sequence[Sequence[int]], labels: Sequence[bool], boosting: Boosting, *, directions: Sequence[int] = ()
) -> Fitted:
    """Fit trees that tell rows labelled true from the others.

    Args:
        rows: The signals, one row per example.
        labels: As many.
        boosting: How.
        directions: Per signal, 1 where a higher value never speaks against a pair, -1 where it never speaks for it, 0
            where it may do either; values up to `UNKNOWN` say that it is unknown, and are free of this.
    """
    positives = sum(labels)
    # One more of each kind, so that the odds of a single kind are not infinite.
    odds = log((positives + 1) / (len(rows) - positives + 1))
    base = round(odds * MILLION)
    binned = _bin(rows)
    sums = [base] * len(rows)
    trees = []
    for number in range(boosting.rounds):
        packed = [_pack(total, label) for total, label in zip(sums, labels, strict=True)]
        used = [row for row in range(len(rows)) if (row + number) % boosting.turns]
        tree = _Growing(
            binned, packed, boosting=boosting, number=number, directions=directions or [0] * len(binned.cuts)
        ).grow(used)
        if len(tree) == 2:  # noqa: PLR2004 - a leaf alone: nothing is left to find
            break
        trees.append(tuple(tree))
        ask = Forest([parse_tree(tree, len(binned.cuts))]).add_up
        sums = [total + ask(row) for total, row in zip(sums, rows, strict=True)]
    return Fitted(base, tuple(trees))


def _pack(total: int, label: bool) -> int:
    # Further out it is 0 or 1 anyway, and `exp` overflows in the end.
    chance = 1 / (1 + exp(-max(-30.0, min(30.0, total / MILLION))))
    return (round((label - chance) * UNIT) << SHIFT) + round(chance * (1 - chance) * UNIT) + 1


def _bin(rows: Sequence[Sequence[int]]) -> _Binned:
    """Cut each signal into steps: at its quantiles and at even distances."""
    columns, cuts = [], []
    for column in zip(*rows, strict=True):
        edges = _cut(column)
        place = {value: sum(value > edge for edge in edges) for value in set(column)}
        columns.append(bytes([place[value] for value in column]))
        cuts.append(edges)
    return _Binned(columns, cuts)


def _cut(column: Sequence[int]) -> list[int]:
    """Return the thresholds of a signal; a value is above one or not."""
    values = sorted(set(column))
    if len(values) <= QUANTILES + STEPS:
        return values[:-1]
    ordered = sorted(column)
    edges = {ordered[len(ordered) * step // (QUANTILES + 1)] for step in range(1, QUANTILES + 1)}
    low, high = values[0], values[-1]
    edges.update(low + (high - low) * step // (STEPS + 1) for step in range(1, STEPS + 1))
    return sorted(edge for edge in edges if low <= edge < high)


class _Growing:
    """One tree while it grows."""

    def __init__(
        self, binned: _Binned, packed: list[int], boosting: Boosting, number: int, directions: Sequence[int]
    ) -> None:
        self._binned = binned
        self._packed = packed
        self._boosting = boosting
        self._directions = directions
        count = len(binned.cuts)
        # About half of the signals for each tree, by check sum: without chance, and alike on every machine.
        turn = [signal for signal in range(count) if crc32(b"%d:%d" % (number, signal)) & 1]
        self._signals = [signal for signal in turn or range(count) if binned.cuts[signal]]

    def grow(self, rows: list[int]) -> list[int]:
        """Return the tree over some rows, as a row of numbers."""
        return self._grow(rows, self._boosting.depth, sums=self._add(rows), bounds=(-INFINITE, INFINITE))

    def _grow(
        self, rows: list[int], depth: int, sums: dict[int, list[int]], *, bounds: tuple[float, float]
    ) -> list[int]:
        total = sum(map(self._packed.__getitem__, rows))
        value = self._value(total, bounds)
        split = self._split(sums, total) if depth and len(rows) > 1 else None
        if split is None:
            return [LEAF, round(value)]
        signal, cut = split
        column = self._binned.columns[signal]
        low = [row for row in rows if column[row] <= cut]
        high = [row for row in rows if column[row] > cut]
        # Only the smaller branch is added up: the other is what is left of the whole.
        small = low if len(low) <= len(high) else high
        part = self._add(small) if depth > 1 else {}
        rest = {
            one: [whole - piece for whole, piece in zip(sums[one], pieces, strict=True)] for one, pieces in part.items()
        }
        below, above = (part, rest) if small is low else (rest, part)
        edge = self._binned.cuts[signal][cut]
        under, over = self._bound(signal, edge, low=low, high=high, bounds=bounds)
        head = [signal, edge, round(value)]
        return (
            head
            + self._grow(low, depth - 1, sums=below, bounds=under)
            + self._grow(high, depth - 1, sums=above, bounds=over)
        )

    def _bound(
        self, signal: int, edge: int, low: list[int], *, high: list[int], bounds: tuple[float, float]
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return what the branches may say: of a directed signal, each stays on its side of the middle."""
        direction = self._directions[signal]
        if not direction or edge <= UNKNOWN:
            return bounds, bounds
        one, other = (self._value(sum(map(self._packed.__getitem__, rows)), bounds) for rows in (low, high))
        middle = (one + other) / 2
        below, above = (bounds[0], middle), (middle, bounds[1])
        return (below, above) if direction > 0 else (above, below)

    def _add(self, rows: list[int]) -> dict[int, list[int]]:
        """Add up gradients and curvatures by signal and step: the hot loop."""
        pick = itemgetter(*rows, rows[0])  # one more than asked for: of a single row it would give no tuple
        packed = pick(self._packed)[:-1]
        sums = {}
        for signal in self._signals:
            steps = [0] * (len(self._binned.cuts[signal]) + 1)
            for step, number in zip(pick(self._binned.columns[signal]), packed, strict=False):
                steps[step] += number
            sums[signal] = steps
        return sums

    def _value(self, total: int, bounds: tuple[float, float]) -> float:
        gradient, curvature = total >> SHIFT, total & MASK
        boosting = self._boosting
        value = MILLION * boosting.rate * gradient / (curvature + boosting.penalty * UNIT)
        return min(max(value, bounds[0]), bounds[1])

    def _split(self, sums: dict[int, list[int]], total: int) -> tuple[int, int] | None:
        """Return signal and step of the split that explains most; the first of equals."""
        penalty, least = self._boosting.penalty * UNIT, self._boosting.least * UNIT
        gradient, curvature = total >> SHIFT, total & MASK
        # A split has to explain a little more than none does, or rounding errors would make some.
        best, choice = gradient * gradient / (curvature + penalty) + UNIT / 1000, None
        for signal, steps in sums.items():
            below = 0
            direction, edges = self._directions[signal], self._binned.cuts[signal]
            for step, number in enumerate(steps[:-1]):
                below += number
                one = below & MASK
                other = curvature - one
                if one < least:
                    continue
                # Further on even less remains on that side.
                if other < least:
                    break
                slope = below >> SHIFT
                gain = slope * slope / (one + penalty) + (gradient - slope) ** 2 / (other + penalty)
                if gain > best:
                    if direction and edges[step] > UNKNOWN:
                        rise = (gradient - slope) / (other + penalty) - slope / (one + penalty)
                        if rise * direction < 0:
                            continue
                    best, choice = gain, (signal, step)
        return choice
