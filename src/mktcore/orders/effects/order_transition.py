"""An order on its way from one set of states to the next: all that effects decide from."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import attrs

from mktcore.orders.actions.action import Action
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import Order
from mktcore.orders.order_money import count_pieces
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.propagation import Moved
from mktcore.orders.return_commission import return_commission
from mktcore.postings import PieceCounts
from mktcore.processes import PortionsMachine

__all__ = ["OrderTransition"]

C = TypeVar("C")


@attrs.frozen
class OrderTransition:
    """What an action, a time-out or the placement did to an order, decided and not stored yet.

    Attributes:
        after: The order with the states it comes to; its versions are those it was read with.
        moved: The moves, time-outs, events and changes of its processes.
        processes: The processes it is on, with the flags of their states.
        now: The instant, UTC.
        before: The order as it was read; None when it is placed.
        action: The action with its facts; None for an event without any, a time-out, and the placement.
        is_wished: Pieces are canceled as whoever buys wants it, or the operator: by whichever event.
    """

    after: Order
    moved: Moved
    processes: OrderProcesses
    now: datetime = attrs.field(kw_only=True)
    before: Order | None = attrs.field(default=None, kw_only=True)
    action: Action | None = attrs.field(default=None, kw_only=True)
    is_wished: bool = attrs.field(default=False, kw_only=True)

    @classmethod
    def of(
        cls,
        order: Order,
        moved: Moved,
        processes: OrderProcesses,
        *,
        now: datetime,
        action: Action | None = None,
        is_wished: bool = False,
    ) -> "OrderTransition":
        """Return what moves of a stored order lead to: its states, and the commission of what is cancelled."""
        after = order.move_subjects(moved.subjects)
        # Where money is in the ledger, commission goes back by the money that does: the effect that posts it says so.
        if not order.marketplace_order.in_ledger:
            after = return_commission(order, after, processes.get_machine, now=now)
        return cls(after, moved, processes, now=now, before=order, action=action, is_wished=is_wished)

    @cached_property
    def pieces(self) -> tuple[Mapping[str, PieceCounts], Mapping[str, PieceCounts]]:
        """What of each line is open, earned and canceled, before and after; nothing is there before a placement."""
        counted = (
            None if one is None else one.marketplace_order.fulfilment.states() for one in (self.before, self.after)
        )
        before, after = (count_pieces(self.processes.whole, states or {}) for states in counted)
        return before, after

    def get_part_machine(self, part: MerchantOrder) -> PortionsMachine:
        """Return the process that a merchant order is on."""
        return self.processes.get_machine(part.fulfilment.process)

    def list_moved_parts(self) -> tuple[MerchantOrder, ...]:
        """Return the merchant orders that moved, as they come to stand."""
        return tuple(part for part in self.after.merchant_orders if part.id in self.moved.moves)

    def find_changes(self, kind: type[C]) -> tuple[C, ...]:
        """Return the values of one type that commands of the processes returned as changes, in order."""
        return tuple(change for change in self.moved.changes if isinstance(change, kind))
