"""What the ground stores: values that belong to no room."""

from mktcore.explain.explanation import Explanation
from mktcore.notice import Notice
from mktcore.periods import Period
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("core.problem", 1, Notice),
    Stored("core.explanation", 1, Explanation),
    Stored("core.period", 1, Period),
)
