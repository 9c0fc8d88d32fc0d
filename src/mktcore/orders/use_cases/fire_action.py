"""What happens to placed orders: actions of parties, and time-outs. Everything that follows happens with them."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import attrs

from mktcore.access import check_party
from mktcore.errors import InvalidValue
from mktcore.notice import Notice
from mktcore.orders.actions import ACTIONS
from mktcore.orders.actions.action import Action, check_action, check_classes, list_facts, to_event
from mktcore.orders.decide_event import decide_event
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.apply_effects import apply_effects
from mktcore.orders.effects.effect import Effect
from mktcore.orders.firing_rights import check_may_change, check_may_fulfil
from mktcore.orders.kept_order_answers import KeptOrders
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.queries import load_order, load_order_of
from mktcore.orders.shipments.reach_pieces import reach_pieces
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Repositories, Scope, answer_once
from mktcore.processes import EventRefused
from mktcore.processes.portions.choose_portions import MAX_UNITS
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FireAction", "FireRefusal", "FireRequest"]

MAX_REASON = 1_000
A = TypeVar("A", MerchantOrder, Order)


@attrs.frozen
class FireRequest:
    """What is asked: an action on an order, on which pieces of which lines (None for all it reaches), and why.

    Attributes:
        order: Id of the merchant order, or of the marketplace order.
        action: The action with its facts; or the name of an event of the order's process.
        lines: Pieces by line key, at least one line.
        reason: Why, for the history; 1,000 characters at most.
        author: Who does it on behalf of the caller, where that is another: the history names both.
    """

    order: str
    action: Action | str
    lines: Mapping[str, int] | None = attrs.field(default=None, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)
    author: Scope | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        # None reaches every piece: an empty mapping that meant the same would ship a whole order by mistake.
        if self.lines is not None and not self.lines:
            raise InvalidValue("FireRequest", "lines", "{}", "at least one line, or None for all it reaches")
        # What is asked is kept under its key, so it must be readable; all else that is wrong the machine tells.
        for line, pieces in (self.lines or {}).items():
            if isinstance(pieces, int) and abs(pieces) > MAX_UNITS:
                raise InvalidValue("FireRequest", f"lines.{line}", pieces, f"a whole number from 1 to {MAX_UNITS}")
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
    view: Callable[[A, Scope], A]


_MERCHANT_ORDER = _Door(
    MERCHANT_ORDERS.name, MerchantOrder, load=load_order_of, pick=Order.get_part, view=MerchantOrder.view_for
)
_MARKETPLACE_ORDER = _Door(
    MARKETPLACE_ORDERS.name, Order, load=load_order, pick=lambda order, _: order, view=Order.view_for
)


@watched
@attrs.frozen
class FireAction:
    """Fires actions on orders, under the operator's authority on behalf of a caller who owns the order.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        processes: The processes they are on, earlier ones among them.
        actions: The classes of actions that may be fired.
        effects: What follows from them, in order.

    Raises:
        InvalidValue: A class of actions names no event.
    """

    runtime: Runtime[MarketUnit]
    processes: OrderProcesses
    actions: tuple[type[Action], ...] = ACTIONS
    effects: tuple[Effect, ...] = EFFECTS

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
            PermissionDenied: The caller's user may not fire events.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            NotFound: There is no such merchant order for this caller.
            IdempotencyConflict: The key was used for another request, or with other facts.
            UnknownAction: The action's class is none of those that may be fired.
            ProcessNotHeld: The order is on a version of a process that the marketplace does not hold.
        """
        check_may_fulfil(scope)
        return self._fire(_MERCHANT_ORDER, request, key=key, scope=scope)

    def fire_order(self, request: FireRequest, *, key: str, scope: Scope) -> Order:
        """Fire an action on a marketplace order, and return the whole order; all else is as in `fire`.

        Args:
            request: What is asked.
            key: The caller's idempotency key.
            scope: Who asks: the operator, or the order's buyer.
        """
        check_may_change(scope)
        return self._fire(_MARKETPLACE_ORDER, request, key=key, scope=scope)

    def fire_inside(self, unit: MarketUnit, request: FireRequest, *, scope: Scope) -> MerchantOrder:
        """Fire an action on a merchant order inside of a unit of the caller's, which commits it with all else.

        What its user may do, and what a merchant's life lets it do, the caller asked before it opened the unit.

        Args:
            unit: Under the operator's authority.
            request: What is asked.
            scope: Who asks: the operator, or the merchant.

        Raises:
            EventRefused: As for `fire`; nothing was written.
            NotFound: There is no such merchant order for this caller.
            UnknownAction: The action's class is none of those that may be fired.
        """
        return self._fire_inside(unit, _MERCHANT_ORDER, request, scope=scope)

    def fire_order_inside(self, unit: MarketUnit, request: FireRequest, *, scope: Scope) -> Order:
        """Fire an action on a marketplace order inside of a unit of the caller's; all else is as in `fire_inside`."""
        return self._fire_inside(unit, _MARKETPLACE_ORDER, request, scope=scope)

    def _fire_inside(self, unit: MarketUnit, door: _Door[A], request: FireRequest, *, scope: Scope) -> A:
        check_action(request.action, self.actions)
        answer = self._decide(unit, door, request=request, scope=scope)
        if isinstance(answer, FireRefusal):
            raise EventRefused(answer.problems)
        return answer.view_for(scope.to_party())

    def _fire(self, door: _Door[A], request: FireRequest, *, key: str, scope: Scope) -> A:
        check_action(request.action, self.actions)
        answer = self.runtime.retry(lambda: self._answer(door, request, key=key, scope=scope))
        if isinstance(answer, FireRefusal):
            raise EventRefused(answer.problems)
        return door.view(answer, scope)

    def _answer(self, door: _Door[A], request: FireRequest, *, key: str, scope: Scope) -> A | FireRefusal:
        with self.runtime.store.begin(scope.to_operator()) as unit:
            # Before the key is looked at: who may no longer fulfil is not answered as if it had just done so. A whole
            # order is no merchant's in any state of its life.
            if door.answer is MerchantOrder:
                check_caller(unit, scope, Activity.FULFIL, now=self.runtime.now())
            return answer_once(
                unit,
                lambda: self._decide(unit, door, request=request, scope=scope),
                answers=(door.answer, FireRefusal),
                scope=scope,
                key=key,
                operation="fire",
                request=_to_comparable(door, request),
                at=self.runtime.now(),
                form=KeptOrders(unit, scope),
            )

    def _decide(self, unit: MarketUnit, door: _Door[A], request: FireRequest, *, scope: Scope) -> A | FireRefusal:
        order = door.load(unit, request.order)
        part = order.find_part(request.order)
        merchant = None if part is None else part.merchant
        # Asked of the stored order, never of the request: a foreign one is not found.
        check_party(scope, door.name, request.order, merchant=merchant, buyer=order.buyer)
        # Not necessarily the pair that new orders start on: an order stays on the one that it began on.
        processes, now = self.processes.get_pair(order), self.runtime.now()
        machine = processes.get_machine(order.subjects()[request.order].process)
        try:
            lines = reach_pieces(unit, machine, request.order, action=request.action, lines=request.lines)
            transition = decide_event(
                processes,
                order,
                request.order,
                action=request.action,
                quantities=lines,
                now=now,
                by=(request.author or scope).to_signature(scope.caller),
                reason=request.reason,
            )
        except EventRefused as refusal:
            # Returned, not raised: a refusal is kept under the key like any answer, and that has to be committed.
            return FireRefusal(refusal.problems)
        return door.pick(apply_effects(unit, transition, self.effects), request.order)


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
