"""Feeds as a list."""

from mktcore.access.record_list import RecordList
from mktcore.feeds.feed import FEEDS, Feed

__all__ = ["FeedList"]


class FeedList(RecordList[Feed]):
    """The caller's feeds, and how far they are; the operator sees all."""

    kind, filters = FEEDS, ("merchant", "state", "accepted_at")
