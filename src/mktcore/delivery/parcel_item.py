"""What travels: pieces of a line from one place to another, and how they are split into parcels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import attrs

from mktcore.addresses import Address
from mktcore.delivery.delivery_choice import DeliveryChoice
from mktcore.delivery.parcel_size import ParcelSize

__all__ = ["ParcelItem", "SplitParcels", "split_by_merchant"]


@attrs.frozen(kw_only=True)
class ParcelItem:
    """Pieces of one line that leave one location at one time.

    Attributes:
        line: Key of the line.
        merchant: Whose.
        quantity: Pieces.
        size: Of all of them.
        ready: When they can be handed over, UTC.
        destination: Where they go; None while nobody knows.
        location: From where, as the merchant calls it; empty for a place without a name.
        choice: How the buyer wants them delivered; None while nobody has chosen.
    """

    line: str
    merchant: str
    quantity: int
    size: ParcelSize
    ready: datetime
    destination: Address | None = None
    location: str = ""
    choice: DeliveryChoice | None = None


class SplitParcels(Protocol):
    """Says what travels together."""

    def __call__(self, items: Sequence[ParcelItem], /) -> Sequence[Sequence[ParcelItem]]:
        """Return the items in groups, each item in one of them; what differs in choice is parted afterwards.

        Pure: the same items are split alike when a cart is simulated and when it is placed.
        """
        ...


def split_by_merchant(items: Sequence[ParcelItem], /) -> tuple[tuple[ParcelItem, ...], ...]:
    """Return what travels together: of one merchant, to one address, by one method, from one location, at one time."""
    groups: dict[tuple[object, ...], list[ParcelItem]] = {}
    for item in items:
        chosen = None if item.choice is None else (item.choice.method, item.choice.point)
        key = (item.merchant, item.destination, chosen, item.location, item.ready)
        groups.setdefault(key, []).append(item)
    return tuple(map(tuple, groups.values()))
