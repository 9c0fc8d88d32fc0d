"""What a refusal is made of: a code, the operands, the remedy.

Every error of this library derives from `MktcoreError` and is an attrs class, so its operands are attributes. Where
several things can be wrong at once, the error is a `Refused` that carries every `Notice` found, never only the first.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from mktcore.notice import Notice

__all__ = ["ErrorCategory", "Hidden", "InvalidValue", "MissingExtra", "MktcoreError", "Refused", "show_value"]


def show_value(value: object, show: Callable[[object], str] = str) -> str:
    """Return a refused value as a person reads it; a number that Python does not write out, by what it is.

    >>> show_value(10**5000)
    'a number of too many digits'
    """
    try:
        return show(value)
    except ValueError:
        return "a number of too many digits"


class ErrorCategory(StrEnum):
    """What whoever asked can do about a refusal; each is one status in HTTP."""

    INVALID = "invalid"
    """What was asked can never be: another value is needed."""
    FORBIDDEN = "forbidden"
    """Not for this caller."""
    NOT_FOUND = "not-found"
    """There is no such record, as far as this caller can see."""
    CONFLICT = "conflict"
    """Somebody or something was first: read again, or use another key."""
    REFUSED = "refused"
    """A rule says no, as things are now: mend what it names, or wait."""
    RETRY = "retry"
    """Nothing was kept, or it is not known: ask again with the same key."""
    FAULT = "fault"
    """The host's: how it set up the marketplace, or what its store or its code does."""

    @property
    def status(self) -> int:
        """The status of an answer in HTTP (RFC 9110).

        >>> ErrorCategory.NOT_FOUND.status
        404
        """
        return _STATUSES[self]


_STATUSES = {
    ErrorCategory.INVALID: 422,
    ErrorCategory.FORBIDDEN: 403,
    ErrorCategory.NOT_FOUND: 404,
    ErrorCategory.CONFLICT: 409,
    ErrorCategory.REFUSED: 409,
    ErrorCategory.RETRY: 503,
    ErrorCategory.FAULT: 500,
}


@attrs.define(eq=False, slots=False)
class MktcoreError(Exception):
    """Base of every error raised on purpose.

    A subclass is an attrs class whose fields are the operands, and sets `code`, `remedy` and `describe`; and
    `error_category`, where whoever asked can do something else about it than about its base.
    """

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "error"
    remedy: ClassVar[str] = ""

    def describe(self) -> str:
        """Say what is wrong in one sentence, operands included."""
        return type(self).__name__

    def operands(self) -> dict[str, object]:
        """Return the values the message speaks of, by name."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Everything that is wrong, where several things can be; empty where the error is about one."""
        return ()

    def to_notice(self, where: str = "") -> Notice:
        """Return this error as one entry of a list of notices, placed at `where`."""
        return Notice(self.code, where, self.describe(), remedy=self.remedy, operands=self.operands())

    def __str__(self) -> str:
        return f"{self.describe()} ({self.remedy})" if self.remedy else self.describe()


@attrs.define(eq=False, slots=False)
class MissingExtra(MktcoreError):
    """A part of the library that needs an optional package which is not installed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "missing-extra"
    remedy: ClassVar[str] = "install mktcore with the extra that is named"
    extra: str
    module: str

    def describe(self) -> str:
        """Name the module, and the extra that brings it."""
        return f"there is no module {self.module!r}; mktcore[{self.extra}] brings it"


@attrs.define(eq=False, slots=False)
class InvalidValue(MktcoreError):
    """A field of a value that breaks the value's invariant."""

    code: ClassVar[str] = "invalid-value"
    remedy: ClassVar[str] = "build it with a value that the reason allows"
    type: str
    field: str
    value: object
    reason: str

    def describe(self) -> str:
        """Name the field, the value and the rule."""
        # Cut, as what is refused may be a whole document; `value` has all of it.
        return f"{self.type}.{self.field}: {self.reason}, not {show_value(self.value)[:80]!r}"


@attrs.define(eq=False, slots=False)
class Hidden(MktcoreError):
    """A figure of a view that its reader is not shown: it is refused, and not read as nothing."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FORBIDDEN
    code: ClassVar[str] = "hidden"
    remedy: ClassVar[str] = "read it in the view of the operator, or of the merchant that it concerns"
    what: str

    def describe(self) -> str:
        """Name the figure."""
        return f"{self.what} is not shown in this view"


@attrs.define(eq=False, slots=False)
class Refused(MktcoreError):
    """An input was refused; `problems` lists everything that is wrong with it, in the order of the input."""

    code: ClassVar[str] = "refused"
    problems: tuple[Notice, ...]

    @classmethod
    def of(cls, problems: Iterable[Notice]) -> Self:
        """Build the refusal from any iterable of problems."""
        return cls(tuple(problems))

    @classmethod
    def raise_if(cls, problems: Iterable[Notice]) -> None:
        """Raise this refusal when there is at least one problem; do nothing otherwise."""
        found = tuple(problems)
        if found:
            raise cls(found)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every problem."""
        return self.problems

    def describe(self) -> str:
        """List every problem, one to a line."""
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([head, *(f"  - {problem}" for problem in self.problems)])
