"""What matching stores."""

from mktcore.matching.match_policy import MatchPolicy
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("catalog.match-policy", 1, MatchPolicy),)
