"""The channels that somebody shops in, and what they let in: merchants, products, destinations."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.catalog.assortment import CATALOG_PRODUCTS
from mktcore.channels.channel import CHANNELS, Channel
from mktcore.notice import Notice
from mktcore.persistence import Repositories
from mktcore.persistence.noted_reads import Existence, Lookup

__all__ = ["ChannelBook", "foresee_channel", "gather_channels"]


@attrs.frozen
class ChannelBook:
    """Channels by name, and whether the marketplace keeps any: where it keeps none, every name is as good.

    Attributes:
        channels: Those that were asked for and are kept, by id.
        is_kept: Whether some channel is kept, be it another.
        listed: The catalogs that products are in, by product, where some channel goes by catalogs.
    """

    channels: Mapping[str, Channel] = attrs.field(factory=dict)
    is_kept: bool = attrs.field(default=False, kw_only=True)
    listed: Mapping[str, frozenset[str]] = attrs.field(factory=dict, kw_only=True)

    def find(self, name: str | None) -> Channel | None:
        """Return a channel; None where none is named, or no such one is kept."""
        return None if name is None else self.channels.get(name)

    def goes_by_catalogs(self) -> bool:
        """Tell whether some channel sells the products of some catalogs only."""
        return any(channel.catalogs is not None for channel in self.channels.values())

    def find_refusal(self, name: str | None, now: datetime) -> Notice | None:
        """Return why nobody shops in a channel now: it is none of those that are kept, or it is closed.

        Who names no channel is in none, and shops on the marketplace's own terms.
        """
        if name is None or not self.is_kept:
            return None
        channel, operands = self.find(name), {"channel": name}
        if channel is None:
            message, remedy = f"there is no channel {name}", "name one that the marketplace has, or none"
            return Notice("channel-unknown", "", message, remedy=remedy, operands=operands)
        if not channel.valid.contains(now):
            return Notice(
                "channel-closed", "", f"channel {name} is closed", "buy in another, or later", operands=operands
            )
        return None

    def find_bar(self, name: str | None, *, merchant: str, product: str) -> Notice | None:
        """Return why a channel does not sell a product of a merchant; None where it does."""
        channel = self.find(name)
        if channel is None:
            return None
        operands = {"channel": channel.id, "merchant": merchant, "product": product}
        if channel.merchants is not None and merchant not in channel.merchants:
            message = f"{merchant} does not sell in channel {channel.id}"
        elif channel.catalogs is not None and channel.catalogs.isdisjoint(self.listed.get(product, ())):
            message = f"{product} is in no catalog of channel {channel.id}"
        else:
            return None
        return Notice("not-in-channel", "", message, "choose another offer, or another channel", operands=operands)


def foresee_channel(name: str | None) -> list[Lookup | Existence]:
    """Return what will be asked of a channel, as a hint for stores."""
    return [] if name is None else [Lookup(CHANNELS, "id", frozenset({name})), Existence(CHANNELS, {})]


def gather_channels(unit: Repositories, names: Iterable[str | None], products: Iterable[str] = ()) -> ChannelBook:
    """Return the channels of some names, in a round trip or two, and none where no name is given.

    Args:
        unit: Under any scope: channels are everybody's to read, which catalogs products are in is the operator's.
        names: As carts name them.
        products: What may be sold in them; looked up where a channel goes by catalogs.
    """
    asked = {name for name in names if name is not None}
    if not asked:
        return ChannelBook()
    found = unit.repository(CHANNELS).find_many(asked)
    book = ChannelBook(found, is_kept=bool(found) or unit.repository(CHANNELS).has({}))
    if not book.goes_by_catalogs():
        return book
    listed: dict[str, frozenset[str]] = {}
    for link in unit.repository(CATALOG_PRODUCTS).find_where("product", frozenset(products)):
        listed[link.product] = listed.get(link.product, frozenset()) | {link.catalog}
    return attrs.evolve(book, listed=listed)
