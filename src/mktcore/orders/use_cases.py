"""What happens to placed orders: actions of parties, and time-outs. Everything that follows happens with them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import attrs

from mktcore.access import check_party
from mktcore.clock import Clock, to_utc
from mktcore.errors import InvalidValue, MktcoreError, Notice
from mktcore.orders.actions import ACTIONS
from mktcore.orders.actions.action import Action, check_action, check_classes, list_facts, to_action, to_event
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.apply_effects import EffectUnit, apply_effects
from mktcore.orders.effects.effect import Effect
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder, Order
from mktcore.orders.propagation import Moved, OrderProcesses, move_on_event, move_on_timeout
from mktcore.orders.queries import load_order, load_order_of
from mktcore.persistence import Pause, Repositories, Scope, Store, answer_once, retry_unit
from mktcore.persistence.idempotent_answers import AnsweringUnit
from mktcore.processes import EventRefused
from mktcore.processes.stored import TIMEOUTS, StoredTimeOuts
from mktcore.processes.timeouts import TimeOut

__all__ = ["ExpireTimeOuts", "FireAction", "FireRefusal", "FireRequest", "FiringUnit"]

MAX_REASON = 1_000
A = TypeVar("A", MerchantOrder, Order)


class FiringUnit(EffectUnit, AnsweringUnit, Protocol):
    """What firing an action needs of a unit of work."""


@attrs.frozen
class FireRequest:
    """What is asked: an action on an order, on which pieces of which lines (None for all it reaches), and why.

    Attributes:
        order: Id of the merchant order, or of the marketplace order.
        action: The action with its facts; or the name of an event of the order's process.
        lines: Pieces by line key, at least one line.
        reason: Why, for the history; 1,000 characters at most.
    """

    order: str
    action: Action | str
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
class _Door(Generic[A]):
    """A kind of order that actions are fired on: how it is found in the whole order, and what is answered."""

    name: str
    answer: type[A]
    load: Callable[[Repositories, str], Order]
    pick: Callable[[Order, str], A]


_MERCHANT_ORDER = _Door(MERCHANT_ORDERS.name, MerchantOrder, load_order_of, Order.get_part)
_MARKETPLACE_ORDER = _Door(MARKETPLACE_ORDERS.name, Order, load_order, lambda order, _: order)


@attrs.frozen
class FireAction:
    """Fires actions on orders, under the operator's authority on behalf of a caller who owns the order.

    Attributes:
        store: Where orders are kept.
        clock: Tells the time.
        processes: The processes they are on.
        actions: The classes of actions that may be fired.
        effects: What follows from them, in order.
        pause: Waits before an action that lost against another transaction is tried again.

    Raises:
        InvalidValue: A class of actions names no event.
    """

    store: Store[FiringUnit]
    clock: Clock
    processes: OrderProcesses
    actions: tuple[type[Action], ...] = ACTIONS
    effects: tuple[Effect, ...] = EFFECTS
    pause: Pause | None = None

    def __attrs_post_init__(self) -> None:
        check_classes(self.actions)

    def fire(self, request: FireRequest, *, key: str, scope: Scope) -> MerchantOrder:
        """Fire an action on a merchant order, and return it as it then stands, as the caller may see it.

        The same key and request again return the same answer, a refusal too, and move nothing. Everything that follows
        from the action happens with it, in one transaction: the other process, and every effect.

        Args:
            request: What is asked.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the merchant.

        Raises:
            EventRefused: The event does not reach these quantities, or this party may not fire it; nothing changed.
            NotFound: There is no such merchant order for this caller.
            IdempotencyConflict: The key was used for another request, or with other facts.
            UnknownAction: The action's class is none of those that may be fired.
        """
        return self._fire(_MERCHANT_ORDER, request, key=key, scope=scope)

    def fire_order(self, request: FireRequest, *, key: str, scope: Scope) -> Order:
        """Fire an action on a marketplace order, and return the whole order; all else is as in `fire`.

        Args:
            request: What is asked.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the order's buyer.
        """
        return self._fire(_MARKETPLACE_ORDER, request, key=key, scope=scope)

    def _fire(self, door: _Door[A], request: FireRequest, *, key: str, scope: Scope) -> A:
        check_action(request.action, self.actions)
        answer = retry_unit(lambda: self._answer(door, request, key=key, scope=scope), pause=self.pause)
        if isinstance(answer, FireRefusal):
            raise EventRefused(answer.problems)
        if not isinstance(answer, door.answer):
            raise AssertionError(answer)  # noqa: TRY004 - a key of another door is refused as a conflict before
        return answer

    def _answer(self, door: _Door[A], request: FireRequest, *, key: str, scope: Scope) -> object:
        with self.store.begin(scope.to_operator()) as unit:
            return answer_once(
                unit,
                lambda: self._decide(unit, door, request, scope),
                scope=scope,
                key=key,
                operation="fire",
                request=_to_comparable(door, request),
                at=self.clock.now(),
            )

    def _decide(self, unit: FiringUnit, door: _Door[A], request: FireRequest, scope: Scope) -> A | FireRefusal:
        order = door.load(unit, request.order)
        part = order.find_part(request.order)
        merchant = None if part is None else part.merchant
        check_party(scope, door.name, request.order, merchant=merchant, buyer=order.buyer)
        now = to_utc(self.clock.now())
        try:
            moved = move_on_event(
                self.processes,
                order,
                request.order,
                action=request.action,
                quantities=request.lines,
                now=now,
                by=scope.to_signature(),
                reason=request.reason,
            )
        except EventRefused as refusal:
            return FireRefusal(refusal.problems)
        transition = _to_transition(order, moved, self.processes, to_action(request.action), now=now)
        after = apply_effects(unit, transition, self.effects)
        return door.pick(after, request.order).view_for(scope)


@attrs.frozen
class ExpireTimeOuts:
    """Lets time-outs of orders happen, as the operator.

    Attributes:
        store: Where orders are kept.
        clock: Tells the time.
        processes: The processes they are on.
        effects: What follows from time-outs, as from actions.
        pause: Waits before a time-out that lost against another transaction is tried again.
    """

    store: Store[FiringUnit]
    clock: Clock
    processes: OrderProcesses
    effects: tuple[Effect, ...] = EFFECTS
    pause: Pause | None = None

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

    def _expire(self, timeout: TimeOut) -> None:
        is_whole = timeout.key.process == self.processes.whole.process.name
        with self.store.begin(Scope.operator()) as unit:
            order = (load_order if is_whole else load_order_of)(unit, timeout.key.subject)
            now = to_utc(self.clock.now())
            moved = move_on_timeout(self.processes, order, timeout, now=now)
            # This one is done with, whatever came of it; one that came early is scheduled anew after that.
            moved = attrs.evolve(moved, cancel=(timeout.key, *moved.cancel))
            apply_effects(unit, _to_transition(order, moved, self.processes, None, now=now), self.effects)
            unit.commit()


def _to_transition(
    order: Order, moved: Moved, processes: OrderProcesses, action: Action | None, *, now: datetime
) -> OrderTransition:
    after = order.move_subjects(moved.subjects)
    return OrderTransition(after, moved, processes, now=now, before=order, action=action)


def _to_comparable(door: _Door[A], request: FireRequest) -> dict[str, object]:
    """Return a request by field, with a field for each fact: a repeated key with another fact names the fact."""
    facts = {f"action.{name}": fact for name, fact in list_facts(request.action).items()}
    return {
        "kind": door.name,
        "order": request.order,
        "event": to_event(request.action),
        "lines": request.lines,
        "reason": request.reason,
        **facts,
    }
