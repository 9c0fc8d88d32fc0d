"""Which pieces an action moves that names a shipment or a parcel: those that are in it, and no others."""

from collections.abc import Mapping

from mktcore.errors import Notice
from mktcore.orders.actions.action import Action, to_event
from mktcore.orders.shipments.open_shipment import find_named
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.persistence import NotFound, Repositories
from mktcore.processes import EventRefused, PortionsMachine

__all__ = ["reach_pieces"]


def reach_pieces(
    unit: Repositories,
    machine: PortionsMachine,
    merchant_order: str,
    *,
    action: Action | str,
    lines: Mapping[str, int] | None,
) -> Mapping[str, int] | None:
    """Return the pieces that an action is to move; what was asked for where it names no shipment.

    Args:
        unit: Where shipments are read.
        machine: The merchant order's process.
        merchant_order: Its id.
        action: The action, or the name of an event.
        lines: What was asked for; None for all that it reaches.

    Raises:
        NotFound: The merchant order has no such shipment.
        EventRefused: The shipment, or the parcel, holds less than was asked for, or nothing that the event reaches.
    """
    named, parcel = find_named(action)
    if named is None:
        return lines
    shipment = unit.repository(SHIPMENTS).find(named)
    if shipment is None or shipment.merchant_order != merchant_order:
        raise NotFound(SHIPMENTS.name, named)
    _check_parcel(shipment, parcel)
    groups = machine.tables.groups
    there = shipment.count([state for state in groups if to_event(action) in groups[state]], parcel=parcel)
    wanted = there if lines is None else lines
    problems = [
        _to_problem(shipment, parcel, line, pieces=pieces, there=there.get(line, 0))
        for line, pieces in wanted.items()
        if pieces > there.get(line, 0)
    ]
    if not wanted:
        where = f"lines of {shipment.id}"
        problems = [Notice("orders.not-in-shipment", where, f"{to_event(action)!r} reaches none of its pieces")]
    EventRefused.raise_if(problems)
    return wanted


def _check_parcel(shipment: Shipment, parcel: str | None) -> None:
    if parcel is None or shipment.find_parcel(parcel) is not None:
        return
    known = ", ".join(one.key for one in shipment.parcels) or "none"
    message = f"{shipment.id} has no parcel {parcel!r}; there are {known}"
    raise EventRefused((Notice("orders.unknown-parcel", "parcel", message, operands={"parcel": parcel}),))


def _to_problem(shipment: Shipment, parcel: str | None, line: str, *, pieces: int, there: int) -> Notice:
    place = shipment.id if parcel is None else f"parcel {parcel} of {shipment.id}"
    return Notice(
        "orders.not-in-shipment",
        f"quantities[{line!r}]",
        f"{there} of {pieces} pieces are in {place}, in a state that has the event",
        remedy="ask for what it holds, or name no shipment",
        operands={"line": line, "asked": pieces, "there": there},
    )
