"""`verify_jointly`: one whole and several parts with their messages, every joint state explored."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import attrs

from mktcore.notice import Notice
from mktcore.processes.definition import Process
from mktcore.processes.portions.interaction import Interaction, Link
from mktcore.processes.verification.graph import Graph
from mktcore.processes.verification.joint_model import JointModel, JointState, JointStep

__all__ = ["JointReport", "find_broken_links", "verify_jointly"]

Arrows = Mapping[JointState, tuple[JointStep, ...]]


@attrs.frozen
class JointReport:
    """What exploring processes together brought to light.

    Attributes:
        findings: What is wrong; empty when nothing is.
        states: How many joint states of the whole, its parts and the messages on their way can be reached.
        steps: How many steps lead from one of them to another.
        ends: In how many of them everything is over.
        pair_states: How many joint states one part has with the whole.
    """

    findings: tuple[Notice, ...]
    states: int
    steps: int
    ends: int
    pair_states: int

    def is_clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings


def verify_jointly(
    whole: Process,
    part: Process,
    interaction: Interaction,
    *,
    parts: int = 2,
    capacity: int = 6,
    limit: int = 1_000_000,
) -> JointReport:
    """Explore every joint state of a whole and its parts with the messages on their way between them.

    A unit of a line goes through the whole and through one part, so each part has its own unit of the whole; the parts
    move in any order. Found are: links that cannot work, messages that arrive where nothing can receive them, joint
    states in which nothing can happen any more although not everything has ended, joint states from which no end can be
    reached, and final states that contradict each other. Each with the shortest way there.

    Args:
        whole: The process that exists once.
        part: The process of each part.
        interaction: Their links.
        parts: How many parts are explored together.
        capacity: How many messages may be on their way in each direction between the whole and a part.
        limit: How many joint states are explored at most.
    """
    graphs = {graph.process.name: graph for graph in (Graph.of(whole), Graph.of(part))}
    broken = find_broken_links(whole, part, interaction)
    if broken:
        return JointReport(broken, 0, steps=0, ends=0, pair_states=0)
    model = JointModel.of(graphs[whole.name], graphs[part.name], interaction=interaction, capacity=capacity)
    arrows, ways, cut = _explore(model, limit)
    findings = [*_check_messages(model, arrows, ways), *_check_ends(model, arrows, ways), *cut]
    states, steps, ends, stuck = _explore_together(model, arrows, parts=parts, limit=limit)
    if states > limit:
        findings.append(Notice("joint-too-large", "links", f"more than {limit} joint states", "raise the limit"))
    # What is stuck with one part was told already, with the way there.
    elif stuck and not findings:
        findings.append(Notice("joint-deadlock", "links", f"{stuck} joint states of {parts} parts are stuck"))
    return JointReport(tuple(findings), states, steps=steps, ends=ends, pair_states=len(arrows))


def find_broken_links(whole: Process, part: Process, interaction: Interaction) -> tuple[Notice, ...]:
    """Return a finding for each link that names a process, an event or a state that is not there."""
    graphs = {graph.process.name: graph for graph in (Graph.of(whole), Graph.of(part))}
    return tuple(_check_links(graphs, interaction))


def _check_links(graphs: Mapping[str, Graph], interaction: Interaction) -> Iterator[Notice]:
    """Find links that name what does not exist, before anything is explored."""
    for number, link in enumerate(interaction.links):
        where = f"links[{number}]"
        ends = (("sender", link.sender, link.event), ("receiver", link.receiver, link.fires))
        for role, process, event in ends:
            graph = graphs.get(process)
            if graph is None:
                yield Notice("link-unknown-process", f"{where}.{role}", f"there is no process {process!r}")
            elif event is not None and event not in graph.events:
                message = f"{process!r} has no event {event!r}"
                yield Notice("link-unknown-event", f"{where}.{role}", message)
        receiver = graphs.get(link.receiver)
        for state in sorted(link.moot_in):
            if receiver is not None and state not in receiver.states:
                yield Notice("link-unknown-state", f"{where}.moot_in", f"{link.receiver!r} has no state {state!r}")
    for whole, part in sorted(interaction.same):
        for process, state in ((interaction.whole, whole), (interaction.part, part)):
            if process in graphs and state not in graphs[process].states:
                yield Notice("link-unknown-state", "same", f"{process!r} has no state {state!r}")


def _explore(
    model: JointModel, limit: int
) -> tuple[dict[JointState, tuple[JointStep, ...]], dict[JointState, tuple[JointState, str] | None], list[Notice]]:
    """Return what follows each joint state of one part, how each was first reached, and what was left out."""
    ways: dict[JointState, tuple[JointState, str] | None] = dict.fromkeys(model.starts())
    arrows: dict[JointState, tuple[JointStep, ...]] = {}
    # Breadth first: the way that is told is a shortest one.
    waiting = deque(ways)
    full: JointState | None = None
    while waiting and len(ways) <= limit:
        node = waiting.popleft()
        if model.is_full(node):
            full = full or node
            arrows[node] = ()
            continue
        arrows[node] = tuple(model.steps(node))
        for step in arrows[node]:
            if step.node not in ways:
                ways[step.node] = (node, step.label)
                waiting.append(step.node)
    if full is None:
        return arrows, ways, []
    message = f"more than {model.capacity} messages can be on their way: {_tell(ways, full)}"
    return arrows, ways, [Notice("link-overflow", "links", message, "let one side wait for the other")]


def _tell(ways: Mapping[JointState, tuple[JointState, str] | None], node: JointState) -> str:
    """Return the shortest way to a joint state, as text."""
    labels: list[str] = []
    place = node
    while (way := ways[place]) is not None:
        place, label = way
        labels.append(label)
    return f"{node} after " + "; ".join(reversed(labels)) if labels else str(node)


def _check_messages(
    model: JointModel, arrows: Arrows, ways: Mapping[JointState, tuple[JointState, str] | None]
) -> Iterator[Notice]:
    """Find messages that nothing can receive, and links that never carry one."""
    links = model.interaction.links
    told: set[tuple[int, str | None]] = set()
    used: set[int] = set()
    for node, steps in arrows.items():
        used.update(node.to_part, node.to_whole)
        for step in steps:
            if step.lost is None:
                continue
            link = links[step.lost]
            state = node.part if link.receiver == model.interaction.part else node.whole
            if (step.lost, state) not in told:
                told.add((step.lost, state))
                yield _describe_lost(step.lost, link, state=state, way=_tell(ways, node))
    for number, link in enumerate(links):
        if number not in used:
            message = f"{link.event!r} of {link.sender!r} is never reached in a way that sends a message"
            yield Notice("link-never-used", f"links[{number}]", message, "remove it, or use the event")


def _describe_lost(number: int, link: Link, state: str | None, *, way: str) -> Notice:
    fires = "the start" if link.fires is None else repr(link.fires)
    message = f"{fires} can arrive at {link.receiver!r} in {state!r}, which does not have it: {way}"
    remedy = "add a transition there, or declare the state in moot_in"
    return Notice("message-unreceivable", f"links[{number}]", message, remedy)


def _check_ends(
    model: JointModel, arrows: Arrows, ways: Mapping[JointState, tuple[JointState, str] | None]
) -> Iterator[Notice]:
    """Find joint states that are stuck, that lead to no end, and ends that contradict each other."""
    same = model.interaction.same
    over = [node for node in arrows if model.is_over(node)]
    for node in over:
        if node.part is not None and (node.whole, node.part) not in same:
            message = f"everything can end in {_tell(ways, node)}"
            yield Notice("finals-contradict", "same", message, "prevent it, or declare that both mean the same")
    hopeful = _find_hopeful(arrows, over)
    stuck = [node for node in arrows if node not in hopeful and not model.is_full(node)]
    dead = next((node for node in stuck if not arrows[node]), None)
    if dead is not None:
        yield Notice("joint-deadlock", "links", f"nothing can happen any more in {_tell(ways, dead)}")
    elif stuck:
        yield Notice("joint-livelock", "links", f"no end can be reached from {_tell(ways, stuck[0])}")


def _find_hopeful(arrows: Arrows, over: Iterable[JointState]) -> set[JointState]:
    """Return the joint states from which one of `over` can be reached."""
    before: dict[JointState, list[JointState]] = {}
    for node, steps in arrows.items():
        for step in steps:
            before.setdefault(step.node, []).append(node)
    hopeful = set(over)
    waiting = deque(hopeful)
    while waiting:
        for node in before.get(waiting.popleft(), ()):
            if node not in hopeful:
                hopeful.add(node)
                waiting.append(node)
    return hopeful


def _explore_together(model: JointModel, arrows: Arrows, parts: int, *, limit: int) -> tuple[int, int, int, int]:
    """Walk the joint states of several parts; return how many states, steps, ends and stuck states there are."""
    # Several parts multiply the joint states: tuples of numbers are small, and quick to look up.
    numbers = {node: number for number, node in enumerate(arrows)}
    follow = [tuple({numbers[step.node] for step in steps if step.node in numbers}) for steps in arrows.values()]
    over = [model.is_over(node) for node in arrows]
    seen = set(product([numbers[node] for node in model.starts()], repeat=parts))
    waiting = deque(seen)
    steps = ends = stuck = 0
    while waiting and len(seen) <= limit:
        place = waiting.popleft()
        moved = 0
        for after in _next_places(place, follow):
            moved += 1
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        steps += moved
        if all(over[number] for number in place):
            ends += 1
        elif not moved:
            stuck += 1
    return len(seen), steps, ends, stuck


def _next_places(place: tuple[int, ...], follow: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    for position, number in enumerate(place):
        for after in follow[number]:
            yield (*place[:position], after, *place[position + 1 :])
