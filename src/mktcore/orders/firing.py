"""Firing an event of an order's process: its portions move, those of the other process follow, and so does stock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, cast

import attrs

from mktcore.access import check_party
from mktcore.clock import Clock, to_utc
from mktcore.errors import InvalidValue, MktcoreError, Notice
from mktcore.events import Event
from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved
from mktcore.orders.moving import Moved, OrderProcesses, move_on_event, move_on_timeout
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder, Order, OrderLine
from mktcore.persistence import Outbox, Pause, Repositories, Scope, Store, answer_once, retry_unit
from mktcore.persistence.idempotent_answers import AnsweringUnit
from mktcore.persistence.unit import Counting
from mktcore.processes import TIMEOUTS, EventRefused, Flag, Machine, Move, StoredTimeOuts, Subject, TimeOut
from mktcore.promotions.release_limits import find_returns
from mktcore.stock import StockUnit

__all__ = [
    "FireEvent",
    "FireRefusal",
    "FireRequest",
    "FiringUnit",
    "StockEffect",
    "find_canceled",
    "find_stock_effects",
]

MAX_REASON = 1_000


class FiringUnit(Repositories, StockUnit, Counting, Outbox, AnsweringUnit, Protocol):
    """What firing an event needs of a unit of work."""


@attrs.frozen
class StockEffect:
    """What a move means for a line's reservation: pieces leave the warehouse, or become available again."""

    line: str
    quantity: int
    leaves: bool


def find_stock_effects(machine: Machine, moves: Iterable[Move]) -> tuple[StockEffect, ...]:
    """Return what moves of a merchant order mean for stock, by the flags of the states they join.

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


def find_canceled(machine: Machine, subject: Subject) -> dict[str, int]:
    """Return the pieces of each line that are cancelled for good: in a final state that is never invoiced."""
    canceled = {state.name for state in machine.process.states if state.final and state.has(Flag.NOT_INVOICED)}
    return {
        line: sum([quantity for state, quantity in states.items() if state in canceled])
        for line, states in subject.states().items()
    }


@attrs.frozen
class FireRequest:
    """What is asked: an event of an order, on which pieces of which lines (None for all it reaches), and why.

    Attributes:
        kind: `"merchant_order"` or `"marketplace_order"`.
        order: Its id.
        event: Name of an event of its process.
        lines: Pieces by line key, at least one line.
        reason: Why, for the history; 1,000 characters at most.
    """

    kind: str
    order: str
    event: str
    lines: Mapping[str, int] | None = None
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if self.lines is not None and not self.lines:
            raise InvalidValue("FireRequest", "lines", "{}", "at least one line, or None for all it reaches")
        if not isinstance(self.reason, str) or len(self.reason) > MAX_REASON:
            raise InvalidValue("FireRequest", "reason", self.reason, f"text of {MAX_REASON} characters at most")


@attrs.frozen
class FireRefusal:
    """The frozen answer to an event that was refused."""

    problems: tuple[Notice, ...]


@attrs.frozen
class FireEvent:
    """Fires events on orders, under the operator's authority on behalf of a caller who owns the order.

    Attributes:
        store: Where orders are kept.
        clock: Tells the time.
        processes: The processes they are on.
        pause: Waits before an event that lost against another transaction is tried again.
    """

    store: Store[FiringUnit]
    clock: Clock
    processes: OrderProcesses
    pause: Pause | None = None

    def fire(self, request: FireRequest, *, key: str, scope: Scope) -> Order | MerchantOrder:
        """Fire an event, and return the order that was named as it then stands, as the caller may see it.

        The same key and request again return the same answer, a refusal too, and move nothing. Everything that follows
        from the event happens with it, in one transaction: the other process, stock, time-outs, events.

        Args:
            request: What is asked.
            key: The caller's idempotency key.
            scope: Who asks: the operator, the order's buyer, or the merchant of a merchant order.

        Raises:
            EventRefused: The event does not reach these quantities, or this party may not fire it; nothing changed.
            NotFound: There is no such order for this caller.
            IdempotencyConflict: The key was used for another request.
        """
        answer = retry_unit(lambda: self._answer(request, key, scope), pause=self.pause)
        if isinstance(answer, FireRefusal):
            raise EventRefused(answer.problems)
        return cast("Order | MerchantOrder", answer)

    def expire(self, *, limit: int = 100) -> int:
        """Let the time-outs that are due happen, each in a unit of its own, and return how many were looked at.

        Several workers may do this at once: a time-out fires at most once (invariant I15).

        Raises:
            ExceptionGroup: Some could not happen; the others did.
        """
        with self.store.begin(Scope.operator()) as unit:
            due = StoredTimeOuts(unit.repository(TIMEOUTS)).find_due(self.clock.now(), limit=limit)
        failures = [failure for failure in map(self._try_to_expire, due) if failure is not None]
        if failures:
            raise ExceptionGroup("time-outs that could not happen", failures)
        return len(due)

    def _try_to_expire(self, timeout: TimeOut) -> MktcoreError | None:
        """Let one happen; a failure must not keep the others from their turn."""
        try:
            retry_unit(lambda: self._expire(timeout), pause=self.pause)
        except MktcoreError as failure:
            return failure
        return None

    def _answer(self, request: FireRequest, key: str, scope: Scope) -> object:
        with self.store.begin(scope.to_operator()) as unit:
            return answer_once(
                unit,
                lambda: self._decide(unit, request, scope),
                scope=scope,
                key=key,
                operation="fire",
                request={field.name: getattr(request, field.name) for field in attrs.fields(FireRequest)},
                at=self.clock.now(),
            )

    def _decide(self, unit: FiringUnit, request: FireRequest, scope: Scope) -> Order | MerchantOrder | FireRefusal:
        order = _load(unit, request.kind, request.order)
        check_party(scope, request.kind, request.order, merchant=order.find_merchant(request.order), buyer=order.buyer)
        now = to_utc(self.clock.now())
        try:
            moved = move_on_event(
                self.processes,
                order.subjects(),
                request.order,
                request.event,
                quantities=request.lines,
                now=now,
                by=scope.to_signature(),
                reason=request.reason,
            )
        except EventRefused as refusal:
            return FireRefusal(refusal.problems)
        after = self._save(unit, order, moved, now)
        named = after if request.kind == MARKETPLACE_ORDERS.name else after.get_part(request.order)
        return named.view_for(scope)

    def _expire(self, timeout: TimeOut) -> None:
        with self.store.begin(Scope.operator()) as unit:
            is_whole = timeout.key.process == self.processes.whole.process.name
            kind = MARKETPLACE_ORDERS if is_whole else MERCHANT_ORDERS
            order, now = _load(unit, kind.name, timeout.key.subject), to_utc(self.clock.now())
            moved = move_on_timeout(self.processes, order.subjects(), timeout, now=now)
            StoredTimeOuts(unit.repository(TIMEOUTS)).cancel([timeout.key])
            self._save(unit, order, moved, now)
            unit.commit()

    def _save(self, unit: FiringUnit, order: Order, moved: Moved, now: datetime) -> Order:
        whole = order.marketplace_order
        if whole.id in moved.subjects:
            history = (*whole.history, *moved.moves[whole.id])
            changed = attrs.evolve(whole, fulfilment=moved.subjects[whole.id], history=history)
            whole = unit.repository(MARKETPLACE_ORDERS).save(changed)
            self._return_claims(unit, order, changed.fulfilment)
        moving = [part for part in order.merchant_orders if part.id in moved.subjects]
        self._change_stock(unit, moving, moved, now)
        saved = {part.id: self._save_part(unit, part, moved) for part in moving}
        timeouts = StoredTimeOuts(unit.repository(TIMEOUTS))
        timeouts.cancel(moved.cancel)
        timeouts.schedule(moved.schedule)
        after = Order(whole, tuple(saved.get(part.id, part) for part in order.merchant_orders))
        unit.publish(_tell(after, moved, now))
        return after

    def _return_claims(self, unit: FiringUnit, order: Order, after: Subject) -> None:
        """Give back what cancelled pieces took of promotions' limits; counters come before stock, as in placing."""
        whole = order.marketplace_order
        if whole.promotion_uses:
            machine = self.processes.whole
            pieces = {line: sum(states.values()) for line, states in after.states().items()}
            before, now = (find_canceled(machine, subject) for subject in (whole.fulfilment, after))
            for counter, amount in find_returns(whole.promotion_uses, before, now, pieces).items():
                unit.counters.release(counter, amount)

    def _change_stock(self, unit: FiringUnit, parts: Iterable[MerchantOrder], moved: Moved, now: datetime) -> None:
        gone: Counter[str] = Counter()
        free: Counter[str] = Counter()
        effects = [
            (line, effect)
            for part in parts
            for line, effect in _pair(part, find_stock_effects(self.processes.part, moved.moves[part.id]))
        ]
        split = [source.reservation for line, _ in effects for source in line.sources]
        held = unit.stock.find_reservations(split) if split else {}
        left = {name: reservation.remaining for name, reservation in held.items()}
        for line, effect in effects:
            (gone if effect.leaves else free).update(_spread(line, effect.quantity, left))
        if gone:
            unit.stock.consume(gone, at=now)
        if free:
            unit.stock.give_back(free, at=now)

    def _save_part(self, unit: FiringUnit, part: MerchantOrder, moved: Moved) -> MerchantOrder:
        history = (*part.history, *moved.moves[part.id])
        changed = attrs.evolve(part, fulfilment=moved.subjects[part.id], history=history)
        return unit.repository(MERCHANT_ORDERS).save(changed)


