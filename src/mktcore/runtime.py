"""What every use case is given: where things are kept, what time it is, how new things are called, how to wait."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from mktcore.clock import Clock, to_utc
from mktcore.ids import IdFactory
from mktcore.persistence import Committing, Scope, Store, retry_unit, run_unit
from mktcore.persistence.unit import Pause

__all__ = ["Runtime"]

U_co = TypeVar("U_co", bound=Committing, covariant=True)
R = TypeVar("R")


@attrs.frozen
class Runtime(Generic[U_co]):
    """The world outside of a decision, in one value.

    Attributes:
        store: Opens units of work.
        clock: Tells the time.
        ids: Makes ids.
        pause: Waits before a unit that lost against another transaction is tried again; None goes on at once.
    """

    store: Store[U_co]
    clock: Clock
    ids: IdFactory
    pause: Pause | None = attrs.field(default=None, kw_only=True)

    def now(self) -> datetime:
        """Return the present instant, UTC, whatever zone the host's clock tells it in."""
        return to_utc(self.clock.now())

    def run(self, scope: Scope, work: Callable[[U_co], R]) -> R:
        """Do `work` in one unit and commit it, again when it lost against another transaction; see `run_unit`."""
        return run_unit(self.store, scope, work, pause=self.pause)

    def retry(self, work: Callable[[], R]) -> R:
        """Run a whole unit that `work` opens and commits itself, again when it lost; see `retry_unit`."""
        return retry_unit(work, pause=self.pause)

    def read(self, scope: Scope, work: Callable[[U_co], R]) -> R:
        """Return what `work` reads in a unit that is never committed."""
        with self.store.begin(scope) as unit:
            return work(unit)
