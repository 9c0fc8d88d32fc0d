"""What a conformance check is made of: clauses with stable ids, each one sentence and the code that tests it."""

from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, TypeVar

import attrs

from mktcore.errors import Refused
from mktcore.notice import Notice

__all__ = ["Clause", "ClauseArea", "ConformanceFailed", "Violated", "expect", "run_clauses"]

B = TypeVar("B")


class Violated(AssertionError):
    """What a clause found instead of what it states."""


@attrs.define(eq=False, slots=False)
class ConformanceFailed(Refused):
    """An adapter that breaks clauses of its port; each problem's `where` is the id of a clause."""

    code: ClassVar[str] = "testing.conformance-failed"


@attrs.frozen(eq=False)
class Clause(Generic[B]):
    """One statement about a port.

    Attributes:
        id: Stable name: `"stock.reserve-is-all-or-nothing"`.
        text: The statement.
        check: Tests it on a bench; raises anything when it does not hold.
    """

    id: str
    text: str
    check: Callable[[B], None]

    def find_violation(self, bench: B) -> Notice | None:
        """Return what is wrong, or None when the clause holds."""
        try:
            self.check(bench)
        except Exception as error:  # noqa: BLE001 - an adapter may fail in any way; each is a violation to report
            found = str(error) if isinstance(error, Violated) else f"{type(error).__name__}: {error}"
            return Notice("testing.clause-violated", self.id, f"{self.text}: {found}")
        return None

    def __str__(self) -> str:
        return self.id


class ClauseArea(Generic[B]):
    """Collects the clauses of one subject; used as a decorator of functions whose docstring is the statement."""

    def __init__(self, name: str) -> None:
        """Start without clauses."""
        self.name = name
        self.clauses: list[Clause[B]] = []

    def __call__(self, check: Callable[[B], None]) -> Callable[[B], None]:
        """Add a clause named after its function."""
        text = (check.__doc__ or "").strip().splitlines()[0].rstrip(".")
        self.clauses.append(Clause(f"{self.name}.{check.__name__.replace('_', '-')}", text, check))
        return check


def expect(actual: object, expected: object, what: str = "") -> None:
    """Raise `Violated` unless the two are equal and of one type.

    >>> expect(1, 1)
    >>> expect(True, 1, "the count")
    Traceback (most recent call last):
        ...
    mktcore.testing.clauses.Violated: the count: expected 1, found True
    """
    # To Python, True equals 1; to whoever reads what a store gives back it does not.
    if type(actual) is not type(expected) or actual != expected:
        raise Violated(f"{what + ': ' if what else ''}expected {_shorten(expected)}, found {_shorten(actual)}")


def run_clauses(clauses: Iterable[Clause[B]], make_bench: Callable[[Clause[B]], B]) -> None:
    """Run every clause on a bench of its own, and report all that do not hold.

    Raises:
        ConformanceFailed: It names each clause that was violated.
    """
    found = [clause.find_violation(make_bench(clause)) for clause in clauses]
    ConformanceFailed.raise_if(problem for problem in found if problem is not None)


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."  # noqa: PLR2004 - a few lines' worth
