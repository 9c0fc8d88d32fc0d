"""Counters and the inbox in SQL: one guarded statement each."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.adapters.sql.schema import COUNTERS, INBOX
from mktcore.adapters.sql.session import SqlSession
from mktcore.adapters.sql.statements import insert_new
from mktcore.persistence import NotFound, Party
from mktcore.persistence.errors import NotClaimed
from mktcore.persistence.unit import check_amount

__all__ = ["SqlCounters", "SqlInbox"]


class SqlCounters:
    """Counts that many writers share."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` when the counter then stays at or below `limit`; tell whether it did."""
        check_amount(amount)
        self._check_scope(name)
        if amount > limit:
            return False
        statement = _CLAIM_POSTGRESQL if self._session.is_postgresql else _CLAIM_SQLITE
        return self._session.write(statement, {"name": name, "claimed": amount, "limit": limit}).rowcount == 1

    def release(self, name: str, amount: int) -> None:
        """Give back what was claimed."""
        check_amount(amount)
        self._check_scope(name)
        if self._session.write(_RELEASE, {"counter": name, "amount": amount}).rowcount != 1:
            raise NotClaimed(name, amount)

    def count(self, name: str) -> int:
        """Return what is claimed now."""
        self._check_scope(name)
        found = self._session.read(select(COUNTERS.c.claimed).where(COUNTERS.c.name == name)).scalar_one_or_none()
        return int(found or 0)

    def _check_scope(self, name: str) -> None:
        if self._session.scope.party is not Party.OPERATOR:
            raise NotFound("counter", name)


class SqlInbox:
    """Events that consumers handled."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session

    def take(self, consumer: str, event_id: str) -> bool:
        """Note that `consumer` handles this event; False when it did before."""
        insert = insert_new(INBOX, is_postgresql=self._session.is_postgresql)
        return self._session.write(insert, {"consumer": consumer, "event": event_id}).rowcount == 1


def _build_claim(insert: Any) -> Any:
    raised = COUNTERS.c.claimed + insert.excluded.claimed
    return insert.on_conflict_do_update(
        index_elements=["name"], set_={"claimed": raised}, where=raised <= bindparam("limit")
    )


_CLAIM_POSTGRESQL = _build_claim(postgresql.insert(COUNTERS))
_CLAIM_SQLITE = _build_claim(sqlite.insert(COUNTERS))
_RELEASE = (
    update(COUNTERS)
    .where(COUNTERS.c.name == bindparam("counter"), COUNTERS.c.claimed >= bindparam("amount"))
    .values(claimed=COUNTERS.c.claimed - bindparam("amount"))
)
