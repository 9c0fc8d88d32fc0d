"""Matching: proposing records of a catalogue for what a merchant sends, with scores and reasons."""

from mktcore.catalog.matching.candidate import Candidate, Match, Matching
from mktcore.catalog.matching.combining import CombinedMatcher
from mktcore.catalog.matching.matcher import Matcher
from mktcore.catalog.matching.policy import MatchPolicy, Outcome
from mktcore.catalog.matching.record import MatchRecord
from mktcore.lazy import load_lazily

__all__ = ["Candidate", "CombinedMatcher", "Match", "MatchPolicy", "MatchRecord", "Matcher", "Matching", "Outcome"]

__getattr__ = load_lazily(
    __name__,
    dict.fromkeys(("Calibration", "LabelledPair", "Quality", "calibrate"), "mktcore.catalog.matching.calibrating"),
)
