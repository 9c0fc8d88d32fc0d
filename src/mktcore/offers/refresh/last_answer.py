"""What the marketplace knows of how fresh an offer is: when its merchant last told, and why it cannot be had."""

from datetime import datetime

import attrs

from mktcore.clock import to_utc
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["FRESHNESS", "Freshness", "Unavailability"]


def _to_optional_utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else to_utc(instant)


@attrs.frozen
class Unavailability:
    """Since when an offer cannot be had, and why: price and stock of it are not known to be right.

    Attributes:
        since: Since when, UTC.
        why: Why, in one clause.
    """

    since: datetime = attrs.field(converter=to_utc)
    why: str


@attrs.frozen
class Freshness:
    """When an offer's merchant last answered, and what of.

    Attributes:
        id: Id of the offer.
        merchant: Whose offer.
        as_of: The instant that the last answer was of, as the merchant said, UTC; None when there was none.
        answered_at: When the last answer was applied, UTC; None when there was none.
        unavailable: Why it cannot be had, since the first question without a good answer; None when it can.
        version: How often it was stored.
    """

    id: str
    merchant: str
    as_of: datetime | None = attrs.field(default=None, converter=_to_optional_utc)
    answered_at: datetime | None = attrs.field(default=None, converter=_to_optional_utc)
    unavailable: Unavailability | None = None
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("offer", self.id)

    def mark_unavailable(self, why: str, now: datetime) -> "Freshness":
        """Return it after a question without a good answer; the first one tells since when, the last one why."""
        since = now if self.unavailable is None else self.unavailable.since
        return attrs.evolve(self, unavailable=Unavailability(since, why))

    def mark_answered(self, as_of: datetime, now: datetime) -> "Freshness":
        """Return it after a good answer; one of the future, by a clock that is wrong, is of now."""
        return attrs.evolve(self, as_of=min(to_utc(as_of), to_utc(now)), answered_at=now, unavailable=None)

    def is_newer_than(self, as_of: datetime) -> bool:
        """Tell whether an answer of this instant is stale: a later one was applied."""
        return self.as_of is not None and to_utc(as_of) < self.as_of


FRESHNESS = Kind(
    "freshness",
    Freshness,
    columns={"merchant": lambda freshness: freshness.merchant},
    merchant="merchant",
    reads=EVERY_USER,
)
"""The marketplace keeps it; the merchant may read why its offer cannot be had."""
