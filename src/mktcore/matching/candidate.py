"""What a matcher answers: candidates with their scores, and what they lead to."""

from collections.abc import Callable
from typing import Self

import attrs

from mktcore.explain import Explanation
from mktcore.matching.compare_identifiers import DOUBTFUL, IdentifierVerdict
from mktcore.matching.match_policy import MatchOutcome

__all__ = ["MatchCandidate"]


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
