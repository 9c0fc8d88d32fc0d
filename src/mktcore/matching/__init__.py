"""Matching: proposing records of a catalogue for what a merchant sends, with scores and reasons."""

from mktcore.matching.candidate import Match, MatchCandidate, Matching
from mktcore.matching.combined_matcher import CombinedMatcher
from mktcore.matching.match_policy import MatchOutcome, MatchPolicy
from mktcore.matching.matcher import RecordMatcher
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
