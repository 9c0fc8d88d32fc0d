"""Laws of matching: what must hold for any records."""

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mktcore.goods import Gtin, Measure
from mktcore.matching import CombinedMatcher, MatchOutcome, MatchRecord, RecordMatcher
from mktcore.matching.calibrate_policy import LabelledPair, calibrate
from mktcore.matching.compare_identifiers import IdentifierVerdict
from mktcore.matching.joined_matchers import combine_outcomes
from mktcore.matching.match_policy import Scorer, load_default_policy
from mktcore.matching.pair_signals import DIRECTIONS, MISSING, SIGNALS, compare_record_profiles
from mktcore.matching.record_profile import profile_fields, read_fields
from mktcore.matching.words import split_words

SENTENCE = """
    sony alpha body iv iii camera kx-120a kx120b tn450 tn-460 4gb 8 GB 500 ml 1 l 2 x black white red pro professional
    upgrade wireless wirelss cush top cushtop printer printers 2007 27in ß é
"""
WORDS = st.sampled_from(SENTENCE.split())
NAMES = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=30)
GTINS = st.sampled_from(["4548736133730", "4006381333931", "0036000291452", "2012345000001"]).map(Gtin.parse)
RECORDS = st.builds(
    MatchRecord,
    id=st.sampled_from("abcdefgh"),
    name=NAMES,
    brand=st.sampled_from(["", "Sony", "sony corp", "HP"]),
    category=st.sampled_from(["", "cameras > bodies", "printers"]),
    description=NAMES,
    gtins=st.lists(GTINS, max_size=2),
    mpn=st.sampled_from(["", "KX-120A", "kx120a", "TN450"]),
    host_ids=st.dictionaries(st.sampled_from(["asin", "own"]), st.sampled_from("123"), max_size=2),
    price=st.none() | st.integers(0, 10**6),
    currency=st.sampled_from(["EUR", "USD"]),
    size=st.none() | st.sampled_from(["500 ml", "2 x 500 ml", "1 l", "1 kg", "3 m2"]).map(Measure.parse),
)
SHOPS = st.lists(RECORDS, min_size=1, max_size=8, unique_by=lambda record: record.id)
SIGNAL_ROWS = st.lists(st.just(MISSING) | st.integers(-1000, 8000), min_size=len(SIGNALS), max_size=len(SIGNALS))
SCORER = Scorer(load_default_policy())
FEW = settings(max_examples=25)
"""Whole shops, and rows of all signals, are slow to draw."""


@FEW
@given(st.data(), SHOPS, RECORDS)
def test_the_order_of_the_catalogue_plays_no_part(
    data: st.DataObject, shop: list[MatchRecord], item: MatchRecord
) -> None:
    shuffled = data.draw(st.permutations(shop))
    assert RecordMatcher.build(shop).match(item) == RecordMatcher.build(shuffled).match(item)


@FEW
@given(SHOPS, RECORDS)
def test_scores_stay_between_nought_and_a_hundred_and_in_order(shop: list[MatchRecord], item: MatchRecord) -> None:
    match = RecordMatcher.build(shop).match(item)
    places = [(-candidate.score, candidate.id) for candidate in match.candidates]
    assert places == sorted(places)
    assert all(0 <= candidate.score <= 100 for candidate in match.candidates)
    assert match.outcome is (match.candidates[0].outcome if match.candidates else MatchOutcome.REJECT)
    for candidate in match.candidates:
        assert all(candidate.reasons)


@FEW
@given(SHOPS, RECORDS)
def test_a_candidate_scores_the_same_alone_as_among_others(shop: list[MatchRecord], item: MatchRecord) -> None:
    matcher = RecordMatcher.build(shop, rivals=shop[:3])
    records = {record.id: record for record in shop}
    for candidate in matcher.find(item):
        alone = matcher.score(item, records[candidate.id])
        if candidate.verdict is IdentifierVerdict.SHARED:  # which only shows beside the others who have it
            assert alone.verdict in {
                IdentifierVerdict.SAME,
                IdentifierVerdict.SAME_PART,
                IdentifierVerdict.CONTRADICTED,
            }
            assert candidate.outcome is MatchOutcome.REVIEW
            continue
        assert alone == candidate
        assert matcher.explain(item, candidate.id) == candidate.explain()


@settings(max_examples=40)
@given(RECORDS, RECORDS)
def test_signals_read_the_same_both_ways(one: MatchRecord, other: MatchRecord) -> None:
    left, right = (profile_fields(read_fields(record), lambda word: 100 + 7 * len(word)) for record in (one, other))
    assert compare_record_profiles(left, right) == compare_record_profiles(right, left)
    assert len(compare_record_profiles(left, right)) == len(SIGNALS)


