"""The processes of orders: the pair that new orders start on, and those that earlier orders are still on."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.orders.cancellation_policy import CancellationPolicy
from mktcore.orders.order import Order
from mktcore.orders.order_progress import ProgressFacts, tell_progress
from mktcore.processes import Interaction, PortionsMachine, Subject

__all__ = ["OrderProcesses", "ProcessNotHeld"]


@attrs.define(eq=False, slots=False)
class ProcessNotHeld(MktcoreError):
    """An order that is on versions of processes which this marketplace does not hold; nothing was changed."""

    code: ClassVar[str] = "orders.process-not-held"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    remedy: ClassVar[str] = "hold them: OrderProcesses(..., earlier=[the pair it is on]); then it can be migrated"
    order: str
    needed: tuple[str, ...]
    held: tuple[str, ...]

    def describe(self) -> str:
        """Name what the order is on, and what there is."""
        return f"order {self.order} is on {' and '.join(self.needed)}; held: {'; '.join(self.held)}"


_NO_WINDOWS = CancellationPolicy()


def _to_earlier(given: Iterable["OrderProcesses"]) -> tuple["OrderProcesses", ...]:
    """Return earlier pairs with those that they hold themselves, the latest first."""
    # Each goes before what it brings: who replaces a pair needs to name that pair only.
    return tuple(one for pair in given for one in (attrs.evolve(pair, earlier=()), *pair.earlier))


@attrs.frozen
class OrderProcesses:
    """The processes of orders, bound to their functions, and how they talk.

    An order stays on the pair that it began on, until it is migrated. So whoever replaces a process gives it a later
    version, and holds the former pair as long as orders are on it: `OrderProcesses(..., earlier=[FORMER])`.

    Attributes:
        whole: Of marketplace orders.
        part: Of merchant orders.
        interaction: The links between them.
        progress: Tells people how far an order is, of what it is made of; it is kept on the order at each step.
        cancellation: What may be canceled until when, and what that does to charges.
        earlier: The pairs that orders may still be on, the latest first; those that they hold are among them.
    """

    whole: PortionsMachine
    part: PortionsMachine
    interaction: Interaction
    progress: Callable[[ProgressFacts], str] = attrs.field(default=tell_progress, kw_only=True, repr=False)
    cancellation: CancellationPolicy = attrs.field(default=_NO_WINDOWS, kw_only=True, repr=False)
    earlier: tuple["OrderProcesses", ...] = attrs.field(default=(), converter=_to_earlier, kw_only=True, repr=False)

    @property
    def label(self) -> str:
        """What people call the pair: both names with their versions."""
        return f"{self.whole.process.label} with {self.part.process.label}"

    def get_machine(self, process: str) -> PortionsMachine:
        """Return the machine of the process with this name; any other name is the part's."""
        return self.whole if process == self.whole.process.name else self.part

    def list_held(self) -> tuple["OrderProcesses", ...]:
        """Return every pair, this one first."""
        return (self, *self.earlier)

    def runs(self, order: Order) -> bool:
        """Tell whether an order is on this very pair."""
        parts = (_is_on(self.part, part.fulfilment) for part in order.merchant_orders)
        return _is_on(self.whole, order.marketplace_order.fulfilment) and all(parts)

    def find_pair(self, order: Order) -> "OrderProcesses | None":
        """Return the pair that an order is on; None where it is not held."""
        # Nearly every order is on the present pair.
        return next((pair for pair in self.list_held() if pair.runs(order)), None)

    def get_pair(self, order: Order) -> "OrderProcesses":
        """Return the pair that an order is on.

        Raises:
            ProcessNotHeld: It is not held.
        """
        pair = self.find_pair(order)
        if pair is None:
            needed = dict.fromkeys(f"{one.process} v{one.version}" for one in order.subjects().values())
            raise ProcessNotHeld(order.id, tuple(needed), tuple(held.label for held in self.list_held()))
        return pair

    def is_whole(self, process: str) -> bool:
        """Tell whether a process is one of marketplace orders."""
        return any(process == pair.whole.process.name for pair in self.list_held())

    def find_whole(self, order: Order, states: Mapping[str, Mapping[str, int]]) -> PortionsMachine:
        """Return the marketplace's process that an order's pieces were on when they were in these states.

        It is the one that the order is on now; of an order that was migrated since, one that has such states.
        """
        named = {state for line in states.values() for state in line}
        own = self.find_pair(order) or self
        machines = [pair.whole for pair in (own, *self.list_held())]
        return next((one for one in machines if named <= one.tables.groups.keys()), own.whole)


def _is_on(machine: PortionsMachine, subject: Subject) -> bool:
    process = machine.process
    return subject.process == process.name and subject.version == process.version
