"""Firing an event of a merchant order's process: its portions move, and its stock follows."""

from collections.abc import Iterable, Mapping
from typing import Protocol, cast

import attrs

from mktcore.clock import Clock
from mktcore.offers import Stocking
from mktcore.orders.events import MerchantOrderMoved
from mktcore.orders.order import MERCHANT_ORDERS, MerchantOrder
from mktcore.processes import Flag, Machine, Move
from mktcore.requests import AnsweringUnit, answer_once
from mktcore.unit_of_work import Outbox, Repositories, Scope, Store, retry_unit

__all__ = ["FireEvent", "FiringUnit", "StockEffect", "find_stock_effects"]


class FiringUnit(Repositories, Stocking, Outbox, AnsweringUnit, Protocol):
    """What firing an event needs of a unit of work."""


@attrs.frozen
class StockEffect:
    """What a move means for a line's reservation: pieces leave the warehouse, or become available again."""

    line: str
    quantity: int
    leaves: bool


def find_stock_effects(machine: Machine, moves: Iterable[Move]) -> tuple[StockEffect, ...]:
    """Return what moves mean for stock, by the flags of the states they join.

    Pieces that leave the reserved states end their reservation: into a state that is never invoiced (canceled) they
    become available again, into any other they left the warehouse. Moves among reserved states mean nothing.
    """
    states = {state.name: state for state in machine.process.states}
    effects = []
    for move in moves:
        was_reserved = move.source is not None and states[move.source].has(Flag.RESERVED)
        target = states[move.target]
        if was_reserved and not target.has(Flag.RESERVED):
            effects.append(StockEffect(move.line, move.quantity, leaves=not target.has(Flag.NOT_INVOICED)))
    return tuple(effects)


@attrs.frozen
class FireRequest:
    """What is asked: an event, on which pieces of which lines (None for all it reaches), and why."""

    merchant_order: str
    event: str
    lines: dict[str, int] | None
    reason: str


@attrs.frozen
class FireEvent:
    """Fires events on merchant orders.

    Attributes:
        store: Where merchant orders are kept.
        clock: Tells the time.
        machine: The process they are on.
    """

    store: Store[FiringUnit]
    clock: Clock
    machine: Machine

    def fire(
        self,
        merchant_order: str,
        event: str,
        *,
        key: str,
        scope: Scope,
        lines: Mapping[str, int] | None = None,
        reason: str = "",
    ) -> MerchantOrder:
        """Fire an event on quantities of a merchant order's lines, and return it as it then stands.

        The same key and request again return the same answer and move nothing.

        Args:
            merchant_order: Its id.
            event: Name of an event of its process: `"ship"`, `"deliver"`.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.
            lines: Pieces by line key; None for everything that the event reaches.
            reason: Why, for the history.

        Raises:
            EventRefused: The event does not reach these quantities, or this party may not fire it; nothing changed.
            NotFound: There is no such merchant order for this caller.
            IdempotencyConflict: The key was used for another request.
        """
        request = FireRequest(merchant_order, event, None if lines is None else dict(lines), reason)
        answer = retry_unit(lambda: self._answer(request, key, scope))
        return cast("MerchantOrder", answer).view_for(scope)

    def _answer(self, request: FireRequest, key: str, scope: Scope) -> object:
        with self.store.begin(scope) as unit:
            return answer_once(
                unit,
                lambda: self._decide(unit, request, scope),
                scope=scope,
                key=key,
                operation="fire",
                request={field.name: getattr(request, field.name) for field in attrs.fields(FireRequest)},
                at=self.clock.now(),
            )

    def _decide(self, unit: FiringUnit, request: FireRequest, scope: Scope) -> MerchantOrder:
        now = self.clock.now()
        order = unit.repository(MERCHANT_ORDERS).get(request.merchant_order)
        fired = self.machine.fire(
            order.fulfilment,
            request.event,
            quantities=request.lines,
            now=now,
            by=scope,
            facts=order,
            reason=request.reason,
        )
        for effect in find_stock_effects(self.machine, fired.moves):
            reservation = order.get_line(effect.line).reservation
            if effect.leaves:
                unit.stock.consume(reservation, effect.quantity, at=now)
            else:
                unit.stock.give_back(reservation, effect.quantity, at=now)
        moved = MerchantOrderMoved(
            subject=order.id,
            at=now,
            merchant=order.merchant,
            buyer=order.buyer,
            event=request.event,
            moves=fired.moves,
        )
        unit.publish((moved, *fired.events))
        history = (*order.history, *fired.moves)
        return unit.repository(MERCHANT_ORDERS).save(attrs.evolve(order, fulfilment=fired.subject, history=history))
