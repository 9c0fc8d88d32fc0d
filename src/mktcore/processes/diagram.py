"""Drawings of processes, in Mermaid and in Graphviz.

What makes an event happen is told by the line: solid when a party fires it, dashed and green on entering, dotted and
orange for a time-out, thin and grey when the program fires it. The happy path is thick. A final state has a double
border, one that is hidden from the customer a dashed one; what keeps stock reserved is shaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Protocol

import attrs

from mktcore.processes.elements import HIDDEN, RESERVED, ProcessEvent, State, Transition, Trigger

__all__ = ["Arrow", "Diagram", "Group", "HistoryLine", "Located", "Node", "draw"]

_COLOURS = {"manual": "#1d4ed8", "on-enter": "#15803d", "timeout": "#c2410c", "internal": "#6b7280", "link": "#9333ea"}
_DOT_STYLES = {"manual": "solid", "on-enter": "dashed", "timeout": "dotted", "internal": "solid", "link": "dashed"}
_DASHES = {"on-enter": "7 4", "timeout": "2 4", "link": "7 4"}
_BEEN, _HERE, _RESERVED = "#dbeafe", "#fde047", "#f3f4f6"


class HistoryLine(Protocol):
    """One line of a history, as far as a drawing shows it: `Step` and `Move` are such."""

    @property
    def source(self) -> str | None:
        """Name of the state left; None at the start."""

    @property
    def target(self) -> str:
        """Name of the state entered."""

    @property
    def event(self) -> str:
        """Name of the event."""


class Located(Protocol):
    """What stands somewhere in a process: `Standing` and `Subject` are such."""

    def describe_places(self) -> Mapping[str, str]:
        """Return what is written into each state it is in: `{"new": "2 here"}`."""
        ...


@attrs.frozen
class Node:
    """A state as it is drawn."""

    name: str
    label: str
    initial: bool = False
    final: bool = False
    reserved: bool = False
    hidden: bool = False
    been: bool = False
    here: bool = False


@attrs.frozen
class Arrow:
    """One or more transitions between two states, as they are drawn.

    Attributes:
        source: Group and name of the node it leaves.
        target: Group and name of the node it enters.
        lines: Its label.
        kind: `manual`, `on-enter`, `timeout`, `internal`, or `link` between two processes.
        happy: It is on the happy path.
        been: The highlighted subject went this way.
    """

    source: tuple[str, str]
    target: tuple[str, str]
    lines: tuple[str, ...]
    kind: str
    happy: bool = False
    been: bool = False


@attrs.frozen
class Group:
    """The nodes of one process."""

    label: str
    nodes: tuple[Node, ...]


@attrs.frozen
class Diagram:
    """A drawing, ready to be written in either language."""

    groups: tuple[Group, ...]
    arrows: tuple[Arrow, ...]

    def to_mermaid(self) -> str:
        """Return a Mermaid flow chart."""
        ids = self._number()
        lines = ["flowchart TD"]
        for position, group in enumerate(self.groups):
            framed = len(self.groups) > 1
            lines += [f'    subgraph g{position}["{_escape(group.label)}"]'] if framed else []
            lines += [_mermaid_node(ids[group.label, node.name], node) for node in group.nodes]
            lines += ["    end"] if framed else []
        for number, arrow in enumerate(self.arrows):
            text = "<br/>".join(map(_escape, arrow.lines))
            line = "==>" if arrow.happy else "-->"
            lines.append(f'    {ids[arrow.source]} {line}|"{text}"| {ids[arrow.target]}')
            # Mermaid styles arrows by their position only.
            lines.append(f"    linkStyle {number} {_mermaid_style(arrow)}")
        lines += [
            f"    classDef reserved fill:{_RESERVED}",
            "    classDef hidden stroke-dasharray:4 3",
            "    classDef final stroke-width:4px",
            f"    classDef been fill:{_BEEN},stroke:#1d4ed8",
            f"    classDef here fill:{_HERE},stroke:#a16207,stroke-width:3px",
        ]
        for group in self.groups:
            for node in group.nodes:
                lines += _mermaid_classes(ids[group.label, node.name], node)
        return "\n".join(lines)

    def to_graphviz(self) -> str:
        """Return the text that Graphviz' `dot` draws."""
        ids = self._number()
        lines = [
            "digraph process {",
            '    graph [rankdir=TB, nodesep=0.45, ranksep=0.55, fontname="Helvetica", fontsize=15, pad=0.3];',
            '    node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=12];',
            '    edge [fontname="Helvetica", fontsize=10, arrowsize=0.8];',
        ]
        for number, group in enumerate(self.groups):
            lines.append(
                f'    subgraph cluster_{number} {{ label="{_quote(group.label)}"; color="#d1d5db"; style=rounded;'
            )
            lines += [f"        {_dot_node(ids[group.label, node.name], node)}" for node in group.nodes]
            for node in group.nodes:
                if node.initial:
                    start = f"start{number}"
                    lines.append(
                        f'        {start} [shape=circle, style=filled, fillcolor=black, label="", width=0.15];'
                    )
                    lines.append(f"        {start} -> {ids[group.label, node.name]} [penwidth=1.5];")
            lines.append("    }")
        lines += [f"    {ids[a.source]} -> {ids[a.target]} [{_dot_style(a)}];" for a in self.arrows]
        return "\n".join([*lines, *_dot_legend({arrow.kind for arrow in self.arrows}), "}"])

    def _number(self) -> dict[tuple[str, str], str]:
        # Names may hold any letter; numbers need no quoting in either language.
        keys = [(group.label, node.name) for group in self.groups for node in group.nodes]
        return {key: f"s{number}" for number, key in enumerate(keys)}


