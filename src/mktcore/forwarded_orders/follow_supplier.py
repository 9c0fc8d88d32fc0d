"""What a supplier's step asks of the merchant order that it sends pieces for: the same event, on the same lines. Pure.

Leaving, arriving, going lost, being refused at the door, waiting and a mistaken shipment are followed. What the
supplier canceled is the merchant's again; returns and refunds are between the parties of each order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import attrs

from mktcore.forwarded_orders.forwarded_order import ForwardedOrder
from mktcore.orders import MerchantOrder
from mktcore.orders.actions.action import Action, list_fact_names
from mktcore.orders.actions.shipments import BackOrder, Deliver, Lose, RefuseAtDoor, Ship, UndoShipment
from mktcore.orders.history import OrderStep
from mktcore.orders.shipments import Shipment
from mktcore.processes import PortionsMachine

__all__ = ["FollowedEvent", "list_followed"]

Shipments = Sequence[Shipment]

_LEAVING: Mapping[str, type[Action]] = {Ship.event: Ship, BackOrder.event: BackOrder}
_AWAY: Mapping[str, type[Action]] = {one.event: one for one in (Deliver, Lose, RefuseAtDoor, UndoShipment)}
"""Events of pieces that left: they are followed on the shipment that followed theirs."""


@attrs.frozen(kw_only=True)
class FollowedEvent:
    """An event of a merchant order that follows a supplier's step.

    Attributes:
        event: Its name.
        lines: The pieces that it happens to; none where the merchant order has none in a state that it leads out of.
        action: What is fired.
        missed: Pieces by line that it cannot happen to.
    """

    event: str
    lines: Mapping[str, int]
    action: Action | str
    missed: Mapping[str, int] = attrs.field(factory=dict)


def list_followed(
    step: OrderStep, forwarded: ForwardedOrder, machine: PortionsMachine, *, part: MerchantOrder, shipments: Shipments
) -> Iterator[FollowedEvent]:
    """Yield what follows a step of the supplier's order; nothing for what the merchant order has no part in.

    Args:
        step: The step.
        forwarded: The link.
        machine: The merchant order's process.
        part: The merchant order.
        shipments: Its shipments that followed the supplier's, those first that left first.
    """
    for event, lines in _sum_moves(step).items():
        if event in _LEAVING:
            yield _follow_leaving(step.action, event, lines, reached=machine.count_reached(part.fulfilment, event))
        else:
            there = [state for state, group in machine.tables.groups.items() if event in group]
            yield from _follow_away(
                step.action, event, lines, own=_choose(step.action, forwarded, shipments), there=there
            )


def _sum_moves(step: OrderStep) -> dict[str, dict[str, int]]:
    """Return the pieces that a step moved, by event and line."""
    summed: dict[str, Counter[str]] = {}
    for move in step.moves:
        if move.event in _LEAVING or move.event in _AWAY:
            summed.setdefault(move.event, Counter())[move.line] += move.quantity
    return {event: dict(lines) for event, lines in summed.items()}


def _follow_leaving(
    action: Action | None, event: str, lines: Mapping[str, int], *, reached: Mapping[str, int]
) -> FollowedEvent:
    taken = {line: min(pieces, reached.get(line, 0)) for line, pieces in lines.items()}
    missed = {line: pieces - taken[line] for line, pieces in lines.items() if pieces > taken[line]}
    fired: Action | str = event if action is None or action.event != event else action
    if isinstance(fired, Ship):
        # Its invoice is for the merchant, whose own it is not; and parcels that hold more than is shipped are none.
        fired = attrs.evolve(fired, invoice=None, parcels=() if missed else fired.parcels)
    return FollowedEvent(event=event, lines=_keep(taken), action=fired, missed=missed)


def _choose(action: Action | None, forwarded: ForwardedOrder, shipments: Shipments) -> Shipments:
    """Return the shipments that a step is about: the one that it names, or any."""
    named = getattr(action, "shipment", None)
    return [one for one in shipments if named is None or one.id == forwarded.shipments.get(named)]


def _follow_away(
    action: Action | None, event: str, lines: Mapping[str, int], *, own: Shipments, there: Sequence[str]
) -> Iterator[FollowedEvent]:
    rest = Counter(lines)
    for shipment in own:
        held = shipment.count(there)
        taken = {line: min(pieces, held.get(line, 0)) for line, pieces in rest.items()}
        taken = _keep(taken)
        if taken:
            rest.subtract(taken)
            yield FollowedEvent(event=event, lines=taken, action=_to_away(action, event, shipment.id))
    if rest := +rest:
        yield FollowedEvent(event=event, lines={}, action=event, missed=dict(rest))


def _keep(pieces: Mapping[str, int]) -> dict[str, int]:
    return {line: count for line, count in pieces.items() if count > 0}


def _to_away(action: Action | None, event: str, shipment: str) -> Action:
    kept = action if action is not None and action.event == event and _names(action) else _AWAY[event]()
    return attrs.evolve(kept, shipment=shipment, parcel=None)  # type: ignore[call-arg]  # asked above


def _names(action: Action) -> bool:
    return {"shipment", "parcel"} <= set(list_fact_names(type(action)))
