"""Several matchers asked together: one that approves is enough, to reject takes all."""

from collections.abc import Iterable, Sequence

import attrs

from mktcore.errors import InvalidValue
from mktcore.matching.candidate import MatchCandidate
from mktcore.matching.compare_identifiers import IdentifierVerdict, find_shared
from mktcore.matching.match import Match
from mktcore.matching.match_policy import MatchOutcome
from mktcore.matching.ports import Matching
from mktcore.matching.record import MatchRecord

__all__ = ["CombinedMatcher", "combine_outcomes"]


def combine_outcomes(outcomes: Iterable[MatchOutcome]) -> MatchOutcome:
    """Return what several outcomes come to: approved by any, rejected only by all.

    >>> (
    ...     combine_outcomes([MatchOutcome.REJECT, MatchOutcome.APPROVE]),
    ...     combine_outcomes([MatchOutcome.REJECT, MatchOutcome.REVIEW]),
    ... )
    (<MatchOutcome.APPROVE: 'approve'>, <MatchOutcome.REVIEW: 'review'>)
    """
    found = set(outcomes)
    if MatchOutcome.APPROVE in found:
        return MatchOutcome.APPROVE
    return MatchOutcome.REVIEW if MatchOutcome.REVIEW in found else MatchOutcome.REJECT


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

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        """Return the best candidates of all: approved ones first, then by score, then by id.

        A candidate keeps the highest score that any matcher gives it, unless a matcher has doubts about an identifier.
        """
        return _join([matcher.find(record, limit) for matcher in self.matchers])[:limit]

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        """Return the joined candidates, and what the matchers' outcomes come to."""
        matches = [matcher.match(record, limit) for matcher in self.matchers]
        candidates = _join([match.candidates for match in matches])[:limit]
        # What approves one candidate is in doubt by what another matcher knows of it.
        is_doubtful = any(one.is_doubtful for one in candidates)
        outcome = MatchOutcome.REVIEW if is_doubtful else combine_outcomes(match.outcome for match in matches)
        return Match(record.id, outcome, candidates)


def _join(answers: Sequence[Sequence[MatchCandidate]]) -> tuple[MatchCandidate, ...]:
    best: dict[str, MatchCandidate] = {}
    for candidate in (candidate for candidates in answers for candidate in candidates):
        known = best.get(candidate.id)
        if known is None:
            best[candidate.id] = candidate
        else:
            best[candidate.id] = _merge(known, candidate)
    shared = find_shared(one.verdict for one in best.values())
    found = [_doubt(one) if one.verdict in shared else one for one in best.values()]
    return tuple(sorted(found, key=lambda one: (one.outcome is not MatchOutcome.APPROVE, -one.score, one.id)))


def _merge(known: MatchCandidate, candidate: MatchCandidate) -> MatchCandidate:
    """Return what two matchers say of one candidate."""
    for one in (known, candidate):
        if one.is_doubtful:
            return one
    # Of equal scores the first matcher's is kept, whose reasons are then told.
    higher = candidate if candidate.score > known.score else known
    return attrs.evolve(higher, outcome=combine_outcomes([known.outcome, candidate.outcome]))


def _doubt(candidate: MatchCandidate) -> MatchCandidate:
    """Return a candidate whose identifier another one has too, in another catalogue."""
    return attrs.evolve(candidate, verdict=IdentifierVerdict.SHARED, outcome=MatchOutcome.REVIEW)
