"""What anything is that matches records to a catalogue."""

from typing import Protocol

from mktcore.matching.candidate import MatchCandidate
from mktcore.matching.match import Match
from mktcore.matching.record import MatchRecord

__all__ = ["Matching"]


class Matching(Protocol):
    """Anything that matches records to a catalogue; deterministic, and safe to call from several threads."""

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        """Return at most `limit` candidates, best first; none twice."""
        ...

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        """Return the candidates and what they lead to."""
        ...
