"""The conformance check of stores: every promise of the ports of persistence, as clauses."""

from collections.abc import Callable, Iterable

from mktcore.testing.clauses import Clause, run_clauses
from mktcore.testing.stores.counters import COUNTERS
from mktcore.testing.stores.event_positions import QUEUE, SUBSCRIPTIONS
from mktcore.testing.stores.events import INBOX, OUTBOX
from mktcore.testing.stores.goods_returns import RETURNING
from mktcore.testing.stores.idempotency import IDEMPOTENCY
from mktcore.testing.stores.ledger import POSTING
from mktcore.testing.stores.ledger_holds import HOLDING
from mktcore.testing.stores.ledger_reads import BOOK_READING
from mktcore.testing.stores.marks import MARKS
from mktcore.testing.stores.noted_reads import NOTED_READS
from mktcore.testing.stores.number_bounds import NUMBERS
from mktcore.testing.stores.ordered_columns import ORDERING
from mktcore.testing.stores.queries import READING
from mktcore.testing.stores.related_buyers import RELATIONS
from mktcore.testing.stores.repositories import WRITING
from mktcore.testing.stores.reservation_ends import ENDING
from mktcore.testing.stores.reservations import RESERVING
from mktcore.testing.stores.samples import KINDS
from mktcore.testing.stores.scopes import SCOPES
from mktcore.testing.stores.several_values import SEVERAL
from mktcore.testing.stores.stock import COUNTING
from mktcore.testing.stores.store_bench import Bench, CheckedStore, CheckedUnit
from mktcore.testing.stores.transactions import TRANSACTIONS
from mktcore.testing.stores.user_permissions import USERS
from mktcore.testing.stores.values import VALUES

__all__ = ["KINDS", "STORE_CLAUSES", "Bench", "CheckedStore", "CheckedUnit", "check_store"]

_AREAS = (
    WRITING,
    READING,
    NOTED_READS,
    ORDERING,
    SEVERAL,
    MARKS,
    VALUES,
    NUMBERS,
    TRANSACTIONS,
    IDEMPOTENCY,
    OUTBOX,
    QUEUE,
    SUBSCRIPTIONS,
    INBOX,
    COUNTING,
    RESERVING,
    ENDING,
    RETURNING,
    COUNTERS,
    POSTING,
    HOLDING,
    BOOK_READING,
    SCOPES,
    RELATIONS,
    USERS,
)
STORE_CLAUSES: tuple[Clause[Bench], ...] = tuple(clause for area in _AREAS for clause in area.clauses)
"""Every clause, for `pytest.mark.parametrize("clause", STORE_CLAUSES, ids=str)`."""


def check_store(open_store: Callable[[], CheckedStore], *, only: Iterable[str] = ()) -> None:
    """Check everything that the ports of persistence promise: a host's whole test of its store.

    >>> from mktcore.adapters.memory import MemoryStore
    >>> check_store(lambda: MemoryStore(KINDS), only=["counter", "repository.add-is-atomic"])

    Args:
        open_store: Returns a store that knows `mktcore.testing.KINDS`; called once for each clause. It may return the
            same store each time: clauses use ids of their own.
        only: Areas (`"stock"`) or clauses (`"stock.a-count-creates-an-item"`) to check; all by default.

    Raises:
        ConformanceFailed: It names each clause that was violated, and what was found instead.
    """
    wanted = tuple(only)
    clauses = [
        clause for clause in STORE_CLAUSES if not wanted or {clause.id, clause.id.partition(".")[0]} & set(wanted)
    ]
    run_clauses(clauses, lambda _: Bench(open_store()))
