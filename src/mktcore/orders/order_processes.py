"""The processes of orders: the pair that new orders start on, and those that earlier orders are still on."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.orders.cancellation_policy import CancellationPolicy
from mktcore.orders.order import Order
from mktcore.orders.order_progress import ProgressFacts, tell_progress
from mktcore.processes import Interaction, PortionsMachine, Subject

__all__ = ["OrderProcesses", "PartChoice", "ProcessChoice", "ProcessNotHeld", "Sale"]


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


def _to_choices(given: Iterable["ProcessChoice"]) -> tuple["ProcessChoice", ...]:
    return tuple(given)


def _to_set(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


@attrs.frozen(kw_only=True)
class Sale:
    """What of an order its processes are chosen by.

    Attributes:
        merchants: Who fulfils parts of it.
        methods: How it is paid.
        categories: The categories of what is bought.
        channel: The sales channel, where there is one.
    """

    merchants: frozenset[str]
    methods: frozenset[str]
    categories: frozenset[str]
    channel: str | None = None


@attrs.frozen
class ProcessChoice:
    """Other processes for some orders: those all of whose merchants, methods and goods are among these.

    One that is mixed starts on the pair that is for all others, where its parts may have processes of their own.

    Attributes:
        processes: The pair, under names or versions of its own.
        merchants: Whose orders; None for everybody's.
        methods: By which methods of payment; None for all, and an order that names none is by none of these.
        categories: Of goods in which categories; None for all.
        channels: Through which channels; None for all.
    """

    processes: "OrderProcesses"
    merchants: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)
    methods: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)
    categories: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)
    channels: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)

    def fits(self, sale: Sale) -> bool:
        """Tell whether an order is one of these."""
        channel = frozenset() if sale.channel is None else frozenset({sale.channel})
        asked = (
            (self.merchants, sale.merchants),
            (self.methods, sale.methods),
            (self.categories, sale.categories),
            (self.channels, channel),
        )
        return all(allowed is None or (bool(found) and found <= allowed) for allowed, found in asked)


@attrs.frozen
class PartChoice:
    """Another process for some merchants' parts of any order: of a mixed one, each part goes through its own.

    A unit of a line goes through the whole and through one part, so what is verified of each part with the whole holds
    of all of them together.

    Attributes:
        part: The process of these parts, under a name of its own.
        interaction: Its links with the whole.
        merchants: Whose parts; None for everybody's.
        categories: Parts all of whose goods are in these categories; None for all.
    """

    part: PortionsMachine
    interaction: Interaction
    merchants: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)
    categories: frozenset[str] | None = attrs.field(default=None, converter=_to_set, kw_only=True)

    def fits(self, merchant: str, categories: frozenset[str]) -> bool:
        """Tell whether a merchant's part with goods in these categories is one of these."""
        is_theirs = self.merchants is None or merchant in self.merchants
        return is_theirs and (self.categories is None or categories <= self.categories)


def _to_parts(given: Iterable[PartChoice]) -> tuple[PartChoice, ...]:
    return tuple(given)


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
        parts: Other processes for some merchants' parts of these orders, the first that fits; `part` for all others.
        choices: Other pairs for some orders, the first that fits; this one for all others.
        earlier: The pairs that orders may still be on, the latest first; those that they hold are among them.
    """

    whole: PortionsMachine
    part: PortionsMachine
    interaction: Interaction
    progress: Callable[[ProgressFacts], str] = attrs.field(default=tell_progress, kw_only=True, repr=False)
    cancellation: CancellationPolicy = attrs.field(default=_NO_WINDOWS, kw_only=True, repr=False)
    parts: tuple[PartChoice, ...] = attrs.field(default=(), converter=_to_parts, kw_only=True, repr=False)
    choices: tuple["ProcessChoice", ...] = attrs.field(default=(), converter=_to_choices, kw_only=True, repr=False)
    earlier: tuple["OrderProcesses", ...] = attrs.field(default=(), converter=_to_earlier, kw_only=True, repr=False)

    @property
    def label(self) -> str:
        """What people call the pair: both names with their versions."""
        return f"{self.whole.process.label} with {self.part.process.label}"

    def get_machine(self, process: str) -> PortionsMachine:
        """Return the machine of the process with this name; any other name is the part's."""
        if process == self.whole.process.name:
            return self.whole
        if not self.parts:
            return self.part
        return next((one.part for one in self.parts if one.part.process.name == process), self.part)

    def list_parts(self) -> tuple[PortionsMachine, ...]:
        """Return the machines of all processes of merchant orders, that of most first."""
        return (self.part, *(one.part for one in self.parts))

    def choose_part(self, merchant: str, categories: Iterable[str]) -> PortionsMachine:
        """Return the machine that a merchant's part with goods in these categories starts on."""
        goods = frozenset(categories)
        return next((one.part for one in self.parts if one.fits(merchant, goods)), self.part)

    def list_interactions(self, process: str) -> tuple[Interaction, ...]:
        """Return the links that a process with this name talks by: the whole's with every process of parts."""
        every = (self.interaction, *(one.interaction for one in self.parts))
        return every if process == self.whole.process.name else tuple(one for one in every if one.part == process)

    def list_held(self) -> tuple["OrderProcesses", ...]:
        """Return every pair, this one first."""
        own = (self, *(choice.processes for choice in self.choices), *self.earlier)
        labels = {pair.label for pair in own}
        # All that ship hold their first version: it is held once.
        further = (pair for choice in self.choices for pair in choice.processes.earlier if pair.label not in labels)
        return (*own, *further)

    def choose(self, sale: "Sale") -> "OrderProcesses":
        """Return the pair that an order starts on."""
        return next((choice.processes for choice in self.choices if choice.fits(sale)), self)

    def runs(self, order: Order) -> bool:
        """Tell whether an order is on this very pair."""
        own = self.list_parts()
        parts = (any(_is_on(one, part.fulfilment) for one in own) for part in order.merchant_orders)
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
