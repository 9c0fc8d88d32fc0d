"""A page in order costs the same at the begin, the middle and the end: counted in rows and steps, not in seconds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from mktcore.adapters.memory import MemoryStore
from mktcore.persistence import Scope
from mktcore.persistence.ranges import AtLeast, Below, Between
from mktcore.sql import SqlStore
from mktcore.testing.stores.samples import AT, ENTRIES, Entry
from persistence.opening import create_database

ROWS = 6_000
LIMIT = 20
OPERATOR, ACME = Scope.operator(), Scope.merchant("m7")
ASKED: dict[str, tuple[Scope, dict[str, Any], str | None]] = {
    "all": (OPERATOR, {}, "rank"),
    "all backwards": (OPERATOR, {}, "-rank"),
    "instants": (OPERATOR, {}, "at"),
    "text backwards": (OPERATOR, {}, "-title"),
    "of a merchant": (ACME, {}, "rank"),
    "of a merchant backwards": (ACME, {}, "-at"),
    "of a partner": (OPERATOR, {"shelf": "s1"}, "-rank"),
    "of a merchant's partner": (ACME, {"shelf": "s1"}, "-rank"),
    "of two columns together": (OPERATOR, {"merchant": "m7", "shelf": "s1"}, None),
    "a range": (OPERATOR, {"rank": Between(500, 5_500)}, "rank"),
    "a range backwards": (OPERATOR, {"rank": Between(500, 5_500)}, "-rank"),
    "a range of a merchant": (ACME, {"rank": AtLeast(100)}, "-rank"),
    "of one of several texts": (OPERATOR, {"mark": "k1"}, "-rank"),
    "of one of several texts, of a merchant": (ACME, {"mark": "k1"}, "rank"),
    "of one of several texts, with two columns": (ACME, {"mark": "all", "shelf": "s1"}, "-rank"),
    "of one of several texts, by ids": (OPERATOR, {"word": "w0"}, None),
    "a range within one of several texts": (OPERATOR, {"mark": "k0", "rank": AtLeast(100)}, "-rank"),
    "what is due": (OPERATOR, {"at": Below(AT + timedelta(seconds=5_700))}, "at"),
}

_SEVERAL = ("of one of several texts", "a range within one of several texts")


def make_entries() -> Iterator[Entry]:
    for number in range(ROWS):
        yield Entry(
            f"e{(number * 7919) % ROWS:06}",  # 7919 is prime: ids in another order than ranks
            f"m{number % 10}",
            rank=number if number % 50 else None,
            at=AT + timedelta(seconds=number),
            title=f"t{number // 3:06}",
            shelf=f"s{number % 3}",
            marks=(f"k{number % 2}", "all"),
            words=(f"w{number % 2}", f"o{number}"),
        )


def fill(store: Any) -> Any:
    with store.begin(OPERATOR) as unit:
        unit.repository(ENTRIES).add_many(list(make_entries()))
        unit.commit()
    return store


def walk(store: Any, asked: str) -> Iterator[tuple[str, Any]]:
    """Yield where each look begins, with the unit's page function: the first page, the middle, the last but one."""
    scope, where, order = ASKED[asked]
    with store.begin(scope) as unit:
        pages = unit.repository(ENTRIES)
        cursors = [None]
        after = None
        while True:
            page = pages.page(where, order=order, after=after, limit=500)
            if page.next is None:
                break
            after = page.next
            cursors.append(after)
        for name, cursor in (("begin", None), ("middle", cursors[len(cursors) // 2]), ("end", cursors[-1])):
            yield name, lambda cursor=cursor: pages.page(where, order=order, after=cursor, limit=LIMIT)


@pytest.fixture(scope="module")
def memory() -> Any:
    return fill(MemoryStore([ENTRIES]))


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    store = fill(SqlStore.open(f"sqlite:///{tmp_path_factory.mktemp('flat') / 'flat.db'}", [ENTRIES]))
    yield store
    store.close()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Any]:
    store = fill(SqlStore.open(create_database(), [ENTRIES]))
    with store.engine.connect() as connection:
        for name in ("entry", "entry_mark", "entry_word"):
            connection.exec_driver_sql(f"ANALYZE mktcore_testing_{name}")
        connection.commit()
    yield store
    store.close()


@pytest.mark.parametrize("asked", ASKED)
def test_in_memory_a_page_reads_its_own_rows(asked: str, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = memory._state.tables[ENTRIES.name]
    reads: list[str] = []
    find = type(table).find

    def note(self: Any, key: str, commit: int) -> Any:
        reads.append(key)
        return find(self, key, commit)

    monkeypatch.setattr(type(table), "find", note)
    for where, look in walk(memory, asked):
        reads.clear()
        assert len(look().items) == LIMIT
        assert len(reads) <= LIMIT + 1, where


@pytest.mark.slow
@pytest.mark.parametrize("asked", ASKED)
def test_on_sqlite_a_page_takes_as_many_steps_anywhere(asked: str, sqlite: Any) -> None:
    steps: dict[str, int] = {}
    plans: list[str] = []
    # Listened to before a unit begins: it decides then what it sends past whom.
    with sqlite.engine.connect() as probe, _Sent(sqlite.engine) as statements:
        for where, look in walk(sqlite, asked):
            statements.clear()
            assert len(look().items) == LIMIT
            steps[where] = 0
            for statement, parameters in list(statements):
                plans += [row.detail for row in probe.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
                steps[where] += _count_steps(probe, statement, parameters)
    assert all("USING INDEX" in plan or "USING COVERING INDEX" in plan for plan in plans), plans
    assert not [plan for plan in plans if "TEMP B-TREE" in plan]
    # A cursor costs a comparison of a few steps for every row; what lies before it costs none.
    assert max(steps.values()) < 2 * min(steps.values()) < 100


class _Sent:
    """Notes what is sent to the database."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.sent: list[tuple[str, Any]] = []

    def __enter__(self) -> list[tuple[str, Any]]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.sent

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            self.sent.append((statement, parameters))


def _count_steps(probe: Any, statement: str, parameters: Any) -> int:
    """Return how many instructions SQLite's machine takes, in tens."""
    taken = [0]

    def tick() -> int:
        taken[0] += 1
        return 0

    connection = probe.connection.dbapi_connection
    connection.set_progress_handler(tick, 10)
    try:
        probe.exec_driver_sql(statement, parameters).all()
    finally:
        connection.set_progress_handler(None, 10)
    return taken[0]


@pytest.mark.parametrize("asked", ASKED)
def test_on_postgresql_a_page_reads_as_many_buffers_anywhere(asked: str, postgresql: Any) -> None:
    buffers: dict[str, int] = {}
    with postgresql.engine.connect() as probe, _Sent(postgresql.engine) as statements:
        for where, look in walk(postgresql, asked):
            statements.clear()
            assert len(look().items) == LIMIT
            plans = [
                probe.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters).scalar()[0]
                for statement, parameters in list(statements)
            ]
            assert {node["Node Type"] for plan in plans for node in _list_nodes(plan["Plan"])} <= {
                "Limit",
                "Index Scan",
                # Of one of several texts: its rows are walked, and the records of a page fetched one by one.
                *(["Index Only Scan", "Nested Loop", "Subquery Scan", "Memoize"] if asked.startswith(_SEVERAL) else []),
            }
            buffers[where] = sum(
                plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans
            )
    assert max(buffers.values()) < (8 if asked.startswith(_SEVERAL) else 4) * LIMIT


def _list_nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _list_nodes(child)


def test_records_without_a_value_are_walked_too(memory: Any, sqlite: Any, postgresql: Any) -> None:
    for store in (memory, sqlite, postgresql):
        with store.begin(OPERATOR) as unit:
            entries = unit.repository(ENTRIES)
            where: dict[str, Any] = {"rank": None}
            page = entries.page(where, order="-rank", limit=50)
            last = entries.page(where, order="-rank", after=page.next, limit=100)
            assert (len(page.items), len(last.items), last.next) == (50, 70, None)
