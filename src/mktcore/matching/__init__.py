"""Matching: proposing records of a catalogue for what a merchant sends, with scores and reasons.

The names below load on first use: opening a marketplace needs none of them but what is stored.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily

if TYPE_CHECKING:
    from mktcore.matching.candidate import MatchCandidate
    from mktcore.matching.joined_matchers import CombinedMatcher
    from mktcore.matching.match import Match
    from mktcore.matching.match_policy import MatchOutcome, MatchPolicy
    from mktcore.matching.matcher import RecordMatcher
    from mktcore.matching.ports import Matching
    from mktcore.matching.record import MatchRecord

__all__ = [
    "CombinedMatcher",
    "Match",
    "MatchCandidate",
    "MatchOutcome",
    "MatchPolicy",
    "MatchRecord",
    "Matching",
    "RecordMatcher",
]

_HOMES = {
    "CombinedMatcher": "mktcore.matching.joined_matchers",
    "Match": "mktcore.matching.match",
    "MatchCandidate": "mktcore.matching.candidate",
    "MatchOutcome": "mktcore.matching.match_policy",
    "MatchPolicy": "mktcore.matching.match_policy",
    "MatchRecord": "mktcore.matching.record",
    "Matching": "mktcore.matching.ports",
    "RecordMatcher": "mktcore.matching.matcher",
}


__getattr__ = load_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
