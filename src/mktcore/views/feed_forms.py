"""Merchants' feeds as people are shown them: how far they are, and what became of their rows."""

from mktcore.feeds import FEEDS, Feed, FeedCounts, FeedProblem, RowOutcome
from mktcore.loading.merchant_feeds import FeedOutcomes, FeedReport
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.shapes import TEXT, Listed

__all__ = ["FEED", "FEED_OUTCOMES", "FEED_REPORT"]

_COUNTS = Form(
    "FeedCounts",
    FeedCounts,
    plain_fields(FeedCounts, "added", "changed", "unchanged", "held", "refused", "vanished"),
)
FEED = Form(
    "Feed",
    Feed,
    plain_fields(
        Feed,
        *("id", "merchant", "rows", "done", "accepted_at", "whole", "state", "counts", "due", "problem", "ended_at"),
        forms={FeedCounts: _COUNTS},
    ),
    show=show_record(FEEDS),
)
_PROBLEM = Form("FeedProblem", FeedProblem, plain_fields(FeedProblem, "column", "message", "remedy"))
_OUTCOME = Form(
    "RowOutcome",
    RowOutcome,
    plain_fields(RowOutcome, "line", "offer", "fate", "problems", forms={FeedProblem: _PROBLEM}),
)
FEED_OUTCOMES = Form(
    "FeedOutcomes",
    FeedOutcomes,
    (
        field("items", Listed(_OUTCOME), "What became of rows."),
        maybe("next", TEXT, "Where the next page starts; absent after the last."),
    ),
    about="A page of what became of a feed's rows.",
)
FEED_REPORT = Form("FeedReport", FeedReport, plain_fields(FeedReport, "chunks", "rows", "ended"))
