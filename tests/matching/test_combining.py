import attrs
import pytest

from matching.shop import ALPHA, SHOP, make_item
from mktcore.errors import InvalidValue
from mktcore.matching import CombinedMatcher, Match, MatchCandidate, MatchOutcome, MatchRecord, RecordMatcher


@attrs.frozen
class Fixed:
    """A host's own matcher: always the same answer."""

    candidates: tuple[MatchCandidate, ...]

    def find(self, _: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        return self.candidates[:limit]

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        found = self.find(record, limit)
        return Match(record.id, found[0].outcome if found else MatchOutcome.REJECT, found)


def say(*candidates: tuple[str, float, MatchOutcome]) -> Fixed:
    return Fixed(tuple(MatchCandidate(*candidate) for candidate in candidates))


ITEM = make_item("Sony Alpha 7 IV body")
YES, NO = say(("a", 90, MatchOutcome.APPROVE)), say(("a", 5, MatchOutcome.REJECT), ("b", 4, MatchOutcome.REJECT))
PERHAPS = say(("b", 95, MatchOutcome.REVIEW))


@pytest.mark.parametrize(
    ("matchers", "outcome"),
    [
        ([NO, YES], MatchOutcome.APPROVE),
        ([PERHAPS, YES, NO], MatchOutcome.APPROVE),
        ([NO, PERHAPS], MatchOutcome.REVIEW),
        ([NO, NO], MatchOutcome.REJECT),
        ([Fixed(())], MatchOutcome.REJECT),
    ],
)
def test_one_that_approves_is_enough_and_to_reject_takes_all(matchers: list[Fixed], outcome: MatchOutcome) -> None:
    assert CombinedMatcher(matchers).match(ITEM).outcome is outcome


def test_candidates_are_joined_with_their_best_scores() -> None:
    found = CombinedMatcher([NO, YES, PERHAPS]).find(ITEM)
    assert [(one.id, one.score, one.outcome) for one in found] == [
        ("a", 90, MatchOutcome.APPROVE),
        ("b", 95, MatchOutcome.REVIEW),
    ]
    assert len(CombinedMatcher([NO, PERHAPS]).find(ITEM, limit=1)) == 1


def test_catalogues_combine() -> None:
    both = CombinedMatcher([RecordMatcher.build(SHOP[:3]), RecordMatcher.build(SHOP[3:])])
    assert both.match(ITEM).candidates[0].id == "alpha-4"
    assert both.match(make_item("toner q6511a")).candidates[0].id == "toner"


def test_no_matcher_is_no_matcher() -> None:
    with pytest.raises(InvalidValue):
        CombinedMatcher(())


def test_two_catalogues_with_one_number_leave_it_to_a_person() -> None:
    twin = attrs.evolve(SHOP[0], id="twin")
    both = CombinedMatcher([RecordMatcher.build(SHOP[:3]), RecordMatcher.build([twin, SHOP[3]])])
    match = both.match(make_item("Sony Alpha 7 IV body", gtins=[ALPHA]))
    assert match.outcome is MatchOutcome.REVIEW
    assert {one.id for one in match.candidates if one.is_doubtful} == {"alpha-4", "twin"}


def test_what_one_matcher_doubts_no_other_approves() -> None:
    twins = RecordMatcher.build([SHOP[0], attrs.evolve(SHOP[0], id="twin")])
    yes = say(("alpha-4", 100, MatchOutcome.APPROVE))
    for both in (CombinedMatcher([twins, yes]), CombinedMatcher([yes, twins])):
        assert both.match(make_item("camera", gtins=[ALPHA])).outcome is MatchOutcome.REVIEW
