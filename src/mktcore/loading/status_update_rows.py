"""Rows of a file of status updates, CSV or JSON lines: each an update, or what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from mktcore.errors import InvalidValue, MktcoreError
from mktcore.loading.csv_rows import Columns, read_lines, read_rows
from mktcore.loading.load_faults import LoadFaults
from mktcore.notice import Notice
from mktcore.orders.actions.action import Action, list_fact_names
from mktcore.processes.allowed_events import list_refusals
from mktcore.status_updates import StatusUpdate
from mktcore.wire import Codec
from mktcore.wire.json_text import parse_json

__all__ = ["StatusRow", "StatusRowReader"]

_REQUIRED = ("key", "order", "event")
_WORDS = (*_REQUIRED, "line", "quantity", "lines", "reason")
_MAX_DIGITS = 12


@attrs.frozen
class StatusRow:
    """A row of a file of status updates.

    Attributes:
        place: Where it stands: `statuses.csv:12`.
        update: What it reports; None where it cannot be understood.
        problems: Why not.
        key: The key that it bears, if it does.
        order: The order that it names, if it does.
    """

    place: str
    update: StatusUpdate | None = None
    problems: tuple[Notice, ...] = ()
    key: str = ""
    order: str = ""


@attrs.frozen(slots=False)
class StatusRowReader:
    """Reads status updates of files, and of forms that are filled by hand.

    A row names an order, an event of its process, and the facts of one of the actions that fire it. In CSV a fact that
    is a list is separated by semicolons; in JSON lines a row may name several lines of the order at once, as
    `"lines": {"l1": 2}`.

    Attributes:
        actions: The classes of actions that may be fired.
    """

    actions: tuple[type[Action], ...]

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The names of all facts that some action has."""
        names = dict.fromkeys(name for action in self.actions for name in list_fact_names(action))
        return tuple(name for name in names if name not in _WORDS)

    @cached_property
    def _annotations(self) -> Mapping[type[Action], Mapping[str, Any]]:
        resolved = {action: attrs.fields(attrs.resolve_types(action)) for action in self.actions}
        return {action: {field.name: field.type for field in fields} for action, fields in resolved.items()}

    @cached_property
    def _codec(self) -> Codec:
        return Codec()

    def read_file(self, path: Path) -> Iterator[StatusRow]:
        """Yield the rows of a file; one whose name ends with `.jsonl` or `.ndjson` is of JSON lines, any other CSV.

        Raises:
            LoadRefused: It cannot be read, or its header is not understood; or it goes on and on with what is no row.
        """
        is_json = path.suffix.lower() in {".jsonl", ".ndjson"}
        yield from self._read_json(path) if is_json else self._read_csv(path)

    def read_fields(self, fields: Mapping[str, object], place: str) -> StatusRow:
        """Return a row of its fields: texts, or what JSON has; an empty text says nothing."""
        told = {name: value for name, value in fields.items() if value not in ("", None)}
        key, order = (str(told.get(name, ""))[:100] for name in ("key", "order"))
        try:
            return StatusRow(place, self._to_update(told), key=key, order=order)
        except MktcoreError as error:
            problems = tuple(_locate(notice, place) for notice in list_refusals(error))
            return StatusRow(place, problems=problems, key=key, order=order)

    def _read_csv(self, path: Path) -> Iterator[StatusRow]:
        faults = LoadFaults()
        optional = ("line", "quantity", "reason", *self.facts)
        has_begun = False
        for row in read_rows(path, Columns(_REQUIRED, optional), faults):
            if not has_begun and any(problem.operands.get("column") for problem in faults.problems):
                faults.raise_if_any()  # the header's: every row would be taken for something else
            has_begun = True
            yield from _list_faulty(faults)
            yield self.read_fields({name: text.strip() for name, text in row.texts.items()}, f"{row.file}:{row.line}")
        yield from _end(path, faults, has_begun=has_begun)

    def _read_json(self, path: Path) -> Iterator[StatusRow]:
        faults = LoadFaults()
        has_begun = False
        for number, text in read_lines(path, faults):
            if text is None or not text.strip():
                continue
            has_begun = True
            yield from _list_faulty(faults)
            yield self._read_object(text, f"{path.name}:{number}")
        yield from _end(path, faults, has_begun=has_begun)

    def _read_object(self, text: str, place: str) -> StatusRow:
        try:
            plain = parse_json(text)
            if type(plain) is not dict:
                raise InvalidValue("status row", "row", text, "a JSON object")
        except MktcoreError as error:
            return StatusRow(place, problems=tuple(_locate(notice, place) for notice in list_refusals(error)))
        return self.read_fields(plain, place)

    def _to_update(self, told: Mapping[str, object]) -> StatusUpdate:
        unknown = [name for name in told if name not in _WORDS and name not in self.facts]
        if unknown:
            known = ", ".join((*_WORDS, *self.facts))
            raise InvalidValue("status row", "field", unknown[0], f"one of {known}")
        key, order, event = (_read_text(told, name) for name in _REQUIRED)
        reason = _read_text(told, "reason") if "reason" in told else ""
        facts = {name: value for name, value in told.items() if name in self.facts}
        action = self._to_action(event, facts) if facts else event
        return StatusUpdate(key, order, action, lines=_read_lines(told), reason=reason)

    def _to_action(self, event: str, facts: Mapping[str, object]) -> Action:
        fitting = [action for action in self.actions if action.event == event]
        for action in fitting:
            if facts.keys() <= set(list_fact_names(action)):
                annotations = self._annotations[action]
                plain = {name: _to_plain(value, annotations[name]) for name, value in facts.items()}
                return self._codec.read_plain(plain, action)
        known = "; ".join(", ".join(list_fact_names(action)) for action in fitting) or "none"
        raise InvalidValue("status row", "facts", ", ".join(facts), f"those that {event!r} takes: {known}")


