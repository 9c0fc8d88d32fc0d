"""The processes that ship, with the windows of a policy: when time-outs are due, and what a guard asks."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import attrs

from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.cancellation_policy import CancellationPolicy
from mktcore.orders.default_processes import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.legacy_processes import FIRST_INTERACTION, FIRST_MARKETPLACE_PROCESS, FIRST_MERCHANT_PROCESS
from mktcore.orders.order_processes import OrderProcesses, PartChoice
from mktcore.processes import PortionsMachine, Process, ProcessEvent, Transition, Trigger, bind_portions
from mktcore.processes.portions import PortionsFiring
from mktcore.processes.portions.interaction import Interaction, Link

__all__ = ["bind_order_processes", "bind_part_process"]

_IN_WINDOW, _OVERDUE = "cancelable freely", "cancel overdue"
DEFAULT = CancellationPolicy()


def bind_order_processes(policy: CancellationPolicy = DEFAULT, *, suffix: str = "") -> OrderProcesses:
    """Return the processes that ship, with the windows of a policy; the first version is held, too.

    States are the same whatever the policy, so orders go on under another one; time-outs that wait already stay due
    when they were.

    >>> bind_order_processes(suffix="-digital").label
    'marketplace-order-digital v2 with merchant-order-digital v2'

    Args:
        policy: The policy.
        suffix: What the names of the processes end with, where several pairs are used beside each other.
    """
    first = OrderProcesses(
        bind_portions(FIRST_MARKETPLACE_PROCESS), bind_portions(FIRST_MERCHANT_PROCESS), FIRST_INTERACTION
    )
    whole, part = (_rename(process, suffix) for process in (_build_whole(policy), _build_part(policy)))
    return OrderProcesses(
        bind_portions(whole),
        _bind_part(part, policy),
        _rename_links(_link(policy), whole.name, part.name),
        cancellation=policy,
        earlier=(first,),
    )


def bind_part_process(
    policy: CancellationPolicy = DEFAULT,
    *,
    suffix: str,
    whole: str = "",
    merchants: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
) -> PartChoice:
    """Return the process of merchant orders that ships, for some merchants' parts of any order, mixed ones among them.

    >>> bind_part_process(suffix="-digital", categories={"files"}).part.process.label
    'merchant-order-digital v2'

    Args:
        policy: Its windows: until when a buyer cancels freely, who answers, until when it ships.
        suffix: What its name ends with.
        whole: What the name of the whole's process ends with, beside which it is used.
        merchants: Whose parts; None for everybody's.
        categories: Parts all of whose goods are in these categories; None for all.
    """
    process = _rename(_build_part(policy), suffix)
    links = _rename_links(_link(policy), f"{MARKETPLACE_PROCESS.name}{whole}", process.name)
    return PartChoice(_bind_part(process, policy), links, merchants=merchants, categories=categories)


def _bind_part(process: Process, policy: CancellationPolicy) -> PortionsMachine:
    conditions = {_IN_WINDOW: _InWindow(policy.free_for)} if policy.free_for else {}
    return bind_portions(process, conditions=conditions)


def _rename(process: Process, suffix: str) -> Process:
    return attrs.evolve(process, name=f"{process.name}{suffix}") if suffix else process


def _rename_links(interaction: Interaction, whole: str, part: str) -> Interaction:
    names = {interaction.whole: whole, interaction.part: part}
    links = (attrs.evolve(link, sender=names[link.sender], receiver=names[link.receiver]) for link in interaction.links)
    return attrs.evolve(interaction, whole=whole, part=part, links=tuple(links))


@attrs.frozen
class _InWindow:
    """Tells whether an order is young enough to be canceled without being asked about."""

    free_for: timedelta

    def __call__(self, firing: PortionsFiring) -> bool:
        facts = firing.facts
        # An explorer of the process has no order, and tries both ways.
        return isinstance(facts, OrderFacts) and firing.now - facts.order.marketplace_order.placed_at < self.free_for


def _build_whole(policy: CancellationPolicy) -> Process:
    process = MARKETPLACE_PROCESS
    events = (
        attrs.evolve(event, after=policy.authorise_within) if event.name == "expire" else event
        for event in process.events
    )
    return attrs.evolve(process, events=events)


def _build_part(policy: CancellationPolicy) -> Process:
    process = MERCHANT_PROCESS
    return attrs.evolve(process, events=_list_events(policy), transitions=_list_transitions(policy))


def _list_events(policy: CancellationPolicy) -> Iterator[ProcessEvent]:
    answer = "accept cancellation" if policy.silence_cancels else "refuse cancellation"
    for event in MERCHANT_PROCESS.events:
        if event.name in {"accept cancellation", "refuse cancellation"}:
            timed = event.name == answer and policy.answer_within is not None
            on = (Trigger.MANUAL, Trigger.TIMEOUT) if timed else (Trigger.MANUAL,)
            yield attrs.evolve(event, on=on, after=policy.answer_within if timed else None)
        else:
            yield event
    if policy.ship_within is not None:
        yield ProcessEvent(_OVERDUE, Trigger.TIMEOUT, after=policy.ship_within)


def _list_transitions(policy: CancellationPolicy) -> Iterator[Transition]:
    for transition in MERCHANT_PROCESS.transitions:
        if policy.free_for and (transition.target, transition.event) == ("cancellation asked", "ask to cancel"):
            # First: the first transition whose guard holds is taken.
            yield attrs.evolve(transition, target="cancellation granted", guard=_IN_WINDOW)
        yield transition
    if policy.ship_within is not None:
        yield from (Transition(state, "canceled", _OVERDUE) for state in ("new", "picking"))


def _link(policy: CancellationPolicy) -> Interaction:
    if policy.ship_within is None:
        return INTERACTION
    overdue = Link(INTERACTION.part, _OVERDUE, receiver=INTERACTION.whole, fires="cancel by merchant")
    return attrs.evolve(INTERACTION, links=(*INTERACTION.links, overdue))
