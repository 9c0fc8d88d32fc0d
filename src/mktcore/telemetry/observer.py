"""Who watches use cases, and what it is told: names, codes and counts, and nothing about anybody."""

from enum import StrEnum
from typing import Protocol

import attrs

__all__ = ["Observation", "Observer", "Told", "UseCaseOutcome"]


class UseCaseOutcome(StrEnum):
    """How a use case ended."""

    READ = "read"
    """It answered, and committed nothing."""
    DECIDED = "decided"
    """It answered, and committed what it decided; or found what it had answered before."""
    REFUSED = "refused"
    """What was asked cannot be."""
    LOST = "lost"
    """Other transactions stood in the way, to the end."""
    FAILED = "failed"
    """It broke."""


@attrs.frozen(kw_only=True)
class Told:
    """One use case from begin to end. No operand is in it: ids, names and texts of people stay where they are.

    Attributes:
        use_case: Room, class and verb: `"checkout.PlaceOrder.place"`.
        outcome: How it ended.
        code: Of the refusal or loss, `"placement.refused"`; the name of any other error's class; empty otherwise.
        issues: Codes of the notices in a refusal, each once.
        party: Which kind of party asked; empty where nobody did.
        seconds: How long it took.
        retries: How often a unit of it lost against another transaction and was run again.
        units: Units of work it opened; 0 unless an observer watches.
        store_calls: Calls of the store's ports within them; 0 unless an observer watches.
    """

    use_case: str
    outcome: UseCaseOutcome
    code: str = ""
    issues: tuple[str, ...] = ()
    party: str = ""
    seconds: float
    retries: int = 0
    units: int = 0
    store_calls: int = 0

    def __str__(self) -> str:
        codes = "".join(f" {code}" for code in (self.code, *self.issues) if code)
        tries = f", {self.retries} retries" if self.retries else ""
        return f"{self.use_case} {self.outcome}{codes} in {self.seconds * 1000:.1f} ms{tries}"


class Observation(Protocol):
    """One use case under way."""

    def end(self, told: Told) -> None:
        """Take note of how it ended, in the thread that began it."""
        ...


class Observer(Protocol):
    """Is told of every use case that a caller began; of those that it is made of, not apart.

    What an observer raises is logged, and goes no further: it cannot make a decision fail that was committed.
    """

    def begin(self, use_case: str) -> Observation:
        """Take note that a use case begins, in its thread.

        Args:
            use_case: As in `Told`.
        """
        ...
