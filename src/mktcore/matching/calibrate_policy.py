"""Learning a policy from pairs that people have decided on."""

from collections.abc import Iterable, Sequence
from typing import ClassVar
from zlib import crc32

import attrs

from mktcore.errors import MktcoreError
from mktcore.matching.decision_forest import Forest, parse_tree
from mktcore.matching.gradient_boosting import MILLION, Boosting, Fitted, fit_trees
from mktcore.matching.match_policy import MatchPolicy
from mktcore.matching.matcher import RecordMatcher
from mktcore.matching.pair_signals import DIRECTIONS, SIGNALS
from mktcore.matching.record import MatchRecord

__all__ = ["Calibration", "LabelledPair", "Quality", "TooFewPairs", "calibrate", "find_edge", "measure_quality"]

LEAST = 8
"""Pairs of each kind that a calibration needs."""
HELD_BACK = 5
"""One pair in so many is held back to measure with."""
FOLDS = 3
EDGE_LIMITS = (-4 * MILLION, 4 * MILLION)


@attrs.frozen
class LabelledPair:
    """A decision of the past: whether an item is a record of the catalogue.

    Attributes:
        left: The item.
        right: The record of the catalogue.
        same: What was decided.
    """

    left: MatchRecord
    right: MatchRecord
    same: bool


@attrs.frozen
class Quality:
    """How often a policy is right, counted on labelled pairs.

    Attributes:
        right: Pairs approved that are the same.
        wrong: Pairs approved that are not.
        missed: Pairs that are the same and were not approved.
        pairs: All pairs.
    """

    right: int
    wrong: int
    missed: int
    pairs: int

    @property
    def precision(self) -> float:
        """Part of the approved pairs that are the same; 1 where none is approved."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Part of the pairs that are the same that are approved; 1 where there is none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where nothing was to be found and nothing was."""
        wrong = self.wrong + self.missed
        return 2 * self.right / (2 * self.right + wrong) if self.right or wrong else 1.0


@attrs.frozen
class Calibration:
    """A policy learned from labelled pairs, and how good it is on pairs it was not shown.

    Attributes:
        policy: Learned from all pairs.
        quality: Of a policy learned the same way without the pairs that were held back, on those.
    """

    policy: MatchPolicy
    quality: Quality


@attrs.define(eq=False, slots=False)
class TooFewPairs(MktcoreError):
    """There is too little to learn from."""

    code: ClassVar[str] = "matching.too-few-pairs"
    remedy: ClassVar[str] = f"label at least {LEAST} pairs that are the same and {LEAST} that are not"
    same: int
    different: int

    def describe(self) -> str:
        """Name the counts."""
        return f"{self.same} pairs that are the same and {self.different} that are not are too few to learn from"


@attrs.define(slots=True)
class _Examples:
    rows: list[list[int]]
    labels: list[bool]

    def take(self, places: Iterable[int]) -> "_Examples":
        chosen = list(places)
        return _Examples([self.rows[place] for place in chosen], [self.labels[place] for place in chosen])


def calibrate(
    matcher: RecordMatcher, pairs: Iterable[LabelledPair], boosting: Boosting | None = None, *, name: str = "calibrated"
) -> Calibration:
    """Learn a policy for a matcher from pairs that people have decided on.

    One pair in five is held back to measure the quality; the policy itself is then learned from all. Takes about a
    minute for 10,000 pairs. The same pairs give the same policy, whatever their order.

    Args:
        matcher: Weighs the words and finds rivals; its thresholds are kept.
        pairs: Decisions of the past, of both kinds; the hard ones teach most.
        boosting: How the trees are fitted, where the usual way is not wanted.
        name: Of the policy.

    Raises:
        TooFewPairs: Fewer than 8 of a kind.
    """
    ordered = sorted(pairs, key=lambda pair: (_spread(pair), pair.left.id, pair.right.id, pair.same))
    same = sum(pair.same for pair in ordered)
    if min(same, len(ordered) - same) < LEAST:
        raise TooFewPairs(same, len(ordered) - same)
    examples = _Examples([matcher.compare(pair.left, pair.right) for pair in ordered], [pair.same for pair in ordered])
    places = _take_turns(examples.labels)
    chosen = Boosting() if boosting is None else boosting
    shown = examples.take(place for place, turn in enumerate(places) if turn)
    held = [pair for pair, turn in zip(ordered, places, strict=True) if not turn]
    keep = attrs.evolve(matcher.policy, name=name, signals=SIGNALS)
    trial = _learn(shown, chosen, keep)
    quality = measure_quality(matcher.with_policy(trial), held)
    # The edge stays that of the trial: of pairs that they were fitted to trees are too sure.
    fitted = fit_trees(examples.rows, examples.labels, chosen, directions=DIRECTIONS)
    return Calibration(attrs.evolve(keep, base=fitted.base, trees=fitted.trees, edge=trial.edge), quality)


