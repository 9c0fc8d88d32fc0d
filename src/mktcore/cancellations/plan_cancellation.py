"""Which events cancel the pieces that are asked for, by the flags of the order's processes. Pure.

Whoever asks, the order's processes say what may happen: a buyer cancels inside its window and asks the merchant after
it, a merchant cancels what it has not shipped, and the operator does either.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from mktcore.cancellations.cancellation import Cancellation, CancellationRefused
from mktcore.cancellations.check_minimums import check_minimums
from mktcore.cancellations.lapsed_gifts import find_lapsed_gifts
from mktcore.notice import Notice
from mktcore.order_thresholds import OrderThreshold
from mktcore.orders.actions import ACTIONS
from mktcore.orders.actions.action import Action
from mktcore.orders.actions.cancellations import AskToCancel
from mktcore.orders.actions.reason_codes import ReasonedAction
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.least_left import find_below_least
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.propagation import Moved, join_moved, move_on_event
from mktcore.persistence import Party, Scope
from mktcore.processes import PortionsMachine, Subject

__all__ = ["plan_cancellation"]


@attrs.frozen
class _Route:
    """An event on one subject of an order that cancels pieces, or asks for it."""

    subject: str
    machine: PortionsMachine
    event: str


@attrs.define
class _Plan:
    """An order while events are fired on it one after the other; all of them become one transition.

    What goes through processes is followed beside the order, which is large: it is made anew once, at the end.
    """

    order: Order
    processes: OrderProcesses
    now: datetime
    by: Scope
    asker: Scope
    subjects: dict[str, Subject]
    moved: Moved | None = None
    action: Action | None = None

    def fire(self, route: _Route, quantities: Mapping[str, int], asked: Cancellation) -> None:
        action = _find_action(route.event, asked.code)
        moved = move_on_event(
            self.processes,
            self.order,
            route.subject,
            action=action or route.event,
            quantities=quantities,
            now=self.now,
            by=self.by,
            reason=asked.reason,
            subjects=self.subjects,
        )
        self.subjects.update(moved.subjects)
        self.moved = moved if self.moved is None else join_moved(self.moved, moved)
        self.action = self.action or action


def plan_cancellation(
    order: Order,
    asked: Cancellation,
    processes: OrderProcesses,
    *,
    scope: Scope,
    now: datetime,
    thresholds: Iterable[OrderThreshold] = (),
) -> OrderTransition:
    """Return what canceling pieces does to an order: all of it in one transition, as if one event had done it.

    Args:
        order: The whole order, as the operator sees it.
        asked: Which pieces; of each line, those go first that can be canceled at once.
        processes: The processes that it is on.
        scope: Who asks.
        now: The instant, UTC.
        thresholds: Those whose minimums are asked anew; none where the policy lets them be missed.

    Raises:
        CancellationRefused: Fewer pieces can be canceled than are asked for, or none; the reason is none that is taken,
            or a buyer would leave less of the order than the policy, or a minimum, asks for.
        EventRefused: A guard of the order's process does not let them.
    """
    _check_code(asked, processes)
    by = scope.to_signature(scope.caller)
    plan = _Plan(order, processes, now=now, by=by, asker=scope, subjects=order.subjects())
    reached = _fire_all(plan, asked, _list_routes(order, asked.order, processes, scope=scope))
    _check_reached(asked, reached)
    if scope.caller.party is Party.BUYER:
        problems = find_below_least(order, processes, reached)
        if problems:
            raise CancellationRefused(problems)
        check_minimums(order, processes, reached, thresholds=thresholds, now=now)
    # What a merchant cannot deliver costs the buyer no gift.
    gifts = {} if scope.caller.party is Party.MERCHANT else find_lapsed_gifts(order, processes, reached)
    if gifts:
        # As far as it can be canceled: a gift that has left stays.
        taken_back = attrs.evolve(asked, order=order.id, lines=gifts)
        _fire_all(plan, taken_back, _list_routes(order, order.id, processes, scope=scope))
    assert plan.moved is not None  # noqa: S101 - something was reached, so something was fired
    is_wished = scope.caller.party is not Party.MERCHANT
    return OrderTransition.of(order, plan.moved, processes, action=plan.action, now=now, is_wished=is_wished)


def _fire_all(plan: _Plan, asked: Cancellation, routes: Iterable[_Route]) -> dict[str, int]:
    """Fire what cancels, or asks for it, on as many pieces as there are; return how many, by line."""
    wanted = None if asked.lines is None else dict(asked.lines)
    reached = dict.fromkeys(wanted or {}, 0)
    for route in routes:
        found = route.machine.count_reached(plan.subjects[route.subject], route.event, by=plan.asker)
        quantities = found if wanted is None else _cut(found, wanted)
        if not quantities:
            continue
        plan.fire(route, quantities, asked)
        for line, pieces in quantities.items():
            reached[line] = reached.get(line, 0) + pieces
            if wanted is not None:
                wanted[line] -= pieces
    return reached


def _check_code(asked: Cancellation, processes: OrderProcesses) -> None:
    codes = processes.cancellation.codes
    if codes is not None and asked.code not in codes:
        message = f"{asked.code!r} is no reason that is taken" if asked.code else "a reason is to be given"
        remedy = f"give one of {', '.join(sorted(codes))}"
        raise CancellationRefused((Notice("orders.unknown-reason", "code", message, remedy=remedy),))


def _cut(found: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    """Return of what was found as much as is wanted still."""
    taken = {line: min(pieces, wanted.get(line, 0)) for line, pieces in found.items()}
    return {line: pieces for line, pieces in taken.items() if pieces}


def _check_reached(asked: Cancellation, reached: Mapping[str, int]) -> None:
    remedy = "preview without lines what can be canceled; what was shipped comes back as a return"
    problems = [
        Notice("orders.not-cancelable", line, f"{reached[line]} of {pieces} pieces can be canceled", remedy=remedy)
        for line, pieces in (asked.lines or {}).items()
        if reached[line] < pieces
    ]
    if not any(reached.values()) and not problems:
        problems = [Notice("orders.not-cancelable", asked.order, "none of its pieces can be canceled", remedy=remedy)]
    if problems:
        raise CancellationRefused(tuple(problems))


def _list_routes(order: Order, asked: str, processes: OrderProcesses, *, scope: Scope) -> Iterator[_Route]:
    """Yield the events that may cancel, in the order in which they are tried: at once first, then by asking."""
    party, part = scope.caller.party, order.find_part(asked)
    if part is None:
        yield from (_Route(order.id, processes.whole, event) for event in _list_canceling(processes.whole))
    if party is not Party.BUYER:
        parts = [part] if part is not None else order.merchant_orders
        canceling = {machine.process.name: tuple(_list_canceling(machine)) for machine in processes.list_parts()}
        for one in parts:
            machine = processes.get_machine(one.fulfilment.process)
            yield from (_Route(one.id, machine, event) for event in canceling[machine.process.name])
    elif part is None:
        yield _Route(order.id, processes.whole, AskToCancel.event)


def _list_canceling(machine: PortionsMachine) -> Iterable[str]:
    """Return the events of a process that always cancel for good: all of their transitions lead there, by its flags."""
    ends = {state.name for state in machine.process.states if state.final and state.has(Flag.NOT_INVOICED)}
    for event in machine.process.events:
        targets = {one.target for one in machine.process.transitions if one.event == event.name}
        if targets and targets <= ends:
            yield event.name


def _find_action(event: str, code: str | None) -> Action | None:
    """Return the action that carries a code to an event; None where none does."""
    for action in ACTIONS:
        if action.event == event and issubclass(action, ReasonedAction):
            return action(code=code)
    return None
