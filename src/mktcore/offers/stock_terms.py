"""How an order draws on the stock behind an offer: counted or not, what is kept back, in which order, and kits."""

from collections.abc import Iterable
from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.stock.quantity import check_quantity

__all__ = ["OWN_STOCK", "OfferPart", "Sourcing", "StockTerms"]

MAX_PARTS = 100
MAX_PART_PIECES = 10**6
"""With the most pieces of a cart line, far within what a reservation can hold of one item."""


class Sourcing(StrEnum):
    """From which of several locations pieces come."""

    FEWEST = "fewest"
    """As few as can serve the line."""
    IN_ORDER = "in-order"
    """The first is emptied before the second gives anything."""


@attrs.frozen
class OfferPart:
    """What one piece of an offer takes of the stock behind another of the same merchant, or behind itself.

    Attributes:
        offer: Id of the offer whose stock is drawn on; that one's own parts play no role.
        quantity: Pieces of it in one piece of the kit, 1 to 1,000,000.
    """

    offer: str
    quantity: int = 1

    def __attrs_post_init__(self) -> None:
        check_id("offer", self.offer)
        check_quantity("quantity", self.quantity, 1)
        if self.quantity > MAX_PART_PIECES:
            raise InvalidValue("OfferPart", "quantity", self.quantity, f"{MAX_PART_PIECES} at most")


def _to_parts(parts: Iterable[OfferPart]) -> tuple[OfferPart, ...]:
    return tuple(parts)


@attrs.frozen(kw_only=True)
class StockTerms:
    """How an order draws on the stock behind an offer.

    >>> crate = StockTerms(parts=[OfferPart("acme-bottle", 6), OfferPart("acme-box")])
    >>> [(part.offer, part.quantity) for part in crate.parts]
    [('acme-bottle', 6), ('acme-box', 1)]

    Attributes:
        counted: Whether there are only so many; a download or a service has no count, and is always there.
        issued: Each piece is made when it is paid for, as a gift card or a licence key: the order asks the host's
            issuer for it, once. Mostly what nobody counts.
        safety: Pieces on hand that are not sold, at each location: for the shop's counter, or against miscounts; None
            in the view of another party, which is not told.
        sourcing: From which locations pieces come, where there are several.
        parts: What one piece is made of, 100 at most, each of another offer: a kit, or six bottles to a crate. Empty
            for what has stock of its own. A kit is there as often as its scarcest part, and each part is reserved by
            itself.
    """

    counted: bool = True
    issued: bool = False
    safety: int | None = 0
    sourcing: Sourcing = Sourcing.FEWEST
    parts: tuple[OfferPart, ...] = attrs.field(default=(), converter=_to_parts)

    def __attrs_post_init__(self) -> None:
        if self.safety is not None:
            check_quantity("safety", self.safety)
        if len(self.parts) > MAX_PARTS:
            raise InvalidValue("StockTerms", "parts", len(self.parts), f"{MAX_PARTS} at most")
        offers = [part.offer for part in self.parts]
        if len(set(offers)) < len(offers):
            raise InvalidValue("StockTerms", "parts", offers, "each offer once, with all its pieces")
        if self.parts and not self.counted:
            raise InvalidValue("StockTerms", "counted", self.counted, "yes: a kit is counted by its parts")


OWN_STOCK = StockTerms()
"""What holds unless a merchant says otherwise: its own counted pieces, all for sale, from as few places as serve."""
