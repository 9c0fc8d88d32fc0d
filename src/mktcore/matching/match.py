"""What a matcher says of one record."""

import attrs

from mktcore.matching.candidate import MatchCandidate
from mktcore.matching.match_policy import MatchOutcome

__all__ = ["Match"]


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
