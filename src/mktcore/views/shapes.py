"""What a figure of a view looks like: each shape writes values, and describes them as JSON Schema."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

import attrs

from mktcore.clock import to_utc
from mktcore.extra import Extra, Json
from mktcore.money import Money
from mktcore.money.notation import to_text
from mktcore.persistence import Scope
from mktcore.processes.allowed_events import AllowedEvents
from mktcore.views.texts import EVENT, STATE, Texts

__all__ = [
    "DATE",
    "DECIMAL",
    "DURATION",
    "EVENT_LABEL",
    "EXTRA",
    "INSTANT",
    "MONEY",
    "PLAIN",
    "STATE_LABEL",
    "TEXT",
    "TIME",
    "TRUTH",
    "WHOLE",
    "Label",
    "Listed",
    "Look",
    "Mapped",
    "Named",
    "NamedState",
    "Refer",
    "Scalar",
    "Schema",
    "Shape",
    "write_plain",
]

Schema = dict[str, Any]


@attrs.frozen
class Look:
    """Who looks, and in which words.

    Attributes:
        scope: Who asks.
        texts: What people read.
        allowed: What the reader may do now, by the id of the order.
    """

    scope: Scope
    texts: Texts
    allowed: Mapping[str, AllowedEvents] = attrs.field(factory=dict)


class Named(Protocol):
    """A shape that schemas refer to by its name."""

    @property
    def name(self) -> str:
        """Unlike that of any other."""
        ...

    def define(self, refer: "Refer") -> Schema:
        """Return its schema."""
        ...


Refer = Callable[[Named], Schema]
"""Returns the reference to a named shape, and sees to it that its schema is defined."""


class Shape(Protocol):
    """How values are written, and what JSON Schema says of it: one declaration for both."""

    def write(self, value: Any, look: Look) -> Json:
        """Return a value as plain JSON."""
        ...

    def describe(self, refer: Refer) -> Schema:
        """Return the schema of what `write` returns."""
        ...


@attrs.frozen(eq=False)
class Scalar:
    """A value that looks the same for everybody.

    Attributes:
        to_plain: Writes it.
        schema: Describes it.
        name: Schemas refer to it by this; empty for one that stands where it is used.
    """

    to_plain: Callable[[Any], Json]
    schema: Mapping[str, Any]
    name: str = ""

    def write(self, value: Any, look: Look) -> Json:  # noqa: ARG002 - as every shape
        """Return a value as plain JSON."""
        return self.to_plain(value)

    def describe(self, refer: Refer) -> Schema:
        """Return its schema, or the reference to it."""
        return refer(self) if self.name else dict(self.schema)

    def define(self, refer: Refer) -> Schema:  # noqa: ARG002 - as every named shape
        """Return its schema."""
        return dict(self.schema)


@attrs.frozen(eq=False)
class Label:
    """One of some codes, with the text that people read: `{"code": "new", "text": "New"}`.

    Attributes:
        group: What the code belongs to.
        codes: All that there are.
        is_open: A host's own codes may come, too.
    """

    group: str
    codes: tuple[str, ...]
    is_open: bool = False

    def write(self, value: Enum | str, look: Look) -> Json:
        """Return the code and its text."""
        code = str(value.value) if isinstance(value, Enum) else value
        return {"code": code, "text": look.texts.name(self.group, code)}

    def describe(self, refer: Refer) -> Schema:  # noqa: ARG002 - as every shape
        """Return the schema, which lists the codes."""
        return _label_schema({"type": "string"} if self.is_open else {"enum": list(self.codes)})


@attrs.frozen
class NamedState:
    """A state, and the process that it is of: the same word may mean something else in another."""

    process: str
    state: str


@attrs.frozen(eq=False)
class _StateLabel:
    """A state of an order with the text that people read; processes are the host's, so any code may come."""

    group: str = STATE

    def write(self, value: NamedState, look: Look) -> Json:
        return {"code": value.state, "text": look.texts.name_state(value.process, value.state)}

    def describe(self, refer: Refer) -> Schema:  # noqa: ARG002 - as every shape
        return _label_schema({"type": "string"})


@attrs.frozen(eq=False)
class _EventLabel:
    """An event of a process with the text that people read; processes are the host's, so any code may come."""

    def write(self, value: str, look: Look) -> Json:
        return {"code": value, "text": look.texts.name(EVENT, value)}

    def describe(self, refer: Refer) -> Schema:  # noqa: ARG002 - as every shape
        return _label_schema({"type": "string"})


