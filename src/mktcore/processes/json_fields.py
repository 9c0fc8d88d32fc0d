"""Reading plain JSON values strictly: every fault is noted with the path of its field, in bounded time."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from mktcore.notice import Notice
from mktcore.processes.contradictions import MAX_NAME_LENGTH

__all__ = ["Faults", "Fields"]

MAX_ITEMS = 100_000
_SHOWN_PROBLEMS = 100

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")


class Faults:
    """What is wrong with a document, up to a hundred problems."""

    def __init__(self) -> None:
        """Start with none."""
        self.problems: list[Notice] = []

    def refuse(self, path: str, message: str, remedy: str = "") -> None:
        """Note one problem."""
        self.add([Notice("processes.json", path, message, remedy)])

    def add(self, problems: Iterable[Notice]) -> None:
        """Note several problems."""
        self.problems += problems
        # Cut at once, not at the end: a hostile document would fill the memory meanwhile.
        del self.problems[_SHOWN_PROBLEMS:]


class Fields:
    """The fields of one JSON object: each is asked for by name and type, and what was not asked for is refused."""

    def __init__(self, faults: Faults, plain: object, path: str) -> None:
        """Read one object at `path`; anything else is a fault."""
        self._faults, self._path = faults, path
        self._asked: set[str] = set()
        self._plain: Mapping[str, Any] = {}
        if isinstance(plain, dict):
            self._plain = plain
        else:
            faults.refuse(path, f"is {_describe(plain)}, not an object")

    def has(self, name: str) -> bool:
        """Tell whether the object has the field."""
        return name in self._plain

    def close(self) -> None:
        """Refuse the fields that nobody asked for."""
        for name in self._plain:
            if name not in self._asked:
                self._refuse(_shorten(name), "is no field of this object", f"use one of {sorted(self._asked)}")

    def text(self, name: str, *, required: bool = False) -> str:
        """Return a text of a line's length; empty when it is absent."""
        value = self._get(name, str, what="text", default="")
        if required and not value:
            self._refuse(name, "is missing or empty")
        elif len(value) > MAX_NAME_LENGTH:
            self._refuse(name, f"has {len(value)} characters", f"give at most {MAX_NAME_LENGTH}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a bool."""
        return self._get(name, bool, what="true or false", default=default)

    def whole(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        value = self._get(name, int, what="a whole number", default=default)
        # A default may lie outside, such as 0 for "no waiting".
        if self.has(name) and not 1 <= value <= most:
            self._refuse(name, "is out of bounds", f"give 1 to {most}")
            return default
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of short, non-empty texts."""
        found: list[str] = []
        for position, value in enumerate(self._list(name)):
            if type(value) is str and 0 < len(value) <= MAX_NAME_LENGTH:
                found.append(value)
            else:
                self._refuse(f"{name}[{position}]", f"is {_describe(value)}, not a short text")
        return found

    def member(self, name: str, kind: type[E], default: E) -> E:
        """Return a member of an enumeration."""
        return self._to_member(self._plain[name], kind, self._ask(name)) or default if self.has(name) else default

    def members(self, name: str, kind: type[E]) -> list[E]:
        """Return a list of members of an enumeration."""
        found = [self._to_member(value, kind, f"{name}[{at}]") for at, value in enumerate(self._list(name))]
        return [value for value in found if value is not None]

    def value(self, name: str, read: Callable[[object, str], V]) -> V | None:
        """Return what `read` makes of the field and its path, or None when it is absent."""
        return read(self._plain[name], self._place(self._ask(name))) if self.has(name) else None

    def values(self, name: str, read: Callable[[object, str], V | None]) -> list[V]:
        """Return what `read` makes of each item of a list and its path."""
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
        values = self._get(name, list, what="a list", default=[])
        if len(values) > MAX_ITEMS:
            self._refuse(name, f"has {len(values)} items", f"give at most {MAX_ITEMS}")
            return []
        return values

    def _get(self, name: str, kind: type[V], what: str, *, default: V) -> V:
        self._ask(name)
        if not self.has(name):
            return default
        value = self._plain[name]
        # By the very type: to isinstance, true is the number 1.
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
        self._faults.refuse(self._place(name), message, remedy)


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
