"""Listings: what a host's search engine is fed of a SKU, with the price that leads in each sales channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.ids import link_ids
from mktcore.money import Money
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Ordered
from mktcore.storefront.entry import Availability, StorefrontEntry

__all__ = ["LISTINGS_DUE", "ListedPrice", "Listing", "ListingDue"]


@attrs.frozen(kw_only=True)
class ListedPrice:
    """What leads in a sales channel.

    Attributes:
        channel: The channel; None for who names none.
        availability: Whether it can be had now.
        offer: The offer that leads; None where nothing can be had, and then there is no price either.
        merchant: Who sells.
        unit_price: What `per` pieces cost.
        per: How many pieces that is for.
        quantity: The pieces that were asked for: one, or the least it is sold in.
        list_price: What a piece costs elsewhere, as the offer says.
    """

    channel: str | None
    availability: Availability
    offer: str | None = None
    merchant: str | None = None
    unit_price: Money | None = None
    per: int = 1
    quantity: int = 1
    list_price: Money | None = None

    @classmethod
    def of(cls, entry: StorefrontEntry) -> "ListedPrice":
        """Return what leads in an entry."""
        lead, price = entry.lead, entry.price
        channel, availability = entry.context.channel, entry.availability
        if lead is None or price is None:
            return cls(channel=channel, availability=availability)
        return cls(
            channel=channel,
            availability=availability,
            offer=lead.offer.id,
            merchant=lead.offer.merchant,
            unit_price=price.unit_price,
            per=price.per,
            quantity=entry.quantity,
            list_price=lead.offer.list_price,
        )


@attrs.frozen(kw_only=True)
class Listing:
    """A SKU as a search engine is fed it: what a visitor is shown.

    Attributes:
        sku: The SKU.
        nature: Its category and those above, its brand and attributes: what it does not say itself, its product says.
        merchants: Who sells it, sorted, in whichever channel.
        prices: What leads, by channel, in the order of the projection's channels; one that nobody sells in is absent.
        next_change: When something of it may change by itself: a price, a sale, a closure begins or ends; None for
            never. A `Projection` looks at it again then.
    """

    sku: Sku
    nature: GoodsNature
    merchants: tuple[str, ...]
    prices: tuple[ListedPrice, ...]
    next_change: datetime | None = None

    @property
    def id(self) -> str:
        """The SKU's id, under which an engine keeps it."""
        return self.sku.id

    @property
    def categories(self) -> tuple[str, ...]:
        """Its category and those that it lies in, the nearest first."""
        return (self.nature.category, *self.nature.ancestors) if self.nature.category else ()

    @property
    def by_channel(self) -> Mapping[str | None, ListedPrice]:
        """What leads, by channel."""
        return {price.channel: price for price in self.prices}

    @classmethod
    def of(cls, entries: Sequence[StorefrontEntry], next_change: datetime | None) -> "Listing":
        """Return the listing of a SKU.

        Args:
            entries: One for each channel that it is sold in, at least one.
            next_change: When something of them may change by itself.
        """
        merchants = {merchant for entry in entries for merchant in entry.merchants}
        first = entries[0]
        return cls(
            sku=first.sku,
            nature=first.nature,
            merchants=tuple(sorted(merchants)),
            prices=tuple([ListedPrice.of(entry) for entry in entries]),
            next_change=next_change,
        )


@attrs.frozen
class ListingDue:
    """When a projection has to look at a SKU again though nothing happens.

    Attributes:
        id: Made of both, see `of`.
        projection: The projection's name.
        sku: The SKU.
        due: When, UTC.
        version: How often it was stored.
    """

    id: str
    projection: str
    sku: str
    due: datetime
    version: int = 0

    @classmethod
    def of(cls, projection: str, sku: str, due: datetime) -> "ListingDue":
        """Note an instant for a SKU of a projection."""
        return cls(link_ids(projection, sku), projection, sku=sku, due=due)


LISTINGS_DUE = Kind(
    "listing_due",
    ListingDue,
    columns={"projection": lambda found: found.projection},
    ordered={"due": Ordered(lambda found: found.due, datetime, within=("projection",))},
)
"""A projection's own: nobody but the operator reads it."""
