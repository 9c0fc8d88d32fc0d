import attrs
import pytest

from catalog.matching.shop import SHOP, make_item
from mktcore.catalog.matching import Candidate, CombinedMatcher, Match, Matcher, MatchRecord, Outcome
from mktcore.errors import InvalidValue


@attrs.frozen
class Fixed:
    """A host's own matcher: always the same answer."""

    candidates: tuple[Candidate, ...]

    def find(self, _: MatchRecord, limit: int = 5) -> tuple[Candidate, ...]:
        return self.candidates[:limit]

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        found = self.find(record, limit)
        return Match(record.id, found[0].outcome if found else Outcome.REJECT, found)


def say(*candidates: tuple[str, float, Outcome]) -> Fixed:
    return Fixed(tuple(Candidate(*candidate) for candidate in candidates))


ITEM = make_item("Sony Alpha 7 IV body")
YES, NO = say(("a", 90, Outcome.APPROVE)), say(("a", 5, Outcome.REJECT), ("b", 4, Outcome.REJECT))
PERHAPS = say(("b", 95, Outcome.REVIEW))


@pytest.mark.parametrize(
    ("matchers", "outcome"),
    [
        ([NO, YES], Outcome.APPROVE),
        ([PERHAPS, YES, NO], Outcome.APPROVE),
        ([NO, PERHAPS], Outcome.REVIEW),
        ([NO, NO], Outcome.REJECT),
        ([Fixed(())], Outcome.REJECT),
    ],
)
def test_one_that_approves_is_enough_and_to_reject_takes_all(matchers: list[Fixed], outcome: Outcome) -> None:
    assert CombinedMatcher(matchers).match(ITEM).outcome is outcome


def test_candidates_are_joined_with_their_best_scores() -> None:
    found = CombinedMatcher([NO, YES, PERHAPS]).find(ITEM)
    assert [(one.id, one.score, one.outcome) for one in found] == [
        ("a", 90, Outcome.APPROVE),
        ("b", 95, Outcome.REVIEW),
    ]
    assert len(CombinedMatcher([NO, PERHAPS]).find(ITEM, limit=1)) == 1


def test_catalogues_combine() -> None:
    both = CombinedMatcher([Matcher.build(SHOP[:3]), Matcher.build(SHOP[3:])])
    assert both.match(ITEM).candidates[0].id == "alpha-4"
    assert both.match(make_item("toner q6511a")).candidates[0].id == "toner"


def test_no_matcher_is_no_matcher() -> None:
    with pytest.raises(InvalidValue):
        CombinedMatcher(())
