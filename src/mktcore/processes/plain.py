"""A process as plain JSON values, strict both ways.

    {"name": "parcel", "version": 1, "initial": "new",
     "states": [{"name": "new"}, {"name": "delivered", "final": true}],
     "events": [{"name": "deliver", "on": ["manual"], "parties": ["merchant"]}],
     "transitions": [{"source": "new", "target": "delivered", "event": "deliver", "happy": true}]}

What equals its default is left out; what is unknown, of the wrong type or out of bounds is refused with its path.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

import attrs

from mktcore.errors import Problem
from mktcore.processes.definition import Process, SubProcess
from mktcore.processes.errors import InvalidProcess
from mktcore.processes.faults import MAX_NAME_LENGTH
from mktcore.processes.parts import Choose, Event, OnFailure, Semantics, State, Transition, Trigger
from mktcore.unit_of_work import Party

__all__ = ["process_from_json", "process_to_json"]

MAX_ITEMS = 100_000
MAX_DEPTH = 8
MAX_WAIT_SECONDS = 100 * 366 * 24 * 3600
_SHOWN_PROBLEMS = 100

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")


def process_to_json(process: Process) -> dict[str, Any]:
    """Return the process as dicts, lists, text, ints and bools. What the reader of its source noticed is left out.

    >>> from mktcore.processes import MERCHANT_PROCESS
    >>> process_from_json(process_to_json(MERCHANT_PROCESS)) == MERCHANT_PROCESS
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
        raise InvalidProcess(tuple(reader.problems[:_SHOWN_PROBLEMS]))
    return process


