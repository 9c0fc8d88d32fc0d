"""What processes refuse, each with its operands and the remedy."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError, Refused

__all__ = ["EndlessChain", "EventRefused", "InvalidProcess", "InvalidSubject", "Unbound", "WrongProcess"]


@attrs.define(eq=False, slots=False)
class InvalidProcess(Refused):
    """A definition that contradicts itself; every fault is listed with its place."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "processes.invalid"


@attrs.define(eq=False, slots=False)
class Unbound(Refused):
    """A process names conditions, commands or deadlines that nobody registered."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "processes.unbound"


@attrs.define(eq=False, slots=False)
class EventRefused(Refused):
    """An event that could not happen, and why: nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "processes.event-refused"


@attrs.define(eq=False, slots=False)
class InvalidSubject(MktcoreError):
    """A subject or portion that cannot exist."""

    code: ClassVar[str] = "processes.invalid-subject"
    remedy: ClassVar[str] = "give each line a whole quantity above zero"
    reason: str

    def describe(self) -> str:
        """Say what is wrong."""
        return self.reason


@attrs.define(eq=False, slots=False)
class WrongProcess(MktcoreError):
    """A subject that is on another process, or on another version of it, than the machine runs."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "processes.wrong-process"
    remedy: ClassVar[str] = "bind the version the subject is on, or migrate the subject first"
    subject: str
    expected: str
    actual: str

    def describe(self) -> str:
        """Name both processes with their versions."""
        return f"{self.subject!r} is on {self.actual}, and this machine runs {self.expected}"


@attrs.define(eq=False, slots=False)
class EndlessChain(MktcoreError):
    """Events on entering a state that lead from state to state without coming to rest; nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "processes.endless-chain"
    remedy: ClassVar[str] = "break the cycle (verify() shows it), or raise Semantics.chain_limit"
    subject: str
    states: tuple[str, ...]
    limit: int

    def describe(self) -> str:
        """Name the last states of the chain."""
        path = " -> ".join(self.states[-6:])
        return f"{self.subject!r} did not come to rest within {self.limit} steps: ... {path}"
