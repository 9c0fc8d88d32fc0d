"""Which shipment an action speaks of: the one that a step makes, and the one whose pieces it moves. Pure."""

from datetime import datetime

from mktcore.orders.actions.action import Action, list_facts
from mktcore.orders.actions.shipments import Issue, Ship
from mktcore.orders.history import to_step_id
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.parcel import Parcel
from mktcore.orders.shipments.shipment import Shipment

__all__ = ["find_named_shipment", "name_shipment", "open_shipment"]


def find_named_shipment(action: Action | str | None) -> tuple[str | None, str | None]:
    """Return the shipment and the parcel that an action names by facts of these names; None for what it does not.

    A host's own actions name them in the same way.
    """
    facts = list_facts(action) if action is not None else {}
    shipment, parcel = facts.get("shipment"), facts.get("parcel")
    return (shipment if isinstance(shipment, str) else None), (parcel if isinstance(parcel, str) else None)


def name_shipment(part: MerchantOrder, number: int) -> str:
    """Return the id of what leaves by a step of a merchant order: that of the step."""
    return to_step_id(part.id, number)


def open_shipment(part: MerchantOrder, id_: str, *, action: Action | None, at: datetime) -> Shipment:
    """Return a shipment without pieces, with what its sender told of it.

    Args:
        part: The merchant order.
        id_: Its id.
        action: The action by which pieces leave; None where it has no facts.
        at: When, UTC.
    """
    ship = action if isinstance(action, Ship) else Ship()
    parcels = ship.parcels
    # What is issued is carried by nobody; everything else is one parcel until somebody says more.
    if not parcels and not isinstance(action, Issue):
        parcels = (Parcel("1", carrier=ship.carrier, tracking=ship.tracking, weight=ship.weight),)
    return Shipment(
        id=id_,
        merchant_order=part.id,
        order=part.order,
        merchant=part.merchant,
        buyer=part.buyer,
        shipped_at=at,
        pieces=(),
        parcels=parcels,
        carrier=ship.carrier,
        tracking=ship.tracking,
        weight=ship.weight,
        invoice=ship.invoice,
    )
