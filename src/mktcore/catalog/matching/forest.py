"""Small decision trees whose numbers add up: how they are read, asked and explained.

A tree is written as a row of whole numbers, node after node: signal, threshold and value of an inner node, followed by
its low and its high branch; -1 and the value of a leaf. Values are millionths of log-odds. The value of an inner node
is what the tree would say there, so that the way down tells what each signal adds.
"""

from collections.abc import Iterable, Sequence

__all__ = ["LEAF", "Tree", "add_up", "parse_tree", "trace"]

LEAF = -1
MAX_DEPTH = 12
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
    tree, end = _parse_node(numbers, 0, signals, MAX_DEPTH)
    if end != len(numbers):
        message = f"{len(numbers) - end} numbers after the last node"
        raise ValueError(message)
    return tree


def _parse_node(numbers: Sequence[int], place: int, signals: int, depth: int) -> "tuple[Tree | int, int]":
    head = numbers[place : place + 3]
    if len(head) > 1 and head[0] == LEAF:
        return head[1], place + 2
    if len(head) < 3 or not 0 <= head[0] < signals:  # noqa: PLR2004 - signal, threshold, value
        message = f"no node at number {place}"
        raise ValueError(message)
    if not depth:
        message = f"deeper than {MAX_DEPTH}"
        raise ValueError(message)
    low, place = _parse_node(numbers, place + 3, signals, depth - 1)
    high, place = _parse_node(numbers, place, signals, depth - 1)
    return (head[0], head[1], head[2], low, high), place


def add_up(trees: Iterable["Tree | int"], signals: Sequence[int]) -> int:
    """Return the sum of what the trees say.

    >>> add_up([(0, 500, 0, -100, 300), 7], [501])
    307
    """
    total = 0
    for tree in trees:
        node = tree
        while node.__class__ is tuple:
            node = node[3] if signals[node[0]] <= node[1] else node[4]  # type: ignore[index]  # a tuple: just checked
        total += node  # type: ignore[operator]  # a leaf: just checked
    return total


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
