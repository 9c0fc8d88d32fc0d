"""Time-outs kept by a store's own repository, which finds the due ones by when they are due."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.persistence import Kind, Repository
from mktcore.persistence.kinds import Ordered
from mktcore.persistence.ranges import AtMost
from mktcore.persistence.stored import Stored
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["STORED", "TIMEOUTS", "StoredTimeOut", "StoredTimeOuts"]


@attrs.frozen
class StoredTimeOut:
    """A scheduled time-out as a record.

    Attributes:
        id: What its key comes down to: 40 hexadecimal digits.
        timeout: The time-out.
        version: How often it was stored.
    """

    id: str
    timeout: TimeOut
    version: int = 0

    @classmethod
    def of(cls, timeout: TimeOut) -> "StoredTimeOut":
        """Return the record of a time-out."""
        return cls(_digest(timeout.key), timeout)


TIMEOUTS = Kind("timeout", StoredTimeOut, ordered={"due": Ordered(lambda entry: entry.timeout.due, datetime)})
"""Time-outs are the operator's: parties see the events that come of them."""

STORED = (Stored("processes.timeout", 1, StoredTimeOut, kind=TIMEOUTS),)


@attrs.frozen
class StoredTimeOuts:
    """The port `TimeOuts` over any store's repository of `TIMEOUTS`."""

    repository: Repository[StoredTimeOut]

    def schedule(self, timeouts: Iterable[TimeOut]) -> None:
        """Remember them; one whose key is known already takes the new instant."""
        wanted = {entry.id: entry for entry in map(StoredTimeOut.of, timeouts)}
        if wanted:
            known = self.repository.find_many(wanted)
            # What stays as it is is not written: with a new version, a worker that fires it now would lose.
            changed = [one for one in known.values() if one.timeout != wanted[one.id].timeout]
            self.repository.save_many([attrs.evolve(one, timeout=wanted[one.id].timeout) for one in changed])
            self.repository.add_many([entry for entry in wanted.values() if entry.id not in known])

    def cancel(self, keys: Iterable[TimeOutKey]) -> None:
        """Forget them; an unknown key is no error."""
        ids = [_digest(key) for key in keys]
        for entry in self.repository.find_many(ids).values() if ids else ():
            self.repository.remove(entry)

    def find_due(self, now: datetime, *, limit: int = 100) -> tuple[TimeOut, ...]:
        """Return up to `limit` time-outs due at `now` or before, the earliest first, without reading the others."""
        page = self.repository.page({"due": AtMost(now)}, order="due", limit=limit)
        return tuple(entry.timeout for entry in page.items)


def _digest(key: TimeOutKey) -> str:
    # The fields of a key together may be longer than an id may be; 160 bits never meet by chance.
    fields = attrs.asdict(key, value_serializer=lambda _, __, value: str(value))
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()[:40]
