"""A process, and the links between two, as plain JSON values, strict both ways.

    {"name": "parcel", "version": 1, "initial": "new",
     "states": [{"name": "new"}, {"name": "delivered", "final": true}],
     "events": [{"name": "deliver", "on": ["manual"], "parties": ["merchant"]}],
     "transitions": [{"source": "new", "target": "delivered", "event": "deliver", "happy": true}]}

What equals its default is left out; what is unknown, of the wrong type or out of bounds is refused with its path.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any

import attrs

from mktcore.persistence import Party
from mktcore.processes.definition import Process, SubProcess
from mktcore.processes.elements import Choose, OnFailure, ProcessEvent, Semantics, State, Transition, Trigger
from mktcore.processes.errors import InvalidProcess
from mktcore.processes.json_fields import Faults, Fields
from mktcore.processes.portions.interaction import Interaction, Link

__all__ = ["interaction_from_json", "interaction_to_json", "process_from_json", "process_to_json"]

MAX_DEPTH = 8
# A century: no instant computed from it leaves the calendar.
MAX_WAIT_SECONDS = 100 * 366 * 24 * 3600


def process_to_json(process: Process) -> dict[str, Any]:
    """Return the process as dicts, lists, text, ints and bools. What the reader of its source noticed is left out.

    >>> parcel = Process("parcel", states=[State("new"), State("gone", final=True)])
    >>> process_to_json(parcel)["states"]
    [{'name': 'new'}, {'name': 'gone', 'final': True}]
    >>> process_from_json(process_to_json(parcel)) == parcel
    True
    """
    plain: dict[str, Any] = {"name": process.name, "version": process.version, "initial": process.initial}
    if process.semantics != Semantics():
        plain["semantics"] = _to_plain(process.semantics)
    for field in ("states", "events", "transitions"):
        plain[field] = [_to_plain(value) for value in getattr(process, field)]
    if process.subprocesses:
        plain["subprocesses"] = [
            {"process": process_to_json(part.process)} | ({"prefix": part.prefix} if part.prefix else {})
            for part in process.subprocesses
        ]
    return plain


def _to_plain(value: attrs.AttrsInstance) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in attrs.fields(type(value)):
        part = getattr(value, field.name)
        # As a given value is converted: a default of () is an empty set by then.
        default = field.converter(field.default) if callable(field.converter) else field.default
        if part == default:
            continue
        if isinstance(part, timedelta):
            plain[f"{field.name}_seconds"] = int(part.total_seconds())
        elif isinstance(part, frozenset):
            plain[field.name] = sorted(map(str, part))
        else:
            plain[field.name] = str(part) if isinstance(part, StrEnum) else part
    return plain


def process_from_json(plain: object) -> Process:
    """Return the process that plain JSON values describe.

    Raises:
        InvalidProcess: Something is unknown, missing, of the wrong type, or contradicts itself; each problem is placed
            at the path of its field, such as `transitions[3].target`. At most a hundred are listed.
    """
    reader = _Reader()
    process = reader.read_process(plain, "", depth=0)
    if process is None:
        raise InvalidProcess(tuple(reader.faults.problems))
    return process


def interaction_to_json(interaction: Interaction) -> dict[str, Any]:
    """Return the links between two processes as dicts, lists and text.

    >>> talk = Interaction("order", "parcel", [Link("order", "pay", "parcel", None)])
    >>> interaction_from_json(interaction_to_json(talk)) == talk
    True
    """
    links = []
    for link in interaction.links:
        plain: dict[str, Any] = {"sender": link.sender, "event": link.event, "receiver": link.receiver}
        plain |= {"fires": link.fires} if link.fires else {}
        plain |= {"moot_in": sorted(link.moot_in)} if link.moot_in else {}
        links.append(plain)
    same = [{"whole": whole, "part": part} for whole, part in sorted(interaction.same)]
    return {"whole": interaction.whole, "part": interaction.part, "links": links, "same": same}


def interaction_from_json(plain: object) -> Interaction:
    """Return the links that plain JSON values describe; whether their names exist, `verify_jointly` finds.

    Raises:
        InvalidProcess: Something is unknown, missing or of the wrong type; each problem has the path of its field.
    """
    reader = _Reader()
    interaction = reader.read_interaction(plain)
    InvalidProcess.raise_if(reader.faults.problems)
    return interaction


class _Reader:
    """Reads one document; gathers every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults = Faults()

    def read_process(self, plain: object, path: str, *, depth: int) -> Process | None:
        before = len(self.faults.problems)
        if depth > MAX_DEPTH:
            self.faults.refuse(path, f"sub-processes more than {MAX_DEPTH} deep")
            return None
        fields = Fields(self.faults, plain, path)
        name, version = fields.text("name", required=True), fields.whole("version", 1, most=1_000_000_000)
        initial = fields.text("initial")
        semantics = fields.value("semantics", self.read_semantics)
        states = fields.values("states", self.read_state)
        events = fields.values("events", self.read_event)
        transitions = fields.values("transitions", self.read_transition)
        parts = fields.values("subprocesses", lambda part, place: self.read_part(part, place, depth=depth + 1))
        fields.close()
        # Built of what is left, it would be refused for what follows from these faults only.
        if len(self.faults.problems) > before:
            return None
        given: dict[str, Any] = {"initial": initial} if initial else {}
        try:
            return Process(
                name,
                version=version,
                semantics=semantics or Semantics(),
                states=states,
                events=events,
                transitions=transitions,
                subprocesses=parts,
                **given,
            )
        except InvalidProcess as invalid:
            place = f"{path}." if path else ""
            self.faults.add(attrs.evolve(problem, where=place + problem.where) for problem in invalid.problems)
            return None

    def read_state(self, plain: object, path: str) -> State:
        fields = Fields(self.faults, plain, path)
        state = State(
            fields.text("name", required=True),
            fields.text("display"),
            flags=fields.texts("flags"),
            final=fields.flag("final"),
        )
        fields.close()
        return state

    def read_event(self, plain: object, path: str) -> ProcessEvent:
        fields = Fields(self.faults, plain, path)
        seconds = fields.whole("after_seconds", 0, most=MAX_WAIT_SECONDS)
        event = ProcessEvent(
            fields.text("name", required=True),
            fields.members("on", Trigger) or (Trigger.MANUAL,),
            after=timedelta(seconds=seconds) if seconds else None,
            deadline=fields.text("deadline") or None,
            parties=fields.members("parties", Party),
        )
        fields.close()
        return event

    def read_transition(self, plain: object, path: str) -> Transition:
        fields = Fields(self.faults, plain, path)
        transition = Transition(
            fields.text("source", required=True),
            fields.text("target", required=True),
            fields.text("event", required=True),
            guard=fields.text("guard") or None,
            command=fields.text("command") or None,
            choice=fields.text("choice") or None,
            happy=fields.flag("happy"),
        )
        fields.close()
        return transition

    def read_semantics(self, plain: object, path: str) -> Semantics:
        fields = Fields(self.faults, plain, path)
        standard = Semantics()
        semantics = Semantics(
            choose=fields.member("choose", Choose, standard.choose),
            on_failure=fields.member("on_failure", OnFailure, standard.on_failure),
            strict=fields.flag("strict", default=standard.strict),
            chain_limit=fields.whole("chain_limit", standard.chain_limit, most=10_000),
        )
        fields.close()
        return semantics

    def read_part(self, plain: object, path: str, *, depth: int) -> SubProcess | None:
        fields = Fields(self.faults, plain, path)
        process = fields.value("process", lambda inner, place: self.read_process(inner, place, depth=depth))
        prefix = fields.text("prefix")
        fields.close()
        if process is None and not fields.has("process"):
            self.faults.refuse(f"{path}.process", "is missing")
        return SubProcess(process, prefix) if process is not None else None

    def read_interaction(self, plain: object) -> Interaction:
        fields = Fields(self.faults, plain, "")
        interaction = Interaction(
            fields.text("whole", required=True),
            fields.text("part", required=True),
            links=fields.values("links", self.read_link),
            same=fields.values("same", self.read_pair),
        )
        fields.close()
        return interaction

    def read_link(self, plain: object, path: str) -> Link:
        fields = Fields(self.faults, plain, path)
        link = Link(
            fields.text("sender", required=True),
            fields.text("event", required=True),
            receiver=fields.text("receiver", required=True),
            fires=fields.text("fires") or None,
            moot_in=fields.texts("moot_in"),
        )
        fields.close()
        return link

    def read_pair(self, plain: object, path: str) -> tuple[str, str]:
        fields = Fields(self.faults, plain, path)
        pair = fields.text("whole", required=True), fields.text("part", required=True)
        fields.close()
        return pair
