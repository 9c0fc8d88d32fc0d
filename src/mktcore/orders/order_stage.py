"""How far an order is, told on the record itself: so a store finds at once what stands, or is open on a process."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from hashlib import blake2b

from mktcore.orders.default_processes import Flag
from mktcore.processes import PortionsMachine, Subject

__all__ = ["OrderStage", "find_stage", "find_stage_in", "name_open_process", "name_process"]

_MAX_NAME = 100
"""Characters of a process's name that its label keeps: what a sorted column holds, less a digest and the version."""


class OrderStage(StrEnum):
    """How far an order is with all of its pieces."""

    OPEN = "open"
    """Something may still happen to some of them."""
    CLOSED = "closed"
    """All are in final states, some of them for good with the buyer or back from there."""
    CANCELED = "canceled"
    """All are cancelled for good: to limits, first orders and ratings it is as if nobody had ordered."""


def find_stage(machine: PortionsMachine, subject: Subject) -> OrderStage:
    """Return how far a subject is, by the flags of the states that its pieces are in."""
    return find_stage_in(machine, {portion.state for portion in subject.portions})


def find_stage_in(machine: PortionsMachine, states: AbstractSet[str]) -> OrderStage:
    """Return how far pieces are that are in these states."""
    final = {state.name: state for state in machine.process.states if state.final}
    # Nothing has started yet where there are no pieces.
    if not states or not states <= final.keys():
        return OrderStage.OPEN
    is_canceled = all(final[state].has(Flag.NOT_INVOICED) for state in states)
    return OrderStage.CANCELED if is_canceled else OrderStage.CLOSED


def name_process(process: str, version: int) -> str:
    """Return what a column calls a version of a process.

    >>> name_process("merchant-order", 2)
    'merchant-order v2'
    """
    # Of a long name the beginning for people, and a digest that tells it from others.
    is_long = len(process) > _MAX_NAME
    name = f"{process[:40]}@{blake2b(process.encode(), digest_size=16).hexdigest()}" if is_long else process
    return f"{name} v{version}"


def name_open_process(stage: OrderStage, fulfilment: Subject) -> str | None:
    """Return the version of a process that an order is on as long as something may happen to it."""
    return name_process(fulfilment.process, fulfilment.version) if stage is OrderStage.OPEN else None
