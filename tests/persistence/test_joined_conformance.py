"""Every clause of the conformance check on stores that joined a host's transaction.

A run of the suite takes one host of each database; `MKTCORE_ALL_HOSTS=1` takes every one, some minutes more.
"""

import os
from collections.abc import Iterator

import pytest

from mktcore.testing import STORE_CLAUSES, Clause
from mktcore.testing.stores import Bench
from persistence.hosting import HOSTS, HostedStore, open_hosted

pytestmark = pytest.mark.slow  # on databases, once for each host
USUAL = ("sqlite-connection", "postgresql-session")


@pytest.fixture(scope="module", params=HOSTS if os.environ.get("MKTCORE_ALL_HOSTS") else USUAL)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedStore]:
    opened = open_hosted(request.param, tmp_path_factory.mktemp("hosted"))
    yield opened
    opened.close()


@pytest.mark.parametrize("clause", STORE_CLAUSES, ids=str)
def test_clause_holds_inside_of_a_hosts_transaction(clause: Clause[Bench], store: HostedStore) -> None:
    violation = clause.find_violation(Bench(store))
    assert violation is None, str(violation)