@attrs.frozen(eq=False)
class Listed:
    """Values of one shape, in order; sets in that of their texts."""

    item: Shape

    def write(self, value: Iterable[Any], look: Look) -> Json:
        """Return every value."""
        found = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        write = self.item.write
        return [write(one, look) for one in found]

    def describe(self, refer: Refer) -> Schema:
        """Return the schema of the list."""
        return {"type": "array", "items": self.item.describe(refer)}


@attrs.frozen(eq=False)
class Mapped:
    """Values of one shape by text."""

    value: Shape

    def write(self, value: Mapping[str, Any], look: Look) -> Json:
        """Return every value by its key."""
        return {str(key): self.value.write(one, look) for key, one in value.items()}

    def describe(self, refer: Refer) -> Schema:
        """Return the schema of the object."""
        return {"type": "object", "additionalProperties": self.value.describe(refer)}


def _label_schema(code: Schema) -> Schema:
    properties = {"code": code, "text": {"type": "string", "description": "As people read it."}}
    return {"type": "object", "properties": properties, "required": ["code", "text"], "additionalProperties": False}


def write_plain(value: object) -> Json:
    """Return an operand or a fact as plain JSON; None for what is no value of its own.

    >>> write_plain(Money.of("9.99", "EUR")), write_plain(Decimal("0.190"))
    ({'amount': '9.99', 'currency': 'EUR'}, '0.190')
    """
    match value:
        case Enum():
            return write_plain(value.value)
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(key): write_plain(one) for key, one in value.items()}
        case tuple() | list():
            return [write_plain(one) for one in value]
        case set() | frozenset():
            return [write_plain(one) for one in sorted(value, key=str)]
        case _:
            # A record that slipped in would show what its reader may not see: only values that are known are written.
            known = next((one for cls, one in _PLAIN_SCALARS if isinstance(value, cls)), None)
            return None if known is None else known(value)


def _write_instant(value: datetime) -> str:
    return to_utc(value).isoformat().replace("+00:00", "Z")


def _write_duration(value: timedelta) -> str:
    seconds = f"{value.seconds}.{value.microseconds:06d}".rstrip("0").rstrip(".") if value.microseconds else None
    return f"P{value.days}DT{seconds or value.seconds}S"


def _write_decimal(value: Decimal) -> str:
    # Never with an exponent: readers take it for a text of digits.
    return f"{value:f}"


def _write_money(value: Money) -> Json:
    currency = value.currency
    return {"amount": to_text(value.minor, currency.digits), "currency": currency.code}


def _keep(value: Any) -> Json:
    kept: Json = value
    return kept


TEXT = Scalar(str, {"type": "string"})
WHOLE = Scalar(_keep, {"type": "integer"})
TRUTH = Scalar(_keep, {"type": "boolean"})
INSTANT = Scalar(_write_instant, {"type": "string", "format": "date-time"})
DATE = Scalar(date.isoformat, {"type": "string", "format": "date"})
TIME = Scalar(time.isoformat, {"type": "string", "description": "On the local clock."})
DURATION = Scalar(_write_duration, {"type": "string", "format": "duration"})
_DIGITS = r"^-?[0-9]+(\.[0-9]+)?$"
DECIMAL = Scalar(_write_decimal, {"type": "string", "pattern": _DIGITS})
MONEY = Scalar(
    _write_money,
    {
        "type": "object",
        "description": "An amount, exactly: a plain decimal number in major units, and its currency.",
        "properties": {
            "amount": {"type": "string", "pattern": _DIGITS, "examples": ["12.34"]},
            "currency": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{1,15}$", "examples": ["EUR"]},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
    },
    "Money",
)
PLAIN = Scalar(write_plain, {"type": "object"})
EXTRA = Scalar(
    Extra.to_plain,
    {
        "type": "object",
        "description": "The host's own data, by the parties that it is for.",
        "additionalProperties": {"type": "object"},
    },
)
STATE_LABEL = _StateLabel()
EVENT_LABEL = _EventLabel()
_PLAIN_SCALARS: tuple[tuple[type, Callable[[Any], Json]], ...] = (
    (Money, _write_money),
    (Decimal, _write_decimal),
    (datetime, _write_instant),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _write_duration),
)
