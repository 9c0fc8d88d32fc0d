"""Whether a feed tells of its parts, and of what became of their rows, what they tell themselves (I16)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mktcore.audit.guarded_checks import iterate_batches
from mktcore.feeds import FEED_CHUNKS, FEEDS, Feed, FeedChunk, FeedState
from mktcore.notice import Notice
from mktcore.store_inspection import RecordInspection

__all__ = ["check_feeds"]

_BATCH = 50


def check_feeds(inspection: RecordInspection) -> Iterator[Notice]:
    """Yield a finding for each feed whose parts are not there, or tell something else than it does."""
    if not {FEEDS.name, FEED_CHUNKS.name} <= inspection.kinds.keys():
        return
    for batch in iterate_batches(inspection.iterate_kind(FEEDS), _BATCH):
        feeds = [kept.value for kept in batch if kept.value is not None]
        parts: dict[str, list[FeedChunk]] = {feed.id: [] for feed in feeds}
        for kept in inspection.find_by(FEED_CHUNKS, "feed", list(parts)):
            if kept.value is not None and kept.value.feed in parts:
                parts[kept.value.feed].append(kept.value)
        for feed in feeds:
            yield from _check_feed(feed, parts[feed.id])


def _check_feed(feed: Feed, parts: Sequence[FeedChunk]) -> Iterator[Notice]:
    done = [part.outcomes for part in parts if part.outcomes is not None]
    outcomes = [one for part in done for one in part]
    lines = [one.line for one in outcomes] + [row.line for part in parts for row in part.rows]
    fates = Counter(one.fate.value for one in outcomes)
    # What is gone is in no row, and only of a feed of everything something is.
    fates["vanished"] = 0 if feed.whole is None else feed.counts.vanished
    told = {
        "merchant": ({part.merchant for part in parts} or {feed.merchant}, {feed.merchant}),
        "chunks": (sorted(part.number for part in parts), list(range(feed.chunks))),
        "chunks_done": (len(done), feed.chunks_done),
        "done": (len(outcomes), feed.done),
        "rows": (sorted(lines), sorted(range(1, feed.rows + 1))),
        "counts": (dict(+fates), _list_counts(feed)),
        "ended_at": (feed.ended_at is not None, feed.is_over()),
        "due": (feed.due is not None, not feed.is_over()),
        "problem": (bool(feed.problem), feed.state is FeedState.FAILED),
        "attempts": (feed.attempts if feed.state is FeedState.DONE else 0, 0),
        "state": (feed.chunks_done == feed.chunks, feed.state is FeedState.DONE),
    }
    for field, (found, expected) in told.items():
        if found != expected:
            message = f"its parts tell something else: {found} for {expected}"[:300]
            yield Notice("I16", f"{FEEDS.name} {feed.id}.{field}", message)


def _list_counts(feed: Feed) -> dict[str, int]:
    counts = feed.counts
    names = ("added", "changed", "unchanged", "held", "refused", "vanished")
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}
