from random import Random

import pytest

from mktcore.matching.decision_forest import Forest, Tree, parse_tree, trace
from mktcore.matching.gradient_boosting import UNKNOWN, Boosting, fit_trees

CHANCE = Random(5)  # noqa: S311 - examples, the same every time
STUMP = (0, 500, 50, -1, -100, -1, 300)


def walk(tree: "Tree | int", signals: list[int]) -> int:
    while isinstance(tree, tuple):
        tree = tree[3] if signals[tree[0]] <= tree[1] else tree[4]
    return tree


def grow(depth: int) -> "Tree | int":
    if not depth or CHANCE.random() < 0.1:
        return CHANCE.randint(-1000, 1000)
    return (CHANCE.randrange(6), CHANCE.randint(-5, 5), CHANCE.randint(-9, 9), grow(depth - 1), grow(depth - 1))


@pytest.mark.parametrize("depth", range(7))
def test_bits_answer_what_walking_answers(depth: int) -> None:
    trees = [grow(depth) for _ in range(30)]
    forest = Forest(trees)
    for _ in range(100):
        signals = [CHANCE.randint(-7, 7) for _ in range(6)]
        assert forest.add_up(signals) == sum(walk(tree, signals) for tree in trees)


def test_what_signals_add_makes_the_sum() -> None:
    trees = [grow(4) for _ in range(30)]
    roots = sum(tree[2] if isinstance(tree, tuple) else tree for tree in trees)
    for _ in range(100):
        signals = [CHANCE.randint(-7, 7) for _ in range(6)]
        assert roots + sum(trace(trees, signals)) == sum(walk(tree, signals) for tree in trees)


def test_a_tree_is_read_from_its_numbers() -> None:
    assert parse_tree(STUMP, 1) == (0, 500, 50, -100, 300)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((), "no node at number 0"),
        ((*STUMP, 1), "1 numbers after"),
        (STUMP[:-1], "no node at number 5"),
        ((7, 500, 50, -1, -100, -1, 300), "no node at number 0"),
        ((0, 0, 0) * 9 + (-1, 0) * 10, "deeper than 6"),
    ],
)
def test_numbers_that_are_no_tree_are_refused(numbers: tuple[int, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_tree(numbers, 3)


def fit(rows: list[list[int]], labels: list[bool], directions: tuple[int, ...] = ()) -> Forest:
    fitted = fit_trees(rows, labels, Boosting(rounds=40), directions=directions)
    return Forest([fitted.base, *(parse_tree(tree, len(rows[0])) for tree in fitted.trees)])


def test_trees_learn_what_no_line_can_part() -> None:
    rows = [[CHANCE.randint(0, 1000), CHANCE.randint(0, 1000), CHANCE.randint(0, 9)] for _ in range(800)]
    labels = [(one > 500) is not (other > 500) for one, other, _ in rows]
    forest = fit(rows, labels)
    wrong = sum((forest.add_up(row) > 0) is not label for row, label in zip(rows, labels, strict=True))
    assert wrong < 30


def test_a_directed_signal_never_turns() -> None:
    rows = [[value, CHANCE.randint(0, 9)] for value in range(600)]
    labels = [200 < value < 400 or CHANCE.random() < 0.1 for value, _ in rows]
    free, directed = fit(rows, labels), fit(rows, labels, (1, 0))
    assert free.add_up([300, 5]) > free.add_up([500, 5])
    for other in range(10):
        sums = [directed.add_up([value, other]) for value in range(0, 600, 7)]
        assert sums == sorted(sums)


def test_an_unknown_value_stands_outside_the_order() -> None:
    rows = [[UNKNOWN if number % 2 else number] for number in range(400)]
    labels = [bool(number % 2) or number > 300 for number in range(400)]
    forest = fit(rows, labels, (1,))
    assert forest.add_up([UNKNOWN]) > forest.add_up([100])
    assert forest.add_up([100]) <= forest.add_up([390])


def test_nothing_to_learn_gives_no_trees() -> None:
    fitted = fit_trees([[1, 2]] * 50, [bool(number % 2) for number in range(50)], Boosting(rounds=5))
    assert fitted.trees == ()
