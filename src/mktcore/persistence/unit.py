"""One transaction: its parts, its end, and running it again."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from mktcore.caller_scope import Scope
from mktcore.persistence.errors import Busy, Retryable, StaleVersion, StoreError, TransactionLost
from mktcore.persistence.outbox import Outbox
from mktcore.persistence.repositories import Repositories

__all__ = [
    "Committing",
    "Counters",
    "Counting",
    "NoteLoss",
    "Pause",
    "Store",
    "Timer",
    "WritingUnit",
    "check_amount",
    "commit_unit",
    "cut_limit",
    "retry_unit",
    "run_unit",
]


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
Timer = Callable[[], float]
"""Tells seconds that only ever grow, from any begin."""
NoteLoss = Callable[[int, StoreError], None]
"""Is told of the attempt with this number, what it lost by, and that another one follows."""


def retry_unit(
    work: Callable[[], R],
    *,
    attempts: int = 10,
    pause: Pause | None = None,
    deadline: float | None = None,
    timer: Timer | None = None,
    note: NoteLoss | None = None,
) -> R:
    """Run a whole unit of work, again when it lost against another transaction.

    Args:
        work: Opens a unit, decides, commits, returns; it must be safe to run again after a rollback.
        attempts: How often at most.
        pause: Waits before the next attempt; None goes on at once.
        deadline: Seconds after which no further attempt begins, by `timer`; None for attempts alone.
        timer: Tells how long it took.
        note: Is told of every attempt that lost, unless it was the last.

    Raises:
        Busy: The last attempt lost against another transaction; or it was stale, and each time of another version, so
            that it read what others change all the time.
        StaleVersion: The last attempt's error: it goes by a version that was read before.
        Retryable: The only attempt's error.
        TransactionLost: At once, where the unit stands in a host's transaction.
    """
    begun = timer() if timer is not None else 0.0
    attempt = 1
    stale: set[tuple[str, str, int]] = set()
    while True:
        try:
            return work()
        except TransactionLost:  # only the host can give up what its transaction has read and locked before
            raise
        # CommitUnknown is not among them: doing the work again could do it twice.
        except (Retryable, StaleVersion) as error:
            waited = timer() - begun if timer is not None else 0.0
            stale |= {(error.kind, error.id, error.version)} if isinstance(error, StaleVersion) else set()
            if attempt >= attempts or (deadline is not None and waited >= deadline):
                # A caller's version is the same each time; who reads it anew has none that it could be told of.
                if isinstance(error, StaleVersion) and len(stale) > 1:
                    raise Busy(
                        f"others change {error.kind} {error.id!r} all the time, {attempt} times", waited
                    ) from error
                if attempt == 1 or isinstance(error, (Busy, StaleVersion)):
                    raise
                raise Busy(f"{error.reason}, {attempt} times", waited) from error
            if note is not None:
                note(attempt, error)
            if pause is not None:
                pause(attempt)
        attempt += 1


W = TypeVar("W", bound=Committing)


def run_unit(store: Store[W], scope: Scope, work: Callable[[W], R], *, pause: Pause | None = None) -> R:
    """Do `work` in one unit and commit it, again when it lost against another transaction; see `retry_unit`.

    Args:
        store: Opens the unit.
        scope: Under which it is opened.
        work: Loads, decides, saves, publishes, returns; it must be safe to run again after a rollback.
        pause: Waits before the next attempt; None goes on at once.

    Raises:
        Busy, StaleVersion: The last attempt's error.
    """
    return retry_unit(lambda: commit_unit(store, scope, work), pause=pause)


def commit_unit(store: Store[W], scope: Scope, work: Callable[[W], R]) -> R:
    """Do `work` in one unit, once, and commit it.

    Raises:
        Retryable, StaleVersion: It lost against another transaction.
    """
    with store.begin(scope) as unit:
        found = work(unit)
        unit.commit()
    return found
