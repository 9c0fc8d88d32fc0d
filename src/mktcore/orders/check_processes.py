"""Whether a pair of processes can run orders: that placing can be done on it, and that no open order is left behind."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import attrs

from mktcore.errors import ErrorCategory, Refused
from mktcore.notice import Notice
from mktcore.orders.default_processes import ON_PLACEMENT
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.order_stage import name_process
from mktcore.persistence import Kind, Repositories
from mktcore.persistence.ranges import Above
from mktcore.processes import PortionsMachine
from mktcore.processes.verification.joint_processes import find_broken_links, verify_jointly

__all__ = ["OrdersStranded", "ProcessesRefused", "check_open_orders", "check_processes"]


@attrs.define(eq=False, slots=False)
class ProcessesRefused(Refused):
    """Processes on which no order can be placed, or whose links name what is not there; every fault is listed."""

    code: ClassVar[str] = "orders.processes-refused"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT


@attrs.define(eq=False, slots=False)
class OrdersStranded(Refused):
    """A store has open orders on versions of processes that the marketplace was not given; it was not opened."""

    code: ClassVar[str] = "orders.stranded"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT


def check_processes(processes: OrderProcesses) -> None:
    """Let processes pass that orders can be placed on, and whose links name what there is.

    Raises:
        ProcessesRefused: They cannot; every reason is told with its place.
    """
    problems = [*_find_problems(processes), *_find_part_problems(processes), *_find_repeated(processes)]
    for position, choice in enumerate(processes.choices):
        problems += [
            attrs.evolve(one, where=f"choices[{position}].{one.where}")
            for one in (*_find_problems(choice.processes), *_find_part_problems(choice.processes))
        ]
    for position, pair in enumerate(processes.earlier):
        problems += [attrs.evolve(one, where=f"earlier[{position}].{one.where}") for one in _find_faulty_links(pair)]
    ProcessesRefused.raise_if(problems)


def _find_problems(pair: OrderProcesses) -> Iterator[Notice]:
    broken = tuple(_find_faulty_links(pair))
    # What placing reaches is told where the links themselves are sound.
    yield from broken or _find_placing_problems(pair)


def _find_part_problems(pair: OrderProcesses) -> Iterator[Notice]:
    """Find what keeps some parts' own process from talking with the whole, verified jointly with it."""
    seen = {pair.part.process.name}
    for position, choice in enumerate(pair.parts):
        name, where = choice.part.process.name, f"parts[{position}]"
        if name in seen:
            yield _to_problem(
                f"{where}.part", f"another process of parts is called {name!r}", "give it a name of its own"
            )
            continue
        seen.add(name)
        alone = attrs.evolve(pair, part=choice.part, interaction=choice.interaction, parts=(), choices=(), earlier=())
        found = [*_find_problems(alone)] or [*_find_divergences(alone)]
        yield from (attrs.evolve(one, where=f"{where}.{one.where}") for one in found)


def _find_divergences(pair: OrderProcesses) -> Iterator[Notice]:
    # With one part: a unit goes through the whole and one part, so others change nothing for it.
    report = verify_jointly(pair.whole.process, pair.part.process, pair.interaction, parts=1)
    yield from (_to_problem(f"interaction.{one.where}", one.message, one.remedy) for one in report.findings)


def _find_faulty_links(pair: OrderProcesses) -> Iterator[Notice]:
    interaction, whole, part = pair.interaction, pair.whole.process, pair.part.process
    if whole.name == part.name:
        yield _to_problem("part", f"both processes are called {whole.name!r}", "give each a name of its own")
        return
    for role, named, process in (("whole", interaction.whole, whole), ("part", interaction.part, part)):
        if named != process.name:
            message = f"the links are those of {named!r}, and the process is {process.name!r}"
            yield _to_problem(f"interaction.{role}", message, "name the process in the interaction")
    for found in find_broken_links(whole, part, interaction):
        yield _to_problem(f"interaction.{found.where}", found.message, "name what there is")


