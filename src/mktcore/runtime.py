"""What every use case is given: where things are kept, what time it is, how new things are called, how to wait."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

from mktcore.clock import Clock, to_utc
from mktcore.ids import IdFactory
from mktcore.persistence import Committing, Kind, Scope, Store, retry_unit
from mktcore.persistence.errors import StoreError
from mktcore.persistence.lost_races import look_again
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.persistence.run_unit import Pause, Timer, commit_unit
from mktcore.telemetry import UNDER_WAY, Observer

__all__ = ["Runtime"]

U_co = TypeVar("U_co", bound=Committing, covariant=True)
R = TypeVar("R")
_LOGGER = logging.getLogger("mktcore.runtime")


@attrs.frozen
class Runtime(Generic[U_co]):
    """The world outside of a decision, in one value.

    Attributes:
        store: Opens units of work.
        clock: Tells the time.
        ids: Makes ids.
        pause: Waits before a unit that lost against another transaction is tried again; None goes on at once.
        retries: How often, and for how long, it is tried.
        timer: Tells how long that took; without one, only attempts are counted.
        observer: Is told of every use case; see `mktcore.telemetry`.
    """

    store: Store[U_co]
    clock: Clock
    ids: IdFactory
    pause: Pause | None = attrs.field(default=None, kw_only=True)
    retries: RetryPolicy = attrs.field(factory=RetryPolicy, kw_only=True)
    timer: Timer | None = attrs.field(default=None, kw_only=True)
    observer: Observer | None = attrs.field(default=None, kw_only=True)

    def now(self) -> datetime:
        """Return the present instant, UTC, whatever zone the host's clock tells it in."""
        return to_utc(self.clock.now())

    def run(self, scope: Scope, work: Callable[[U_co], R], *, contested: Iterable[Kind[Any]] = ()) -> R:
        """Do `work` in one unit and commit it, again when it lost against another transaction; see `retry`.

        Args:
            scope: Under which the unit is opened.
            work: Loads, decides, saves, publishes, returns; it must be safe to run again after a rollback.
            contested: Kinds of which `work` adds what it did not find and removes what it found: where another unit
                did it meanwhile, it looks again instead of being refused. See `look_again`.
        """
        kinds = tuple(contested)

        def attempt() -> R:
            with look_again(*kinds):
                return commit_unit(self.store, scope, work)

        return self.retry(attempt)

    def retry(self, work: Callable[[], R]) -> R:
        """Run a whole unit that `work` opens and commits itself, again when it lost; see `retry_unit`.

        Raises:
            Busy: It lost until the policy's attempts or its time were spent.
            StaleVersion: Likewise, for a record that others change all the time, or that is not what the caller read.
        """
        policy = self.retries
        answer = retry_unit(
            work,
            attempts=policy.attempts,
            pause=self.pause,
            deadline=policy.deadline,
            timer=self.timer,
            note=_note_loss,
        )
        tally = UNDER_WAY.get()
        if tally is not None:
            tally.has_decided = True
        return answer

    def read(self, scope: Scope, work: Callable[[U_co], R]) -> R:
        """Return what `work` reads in a unit that is never committed."""
        with self.store.begin(scope) as unit:
            return work(unit)


def _note_loss(attempt: int, error: StoreError) -> None:
    """Count and log an attempt that lost: its code alone, for the reason may name a caller's key."""
    tally = UNDER_WAY.get()
    if tally is not None:
        tally.retries += 1
    lost = {"unit": tally.use_case if tally else "a unit", "attempt": attempt, "code": error.code}
    _LOGGER.info("%(unit)s lost attempt %(attempt)d: %(code)s", lost)
