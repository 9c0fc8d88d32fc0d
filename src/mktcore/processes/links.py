"""Links: how two processes talk, as data, and the messages that carry it.

An event reached in one process fires an event in the other, on the matching portions. A link is a message: it travels
through the outbox and arrives later, after whatever else happened meanwhile. `verify_jointly` explores those races.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs

from mktcore.errors import Notice
from mktcore.processes.definition import Process
from mktcore.processes.drawing import Arrow, Diagram
from mktcore.processes.errors import EventRefused
from mktcore.processes.firing import Fired
from mktcore.processes.machine import Machine
from mktcore.processes.subjects import Portion, Subject
from mktcore.processes.taking import Taken

__all__ = ["Carried", "Interaction", "Link", "Message", "receive", "send"]


def _to_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _to_links(links: Iterable["Link"]) -> tuple["Link", ...]:
    return tuple(links)


def _to_pairs(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset(pairs)


@attrs.frozen
class Link:
    """An event reached in one process that fires an event in another.

    Attributes:
        sender: Name of the process in which the event is reached.
        event: Name of that event; a transition by it must lead to another state.
        receiver: Name of the other process.
        fires: Name of the event to fire there; None starts the other process with the same quantities.
        moot_in: States of the receiver in which the message comes too late and nothing is left to do. Elsewhere a
            message that matches no transition is refused, never silently lost.
    """

    sender: str
    event: str
    receiver: str
    fires: str | None
    moot_in: frozenset[str] = attrs.field(default=frozenset(), converter=_to_names)


@attrs.frozen
class Interaction:
    """How a whole and its parts talk: one marketplace order and the merchant orders it was split into.

    Attributes:
        whole: Name of the process of the whole.
        part: Name of the process of each part.
        links: The links, in either direction.
        same: Pairs (state of the whole, state of the part) that mean the same. A message moves portions in the state
            that means what its sender's portions left, before others; and two final states that are no pair
            contradict each other.
    """

    whole: str
    part: str
    links: tuple[Link, ...] = attrs.field(converter=_to_links)
    same: frozenset[tuple[str, str]] = attrs.field(default=frozenset(), converter=_to_pairs)

    def find_links(self, sender: str, event: str) -> tuple[Link, ...]:
        """Return the links that an event of a process sets off, in order."""
        return tuple(link for link in self.links if link.sender == sender and link.event == event)

    def find_same(self, process: str, state: str) -> frozenset[str]:
        """Return the states of the other process that mean the same as this state of `process`."""
        if process == self.whole:
            return frozenset(part for whole, part in self.same if whole == state)
        return frozenset(whole for whole, part in self.same if part == state)

    def to_diagram(self, whole: Process, part: Process) -> Diagram:
        """Return the drawing of both processes side by side, with the messages between them."""
        drawings = {process.name: process.to_diagram() for process in (whole, part)}
        flats = {process.name: process.flatten() for process in (whole, part)}
        arrows = [arrow for drawing in drawings.values() for arrow in drawing.arrows]
        for link in self.links:
            sender, receiver = flats[link.sender], flats[link.receiver]
            source = _find_entered(sender, link.event)
            target = receiver.initial if link.fires is None else _find_entered(receiver, link.fires)
            lines = (link.event if link.fires in {None, link.event} else f"{link.event} -> {link.fires}",)
            arrows.append(Arrow((sender.label, source), (receiver.label, target), lines, "link"))
        groups = tuple(group for drawing in drawings.values() for group in drawing.groups)
        return Diagram(groups, tuple(arrows))


def _find_entered(process: Process, event: str) -> str:
    """Return the first state that an event leads to; it stands for all of them in a drawing."""
    return next((move.target for move in process.transitions if move.event == event), process.initial)


@attrs.frozen
class Carried:
    """Units that a message speaks of: the line, the state they left at the sender, and how many."""

    line: str
    state: str | None
    quantity: int


@attrs.frozen
class Message:
    """A link on its way.

    Attributes:
        link: The link it follows.
        subject: Id of the sender's subject.
        carried: What it speaks of.
        at: When it was sent, UTC.
    """

    link: Link
    subject: str
    carried: tuple[Carried, ...]
    at: datetime

    def quantities(self) -> dict[str, int]:
        """Return the units of each line."""
        found: dict[str, int] = {}
        for carried in self.carried:
            found[carried.line] = found.get(carried.line, 0) + carried.quantity
        return found


def send(interaction: Interaction, fired: Fired) -> tuple[Message, ...]:
    """Return the messages that a firing sets off, in the order of its moves; the host puts them into its outbox.

    Moves by the same event share a message. A portion that stayed in its state sends nothing.
    """
    sender = fired.subject.process
    grouped: dict[str, list[Carried]] = {}
    for move in fired.moves:
        if move.source != move.target and move.source is not None:
            grouped.setdefault(move.event, []).append(Carried(move.line, move.source, move.quantity))
    return tuple(
        Message(link, fired.subject.id, tuple(carried), fired.moves[0].at)
        for event, carried in grouped.items()
        for link in interaction.find_links(sender, event)
    )


def receive(
    machine: Machine,
    subject: Subject | str,
    message: Message,
    interaction: Interaction,
    *,
    now: datetime,
    facts: Any = None,
) -> Fired:
    """Return what a message does to the receiver's subject.

    Args:
        machine: The receiver's process, bound.
        subject: The receiver's subject; its id alone when the message starts it.
        message: The message. Delivering it twice is the host's to prevent, as for any event of the outbox.
        interaction: The links it belongs to.
        now: The instant (aware).
        facts: Passed to conditions and commands.

    Returns:
        What was fired; `problems` names the units for which the message came too late (`moot_in`).

    Raises:
        EventRefused: Some units are in states that neither have the event nor are moot: the two processes diverged.
    """
    reason = f"{message.link.sender}: {message.link.event}"
    if message.link.fires is None:
        return machine.start(subject, message.quantities(), now=now, facts=facts, reason=reason)
    if isinstance(subject, str):
        raise EventRefused((Notice("processes.not-started", "subject", f"{subject!r} was never started"),))
    taken, moot, missed = _match(machine, subject, message, interaction)
    EventRefused.raise_if(missed)
    if not taken:
        return Fired(subject, problems=tuple(moot))
    fired = machine.fire_taken(subject, message.link.fires, taken, now=now, facts=facts, reason=reason)
    return attrs.evolve(fired, problems=(*moot, *fired.problems))


def _match(
    machine: Machine, subject: Subject, message: Message, interaction: Interaction
) -> tuple[Taken, list[Notice], list[Notice]]:
    """Return the portions to move by state, what came too late, and what cannot be explained."""
    link = message.link
    left = list(subject.portions)
    taken: Taken = {}
    moot: list[Notice] = []
    missed: list[Notice] = []
    for carried in message.carried:
        same = interaction.find_same(link.sender, carried.state) if carried.state else frozenset()
        wanted = carried.quantity
        for portion in sorted(_reached(machine, left, carried.line, link.fires), key=lambda p: p.state not in same):
            if not wanted:
                break
            part = attrs.evolve(portion, quantity=min(wanted, portion.quantity))
            wanted -= part.quantity
            taken.setdefault(portion.state, []).append(part)
            position = left.index(portion)
            rest = portion.quantity - part.quantity
            left[position : position + 1] = [attrs.evolve(portion, quantity=rest)] if rest else []
        if wanted:
            late = sum(p.quantity for p in left if p.line == carried.line and p.state in link.moot_in)
            problem = _describe_miss(message, carried, wanted)
            (moot if late >= wanted else missed).append(problem)
    return taken, moot, missed


def _reached(machine: Machine, portions: list[Portion], line: str, event: str | None) -> Iterator[Portion]:
    for portion in portions:
        if portion.line == line and event in machine.tables.branches[portion.state]:
            yield portion


def _describe_miss(message: Message, carried: Carried, units: int) -> Notice:
    link = message.link
    text = f"{link.fires!r} from {link.sender} reaches {carried.quantity - units} of {carried.quantity} units"
    return Notice("processes.message-missed", f"quantities[{carried.line!r}]", text, "", {"line": carried.line})
