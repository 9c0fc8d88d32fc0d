"""What a feed of everything lets vanish: before it is accepted, all of it is counted; then part by part."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from mktcore.feeds.feed_chunk import FeedChunk
from mktcore.loading.merchant_feeds.accept_feed import FeedRefused, name_offer
from mktcore.loading.whole_feed import describe_excess, find_for_sale, let_vanish
from mktcore.notice import Notice
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import Repositories
from mktcore.stock import MarketUnit

__all__ = ["check_vanishing", "vanish_between"]

_BATCH = 500


def check_vanishing(unit: MarketUnit, merchant: str, named: Container[str], *, limit: Decimal) -> None:
    """Let a feed of everything pass that does not let more vanish than may.

    Raises:
        FeedRefused: More would: a feed that was cut short looks just like this.
    """
    offered = vanished = 0
    for batch in _page_offers(unit, merchant, after=None):
        sold = find_for_sale(unit, batch)
        offered += len(sold.offers)
        vanished += len(sold.without(named).offers)
    reason = describe_excess(merchant, vanished, offered, limit=limit)
    if reason:
        remedy = "check that the feed is whole, or raise the limit"
        operands = {"merchant": merchant, "vanished": vanished, "offered": offered}
        raise FeedRefused.of([Notice("feeds.would-vanish", "", reason, remedy=remedy, operands=operands)])


def vanish_between(unit: MarketUnit, chunk: FeedChunk, *, now: datetime) -> int:
    """Let vanish what lies between the offers of a part and is not named there; return how many offers.

    A row that was refused names its offer all the same: its merchant has it.
    """
    named = {name_offer(row) for row in chunk.rows}
    vanished = 0
    for batch in _page_offers(unit, chunk.merchant, after=chunk.after, upto=chunk.upto):
        gone = find_for_sale(unit, batch).without(named)
        let_vanish(unit, gone, at=now)
        counts = gone.list_counts()
        if counts:
            unit.stock.set_on_hand(counts, at=now)
        vanished += len(gone.offers)
    return vanished


def _page_offers(
    unit: Repositories, merchant: str, *, after: str | None, upto: str | None = None
) -> Iterator[Sequence[Offer]]:
    """Yield a merchant's offers in the order of their ids: after one, up to and with another."""
    while True:
        page = unit.repository(OFFERS).page({"merchant": merchant}, after=after or None, limit=_BATCH)
        found = [one for one in page.items if upto is None or one.id <= upto]
        if found:
            yield found
        if page.next is None or len(found) < len(page.items):
            return
        after = page.next
