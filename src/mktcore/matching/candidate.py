"""What a matcher answers: candidates with their scores, and what they lead to."""

from collections.abc import Callable
from typing import Protocol, Self

import attrs

from mktcore.explain import Explanation
from mktcore.matching.compare_identifiers import DOUBTFUL, IdentifierVerdict
from mktcore.matching.match_policy import MatchOutcome
from mktcore.matching.record import MatchRecord

__all__ = ["Match", "MatchCandidate", "Matching"]


@attrs.frozen
class MatchCandidate:
    """A record of the catalogue that may be the one asked for.

    Attributes:
        id: Its id.
        score: 0 to 100, with two decimals.
        outcome: What the score leads to by the matcher's policy.
        verdict: What identifiers and given sizes say; they overrule the words.
    """

    id: str
    score: float
    outcome: MatchOutcome
    verdict: IdentifierVerdict = IdentifierVerdict.NONE
    _explain: Callable[[], Explanation] | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)

    @property
    def is_doubtful(self) -> bool:
        """Whether an identifier agrees that cannot be trusted: several have it, or something else contradicts."""
        return self.verdict in DOUBTFUL

    def explain(self) -> Explanation:
        """Return why it scores what it scores, signal by signal; worked out now, from the matcher that found it."""
        if self._explain is None:
            return Explanation(self.id, f"{self.score:g}", self.verdict or "ask the matcher that found it")
        return self._explain()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons as lines of text, the weightiest first."""
        return tuple(part.to_line() for part in self.explain().parts)

    def to_plain(self) -> Self:
        """Return it without what its reasons are worked out from: small, and fit to travel."""
        return attrs.evolve(self, explain=None)


@attrs.frozen
class Match:
    """What a matcher says of one record.

    Attributes:
        record: Id of the record asked about.
        outcome: Of the best candidate; `REJECT` where there is none.
        candidates: Best first.
    """

    record: str
    outcome: MatchOutcome
    candidates: tuple[MatchCandidate, ...] = ()


class Matching(Protocol):
    """Anything that matches records to a catalogue; deterministic, and safe to call from several threads."""

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        """Return at most `limit` candidates, best first; none twice."""
        ...

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        """Return the candidates and what they lead to."""
        ...