class _Reader:
    """Reads one document; gathers every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, path: str, message: str, remedy: str = "") -> None:
        if len(self.problems) < _SHOWN_PROBLEMS:
            self.problems.append(Problem("processes.json", path, message, remedy))

    def read_process(self, plain: object, path: str, *, depth: int) -> Process | None:
        before = len(self.problems)
        if depth > MAX_DEPTH:
            self.refuse(path, f"sub-processes more than {MAX_DEPTH} deep")
            return None
        fields = _Fields(self, plain, path)
        name, version = fields.text("name", required=True), fields.whole("version", 1, most=1_000_000_000)
        initial = fields.text("initial")
        semantics = fields.value("semantics", self.read_semantics)
        states = fields.values("states", self.read_state)
        events = fields.values("events", self.read_event)
        transitions = fields.values("transitions", self.read_transition)
        parts = fields.values("subprocesses", lambda part, place: self.read_part(part, place, depth=depth + 1))
        fields.close()
        if len(self.problems) > before:
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
            self.problems += [attrs.evolve(problem, where=place + problem.where) for problem in invalid.problems]
            return None

    def read_state(self, plain: object, path: str) -> State:
        fields = _Fields(self, plain, path)
        state = State(
            fields.text("name", required=True),
            fields.text("display"),
            flags=fields.texts("flags"),
            final=fields.flag("final"),
        )
        fields.close()
        return state

    def read_event(self, plain: object, path: str) -> Event:
        fields = _Fields(self, plain, path)
        seconds = fields.whole("after_seconds", 0, most=MAX_WAIT_SECONDS)
        event = Event(
            fields.text("name", required=True),
            fields.members("on", Trigger) or (Trigger.MANUAL,),
            after=timedelta(seconds=seconds) if seconds else None,
            deadline=fields.text("deadline") or None,
            parties=fields.members("parties", Party),
        )
        fields.close()
        return event

    def read_transition(self, plain: object, path: str) -> Transition:
        fields = _Fields(self, plain, path)
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
        fields = _Fields(self, plain, path)
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
        fields = _Fields(self, plain, path)
        process = fields.value("process", lambda inner, place: self.read_process(inner, place, depth=depth))
        prefix = fields.text("prefix")
        fields.close()
        if process is None and not fields.has("process"):
            self.refuse(f"{path}.process", "is missing")
        return SubProcess(process, prefix) if process is not None else None


class _Fields:
    """The fields of one JSON object: each is asked for by name and type, and what was not asked for is refused."""

    def __init__(self, reader: _Reader, plain: object, path: str) -> None:
        self._reader, self._path = reader, path
        self._asked: set[str] = set()
        self._plain: Mapping[str, Any] = {}
        if isinstance(plain, dict):
            self._plain = plain
        else:
            reader.refuse(path, f"is {_describe(plain)}, not an object")

    def has(self, name: str) -> bool:
        return name in self._plain

    def close(self) -> None:
        for name in self._plain:
            if name not in self._asked:
                self._refuse(_shorten(name), "is no field of this object", f"use one of {sorted(self._asked)}")

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._get(name, str, "text", "")
        if required and not value:
            self._refuse(name, "is missing or empty")
        elif len(value) > MAX_NAME_LENGTH:
            self._refuse(name, f"has {len(value)} characters", f"give at most {MAX_NAME_LENGTH}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self._get(name, bool, "true or false", default)

    def whole(self, name: str, default: int, *, most: int) -> int:
        value = self._get(name, int, "a whole number", default)
        if self.has(name) and not 1 <= value <= most:
            self._refuse(name, "is out of bounds", f"give 1 to {most}")
            return default
        return value

    def texts(self, name: str) -> list[str]:
        found: list[str] = []
        for position, value in enumerate(self._list(name)):
            if type(value) is str and 0 < len(value) <= MAX_NAME_LENGTH:
                found.append(value)
            else:
                self._refuse(f"{name}[{position}]", f"is {_describe(value)}, not a short text")
        return found

    def member(self, name: str, kind: type[E], default: E) -> E:
        return self._to_member(self._plain[name], kind, self._ask(name)) or default if self.has(name) else default

    def members(self, name: str, kind: type[E]) -> list[E]:
        found = [self._to_member(value, kind, f"{name}[{at}]") for at, value in enumerate(self._list(name))]
        return [value for value in found if value is not None]

    def value(self, name: str, read: Callable[[object, str], V]) -> V | None:
        return read(self._plain[name], self._place(self._ask(name))) if self.has(name) else None

    def values(self, name: str, read: Callable[[object, str], V | None]) -> list[V]:
        found = (read(value, self._place(f"{name}[{at}]")) for at, value in enumerate(self._list(name)))
        return [value for value in found if value is not None]

    def _to_member(self, value: object, kind: type[E], name: str) -> E | None:
        known: Iterable[E] = kind
        for member in known:
            if type(value) is str and value == member.value:
                return member
        self._refuse(name, f"{_describe(value)} is unknown", f"use one of {sorted(str(member) for member in known)}")
        return None

    def _list(self, name: str) -> list[object]:
        values = self._get(name, list, "a list", [])
        if len(values) > MAX_ITEMS:
            self._refuse(name, f"has {len(values)} items", f"give at most {MAX_ITEMS}")
            return []
        return values

    def _get(self, name: str, kind: type[V], what: str, default: V) -> V:
        self._ask(name)
        if not self.has(name):
            return default
        value = self._plain[name]
        if type(value) is not kind:
            self._refuse(name, f"is {_describe(value)}, not {what}")
            return default
        return value

    def _ask(self, name: str) -> str:
        self._asked.add(name)
        return name

    def _place(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _refuse(self, name: str, message: str, remedy: str = "") -> None:
        self._reader.refuse(self._place(name), message, remedy)


def _describe(value: object) -> str:
    """Name a value in bounded time, however large it is."""
    if isinstance(value, str):
        return repr(_shorten(value))
    return {dict: "an object", list: "a list", bool: "a bool", int: "a number", float: "a number"}.get(
        type(value), "null" if value is None else type(value).__name__
    )


def _shorten(text: object) -> str:
    shown = text if isinstance(text, str) else type(text).__name__
    return shown if len(shown) <= 40 else f"{shown[:40]}…"  # noqa: PLR2004 - a line's worth
