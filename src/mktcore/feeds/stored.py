"""What feeds store and publish."""

from mktcore.feeds.feed import FEEDS, Feed
from mktcore.feeds.feed_chunk import FEED_CHUNKS, FeedChunk
from mktcore.feeds.feed_events import FeedChanged
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("feeds.feed", 1, Feed, kind=FEEDS),
    Stored("feeds.feed-chunk", 1, FeedChunk, kind=FEED_CHUNKS),
    Stored("feeds.feed-changed", 1, FeedChanged),
)
