"""How far an order is, in a word that people read: told of its pieces and its payments by one pure function."""

from collections import Counter
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import is_id
from mktcore.money import Money
from mktcore.orders.default_processes import Flag
from mktcore.processes import PortionsMachine, Subject
from mktcore.processes.elements import State

__all__ = [
    "OrderProgress",
    "ProgressFacts",
    "ProgressRefused",
    "check_progress",
    "count_meanings",
    "count_progress",
    "tell_progress",
]

MAX_PROGRESS = 40


class OrderProgress(StrEnum):
    """How far an order is, for people; `OrderStage` says the same for machines."""

    DUE = "due"
    """Nothing has left yet, and its means of payment do not cover it."""
    PAID = "paid"
    """Nothing has left yet, and it is covered."""
    PART_SHIPPED = "part-shipped"
    """Some pieces have left, and others will."""
    SHIPPED = "shipped"
    """All that is not canceled has left."""
    RETURNED = "returned"
    """All that was not canceled came back, or was given back."""
    DONE = "done"
    """Nothing happens any more."""
    CANCELED = "canceled"
    """All of it is canceled."""


@attrs.frozen(kw_only=True)
class ProgressFacts:
    """What the progress of a marketplace order or of a merchant order is told by.

    Attributes:
        waiting: Pieces that are still to leave.
        left: Pieces that left, and did not come back.
        back: Pieces that came back, or whose money was given back.
        canceled: Pieces that are canceled for good.
        is_final: Nothing happens to any of them any more.
        payable: What the means of payment of the whole order do not cover of it; zero where they cover all.
        states: Pieces by the name of the state of the process that they are in.
    """

    waiting: int
    left: int
    back: int
    canceled: int
    is_final: bool
    payable: Money
    states: Counter[str] = attrs.field(factory=Counter)


@attrs.define(eq=False, slots=False)
class ProgressRefused(MktcoreError):
    """A host's function told something as an order's progress that no list could find it by; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "orders.progress-refused"
    remedy: ClassVar[str] = "let the function return a word such as part-shipped, of 40 characters at most"
    progress: str

    def describe(self) -> str:
        """Name what was told."""
        return f"{self.progress[:80]!r} cannot be an order's progress"


def count_progress(machine: PortionsMachine, subject: Subject, payable: Money) -> ProgressFacts:
    """Return what an order's progress is told by: its pieces by what the flags of their states mean."""
    states: Counter[str] = Counter()
    for portion in subject.portions:
        states[portion.state] += portion.quantity
    return count_meanings(machine, states, payable)


def count_meanings(machine: PortionsMachine, states: Counter[str], payable: Money) -> ProgressFacts:
    """Return what the progress of pieces in these states is told by."""
    meant: Counter[str] = Counter()
    known = {state.name: state for state in machine.process.states}
    for name, quantity in states.items():
        meant[_find_meaning(known[name])] += quantity
    return ProgressFacts(
        waiting=meant["waiting"],
        left=meant["left"],
        back=meant["back"],
        canceled=meant["canceled"],
        is_final=bool(states) and all(known[name].final for name in states),
        payable=payable,
        states=states,
    )


def _find_meaning(state: State) -> str:
    # By flags, not by name: a host's process may call its states anything.
    if state.final and state.has(Flag.NOT_INVOICED):
        return "canceled"
    if state.has(Flag.CAME_BACK) or state.has(Flag.REFUNDED):
        return "back"
    return "left" if state.has(Flag.INVOICEABLE) else "waiting"


def tell_progress(facts: ProgressFacts) -> str:
    """Return how far an order is; a host replaces this by its own, as `OrderProcesses(..., progress=own)`.

    >>> facts = ProgressFacts(waiting=1, left=2, back=0, canceled=1, is_final=False, payable=Money.of("0", "EUR"))
    >>> str(tell_progress(facts))
    'part-shipped'
    """
    if facts.canceled and not facts.waiting + facts.left + facts.back:
        return OrderProgress.CANCELED
    if facts.back and not facts.waiting + facts.left:
        return OrderProgress.RETURNED
    if facts.is_final:
        return OrderProgress.DONE
    if not facts.left + facts.back:
        return OrderProgress.PAID if facts.payable.minor <= 0 else OrderProgress.DUE
    return OrderProgress.PART_SHIPPED if facts.waiting else OrderProgress.SHIPPED


def check_progress(progress: str) -> str:
    """Return what a function told as a list can find it by.

    Raises:
        ProgressRefused: It cannot be.
    """
    if not isinstance(progress, str) or len(progress) > MAX_PROGRESS or not is_id(str(progress)):
        raise ProgressRefused(str(progress))
    return str(progress)
