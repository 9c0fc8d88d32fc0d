"""Shipments to expect: what each holds, what it costs, and when it comes; frozen on the order that is placed."""

import attrs

from mktcore.delivery.transit_time import Arrival
from mktcore.errors import InvalidValue
from mktcore.money import Money

__all__ = ["ExpectedPieces", "ExpectedShipment"]


@attrs.frozen
class ExpectedPieces:
    """Pieces of a line in a shipment.

    Attributes:
        line: Key of the line.
        merchant: Whose.
        quantity: Pieces.
        cost: Their part of what the shipment costs: the parts sum to it.
    """

    line: str
    merchant: str
    quantity: int
    cost: Money


@attrs.frozen(kw_only=True)
class ExpectedShipment:
    """What is going to travel together.

    Attributes:
        key: Names it within its order; parts of one parcel on several merchants' orders have one key.
        method: Id of the delivery method.
        name: The method's, as the buyer saw it.
        point: Where it is fetched; empty for what goes to an address.
        location: From where, as the merchant calls it.
        arrival: When it comes; None where nobody says.
        contents: What it holds: at least one piece, at costs of one currency.

    Raises:
        InvalidValue: It holds nothing, or costs of several currencies.
    """

    key: str
    method: str
    name: str
    point: str = ""
    location: str = ""
    arrival: Arrival | None = None
    contents: tuple[ExpectedPieces, ...]

    def __attrs_post_init__(self) -> None:
        if len({one.cost.currency for one in self.contents}) != 1:
            raise InvalidValue("ExpectedShipment", "contents", self.contents, "pieces at costs of one currency")

    @property
    def cost(self) -> Money:
        """What it costs."""
        return Money.sum([one.cost for one in self.contents])

    def of_merchant(self, merchant: str) -> "ExpectedShipment | None":
        """Return a merchant's part of it; None where nothing of that merchant's is in it."""
        own = tuple(one for one in self.contents if one.merchant == merchant)
        return attrs.evolve(self, contents=own) if own else None
