"""Small decision trees whose numbers add up: how they are read and asked.

A tree is written as a row of whole numbers, node after node: signal, threshold and value of an inner node, followed by
its low and its high branch; -1 and the value of a leaf. Values are millionths of log-odds. The value of an inner node
is what the tree would say there, so that the way down tells what each signal adds.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from sys import byteorder

__all__ = ["LEAF", "Forest", "Tree", "parse_tree", "trace"]

LEAF = -1
MAX_DEPTH = 6
WIDTHS = (("B", 1), ("H", 2), ("I", 4), ("Q", 8))
"""Formats of a tree's leaves as one number, with its bytes."""
Tree = tuple[int, int, int, "Tree | int", "Tree | int"]
"""An inner node: signal, threshold, value, low branch (up to the threshold), high branch. A leaf is its value."""


def parse_tree(numbers: Sequence[int], signals: int) -> "Tree | int":
    """Return the tree that a row of numbers writes.

    Args:
        numbers: Node after node.
        signals: How many signals there are.

    Raises:
        ValueError: They do not write one tree over these signals.
    """
    tree, end = _parse_node(numbers, 0, signals=signals, depth=MAX_DEPTH)
    if end != len(numbers):
        message = f"{len(numbers) - end} numbers after the last node"
        raise ValueError(message)
    return tree


def _parse_node(numbers: Sequence[int], place: int, signals: int, *, depth: int) -> "tuple[Tree | int, int]":
    head = numbers[place : place + 3]
    if len(head) > 1 and head[0] == LEAF:
        return head[1], place + 2
    if len(head) < 3 or not 0 <= head[0] < signals:  # noqa: PLR2004 - signal, threshold, value
        message = f"no node at number {place}"
        raise ValueError(message)
    if not depth:
        message = f"deeper than {MAX_DEPTH}"
        raise ValueError(message)
    low, place = _parse_node(numbers, place + 3, signals=signals, depth=depth - 1)
    high, place = _parse_node(numbers, place, signals=signals, depth=depth - 1)
    return (head[0], head[1], head[2], low, high), place


def trace(trees: Iterable["Tree | int"], signals: Sequence[int]) -> list[int]:
    """Return what each signal adds on the ways down; with the trees' first values they make the sum.

    >>> trace([(0, 500, 50, -100, 300)], [501])
    [250]
    """
    parts = [0] * len(signals)
    for tree in trees:
        node = tree
        while isinstance(node, tuple):
            branch = node[3] if signals[node[0]] <= node[1] else node[4]
            parts[node[0]] += (branch[2] if isinstance(branch, tuple) else branch) - node[2]
            node = branch
    return parts


class Forest:
    """Many trees asked at once, without walking down any of them.

    Every leaf of every tree is one bit of a long number. The thresholds of a signal are sorted, and for each step
    between two of them a number tells which leaves can still be reached. And-ed over all signals, these leave of each
    tree no leaf left of the right one, so that its lowest bit is the answer (C. Lucchese et al., "QuickScorer", 2015).
    In Python, where an operation on a long number costs little more than on a short one, that is several times as fast
    as walking.

    >>> Forest([(0, 500, 0, -100, 300), 7]).add_up([501])
    307
    """

    def __init__(self, trees: Iterable["Tree | int"]) -> None:
        """Lay the trees out in bits."""
        grown = list(trees)
        self._constant = sum(tree for tree in grown if not isinstance(tree, tuple))
        tall = [tree for tree in grown if isinstance(tree, tuple)]
        cuts: dict[int, dict[int, int]] = {}
        leaves = [_list_leaves(tree) for tree in tall]
        most = max(map(len, leaves), default=1)
        self._code, width = next((code, 8 * size) for code, size in WIDTHS if 8 * size >= most)
        for place, tree in enumerate(tall):
            _cut_leaves(tree, place * width, cuts)
        self._size = len(tall) * width // 8
        self._all = (1 << (8 * self._size)) - 1
        self._steps = [(signal, *_add_steps(self._all, cuts[signal])) for signal in sorted(cuts)]
        self._leaves = [{1 << place: value for place, value in enumerate(values)} for values in leaves]

    def add_up(self, signals: Sequence[int]) -> int:
        """Return the sum of what the trees say."""
        alive = self._all
        for signal, thresholds, reachable in self._steps:
            alive &= reachable[bisect_left(thresholds, signals[signal])]
        lowest = array(self._code, alive.to_bytes(self._size, "little"))
        # Bits are laid out from the low end; there the array would read them turned round.
        if byteorder == "big":
            lowest.byteswap()
        return self._constant + sum([leaves[bits & -bits] for leaves, bits in zip(self._leaves, lowest, strict=True)])


def _list_leaves(node: "Tree | int") -> list[int]:
    """Return the values of the leaves, from low to high."""
    return [node] if not isinstance(node, tuple) else _list_leaves(node[3]) + _list_leaves(node[4])


def _cut_leaves(node: "Tree | int", first: int, cuts: dict[int, dict[int, int]]) -> int:
    """Note for each inner node which leaves a signal above its threshold cuts off; return the bit after the last."""
    if not isinstance(node, tuple):
        return first + 1
    middle = _cut_leaves(node[3], first, cuts)
    thresholds = cuts.setdefault(node[0], {})
    thresholds[node[1]] = thresholds.get(node[1], 0) | ((1 << middle) - (1 << first))
    return _cut_leaves(node[4], middle, cuts)


def _add_steps(everything: int, cuts: dict[int, int]) -> tuple[list[int], list[int]]:
    """Return the thresholds of a signal, sorted, and the leaves that can be reached from each step on."""
    thresholds = sorted(cuts)
    reachable = [everything]
    for threshold in thresholds:
        reachable.append(reachable[-1] & ~cuts[threshold])
    return thresholds, reachable