def _find_placing_problems(pair: OrderProcesses) -> Iterator[Notice]:
    """Walk the way of an order that is being placed, whatever guards say, and look for the start of its parts."""
    whole, sent = pair.whole, set[str]()
    places = _settle(whole, {whole.process.initial}, sent)
    for event in ON_PLACEMENT:
        targets = {target for place in places for target in _list_targets(whole, place, event)}
        if not targets:
            states = " and ".join(sorted(map(repr, places)))
            message = f"placing fires {event!r}, which leads nowhere from {states}"
            yield _to_problem("whole", message, "add the transition, perhaps one that stays in its state")
            return
        # A piece that stays where it is tells nobody.
        if any(target != place for place in places for target in _list_targets(whole, place, event)):
            sent.add(event)
        places = _settle(whole, targets, sent)
    links = (link for link in pair.interaction.links if link.sender == whole.process.name and link.fires is None)
    if not any(link.event in sent for link in links):
        message = (
            f"placing reaches {' and '.join(sorted(map(repr, sent)))}, and no link of these starts merchant orders"
        )
        remedy = f"add Link({whole.process.name!r}, {ON_PLACEMENT[-1]!r}, {pair.part.process.name!r}, fires=None)"
        yield _to_problem("interaction.links", message, remedy)


def _settle(machine: PortionsMachine, states: set[str], sent: set[str]) -> set[str]:
    """Return where pieces that enter these states may be once events on entering have fired; `sent` gains those."""
    seen, waiting = set(states), list(states)
    while waiting:
        place = waiting.pop()
        for event in machine.tables.on_enter.get(place, ()):
            targets = set(_list_targets(machine, place, event))
            if targets - {place}:
                sent.add(event)
            waiting += targets - seen
            seen |= targets
    return seen


def _list_targets(machine: PortionsMachine, state: str, event: str) -> Iterator[str]:
    for group in machine.tables.groups[state].get(event, ()):
        yield from (transition.target for transition in group.transitions)


def _find_repeated(processes: OrderProcesses) -> Iterator[Notice]:
    """Find two pairs of the same versions: an order could not tell which of them it is on."""
    seen: set[str] = set()
    for position, pair in enumerate(processes.list_held()):
        if pair.label in seen:
            message = f"{pair.label} is held already"
            yield _to_problem(f"earlier[{position - 1}]", message, "give a changed process a later version")
        seen.add(pair.label)


def _to_problem(where: str, message: str, remedy: str) -> Notice:
    return Notice(ProcessesRefused.code, where, message, remedy=remedy)


def check_open_orders(unit: Repositories, processes: OrderProcesses) -> None:
    """Let a store pass whose open orders are all on processes that are held.

    It takes a look or two for each version that orders are open on, however many orders there are.

    Raises:
        OrdersStranded: Some are not; every version is told, with an order that is on it.
    """
    held = processes.list_held()
    wholes, parts = [pair.whole for pair in held], [one for pair in held for one in pair.list_parts()]
    problems = [*_find_stranded(unit, MARKETPLACE_ORDERS, wholes), *_find_stranded(unit, MERCHANT_ORDERS, parts)]
    OrdersStranded.raise_if(problems)


def _find_stranded(unit: Repositories, kind: Kind[Any], machines: Iterable[PortionsMachine]) -> Iterator[Notice]:
    held = {name_process(machine.process.name, machine.process.version) for machine in machines}
    after = ""
    # From version to version, and not from order to order: there are few of the one and many of the other.
    while found := unit.repository(kind).page({"open_on": Above(after)}, order="open_on", limit=1).items:
        after = str(kind.read_column("open_on", found[0]))
        if after not in held:
            message = f"orders are open on {after}, such as {found[0].id}, and it is not held"
            remedy = "hold it: OrderProcesses(..., earlier=[the pair they are on]); then migrate them when you like"
            yield Notice(OrdersStranded.code, f"processes[{after!r}]", message, remedy=remedy)
