"""From signals to a score of 0 to 100, and from a score to what happens: approve, review or reject."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from json import loads
from math import exp

import attrs

from mktcore.errors import InvalidValue
from mktcore.matching.decision_forest import Forest, Tree, parse_tree, trace
from mktcore.matching.pair_signals import SIGNALS

__all__ = ["MatchOutcome", "MatchPolicy", "Scorer", "load_default_policy", "prepare_policy"]

MILLION = 1_000_000
FULL = 100
EDGE_SCORE = 80
"""The score at the edge between pairs that are the same and pairs that are not."""
FAR = 30.0


class MatchOutcome(StrEnum):
    """What a score leads to."""

    APPROVE = "approve"
    REVIEW = "review"
    REJECT = "reject"


def _freeze(trees: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(tree) for tree in trees)


def _list_names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names)


@attrs.frozen
class MatchPolicy:
    """How signals are judged, as plain numbers: made by `calibrate`, or the one that comes with the library.

    Attributes:
        approve: From this score on a pair is the same thing.
        reject: Up to this score it is not; a person looks at what lies between.
        name: Where it comes from.
        signals: Names of the signals that the trees speak of, in the order of their numbers.
        base: Log-odds that the trees start from, in millionths.
        edge: Log-odds in millionths where a pair is as well the same as not; they score 80.
        trees: Each as a row of numbers, see `mktcore.matching.decision_forest`.

    Raises:
        InvalidValue: The thresholds are out of order, a signal is unknown, or a row of numbers is no tree.
    """

    approve: int = 80
    reject: int = 30
    name: str = ""
    signals: tuple[str, ...] = attrs.field(default=SIGNALS, converter=_list_names)
    base: int = 0
    edge: int = 0
    trees: tuple[tuple[int, ...], ...] = attrs.field(default=(), converter=_freeze, repr=False)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.reject < self.approve <= FULL:
            raise InvalidValue("MatchPolicy", "reject", self.reject, f"0 or more and below approve ({self.approve})")
        strange = sorted(set(self.signals).difference(SIGNALS))
        if strange:
            raise InvalidValue("MatchPolicy", "signals", strange[0], "a signal of mktcore.matching.pair_signals")
        _parse(self)

    def decide(self, score: float) -> MatchOutcome:
        """Return what a score leads to.

        >>> policy = load_default_policy()
        >>> policy.decide(80), policy.decide(79.99), policy.decide(30)
        (<MatchOutcome.APPROVE: 'approve'>, <MatchOutcome.REVIEW: 'review'>, <MatchOutcome.REJECT: 'reject'>)
        """
        if score >= self.approve:
            return MatchOutcome.APPROVE
        return MatchOutcome.REJECT if score <= self.reject else MatchOutcome.REVIEW


def _parse(policy: MatchPolicy) -> "tuple[Tree | int, ...]":
    try:
        return tuple(parse_tree(tree, len(policy.signals)) for tree in policy.trees)
    except ValueError as error:
        raise InvalidValue("MatchPolicy", "trees", "a row of numbers", str(error)) from error


class Scorer:
    """A policy made ready to be asked often; `prepare_policy` makes one, or gives back the one made before."""

    def __init__(self, policy: MatchPolicy) -> None:
        """Parse the trees."""
        self.policy = policy
        self._trees = _parse(policy)
        self._forest = Forest(self._trees)
        self._places = None if policy.signals == SIGNALS else [SIGNALS.index(name) for name in policy.signals]
        self._edge = _to_chance(policy.edge)

    def score(self, signals: Sequence[int]) -> float:
        """Return the score of one pair's signals, 0 to 100, with two decimals."""
        odds = self.policy.base + self._forest.add_up(self._pick(signals))
        chance, edge = _to_chance(odds), self._edge
        if odds < self.policy.edge:
            # Rounding must not lift a pair to an edge that its odds did not reach.
            return min(round(EDGE_SCORE * chance / edge, 2), EDGE_SCORE - 0.01)
        return round(EDGE_SCORE + (FULL - EDGE_SCORE) * (chance - edge) / (1 - edge), 2)

    def explain(self, signals: Sequence[int]) -> dict[str, int]:
        """Return what each signal adds to the log-odds, in millionths, by its name."""
        return dict(zip(self.policy.signals, trace(self._trees, self._pick(signals)), strict=True))

    def __reduce__(self) -> "tuple[Callable[[MatchPolicy], Scorer], tuple[MatchPolicy]]":
        """Travel as the policy alone."""
        return prepare_policy, (self.policy,)

    def _pick(self, signals: Sequence[int]) -> Sequence[int]:
        return signals if self._places is None else [signals[place] for place in self._places]


@lru_cache(maxsize=16)
def prepare_policy(policy: MatchPolicy) -> Scorer:
    """Return the scorer of a policy."""
    return Scorer(policy)


def _to_chance(odds: int) -> float:
    return 1 / (1 + exp(-max(-FAR, min(FAR, odds / MILLION))))


@cache
def load_default_policy() -> MatchPolicy:
    """Return the policy that comes with the library: one for every catalogue, see `docs/matching.md`."""
    numbers = loads(files("mktcore.matching").joinpath("default_policy.json").read_bytes())
    return MatchPolicy(name="default", **numbers)
