"""Running units of work: once, or anew where another was first."""

from collections.abc import Callable
from typing import TypeVar

from mktcore.caller_scope import Scope
from mktcore.persistence.errors import Busy, Retryable, StaleVersion, StoreError, TransactionLost
from mktcore.persistence.unit import Committing, Store

__all__ = ["NoteLoss", "Pause", "Timer", "commit_unit", "retry_unit", "run_unit"]

R = TypeVar("R")
W = TypeVar("W", bound=Committing)
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