@settings(max_examples=50)
@given(RECORDS, RECORDS)
def test_identifiers_decide_when_they_agree_and_veto_when_they_contradict(one: MatchRecord, other: MatchRecord) -> None:
    matcher = RecordMatcher.build([other])
    candidate = matcher.score(one, other)
    ours, theirs = ({gtin for gtin in record.gtins if gtin.decides} for record in (one, other))
    numbers, others = dict(one.host_ids), dict(other.host_ids)
    both = numbers.keys() & others.keys()
    agree = bool(ours & theirs) or any(numbers[scheme] == others[scheme] for scheme in both)
    contradict = bool(ours and theirs and not ours & theirs) or any(numbers[one] != others[one] for one in both)
    if agree and not contradict:
        assert candidate.verdict in {IdentifierVerdict.SAME, IdentifierVerdict.CONTRADICTED}
        # Where nothing else is told, nothing contradicts.
        bare, other_bare = (attrs.evolve(record, name="thing", price=None, size=None) for record in (one, other))
        assert (matcher.score(bare, other_bare).score, matcher.score(bare, other_bare).outcome) == (
            100,
            MatchOutcome.APPROVE,
        )
    if contradict and not agree:
        assert (candidate.score, candidate.outcome) == (0, MatchOutcome.REJECT)
    if agree and contradict:
        assert candidate.outcome is not MatchOutcome.APPROVE
    if not agree and not contradict:
        undecided = {IdentifierVerdict.NONE, IdentifierVerdict.SAME_PART, IdentifierVerdict.OTHER_SIZE}
        # One part number at prices that cannot both be right: a person looks.
        is_doubted = (
            candidate.verdict is IdentifierVerdict.CONTRADICTED and candidate.outcome is not MatchOutcome.APPROVE
        )
        assert candidate.verdict in undecided or is_doubted


@FEW
@given(
    SIGNAL_ROWS,
    st.sampled_from([place for place, direction in enumerate(DIRECTIONS) if direction]),
    st.integers(1, 900),
)
def test_more_of_a_directed_signal_never_turns_against_it(signals: list[int], place: int, step: int) -> None:
    assume(signals[place] != MISSING)
    higher = [*signals[:place], signals[place] + step, *signals[place + 1 :]]
    assert DIRECTIONS[place] * (SCORER.score(higher) - SCORER.score(signals)) >= 0


@FEW
@given(SIGNAL_ROWS)
def test_what_the_reasons_add_is_the_score(signals: list[int]) -> None:
    policy = load_default_policy()
    roots = sum(tree[2] if tree[0] >= 0 else tree[1] for tree in policy.trees)
    odds = policy.base + roots + sum(SCORER.explain(signals).values())
    assert (SCORER.score(signals) >= 80) is (odds >= policy.edge)


@FEW
@given(SHOPS, SHOPS, RECORDS)
def test_one_that_approves_is_enough_and_to_reject_takes_all(
    shop: list[MatchRecord], other: list[MatchRecord], item: MatchRecord
) -> None:
    matchers = [RecordMatcher.build(shop), RecordMatcher.build(other)]
    outcomes = [matcher.match(item).outcome for matcher in matchers]
    combined = CombinedMatcher(matchers).match(item)
    if any(one.is_doubtful for one in combined.candidates):  # what one approves, another knows too much of
        assert combined.outcome is MatchOutcome.REVIEW
        return
    assert combined.outcome is combine_outcomes(outcomes)
    assert (combined.outcome is MatchOutcome.APPROVE) is (MatchOutcome.APPROVE in outcomes)
    assert (combined.outcome is MatchOutcome.REJECT) is (set(outcomes) == {MatchOutcome.REJECT})


@given(st.text(max_size=60))
def test_words_are_found_again_in_themselves(text: str) -> None:
    for word in split_words(text):
        assert word
        assert split_words(word)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.integers(40, 90))
def test_what_can_be_told_apart_is_learned(start: int, count: int) -> None:
    pairs = []
    for number in range(start, start + count):
        sku = MatchRecord(f"s{number}", f"Acme drill K{1000 + number} set")
        same = number % 2 == 0
        item = MatchRecord(f"i{number}", f"drill k{1000 + number if same else 7000 + number} acme")
        pairs.append(LabelledPair(item, sku, same))
    calibration = calibrate(RecordMatcher.build(pair.right for pair in pairs), pairs)
    assert calibration.quality.f1 == 1


@FEW
@given(SHOPS)
def test_a_record_of_the_catalogue_finds_itself(shop: list[MatchRecord]) -> None:
    matcher = RecordMatcher.build(shop)
    for record in shop:
        if split_words(record.name) or any(gtin.decides for gtin in record.gtins) or record.host_ids:
            found = matcher.find(attrs.evolve(record, id="item"), limit=len(shop))
            assert record.id in {candidate.id for candidate in found}
