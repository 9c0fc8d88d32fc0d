"""What processes need of a store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["TimeOuts"]


class TimeOuts(Protocol):
    """Keeps scheduled time-outs, in the transaction that makes them true.

    A worker asks for the due ones, and for each, in one unit of work: reads the subject, fires the time-out
    (`Machine.fire_timeout`), saves the subject, and lets `Fired` schedule and cancel. The subject itself knows which
    time-outs have fired, so two workers that see the same time-out do no harm: the subject's version lets one win, and
    the other finds that it lost.
    """

    def schedule(self, timeouts: Iterable[TimeOut]) -> None:
        """Remember them; one whose key is known already takes the new instant."""
        ...

    def cancel(self, keys: Iterable[TimeOutKey]) -> None:
        """Forget them; an unknown key is no error."""
        ...

    def find_due(self, now: datetime, *, limit: int = 100) -> tuple[TimeOut, ...]:
        """Return up to `limit` time-outs due at `now` or before, the earliest first, without reading the others."""
        ...
