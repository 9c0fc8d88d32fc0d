"""Every clause of the conformance check, on every store that ships."""

from collections.abc import Iterator
from typing import Any

import pytest

from mktcore.testing import STORE_CLAUSES, Clause
from mktcore.testing.stores import Bench
from persistence.opening import STORES, open_store


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    opened = open_store(request.param, tmp_path_factory.mktemp("stores"))
    yield opened
    if request.param != "memory":
        opened.close()


@pytest.mark.parametrize("clause", STORE_CLAUSES, ids=str)
def test_clause_holds(clause: Clause[Bench], store: Any) -> None:
    violation = clause.find_violation(Bench(store))
    assert violation is None, str(violation)


def test_the_check_has_at_least_120_clauses_with_ids_of_their_own() -> None:
    assert len({clause.id for clause in STORE_CLAUSES}) == len(STORE_CLAUSES) >= 120
    assert all(clause.text for clause in STORE_CLAUSES)
