"""Whatever a list may be asked, SQLite answers along one index that holds all of it, and sorts nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from mktcore.access import PermissionDenied
from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists
from mktcore.persistence import Kind, Scope
from mktcore.persistence.indexed_queries import UnservedQuery, list_served

SCOPES = (Scope.operator(), Scope.merchant("acme"), Scope.buyer("ann"))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    # Empty and never analyzed: what SQLite knows least of is what it must not guess.
    with Marketplace.open(f"sqlite:///{tmp_path_factory.mktemp('flat') / 'market.db'}", "EUR") as market:
        yield market


def list_questions(kind: Kind[Any], filters: tuple[str, ...]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """Yield each order of a list, both ways, with each set of filters that goes with it."""
    yield None, ()
    for name, names in list_served(kind):
        if {*names, name} <= {*filters, "id"} and not (name == "id" and names[0] in kind.ordered):
            yield from ((order, names) for order in ([None] if name == "id" else [name, f"-{name}"]))
    yield from ((f"{sign}{name}", ()) for name in kind.ordered if name in filters for sign in ("", "-"))


def list_plans(market: Marketplace, look: Any) -> list[tuple[str, str]]:
    """Return each statement that a look sends, with SQLite's plan of it."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            sent.append((statement, parameters))

    store: Any = market.store
    event.listen(store.engine, "before_cursor_execute", note)
    try:
        look()
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    with store.engine.connect() as probe:
        plans = []
        for statement, parameters in sent:
            rows = probe.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plans.append((statement, "; ".join(row.detail for row in rows)))
    return plans


@pytest.mark.parametrize("name", [name for name, _ in iterate_lists(Marketplace.in_memory("EUR"))])
def test_every_page_walks_along_one_index(market: Marketplace, name: str) -> None:
    listed = dict(iterate_lists(market))[name]
    asked = 0
    for scope in SCOPES:
        reads = listed.kind.filter_reads(scope)
        for order, names in list_questions(listed.kind, listed.filters):
            where = dict.fromkeys(names, "x")
            try:
                plans = list_plans(market, lambda o=order, w=where, s=scope: listed.page(scope=s, where=w, order=o))
            except (UnservedQuery, PermissionDenied):
                continue
            equal = {*names, *(column for column, value in (reads or {}).items() if not isinstance(value, frozenset))}
            for statement, plan in plans:
                asked += 1
                assert "TEMP B-TREE" not in plan, (order, names, plan)
                # Of what is unique there is one record: whose it is, is asked of that one.
                is_one = any(all(f"{column}=?" in plan for column in names) for names in listed.kind.unique)
                lacking = [] if is_one else [column for column in equal if f"{column}=?" not in plan]
                assert not lacking, (order, names, statement, plan)
    assert asked
