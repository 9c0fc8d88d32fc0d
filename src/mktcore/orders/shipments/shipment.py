"""Shipments: which pieces of a merchant order left together, in which parcels, and what became of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.goods import Measure
from mktcore.orders.parcel import Parcel
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Ordered

__all__ = ["SHIPMENTS", "Shipment", "ShippedPieces"]


@attrs.frozen
class ShippedPieces:
    """Pieces of one line that left together and are in one state.

    Attributes:
        line: Key of the line.
        state: The state of the merchant's process that they are in; of pieces that were undone, the one they left.
        quantity: Pieces, at least one.
        parcel: Key of the parcel they are in; empty where nobody said.
    """

    line: str
    state: str
    quantity: int
    parcel: str = ""


@attrs.frozen
class Shipment:
    """Pieces of a merchant order that left together.

    Attributes:
        id: The id of the step of the merchant order's history that it began with.
        merchant_order: Id of the merchant order.
        order: Id of the marketplace order.
        merchant: Who sent it.
        buyer: To whom.
        shipped_at: When, UTC.
        pieces: Where its pieces are, by line, state and parcel.
        undone: Pieces that never left after all: they are the merchant's again, and may leave with another shipment.
        parcels: What the carrier was handed; empty where there is nothing to carry, as for what is issued.
        carrier: Who carries it, where its parcels do not say otherwise.
        tracking: Where the carrier finds it.
        weight: How much all of it weighs.
        invoice: The number of the invoice for it, in the merchant's books.
        version: How often it was stored.
    """

    id: str
    merchant_order: str
    order: str
    merchant: str
    buyer: str
    shipped_at: datetime
    pieces: tuple[ShippedPieces, ...]
    undone: tuple[ShippedPieces, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    carrier: str | None = None
    tracking: str | None = None
    weight: Measure | None = None
    invoice: str | None = None
    version: int = 0

    @property
    def lines(self) -> Mapping[str, int]:
        """The pieces of each line that it holds, whatever became of them."""
        return _sum_lines(self.pieces)

    @property
    def states(self) -> Mapping[str, Mapping[str, int]]:
        """The quantity of each line in each state, by line and then by state."""
        return _sum_states(self.pieces)

    def find_parcel(self, key: str) -> Parcel | None:
        """Return the parcel with this key; None for any other key."""
        return next((parcel for parcel in self.parcels if parcel.key == key), None)

    def count(self, states: Iterable[str]) -> dict[str, int]:
        """Return the pieces of each line that are in one of some states."""
        return {line: sum(there.values()) for line, there in self.find_places(states).items()}

    def find_places(self, states: Iterable[str], *, parcel: str | None = None) -> dict[str, dict[str, int]]:
        """Return the pieces of each line in each of some states, of one parcel or of all."""
        wanted = frozenset(states)
        return _sum_states(one for one in self.pieces if one.state in wanted and parcel in {None, one.parcel})


def _sum_states(pieces: Iterable[ShippedPieces]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in pieces:
        states = found.setdefault(one.line, {})
        states[one.state] = states.get(one.state, 0) + one.quantity
    return found


def _sum_lines(pieces: Iterable[ShippedPieces]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in pieces:
        found[one.line] = found.get(one.line, 0) + one.quantity
    return found


SHIPMENTS = Kind(
    "shipment",
    Shipment,
    columns={
        "merchant_order": lambda shipment: shipment.merchant_order,
        "order_id": lambda shipment: shipment.order,
        "merchant": lambda shipment: shipment.merchant,
        "buyer": lambda shipment: shipment.buyer,
        "tracking": lambda shipment: shipment.tracking,
    },
    ordered={"shipped_at": Ordered(lambda shipment: shipment.shipped_at, datetime)},
    together=(
        ("merchant", "buyer"),
        ("merchant", "tracking"),
        ("buyer", "tracking"),
        ("merchant", "merchant_order"),
        ("buyer", "merchant_order"),
        ("merchant", "order_id"),
        ("buyer", "order_id"),
    ),
    merchant="merchant",
    buyer="buyer",
    fixed=("merchant_order", "order_id", "merchant", "buyer"),
    reads=Permission.READ_ORDERS,
)
"""Shipments. The operator's authority writes them; merchants and buyers read those of their own orders."""