def draw(
    label: str,
    states: Iterable[State],
    events: Iterable[ProcessEvent],
    *,
    transitions: Iterable[Transition],
    initial: str,
    history: Iterable[HistoryLine],
    subject: Located | None,
) -> Diagram:
    """Return the drawing of a flat process, with the way of one subject highlighted."""
    by_name = {event.name: event for event in events}
    went = {(move.source, move.event, move.target) for move in history}
    been = {name for source, _, target in went for name in (source, target)}
    here = subject.describe_places() if subject is not None else {}
    nodes = [_to_node(state, initial, been=been, here=here) for state in states]
    return Diagram((Group(label, tuple(nodes)),), tuple(_to_arrows(label, transitions, events=by_name, went=went)))


def _to_node(state: State, initial: str, been: set[str | None], *, here: Mapping[str, str]) -> Node:
    text = state.display or state.name
    if state.display and state.display.casefold() != state.name.casefold():
        text = f"{state.name}\n({state.display})"
    if state.name in here:
        text += f"\n{here[state.name]}"
    return Node(
        state.name,
        text,
        initial=state.name == initial,
        final=state.final,
        reserved=state.has(RESERVED),
        hidden=state.has(HIDDEN),
        been=state.name in been,
        here=state.name in here,
    )


def _to_arrows(
    label: str,
    transitions: Iterable[Transition],
    events: Mapping[str, ProcessEvent],
    *,
    went: set[tuple[str | None, str, str]],
) -> Iterator[Arrow]:
    """Yield the arrows; transitions between the same states that look alike share one."""
    shared: dict[tuple[object, ...], Arrow] = {}
    for transition in transitions:
        event = events[transition.event]
        been = (transition.source, transition.event, transition.target) in went
        kind = _find_kind(event)
        key = (transition.source, transition.target, kind, transition.happy, been)
        lines = tuple(_describe(transition, event))
        if key in shared:
            shared[key] = attrs.evolve(shared[key], lines=(*shared[key].lines, *lines))
        else:
            ends = (label, transition.source), (label, transition.target)
            shared[key] = Arrow(*ends, lines, kind, happy=transition.happy, been=been)
    yield from shared.values()


def _find_kind(event: ProcessEvent) -> str:
    for trigger in (Trigger.ON_ENTER, Trigger.TIMEOUT, Trigger.MANUAL):
        if trigger in event.on:
            return trigger.value
    return Trigger.INTERNAL.value


