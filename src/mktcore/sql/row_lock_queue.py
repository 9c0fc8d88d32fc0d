"""Standing in line for rows that everybody wants, in PostgreSQL.

Those who wait for a row there are not served in order: each change makes a new version of it, for which whoever comes
at that moment is in time, and those who waited for the old one begin again. The database's own advisory locks have a
queue. So who is about to lock a few rows takes those first.
"""

from collections.abc import Sequence
from zlib import crc32

from sqlalchemy import ARRAY, Integer, TextClause, bindparam, text

from mktcore.sql.driver_statements import Call
from mktcore.sql.session import SqlSession

__all__ = ["list_locks", "stand_in_line"]

_LONGEST = 64
"""Who wants more rows goes without: a server has room for some thousand locks, and large work is no rush."""
# In the order given, which is that of the rows: two who want the same rows must not hold them crosswise.
_LINE: TextClause = text(
    "SELECT pg_advisory_xact_lock(:table, line.key) FROM"
    " (SELECT key FROM unnest(:keys) WITH ORDINALITY AS given(key, place) ORDER BY place) AS line"
).bindparams(bindparam("keys", type_=ARRAY(Integer)))


def stand_in_line(session: SqlSession, table: str, names: Sequence[str]) -> None:
    """Wait until those who came before are done with rows of these names; until the unit ends, those after wait.

    Two names may share a place in line, by chance. SQLite has one writer at a time, and its line elsewhere.

    Args:
        session: Of the unit.
        table: The table's full name, so that two markets in one database do not wait for each other.
        names: The rows' ids, in the order in which they are locked.

    Raises:
        Retryable: The transaction lost against another, or waited for too long.
    """
    if locks := list_locks(session, table, names):
        session.read_together(locks)


def list_locks(session: SqlSession, table: str, names: Sequence[str]) -> list[Call]:
    """Return what `stand_in_line` runs, so that it can be run together with what it is done for."""
    if session.is_postgresql and 0 < len(names) <= _LONGEST:
        return [Call(_LINE, {"table": _to_key(table), "keys": [_to_key(name) for name in names]})]
    return []


def _to_key(name: str) -> int:
    return crc32(name.encode()) - 2**31  # PostgreSQL's integers are signed
