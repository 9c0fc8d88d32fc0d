"""Time-outs kept by a store's own repository, which finds the due ones by when they are due."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from mktcore.persistence import Kind, Page, Repository
from mktcore.persistence.kinds import Ordered
from mktcore.persistence.ranges import AtMost
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["TIMEOUTS", "StoredTimeOut", "StoredTimeOuts"]

MAX_ATTEMPTS = 12
"""About two days after the first one, at which a person is a better help than another attempt."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
MAX_FAILURE = 500


@attrs.frozen
class StoredTimeOut:
    """A scheduled time-out as a record, and what became of the attempts to let it happen.

    Attributes:
        id: What its key comes down to: 40 hexadecimal digits.
        timeout: The time-out.
        version: How often it was stored.
        attempts: How often it could not happen since it was scheduled, or retried by hand.
        failure: Why not, the last time.
        retry_at: When it is tried again, UTC; None where it did not fail, and where it is set aside.
    """

    id: str
    timeout: TimeOut
    version: int = 0
    attempts: int = attrs.field(default=0, kw_only=True)
    failure: str = attrs.field(default="", kw_only=True)
    retry_at: datetime | None = attrs.field(default=None, kw_only=True)

    @classmethod
    def of(cls, timeout: TimeOut) -> "StoredTimeOut":
        """Return the record of a time-out."""
        return cls(_digest(timeout.key), timeout)

    @property
    def due(self) -> datetime | None:
        """When a worker is to look at it, UTC; None where it is set aside."""
        return self.retry_at if self.attempts else self.timeout.due

    @property
    def is_set_aside(self) -> bool:
        """Tell whether it failed too often to be tried again by itself."""
        return self.attempts > 0 and self.retry_at is None

    def fail(self, failure: str, now: datetime) -> "StoredTimeOut":
        """Return it after an attempt: tried again later and later, and set aside after `MAX_ATTEMPTS`.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
        >>> key = TimeOutKey("merchant order", "o1", "l1", state="delivered", since=noon, event="close")
        >>> once = StoredTimeOut.of(TimeOut(key, noon)).fail("no such carrier", noon)
        >>> str(once.retry_at - noon), str(once.fail("no such carrier", noon).retry_at - noon)
        ('0:01:00', '0:02:00')
        """
        attempts = self.attempts + 1
        pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
        retry_at = now + pause if attempts < MAX_ATTEMPTS else None
        return attrs.evolve(self, attempts=attempts, failure=failure[:MAX_FAILURE], retry_at=retry_at)

    def begin_anew(self, timeout: TimeOut) -> "StoredTimeOut":
        """Return it as if no attempt had been made."""
        return attrs.evolve(self, timeout=timeout, attempts=0, failure="", retry_at=None)


TIMEOUTS = Kind(
    "timeout",
    StoredTimeOut,
    columns={"failed": lambda entry: int(entry.attempts > 0)},
    ordered={"due": Ordered(lambda entry: entry.due, datetime)},
)
"""Time-outs are the operator's: parties see the events that come of them."""


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
            self.repository.save_many([one.begin_anew(wanted[one.id].timeout) for one in changed])
            self.repository.add_many([entry for entry in wanted.values() if entry.id not in known])

    def cancel(self, keys: Iterable[TimeOutKey]) -> None:
        """Forget them; an unknown key is no error."""
        ids = [_digest(key) for key in keys]
        for entry in self.repository.find_many(ids).values() if ids else ():
            self.repository.remove(entry)

    def find_due_of(self, keys: Iterable[TimeOutKey], now: datetime) -> tuple[TimeOut, ...]:
        """Return those of some time-outs that are due at `now` or before, in the order of the keys.

        One that failed waits for its own next attempt.
        """
        return tuple(one.timeout for one in self._find(keys) if one.due is not None and one.due <= now)

    def find_waiting(self, keys: Iterable[TimeOutKey]) -> tuple[TimeOut, ...]:
        """Return those of some time-outs that are scheduled, whenever they are due, in the order of the keys."""
        return tuple(one.timeout for one in self._find(keys))

    def find_due(self, now: datetime, *, limit: int = 100) -> tuple[TimeOut, ...]:
        """Return up to `limit` time-outs due at `now` or before, the earliest first, without reading the others.

        One that failed is due when it is to be tried again, so those that fail keep no others from their turn.
        """
        page = self.repository.page({"due": AtMost(now)}, order="due", limit=limit)
        return tuple(entry.timeout for entry in page.items)

    def note_failure(self, key: TimeOutKey, failure: str, *, now: datetime) -> None:
        """Remember that a time-out could not happen; one that is gone meanwhile needs no memory.

        Args:
            key: Which.
            failure: Why.
            now: The present instant, UTC.
        """
        entry = self.repository.find(_digest(key))
        if entry is not None:
            self.repository.save(entry.fail(failure, now))

    def page_failed(self, *, after: str | None = None, limit: int = 100) -> Page[StoredTimeOut]:
        """Return a page of those that could not happen at their last attempt, set aside or not."""
        return self.repository.page({"failed": 1}, after=after, limit=limit)

    def retry(self, timeout: str) -> StoredTimeOut:
        """Make one due that failed, also one that was set aside, and return it.

        Args:
            timeout: Its id.

        Raises:
            NotFound: There is none.
        """
        entry = self.repository.get(timeout)
        return self.repository.save(entry.begin_anew(entry.timeout)) if entry.attempts else entry

    def _find(self, keys: Iterable[TimeOutKey]) -> list[StoredTimeOut]:
        ids = [_digest(key) for key in keys]
        found = self.repository.find_many(ids) if ids else {}
        return [found[id_] for id_ in ids if id_ in found]


def _digest(key: TimeOutKey) -> str:
    # The fields of a key together may be longer than an id may be; 160 bits never meet by chance.
    fields = attrs.asdict(key, value_serializer=lambda _, __, value: str(value))
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()[:40]