def _describe(transition: Transition, event: ProcessEvent) -> Iterator[str]:
    notes = []
    if event.is_on_enter():
        notes.append("on entering")
    if event.after is not None:
        notes.append(f"after {_format_wait(event.after)}")
    if event.deadline is not None:
        notes.append(f"when {event.deadline}")
    guard = f" [{transition.guard}]" if transition.guard else ""
    yield f"{event.name}{guard}" + (f" ({', '.join(notes)})" if notes else "")
    after = [f"/ {transition.command}"] if transition.command else []
    after += [f"then [{transition.choice}]"] if transition.choice else []
    if after:
        yield " ".join(after)


def _format_wait(wait: timedelta) -> str:
    seconds = int(wait.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _escape(text: str) -> str:
    """Return text as Mermaid shows it literally, inside double quotes."""
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\n": "<br/>"}
    # Letter by letter: what one escape writes is not escaped again.
    return "".join(marks.get(letter, letter) for letter in text)


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _mermaid_node(key: str, node: Node) -> str:
    shape = ('(["', '"])') if node.initial else ('[["', '"]]') if node.final else ('("', '")')
    return f"    {key}{shape[0]}{_escape(node.label)}{shape[1]}"


def _mermaid_classes(key: str, node: Node) -> Iterator[str]:
    for name in ("reserved", "hidden", "final", "been", "here"):
        if getattr(node, name):
            yield f"    class {key} {name}"


def _mermaid_style(arrow: Arrow) -> str:
    parts = [f"stroke:{_COLOURS[arrow.kind]}", f"color:{_COLOURS[arrow.kind]}"]
    if arrow.kind in _DASHES:
        parts.append(f"stroke-dasharray:{_DASHES[arrow.kind]}")
    if arrow.happy or arrow.been:
        parts.append(f"stroke-width:{6 if arrow.been else 4}px")
    return ",".join(parts)


def _dot_node(key: str, node: Node) -> str:
    fill = _HERE if node.here else _BEEN if node.been else _RESERVED if node.reserved else "white"
    parts = [f'label="{_quote(node.label)}"', f'fillcolor="{fill}"']
    if node.final:
        parts.append("peripheries=2")
    if node.hidden:
        parts.append('style="rounded,filled,dashed"')
    if node.here or node.been:
        parts.append(f"penwidth={2.5 if node.here else 1.5}")
    return f"{key} [{', '.join(parts)}];"


def _dot_style(arrow: Arrow) -> str:
    colour = _COLOURS[arrow.kind]
    label = _quote("\n".join(f" {line} " for line in arrow.lines))
    parts = [f'label="{label}"', f'color="{colour}"', f'fontcolor="{colour}"']
    parts.append(f"style={_DOT_STYLES[arrow.kind]}")
    width = 5.0 if arrow.been else 3.0 if arrow.happy else 1.8 if arrow.kind == "timeout" else 1.2
    parts.append(f"penwidth={width}")
    if arrow.happy:
        # Graphviz draws heavy edges short and straight: the happy path becomes the spine.
        parts.append("weight=10")
    if arrow.kind == "link":
        # Messages between two processes must not pull their states into one ranking.
        parts.append("constraint=false")
    return ", ".join(parts)


def _dot_legend(kinds: set[str]) -> Iterator[str]:
    """Yield a legend of the kinds of lines that occur."""
    texts = {
        "manual": "by hand",
        "on-enter": "on entering",
        "timeout": "time-out",
        "internal": "by the program",
        "link": "message",
    }
    rows = "".join(
        f'<tr><td align="left"><font color="{_COLOURS[kind]}">{text}: {_DOT_STYLES[kind]}</font></td></tr>'
        for kind, text in texts.items()
        if kind in kinds
    )
    yield (
        '    legend [shape=plain, style="", label=<<table border="1" cellborder="0" cellspacing="0" cellpadding="3"'
        f' color="#d1d5db"><tr><td align="left"><b>thick: happy path</b></td></tr>{rows}</table>>];'
    )
