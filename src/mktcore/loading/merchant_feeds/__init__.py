"""Feeds of merchants, accepted at once and gone through part by part."""

from mktcore.loading.merchant_feeds.accept_feed import MAX_ROWS, FeedRefused
from mktcore.loading.merchant_feeds.use_cases import FeedOutcomes, Feeds
from mktcore.loading.merchant_feeds.work_feed import FeedReport

__all__ = ["MAX_ROWS", "FeedOutcomes", "FeedRefused", "FeedReport", "Feeds"]
