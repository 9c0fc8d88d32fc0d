"""Several matchers asked together: one that approves is enough, to reject takes all."""

from collections.abc import Iterable, Sequence

import attrs

from mktcore.catalog.matching.candidate import Candidate, Match, Matching
from mktcore.catalog.matching.policy import Outcome
from mktcore.catalog.matching.record import MatchRecord
from mktcore.errors import InvalidValue

__all__ = ["CombinedMatcher", "combine_outcomes"]


def combine_outcomes(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what several outcomes come to: approved by any, rejected only by all.

    >>> combine_outcomes([Outcome.REJECT, Outcome.APPROVE]), combine_outcomes([Outcome.REJECT, Outcome.REVIEW])
    (<Outcome.APPROVE: 'approve'>, <Outcome.REVIEW: 'review'>)
    """
    found = set(outcomes)
    if Outcome.APPROVE in found:
        return Outcome.APPROVE
    return Outcome.REVIEW if Outcome.REVIEW in found else Outcome.REJECT


def _list(matchers: Iterable[Matching]) -> tuple[Matching, ...]:
    return tuple(matchers)


@attrs.frozen
class CombinedMatcher:
    """Asks several matchers and joins their answers; itself a matcher.

    Attributes:
        matchers: At least one: over other catalogues, with other policies, or a host's own.

    Raises:
        InvalidValue: There is none.
    """

    matchers: tuple[Matching, ...] = attrs.field(converter=_list)

    def __attrs_post_init__(self) -> None:
        if not self.matchers:
            raise InvalidValue("CombinedMatcher", "matchers", "none", "at least one")

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[Candidate, ...]:
        """Return the best candidates of all: approved ones first, then by score, then by id.

        A candidate keeps the highest score that any matcher gives it.
        """
        return _join([matcher.find(record, limit) for matcher in self.matchers])[:limit]

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        """Return the joined candidates, and what the matchers' outcomes come to."""
        matches = [matcher.match(record, limit) for matcher in self.matchers]
        candidates = _join([match.candidates for match in matches])[:limit]
        return Match(record.id, combine_outcomes(match.outcome for match in matches), candidates)


def _join(answers: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for candidate in (candidate for candidates in answers for candidate in candidates):
        known = best.get(candidate.id)
        if known is None:
            best[candidate.id] = candidate
        else:
            higher = candidate if candidate.score > known.score else known
            outcome = combine_outcomes([known.outcome, candidate.outcome])
            best[candidate.id] = attrs.evolve(higher, outcome=outcome)
    return tuple(sorted(best.values(), key=lambda one: (one.outcome is not Outcome.APPROVE, -one.score, one.id)))