def _pair(part: MerchantOrder, effects: Iterable[StockEffect]) -> Iterator[tuple[OrderLine, StockEffect]]:
    lines = {line.key: line for line in part.lines}
    return ((lines[effect.line], effect) for effect in effects)


def _spread(line: OrderLine, quantity: int, left: dict[str, int]) -> Counter[str]:
    """Return how many pieces of which reservations of a line move, the first location's first; `left` falls with them.

    What no reservation of several locations holds falls to the line's first, which refuses it.
    """
    taken: Counter[str] = Counter()
    for source in line.sources:
        pieces = min(quantity, left.get(source.reservation, 0))
        if pieces:
            taken[source.reservation] += pieces
            left[source.reservation] -= pieces
            quantity -= pieces
    if quantity:
        taken[line.reservation] += quantity
    return taken


def _load(unit: FiringUnit, kind: str, id_: str) -> Order:
    """Return the whole order that a marketplace order's or a merchant order's id belongs to."""
    wholes, parts = unit.repository(MARKETPLACE_ORDERS), unit.repository(MERCHANT_ORDERS)
    whole = wholes.get(id_ if kind == MARKETPLACE_ORDERS.name else parts.get(id_).order)
    found = parts.find_many(whole.merchant_order_ids)
    return Order(whole, tuple(found[part] for part in whole.merchant_order_ids))


def _tell(order: Order, moved: Moved, now: datetime) -> Iterator[Event]:
    whole = order.marketplace_order
    if whole.id in moved.moves:
        yield MarketplaceOrderMoved(subject=whole.id, at=now, buyer=whole.buyer, moves=moved.moves[whole.id])
    for part in order.merchant_orders:
        if part.id in moved.moves:
            yield MerchantOrderMoved(
                subject=part.id, at=now, merchant=part.merchant, buyer=part.buyer, moves=moved.moves[part.id]
            )
