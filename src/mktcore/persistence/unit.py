"""One transaction: its parts, its end, and running it again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from mktcore.caller_scope import Scope
from mktcore.persistence.errors import Retryable, StaleVersion, TransactionLost
from mktcore.persistence.outbox import Outbox
from mktcore.persistence.repositories import Repositories

__all__ = [
    "Committing",
    "Counters",
    "Counting",
    "Pause",
    "Store",
    "WritingUnit",
    "check_amount",
    "retry_unit",
    "run_unit",
]


class Counters(Protocol):
    """Counts that many writers share: redemptions of a promotion, a budget's spending. Guarded verbs, no load and save.

    A counter belongs to the marketplace: only the operator's authority (`scope.to_operator()`) reaches it.
    """

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` (1 or more) when the counter then stays at or below `limit`; tell whether it did.

        A limit may differ from call to call. One that was lowered below the count grants nothing more.

        Raises:
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


def check_amount(amount: int) -> int:
    """Return an amount that a counter can claim or release: an int of 1 or more.

    Raises:
        ValueError: It is not.
    """
    if type(amount) is not int or amount < 1:
        message = f"a counter claims and releases 1 or more, not {amount!r}"
        raise ValueError(message)
    return amount


class Counting(Protocol):
    """A unit that has counters."""

    @property
    def counters(self) -> Counters:
        """The counters."""
        ...


class Committing(Protocol):
    """The end of a unit of work."""

    def commit(self) -> None:
        """Make everything of this unit durable, with its events; it can be called once.

        Raises:
            Retryable: The transaction lost against another; nothing was written.
            CommitUnknown: The connection broke meanwhile; the same idempotency key tells what became of it.
        """
        ...


class WritingUnit(Repositories, Outbox, Committing, Protocol):
    """What most use cases need: records, events, and the end.

    Four shapes of a unit serve every use case: `Repositories` to read, this one to write, `AnsweringUnit` to answer a
    key once, and `mktcore.stock.MarketUnit` for what also moves stock and counters.
    """


U_co = TypeVar("U_co", covariant=True)


class Store(Protocol[U_co]):
    """Opens units of work. A use case declares the narrow unit it needs; an adapter's unit has every part."""

    def begin(self, scope: Scope) -> AbstractContextManager[U_co]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        ...


R = TypeVar("R")
Pause = Callable[[int], None]
"""Waits after the failed attempt with this number, before the next one; adapters bring one that sleeps with jitter."""


def retry_unit(work: Callable[[], R], *, attempts: int = 10, pause: Pause | None = None) -> R:
    """Run a whole unit of work, again when it lost against another transaction.

    Args:
        work: Opens a unit, decides, commits, returns; it must be safe to run again after a rollback.
        attempts: How often at most.
        pause: Waits before the next attempt; None goes on at once.

    Raises:
        Retryable, StaleVersion: The last attempt's error; `TransactionLost` at once.
    """
    for attempt in range(1, attempts):
        try:
            return work()
        except TransactionLost:  # only the host can give up what its transaction has read and locked before
            raise
        # CommitUnknown is not among them: doing the work again could do it twice.
        except (Retryable, StaleVersion):
            if pause is not None:
                pause(attempt)
    # The last attempt stands outside: what it raises is the caller's to see.
    return work()


W = TypeVar("W", bound=Committing)


def run_unit(store: Store[W], scope: Scope, work: Callable[[W], R], *, pause: Pause | None = None) -> R:
    """Do `work` in one unit and commit it, again when it lost against another transaction; see `retry_unit`.

    Args:
        store: Opens the unit.
        scope: Under which it is opened.
        work: Loads, decides, saves, publishes, returns; it must be safe to run again after a rollback.
        pause: Waits before the next attempt; None goes on at once.

    Raises:
        Retryable, StaleVersion: The last attempt's error.
    """

    def attempt() -> R:
        with store.begin(scope) as unit:
            found = work(unit)
            unit.commit()
        return found

    return retry_unit(attempt, pause=pause)
