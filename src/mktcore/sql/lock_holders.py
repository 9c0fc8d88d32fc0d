"""Who holds what a unit waited for, as PostgreSQL knows it."""

from sqlalchemy import Connection, MetaData, exc, text

from mktcore.persistence.errors import Holder

__all__ = ["find_holders"]

# Whoever waits for a row has locked its table already. So those who wait themselves are left out: what remains are
# the transactions at the head of every queue. What they run is not told, for statements may hold personal data.
_HOLDERS = text(
    """
    SELECT a.pid, a.application_name, a.state, string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname) AS held,
        extract(epoch FROM clock_timestamp() - a.xact_start) AS seconds
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.granted AND l.mode <> 'AccessShareLock'
        AND c.oid IN (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)
        AND a.pid <> pg_backend_pid() AND pg_blocking_pids(a.pid) = '{}'
    GROUP BY a.pid, a.application_name, a.state, a.xact_start ORDER BY a.xact_start LIMIT 5
    """
)


def find_holders(connection: Connection, metadata: MetaData) -> tuple[Holder, ...]:
    """Return who has locks on these tables and waits for nobody, longest first; nobody where it cannot be asked.

    Args:
        connection: Whose transaction failed; it is rolled back, for nothing can be asked within it.
        metadata: The tables.
    """
    names = [
        f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"' for table in metadata.sorted_tables
    ]
    try:
        connection.rollback()
        rows = connection.execute(_HOLDERS, {"names": names}).all()
    except exc.SQLAlchemyError:
        return ()
    return tuple(
        Holder(_describe(row.pid, row.application_name, row.state), row.held, float(row.seconds)) for row in rows
    )


def _describe(pid: int, program: str, state: str) -> str:
    return f"session {pid}{f' ({program})' if program else ''}, {state},"
