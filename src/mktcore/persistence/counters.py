"""Counters that are never drawn beyond their limit."""

from collections.abc import Iterable
from typing import Protocol

__all__ = ["FULL", "MAX_CLAIMED", "Counters", "Counting", "check_amount", "cut_limit"]

MAX_CLAIMED = 2**63 - 1
"""What a counter holds at most."""


FULL = "the counter is full: it holds 63 bits"


class Counters(Protocol):
    """Counts that many writers share: redemptions of a promotion, a budget's spending. Guarded verbs, no load and save.

    A counter belongs to the marketplace: only the operator's authority (`scope.to_operator()`) reaches it.
    """

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` (1 or more) when the counter then stays at or below `limit`; tell whether it did.

        A limit may differ from call to call. One that was lowered below the count grants nothing more, and one above
        what a counter holds, 63 bits, is as good as that.

        Raises:
            ValueError: The amount or the limit is no such int.
            NotFound: The scope has no counters.
        """
        ...

    def advance(self, name: str, amount: int = 1) -> int:
        """Add `amount` (1 or more) without any limit, and return what the counter then holds.

        Whoever advances the same counter meanwhile waits until this unit ends, so that no two are told the same, and
        what is not committed leaves no gap.

        Raises:
            ValueError: The amount is no such int, or the counter is full: it holds 63 bits.
            NotFound: The scope has no counters.
        """
        ...

    def release(self, name: str, amount: int) -> None:
        """Give back what was claimed.

        Raises:
            NotClaimed: The counter holds less than `amount`.
            NotFound: The scope has no counters.
        """
        ...

    def count(self, name: str) -> int:
        """Return what is claimed now; 0 for a counter never used.

        Raises:
            NotFound: The scope has no counters.
        """
        ...

    def count_many(self, names: Iterable[str]) -> dict[str, int]:
        """Return what is claimed now of each of these counters, in one round trip.

        Raises:
            NotFound: The scope has no counters.
        """
        ...


def check_amount(amount: int) -> int:
    """Return an amount that a counter can claim or release: an int of 1 or more.

    Raises:
        ValueError: It is not.
    """
    if type(amount) is not int or amount < 1:
        message = f"a counter claims and releases 1 or more, not {amount!r}"
        raise ValueError(message)
    return amount


def cut_limit(limit: int) -> int:
    """Return a limit as a counter can reach it: one of 64 bits and more is that of a full counter.

    Raises:
        ValueError: It is no int.
    """
    if type(limit) is not int:
        message = f"a counter's limit is an int, not {limit!r}"
        raise ValueError(message)
    return max(-1, min(limit, MAX_CLAIMED))


class Counting(Protocol):
    """A unit that has counters."""

    @property
    def counters(self) -> Counters:
        """The counters."""
        ...