def _learn(examples: _Examples, boosting: Boosting, keep: MatchPolicy) -> MatchPolicy:
    """Fit trees, and find their edge where they were not fitted: fold by fold."""
    turns = [place % FOLDS for place in _count_by_kind(examples.labels)]
    odds: list[tuple[int, bool]] = []
    for fold in range(FOLDS):
        shown = examples.take(place for place, turn in enumerate(turns) if turn != fold)
        asked = examples.take(place for place, turn in enumerate(turns) if turn == fold)
        fitted = fit_trees(shown.rows, shown.labels, boosting, directions=DIRECTIONS)
        odds += zip(_ask(fitted, asked.rows), asked.labels, strict=True)
    fitted = fit_trees(examples.rows, examples.labels, boosting, directions=DIRECTIONS)
    return attrs.evolve(keep, base=fitted.base, trees=fitted.trees, edge=find_edge(odds))


def _ask(fitted: Fitted, rows: Sequence[Sequence[int]]) -> list[int]:
    forest = Forest(parse_tree(tree, len(SIGNALS)) for tree in fitted.trees)
    return [fitted.base + forest.add_up(row) for row in rows]


def find_edge(odds: Iterable[tuple[int, bool]]) -> int:
    """Return the log-odds in millionths from which on pairs are best called the same: where F1 is highest.

    Half-way between two neighbours, and never so far out that scores would lose their meaning.
    """
    # Of equal odds those that differ come first, so that no luck is counted.
    ordered = sorted(odds, key=lambda pair: (-pair[0], pair[1]))
    total = sum(same for _, same in ordered)
    best, edge, right = -1.0, 0, 0
    for place, (value, same) in enumerate(ordered):
        right += same
        following = ordered[place + 1][0] if place + 1 < len(ordered) else value - MILLION
        # Between equal odds there is no edge.
        if following == value:
            continue
        f1 = 2 * right / (place + 1 + total)
        if f1 > best:
            best, edge = f1, (value + following) // 2
    return max(EDGE_LIMITS[0], min(EDGE_LIMITS[1], edge))


def measure_quality(matcher: RecordMatcher, pairs: Iterable[LabelledPair]) -> Quality:
    """Count how often a matcher's policy is right on labelled pairs: approved or not."""
    right = wrong = missed = count = 0
    for pair in pairs:
        count += 1
        approved = matcher.score(pair.left, pair.right).score >= matcher.policy.approve
        right += approved and pair.same
        wrong += approved and not pair.same
        missed += pair.same and not approved
    return Quality(right=right, wrong=wrong, missed=missed, pairs=count)


def _spread(pair: LabelledPair) -> int:
    """Shuffle by a check sum, so that neighbours in a file do not stay together."""
    return crc32(f"{pair.left.id}\n{pair.right.id}".encode())


def _count_by_kind(labels: Sequence[bool]) -> list[int]:
    """Number the examples of each kind apart, so that every part gets its share of both."""
    counts = {True: 0, False: 0}
    numbers = []
    for label in labels:
        numbers.append(counts[label])
        counts[label] += 1
    return numbers


def _take_turns(labels: Sequence[bool]) -> list[int]:
    return [number % HELD_BACK for number in _count_by_kind(labels)]
