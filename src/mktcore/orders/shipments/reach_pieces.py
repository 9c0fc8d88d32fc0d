"""Which pieces an action moves that names a shipment or a parcel: those that are in it, and no others."""

from collections.abc import Mapping

from mktcore.notice import Notice
from mktcore.orders.actions.action import Action, to_event
from mktcore.orders.shipments.named_shipment import find_named_shipment
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.persistence import NotFound, Repositories
from mktcore.processes import EventRefused, PortionsMachine
from mktcore.processes.portions.choose_portions import Pieces

__all__ = ["reach_pieces"]


def reach_pieces(
    unit: Repositories,
    machine: PortionsMachine,
    merchant_order: str,
    *,
    action: Action | str,
    lines: Mapping[str, int] | None,
) -> Pieces | None:
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
    named, parcel = find_named_shipment(action)
    if named is None:
        return lines
    shipment = unit.repository(SHIPMENTS).find(named)
    if shipment is None or shipment.merchant_order != merchant_order:
        raise NotFound(SHIPMENTS.name, named)
    _check_parcel(shipment, parcel)
    groups = machine.tables.groups
    there = shipment.find_places([state for state in groups if to_event(action) in groups[state]], parcel=parcel)
    _check_there(shipment, parcel, there, event=to_event(action), lines=lines)
    if lines is None:
        return there
    # By state: of another shipment pieces of the line may be in a state that comes first.
    return {line: _cut(there[line], pieces) for line, pieces in lines.items()}


def _cut(states: Mapping[str, int], pieces: int) -> dict[str, int]:
    taken: dict[str, int] = {}
    for state, there in states.items():
        taken[state] = min(there, pieces - sum(taken.values()))
    return {state: quantity for state, quantity in taken.items() if quantity}


def _check_there(
    shipment: Shipment,
    parcel: str | None,
    there: Mapping[str, Mapping[str, int]],
    *,
    event: str,
    lines: Mapping[str, int] | None,
) -> None:
    if not there and lines is None:
        message = f"{event!r} reaches none of its pieces"
        raise EventRefused((Notice("orders.not-in-shipment", f"lines of {shipment.id}", message),))
    held = {line: sum(there.get(line, {}).values()) for line in lines or {}}
    wrong = [
        _to_problem(shipment, parcel, line, pieces=pieces, there=held[line])
        for line, pieces in (lines or {}).items()
        if type(pieces) is not int or not 0 < pieces <= held[line]
    ]
    EventRefused.raise_if(wrong)


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
