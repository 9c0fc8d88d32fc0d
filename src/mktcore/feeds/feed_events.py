"""What is told of feeds; the merchant learns of its own."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.feeds.feed import Feed, FeedState

__all__ = ["FeedChanged"]


@attrs.frozen(kw_only=True)
class FeedChanged(Event):
    """A feed was accepted, or is over; `number` is its version."""

    subject_kind: ClassVar[str] = "feed"
    state: FeedState
    number: int

    @classmethod
    def of(cls, feed: Feed, at: datetime) -> Self:
        """Tell how a feed stands."""
        return cls(subject=feed.id, at=at, merchant=feed.merchant, state=feed.state, number=feed.version)
