"""Feeds that tell everything of a merchant: what they no longer name is not sold any more, within a limit."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.errors import InvalidValue
from mktcore.loading.batches import split_batches
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.offers import OFFERS, Offer
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.parties import MERCHANTS
from mktcore.persistence import Repositories, put
from mktcore.stock import MarketUnit, StockCount, StockLevel

__all__ = [
    "NOT_IN_FEED",
    "VanishedOffers",
    "WholeFeed",
    "describe_excess",
    "find_for_sale",
    "find_vanished",
    "let_return",
    "let_vanish",
]

NOT_IN_FEED = "its merchant's full feed does not name it"


def _to_merchants(merchants: Iterable[str]) -> tuple[str, ...]:
    if isinstance(merchants, str):  # it would be taken letter by letter
        raise InvalidValue("WholeFeed", "merchants", merchants, f"a sequence: [{merchants!r}]")
    return tuple(dict.fromkeys(merchants))


@attrs.frozen
class WholeFeed:
    """The `offers.csv` of a folder is everything that some merchants have: what it does not name is gone.

    Attributes:
        merchants: Whose offers it tells; those of others stay as they are.
        limit: The greatest part of a merchant's offers that are for sale which may vanish at once, 0 to 1; a load in
            which more would is refused, as a feed that was cut short looks just like this. A half by default.
    """

    merchants: tuple[str, ...] = attrs.field(converter=_to_merchants)
    limit: Decimal = attrs.field(default=Decimal("0.5"), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.limit, Decimal) or not 0 <= self.limit <= 1:
            raise InvalidValue("WholeFeed", "limit", self.limit, 'a fraction from 0 to 1, such as Decimal("0.2")')


@attrs.frozen
class VanishedOffers:
    """What a whole feed no longer names, and what is there of it.

    Attributes:
        offers: Those that were for sale.
        levels: Their stock items, by id.
        freshness: Why those without a count of their own cannot be had already, by offer.
    """

    offers: tuple[Offer, ...] = ()
    levels: Mapping[str, StockLevel] = attrs.field(factory=dict)
    freshness: Mapping[str, Freshness] = attrs.field(factory=dict)

    def with_more(self, other: "VanishedOffers") -> "VanishedOffers":
        """Return both together."""
        return VanishedOffers(
            (*self.offers, *other.offers), {**self.levels, **other.levels}, {**self.freshness, **other.freshness}
        )

    def without(self, named: Container[str]) -> "VanishedOffers":
        """Return it without the offers that a feed names."""
        return attrs.evolve(self, offers=tuple(offer for offer in self.offers if offer.id not in named))

    def list_counts(self) -> list[StockCount]:
        """Return the counts by which nothing of them is there: no allowance either, or they went on being promised."""
        return [
            StockCount(item, offer.merchant, 0)
            for offer in self.offers
            if _is_stocked(offer)
            for item in offer.stock_items
            if item in self.levels
        ]


def find_vanished(
    unit: MarketUnit, contents: FolderContents, feed: WholeFeed | None, *, faults: LoadFaults
) -> VanishedOffers:
    """Return what a folder that tells everything no longer names, or note why that cannot be.

    Args:
        unit: Where offers and stock are.
        contents: What the folder says.
        feed: Of whom it tells everything; None of nobody.
        faults: Where faults go.
    """
    if feed is None:
        return VanishedOffers()
    if "offers.csv" not in contents.names:
        faults.add("offers.csv", 0, "it is not there, and is to tell everything", remedy="send it, if only its header")
        return VanishedOffers()
    found = VanishedOffers()
    for merchant in feed.merchants:
        one = _find_of_merchant(unit, contents, merchant, limit=feed.limit, faults=faults)
        found = VanishedOffers(
            (*found.offers, *one.offers), {**found.levels, **one.levels}, {**found.freshness, **one.freshness}
        )
    return found


def _find_of_merchant(
    unit: MarketUnit, contents: FolderContents, merchant: str, *, limit: Decimal, faults: LoadFaults
) -> VanishedOffers:
    if merchant not in contents.records(MERCHANTS) and unit.repository(MERCHANTS).find(merchant) is None:
        faults.add("offers.csv", 0, f"there is no merchant {merchant}", remedy="correct the name")
        return VanishedOffers()
    named = contents.records(OFFERS)
    offered, vanished = 0, VanishedOffers()
    for batch in split_batches(unit.repository(OFFERS).find_where("merchant", [merchant])):
        sold = find_for_sale(unit, batch)
        offered += len(sold.offers)
        vanished = vanished.with_more(sold.without(named))
    reason = describe_excess(merchant, len(vanished.offers), offered, limit=limit)
    if reason:
        faults.add("offers.csv", 0, reason, remedy="check that the feed is whole, or raise the limit")
    return vanished


def describe_excess(merchant: str, vanished: int, offered: int, *, limit: Decimal) -> str:
    """Say that more would vanish than may; nothing where it is no more."""
    # In whole numbers of offers: a limit of a half lets one of two go.
    if vanished <= limit * offered:
        return ""
    return f"{vanished} of {offered} offers of {merchant} would vanish, more than {limit} of them"


def find_for_sale(unit: MarketUnit, offers: Sequence[Offer]) -> VanishedOffers:
    """Return those of some offers that are for sale, with what is there of them; in two round trips."""
    levels = unit.stock.find_levels([item for offer in offers for item in offer.stock_items])
    others = {offer.id for offer in offers if not _is_stocked(offer)}
    freshness = unit.repository(FRESHNESS).find_many(others) if others else {}
    return VanishedOffers(tuple(offer for offer in offers if _is_for_sale(offer, levels, freshness)), levels, freshness)


def _is_stocked(offer: Offer) -> bool:
    """Tell whether a count of its own says whether an offer is there."""
    return offer.stock.counted and not offer.stock.parts


def _is_for_sale(offer: Offer, levels: Mapping[str, StockLevel], freshness: Mapping[str, Freshness]) -> bool:
    if not _is_stocked(offer):
        return offer.id not in freshness or freshness[offer.id].unavailable is None
    there = [levels[item] for item in offer.stock_items if item in levels]
    return any(level.on_hand + level.backorder > 0 for level in there)


def let_vanish(unit: MarketUnit, vanished: VanishedOffers, *, at: datetime) -> None:
    """Make unavailable what no count says is gone: goods that nobody counts, and kits."""
    for offer in vanished.offers:
        if not _is_stocked(offer):
            before = vanished.freshness.get(offer.id) or Freshness(offer.id, offer.merchant)
            put(unit, FRESHNESS, before.mark_unavailable(NOT_IN_FEED, at))


def let_return(unit: MarketUnit, offers: Iterable[str]) -> None:
    """Make available again what a feed names after a whole one did not."""
    for batch in split_batches(offers):
        unit.repository(FRESHNESS).save_many(list(_list_back(unit, batch)))


def _list_back(unit: Repositories, offers: list[str]) -> Iterator[Freshness]:
    for one in unit.repository(FRESHNESS).find_many(offers).values():
        if one.unavailable is not None and one.unavailable.why == NOT_IN_FEED:
            yield attrs.evolve(one, unavailable=None)