def _to_plain(value: object, annotation: Any) -> object:
    """Return a fact as JSON has it, of a cell that has text alone."""
    if not isinstance(value, str):
        return value
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is tuple:
        return [part.strip() for part in value.split(";") if part.strip()]
    if annotation is int and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit():
        return int(value) if len(value) <= _MAX_DIGITS else value
    if annotation is bool:
        return {"yes": True, "no": False}.get(value, value)
    return value


def _read_text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise InvalidValue("status row", name, value, "a text" if name in told else "there has to be one")
    return value


def _read_lines(told: Mapping[str, object]) -> Mapping[str, int] | None:
    if "lines" in told:
        lines = told["lines"]
        if not isinstance(lines, dict) or not {"line", "quantity"}.isdisjoint(told):
            raise InvalidValue("status row", "lines", lines, "an object of pieces by line, without line and quantity")
        return {str(line): _read_count(pieces) for line, pieces in lines.items()}
    if "line" not in told and "quantity" not in told:
        return None
    # A quantity without its line would ship so many of anything; a line without one is not guessed to be all of it.
    if "line" not in told or "quantity" not in told:
        raise InvalidValue("status row", "quantity", told.get("quantity"), "line and quantity together, or neither")
    return {_read_text(told, "line"): _read_count(told["quantity"])}


def _read_count(pieces: object) -> int:
    is_digits = isinstance(pieces, str) and pieces.isascii() and pieces.isdigit() and len(pieces) <= _MAX_DIGITS
    count = int(pieces) if is_digits and isinstance(pieces, str) else pieces
    if type(count) is not int or count < 1:
        raise InvalidValue("status row", "quantity", pieces, "a whole number, one or more")
    return count


def _locate(notice: Notice, place: str) -> Notice:
    return attrs.evolve(notice, where=f"{place}:{notice.where}" if notice.where else place)


def _list_faulty(faults: LoadFaults) -> Iterable[StatusRow]:
    return [StatusRow(problem.where, problems=(problem,)) for problem in faults.take()]


def _end(path: Path, faults: LoadFaults, *, has_begun: bool) -> Iterable[StatusRow]:
    """Return what was noted after the last row; refuse a file of which nothing is understood, or too little."""
    if not has_begun or faults.is_full(path.name):
        faults.raise_if_any()
    return _list_faulty(faults)
