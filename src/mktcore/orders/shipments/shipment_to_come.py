"""Shipments that a merchant order will still make, as far as that is known before anybody chose how they travel. Pure.

Pieces leave apart where another merchant has them, they go to another address, lie at another location, or are ready on
another day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

import attrs

from mktcore.access import check_party
from mktcore.addresses import Address
from mktcore.offers.stock_item_id import read_location
from mktcore.orders.actions.shipments import BackOrder, Ship
from mktcore.orders.customer_data_policy import ALL_CUSTOMER_DATA, CustomerData
from mktcore.orders.history import OrderStep
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order_line import OrderLine
from mktcore.orders.piece_whereabouts import Place, find_place
from mktcore.persistence import Party, Scope
from mktcore.processes import PortionsMachine
from mktcore.processes.portions.subject import Portion
from mktcore.stock import Reservation

__all__ = ["Readiness", "ShipmentToCome", "list_back_ordered", "list_expected"]


class Readiness(StrEnum):
    """Whether pieces can leave."""

    READY = "ready"
    """They can leave now."""
    BACK_ORDERED = "back-ordered"
    """Their merchant waits for them."""
    BLOCKED = "blocked"
    """Something has to happen first: a hold or a review ends, a question is answered."""


@attrs.frozen(kw_only=True)
class ShipmentToCome:
    """Pieces of a merchant order that are still to leave, and nothing speaks against that they leave together.

    Attributes:
        merchant_order: Id of the merchant order.
        merchant: Who will send it.
        buyer: To whom.
        deliver_to: Where it goes, as the caller may see it; None where the order does not say.
        location: Where the pieces lie, as the merchant calls it; empty for an offer with one place, for pieces that
            nobody counts, for kits, and in a buyer's view.
        readiness: Whether they can leave.
        expected: When pieces on back-order are expected at the merchant's place; None where nobody knows.
        lines: Pieces by line key.
        customer_data: What its merchant sees of where it goes.
    """

    merchant_order: str
    merchant: str
    buyer: str
    deliver_to: Address | None
    location: str
    readiness: Readiness
    expected: date | None = None
    lines: Mapping[str, int]
    customer_data: CustomerData = ALL_CUSTOMER_DATA

    def view_for(self, scope: Scope) -> "ShipmentToCome":
        """Return what the caller may see.

        Raises:
            NotFound: It is another party's.
        """
        check_party(scope, MERCHANT_ORDERS.name, self.merchant_order, merchant=self.merchant, buyer=self.buyer)
        if scope.caller.party is Party.BUYER:
            return attrs.evolve(self, location="")
        is_merchant = scope.caller.party is Party.MERCHANT
        return attrs.evolve(self, deliver_to=self.customer_data.show(self.deliver_to)) if is_merchant else self


_Group = tuple[Address | None, str, Readiness, date | None]
_RANKS = tuple(Readiness)


def list_back_ordered(part: MerchantOrder, machine: PortionsMachine) -> tuple[Portion, ...]:
    """Return the pieces of a merchant order that went on back-order: of them its history tells for when."""
    targets = {step.target for step in machine.process.transitions if step.event == BackOrder.event}
    return tuple(portion for portion in part.fulfilment.portions if portion.state in targets)


def list_expected(
    part: MerchantOrder,
    machine: PortionsMachine,
    *,
    reservations: Mapping[str, Reservation],
    steps: Iterable[OrderStep],
) -> tuple[ShipmentToCome, ...]:
    """Return the shipments that a merchant order will still make: those first that can leave, then by day.

    Args:
        part: The merchant order, as whoever asks may see it.
        machine: The process that it is on.
        reservations: What its lines hold at which location, by id; none in a buyer's view.
        steps: Its history, as far as it tells for when pieces were put on back-order.
    """
    promised, waits = _find_promises(steps), set(list_back_ordered(part, machine))
    places = {state.name: find_place(state) for state in machine.process.states}
    groups: dict[_Group, Counter[str]] = {}
    lines = {line.key: line for line in part.lines}
    held = {key: _list_held(line, reservations) for key, line in lines.items()}
    portions = [one for one in part.fulfilment.portions if one.line in lines and places[one.state] is Place.HELD]
    told = [(one, *_tell(one, part, machine, waits=waits, promised=promised)) for one in portions]
    # Whatever can leave takes what is there from the first location, as it will when it leaves.
    for portion, readiness, expected in sorted(told, key=lambda one: (_RANKS.index(one[1]), one[2] or date.max)):
        address = lines[portion.line].deliver_to or part.deliver_to
        for location, pieces in _take(held[portion.line], portion.quantity):
            group = groups.setdefault((address, location, readiness, expected), Counter())
            group[portion.line] += pieces
    return tuple(
        ShipmentToCome(
            merchant_order=part.id,
            merchant=part.merchant,
            buyer=part.buyer,
            deliver_to=address,
            location=location,
            readiness=readiness,
            expected=expected,
            lines=dict(pieces),
            customer_data=part.customer_data,
        )
        for (address, location, readiness, expected), pieces in groups.items()
    )


def _find_promises(steps: Iterable[OrderStep]) -> dict[tuple[str, datetime], date | None]:
    """Return for when pieces are expected, by line and the instant at which they went on back-order."""
    return {
        (move.line, move.at): step.action.expected
        for step in steps
        if isinstance(step.action, BackOrder)
        for move in step.moves
    }


def _tell(
    portion: Portion,
    part: MerchantOrder,
    machine: PortionsMachine,
    *,
    waits: set[Portion],
    promised: Mapping[tuple[str, datetime], date | None],
) -> tuple[Readiness, date | None]:
    if portion in waits:
        return Readiness.BACK_ORDERED, promised.get((portion.line, portion.since))
    may_leave = Ship.event in machine.tables.groups.get(portion.state, {}) and not part.is_held
    return Readiness.READY if may_leave else Readiness.BLOCKED, None


def _list_held(line: OrderLine, reservations: Mapping[str, Reservation]) -> list[tuple[str, int]]:
    """Return what of a line lies where, the location first from which it leaves first."""
    sources = () if line.sources is None else line.list_sources()
    if len({source.part for source in sources}) > 1 or any(source.part for source in sources):
        return []  # parts of a kit lie at several locations at once
    found = [(source, reservations.get(source.reservation)) for source in sources]
    return [(read_location(source.item), one.remaining) for source, one in found if one is not None and one.remaining]


def _take(held: list[tuple[str, int]], quantity: int) -> list[tuple[str, int]]:
    """Take pieces out of what lies there, and return how many from where; what lies nowhere has no location."""
    taken = []
    while quantity and held:
        location, there = held.pop(0)
        pieces = min(quantity, there)
        taken.append((location, pieces))
        quantity -= pieces
        if there > pieces:
            held.insert(0, (location, there - pieces))
    return [*taken, ("", quantity)] if quantity else taken
