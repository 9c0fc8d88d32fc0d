"""The joint model of a whole and one part: their two states, and the messages on their way between them.

Guards and choices may turn out either way, time-outs may fire at any moment, and a message may take arbitrarily long;
what a sender sent first arrives first, as an outbox delivers. Every ordering and race of one unit of a line is so
some path of this model.
"""

from collections.abc import Iterator, Mapping

import attrs

from mktcore.processes.elements import Trigger
from mktcore.processes.portions.interaction import Interaction
from mktcore.processes.verification.graph import Graph

__all__ = ["JointModel", "JointState", "JointStep"]

START = None
_OUTSIDE = frozenset({Trigger.MANUAL, Trigger.TIMEOUT, Trigger.INTERNAL})


@attrs.frozen
class JointState:
    """A joint state.

    Attributes:
        whole: State of the whole.
        part: State of the part; None before it was started.
        to_part: Messages on their way to the part: positions of links, oldest first.
        to_whole: The same, to the whole.
    """

    whole: str
    part: str | None
    to_part: tuple[int, ...] = ()
    to_whole: tuple[int, ...] = ()

    def __str__(self) -> str:
        flying = len(self.to_part) + len(self.to_whole)
        return f"{self.whole!r} / {self.part!r}" + (f" with {flying} messages on their way" if flying else "")


@attrs.frozen
class JointStep:
    """One step of the joint model: what happened, where it leads, and which message was lost in it, if one was."""

    label: str
    node: JointState
    lost: int | None = None


@attrs.frozen
class JointModel:
    """Two processes and their links, ready to be explored."""

    whole: Graph
    part: Graph
    interaction: Interaction
    driven: Mapping[str, frozenset[str]]
    capacity: int

    @classmethod
    def of(cls, whole: Graph, part: Graph, interaction: Interaction, *, capacity: int) -> "JointModel":
        """Return the model; `capacity` bounds the messages on their way in each direction."""
        driven = {
            name: frozenset(link.fires for link in interaction.links if link.receiver == name and link.fires)
            for name in (whole.process.name, part.process.name)
        }
        return cls(whole, part, interaction=interaction, driven=driven, capacity=capacity)

    def starts(self) -> Iterator[JointState]:
        """Yield the joint states in which everything may begin."""
        for state, sent in self._settle(self.whole, self.whole.process.initial):
            yield JointState(state, None, sent)

    def steps(self, node: JointState) -> Iterator[JointStep]:
        """Yield everything that may happen next: an event at either side, or the arrival of a message."""
        for event in self._open_events(self.whole, node.whole):
            for state, sent in self._fire(self.whole, node.whole, event):
                after = JointState(state, node.part, to_part=node.to_part + sent, to_whole=node.to_whole)
                yield JointStep(f"{self.whole.process.name}: {event}", after)
        if node.part is not None:
            for event in self._open_events(self.part, node.part):
                for state, sent in self._fire(self.part, node.part, event):
                    after = JointState(node.whole, state, to_part=node.to_part, to_whole=node.to_whole + sent)
                    yield JointStep(f"{self.part.process.name}: {event}", after)
        if node.to_part:
            yield from self._arrive_at_part(node)
        if node.to_whole:
            yield from self._arrive_at_whole(node)

    def is_over(self, node: JointState) -> bool:
        """Tell whether nothing is left to happen: both ended, or the part was never needed."""
        ended = node.part is None or self.part.states[node.part].final
        return ended and self.whole.states[node.whole].final and not node.to_part and not node.to_whole

    def is_full(self, node: JointState) -> bool:
        """Tell whether more messages are on their way than the model follows."""
        return max(len(node.to_part), len(node.to_whole)) > self.capacity

    def _open_events(self, graph: Graph, state: str) -> Iterator[str]:
        """Yield the events that happen from outside: by hand, by the clock, or by an answer that is no message."""
        driven = self.driven[graph.process.name]
        for event in graph.groups[state]:
            triggers = graph.events[event].on & _OUTSIDE
            # What only a message fires does not happen from outside.
            if triggers and not (event in driven and triggers == {Trigger.INTERNAL}):
                yield event

    def _arrive_at_part(self, node: JointState) -> Iterator[JointStep]:
        position, rest = node.to_part[0], node.to_part[1:]
        link = self.interaction.links[position]
        label = f"message {link.event!r} arrives"
        if link.fires is START:
            # A part starts once: nobody is there to take a second start.
            lost = position if node.part is not None else None
            for state, sent in self._settle(self.part, self.part.process.initial):
                yield JointStep(label, JointState(node.whole, state, to_part=rest, to_whole=node.to_whole + sent), lost)
        elif node.part is not None and link.fires in self.part.groups[node.part]:
            for state, sent in self._fire(self.part, node.part, link.fires, stays=True):
                yield JointStep(label, JointState(node.whole, state, to_part=rest, to_whole=node.to_whole + sent))
        else:
            lost = None if node.part in link.moot_in else position
            yield JointStep(label, JointState(node.whole, node.part, to_part=rest, to_whole=node.to_whole), lost)

    def _arrive_at_whole(self, node: JointState) -> Iterator[JointStep]:
        position, rest = node.to_whole[0], node.to_whole[1:]
        link = self.interaction.links[position]
        label = f"message {link.event!r} arrives"
        if link.fires is not None and link.fires in self.whole.groups[node.whole]:
            for state, sent in self._fire(self.whole, node.whole, link.fires, stays=True):
                yield JointStep(label, JointState(state, node.part, to_part=node.to_part + sent, to_whole=rest))
        else:
            lost = None if node.whole in link.moot_in else position
            yield JointStep(label, JointState(node.whole, node.part, to_part=node.to_part, to_whole=rest), lost)

    def _fire(
        self, graph: Graph, state: str, event: str, *, stays: bool = False
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each state an event may lead to, at rest, with the messages sent; `stays` yields staying too."""
        targets = dict.fromkeys(member.target for _, member in graph.groups[state][event] if member.target != state)
        sent = self._send(graph, event)
        for target in targets:
            yield from self._settle(graph, target, sent)
        if stays and not graph.surely_leaves(state, event):
            yield state, ()

    def _settle(self, graph: Graph, state: str, sent: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each state where a portion that enters `state` may come to rest, with the messages sent on the way.

        Going round in a cycle sends nothing new and is followed once; or it sends more than the model follows, which
        is yielded as it is.
        """
        waiting = [(state, sent)]
        seen = set(waiting)
        while waiting:
            place, sent = waiting.pop()
            entering = [event for event in graph.groups[place] if graph.events[event].is_on_enter()]
            resting = not any(graph.surely_leaves(place, event) for event in entering)
            if resting or len(sent) > self.capacity:
                yield place, sent
            if len(sent) > self.capacity:
                continue
            for event in entering:
                for _, member in graph.groups[place][event]:
                    after = (member.target, sent + self._send(graph, event))
                    if member.target != place and after not in seen:
                        seen.add(after)
                        waiting.append(after)

    def _send(self, graph: Graph, event: str) -> tuple[int, ...]:
        return tuple(
            position
            for position, link in enumerate(self.interaction.links)
            if link.sender == graph.process.name and link.event == event
        )
