"""What a matcher answers: candidates with their scores, and what they lead to."""

from collections.abc import Callable
from typing import Any

import attrs

from mktcore.catalog.matching.identifying import Verdict
from mktcore.catalog.matching.policy import Outcome
from mktcore.explain import Explanation

__all__ = ["Candidate", "Match"]


@attrs.frozen
class Candidate:
    """A record of the catalogue that may be the one asked for.

    Attributes:
        id: Its id.
        score: 0 to 100, with two decimals.
        outcome: What the score leads to by the matcher's policy.
        verdict: What identifiers and given sizes say; they overrule the words.
    """

    id: str
    score: float
    outcome: Outcome
    verdict: Verdict = Verdict.NONE
    _explain: Callable[[], Explanation] | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)

    def explain(self) -> Explanation:
        """Return why it scores what it scores, signal by signal; worked out now, from the matcher that found it."""
        if self._explain is None:
            return Explanation(self.id, f"{self.score:g}", self.verdict or "ask the matcher that found it")
        return self._explain()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons as lines of text, the weightiest first."""
        return tuple(part.to_line() for part in self.explain().parts)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the matcher behind: an answer that travels is plain."""
        names = [field.name for field in attrs.fields(type(self)) if field.name != "_explain"]
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in {"_explain": None, **state}.items():
            object.__setattr__(self, name, value)


@attrs.frozen
class Match:
    """What a matcher says of one record.

    Attributes:
        record: Id of the record asked about.
        outcome: Of the best candidate; `REJECT` where there is none.
        candidates: Best first.
    """

    record: str
    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
