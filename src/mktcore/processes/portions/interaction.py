"""Links: how two processes talk, as data.

An event reached in one process fires an event in the other, on the matching portions. A link is a message: it travels
through the outbox and arrives later, after whatever else happened meanwhile. `verify_jointly` explores those races.
"""

from collections.abc import Iterable

import attrs

from mktcore.processes.definition import Process
from mktcore.processes.diagram import Arrow, Diagram

__all__ = ["Interaction", "Link"]


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
            # A link without an event starts the receiver.
            target = receiver.initial if link.fires is None else _find_entered(receiver, link.fires)
            lines = (link.event if link.fires in {None, link.event} else f"{link.event} -> {link.fires}",)
            arrows.append(Arrow((sender.label, source), (receiver.label, target), lines=lines, kind="link"))
        groups = tuple(group for drawing in drawings.values() for group in drawing.groups)
        return Diagram(groups, tuple(arrows))


def _find_entered(process: Process, event: str) -> str:
    """Return the first state that an event leads to; it stands for all of them in a drawing."""
    return next((move.target for move in process.transitions if move.event == event), process.initial)
