"""Time-outs kept by a store's own repository: their ids sort by the instant they are due."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.clock import to_utc
from mktcore.persistence import Kind, Repository
from mktcore.persistence.stored import Stored
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["STORED", "TIMEOUTS", "StoredTimeOut", "StoredTimeOuts"]


@attrs.frozen
class StoredTimeOut:
    """A scheduled time-out as a record.

    Attributes:
        id: The instant it is due and a digest of its key, so that the order of ids is the order of being due.
        timeout: The time-out.
        version: How often it was stored.
    """

    id: str
    timeout: TimeOut
    version: int = 0

    @classmethod
    def of(cls, timeout: TimeOut) -> "StoredTimeOut":
        """Return the record of a time-out."""
        due = to_utc(timeout.due).isoformat(timespec="microseconds")
        return cls(f"{due}/{_digest(timeout.key)}", timeout)

    @property
    def digest(self) -> str:
        """What its key comes down to."""
        return _digest(self.timeout.key)


TIMEOUTS = Kind("timeout", StoredTimeOut, columns={"digest": lambda entry: entry.digest}, unique=(("digest",),))
"""Time-outs are the operator's: parties see the events that come of them."""

STORED = (Stored("processes.timeout", 1, StoredTimeOut, kind=TIMEOUTS),)


@attrs.frozen
class StoredTimeOuts:
    """The port `TimeOuts` over any store's repository of `TIMEOUTS`: due ones are the first of its page."""

    repository: Repository[StoredTimeOut]

    def schedule(self, timeouts: Iterable[TimeOut]) -> None:
        """Remember them; one whose key is known already takes the new instant."""
        wanted = {timeout.key: timeout for timeout in timeouts}
        if wanted:
            self.cancel(wanted)
            self.repository.add_many([StoredTimeOut.of(timeout) for timeout in wanted.values()])

    def cancel(self, keys: Iterable[TimeOutKey]) -> None:
        """Forget them; an unknown key is no error."""
        digests = [_digest(key) for key in keys]
        for entry in self.repository.find_where("digest", digests) if digests else ():
            self.repository.remove(entry)

    def find_due(self, now: datetime, *, limit: int = 100) -> tuple[TimeOut, ...]:
        """Return up to `limit` time-outs due at `now` or before, the earliest first, without reading the others."""
        page = self.repository.page(limit=limit)
        return tuple(entry.timeout for entry in page.items if entry.timeout.due <= now)


def _digest(key: TimeOutKey) -> str:
    fields = attrs.asdict(key, value_serializer=lambda _, __, value: str(value))
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()[:40]
