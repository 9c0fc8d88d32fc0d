import json
import random
import subprocess
import sys

import attrs
import pytest

from matching.shop import SHOP, make_item
from mktcore.errors import InvalidValue
from mktcore.matching import MatchOutcome, MatchPolicy, MatchRecord, RecordMatcher
from mktcore.matching.calibrate_policy import LabelledPair, Quality, TooFewPairs, calibrate, find_edge, measure_quality
from mktcore.matching.match_policy import Scorer, load_default_policy
from mktcore.matching.pair_signals import SIGNALS
from mktcore.wire import from_json, to_json

STUMP = (0, 500, 0, -1, -1_000_000, -1, 1_000_000)
PROGRAM = """
import json, sys
from matching.shop import SHOP, make_item
from mktcore.matching import RecordMatcher
matcher = RecordMatcher.build(SHOP, rivals=SHOP[::-1])
print(json.dumps([[(one.id, one.score) for one in matcher.find(record)] for record in SHOP + [make_item("Sony body")]]))
"""


def test_thresholds_decide() -> None:
    policy = MatchPolicy(approve=90, reject=10)
    assert [policy.decide(score) for score in (90, 89.9, 10.01, 10)] == [
        MatchOutcome.APPROVE, MatchOutcome.REVIEW, MatchOutcome.REVIEW, MatchOutcome.REJECT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"approve": 30, "reject": 30},
        {"approve": 101},
        {"reject": -1},
        {"signals": ("luck",)},
        {"trees": [(0, 1)]},
        {"signals": SIGNALS[:1], "trees": [(1, 500, 0, -1, 0, -1, 0)]},
    ],
)
def test_a_policy_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        MatchPolicy(**fields)  # type: ignore[arg-type]  # wrong on purpose


def test_the_edge_scores_eighty_and_scores_stay_between_nought_and_a_hundred() -> None:
    scorer = Scorer(MatchPolicy(signals=SIGNALS[:1], trees=(STUMP,), edge=1_000_000))
    low, high = [0] * len(SIGNALS), [1000] * len(SIGNALS)
    assert scorer.score(high) == 80
    assert 0 < scorer.score(low) < 80
    far = Scorer(MatchPolicy(base=10**12, edge=0)), Scorer(MatchPolicy(base=-(10**12), edge=0))
    assert [one.score(low) for one in far] == [100, 0]
    assert Scorer(MatchPolicy(base=999_999, edge=1_000_000)).score(low) < 80


def test_a_policy_may_know_fewer_signals_in_another_order() -> None:
    policy = MatchPolicy(signals=SIGNALS[2::-1], trees=(STUMP,))
    signals = [0, 0, 1000, *[0] * (len(SIGNALS) - 3)]
    assert Scorer(policy).score(signals) > 80
    assert Scorer(policy).explain(signals) == {SIGNALS[2]: 1_000_000, SIGNALS[1]: 0, SIGNALS[0]: 0}


def test_a_policy_travels_as_json() -> None:
    policy = attrs.evolve(load_default_policy(), approve=85, name="acme 2026")
    assert from_json(to_json(policy), MatchPolicy) == policy


def test_a_matcher_takes_another_policy_over_the_same_index() -> None:
    matcher = RecordMatcher.build(SHOP)
    by_hand = matcher.with_policy(attrs.evolve(matcher.policy, approve=100, reject=0))
    item = make_item("Sony Alpha 7 IV", brand="Sony")
    assert by_hand.match(item).outcome is MatchOutcome.REVIEW
    assert by_hand.find(item)[0].score == matcher.find(item)[0].score


@pytest.mark.parametrize("seed", ["0", "1"])
def test_scores_are_the_same_in_any_process(seed: str) -> None:
    matcher = RecordMatcher.build(SHOP[::-1], rivals=SHOP)
    expected = [[[one.id, one.score] for one in matcher.find(record)] for record in [*SHOP, make_item("Sony body")]]
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
    output = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True).stdout
    assert json.loads(output) == expected


def make_pairs(count: int) -> list[LabelledPair]:
    """Make pairs whose part numbers are the same, or differ by one digit."""
    pairs = []
    for number in range(count):
        sku = MatchRecord(f"s{number}", f"Acme drill type{number} X{1000 + number}", brand="Acme")
        same = number % 2 == 0
        item = MatchRecord(f"i{number}", f"acme drill x{1000 + number if same else 3000 + number}")
        pairs.append(LabelledPair(item, sku, same))
    return pairs


def test_a_policy_learns_from_decisions_and_says_how_good_it_is() -> None:
    pairs = make_pairs(120)
    matcher = RecordMatcher.build(pair.right for pair in pairs)
    calibration = calibrate(matcher, pairs, name="acme")
    assert calibration.quality == Quality(right=12, wrong=0, missed=0, pairs=24)
    assert (calibration.quality.precision, calibration.quality.recall, calibration.quality.f1) == (1, 1, 1)
    assert calibration.policy.name == "acme"
    assert measure_quality(matcher.with_policy(calibration.policy), pairs).f1 == 1
    random.Random(3).shuffle(pairs)  # noqa: S311 - an order, the same every time
    assert calibrate(matcher, pairs, name="acme") == calibration


def test_too_few_decisions_teach_nothing() -> None:
    pairs = make_pairs(15)
    with pytest.raises(TooFewPairs, match="8 pairs that are the same and 7 that are not") as caught:
        calibrate(RecordMatcher.build(SHOP), pairs)
    assert "label at least 8" in str(caught.value)


def test_the_edge_is_where_f1_is_highest() -> None:
    assert find_edge([(5, True), (3, True), (1, False), (0, False)]) == 2
    assert find_edge([(5, True), (5, False), (1, False)]) == 3
    assert find_edge([(10**9, True)]) == 4_000_000


def test_quality_of_nothing_is_perfect() -> None:
    assert (Quality(0, 0, 0, 5).precision, Quality(0, 0, 0, 5).recall, Quality(0, 0, 0, 5).f1) == (1, 1, 1)
    assert Quality(0, 1, 0, 5).f1 == 0
