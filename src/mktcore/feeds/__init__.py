"""Feeds that merchants send, kept until a worker has gone through them, with what became of each row."""

from mktcore.feeds.feed import FEEDS, Feed, FeedCounts, FeedState
from mktcore.feeds.feed_chunk import FEED_CHUNKS, FeedChunk, FeedProblem, FeedRow, RowFate, RowOutcome
from mktcore.feeds.feed_events import FeedChanged
from mktcore.feeds.lists import FeedList

__all__ = [
    "FEEDS",
    "FEED_CHUNKS",
    "Feed",
    "FeedChanged",
    "FeedChunk",
    "FeedCounts",
    "FeedList",
    "FeedProblem",
    "FeedRow",
    "FeedState",
    "RowFate",
    "RowOutcome",
]
