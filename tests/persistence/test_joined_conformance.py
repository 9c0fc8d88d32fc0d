"""Every clause of the conformance check on stores that joined a host's transaction."""

from collections.abc import Iterator

import pytest

from mktcore.testing import STORE_CLAUSES, Clause
from mktcore.testing.stores import Bench
from persistence.hosting import HOSTS, HostedStore, open_hosted

pytestmark = pytest.mark.slow  # on databases, five times


@pytest.fixture(scope="module", params=HOSTS)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedStore]:
    opened = open_hosted(request.param, tmp_path_factory.mktemp("hosted"))
    yield opened
    opened.close()


@pytest.mark.parametrize("clause", STORE_CLAUSES, ids=str)
def test_clause_holds_inside_of_a_hosts_transaction(clause: Clause[Bench], store: HostedStore) -> None:
    violation = clause.find_violation(Bench(store))
    assert violation is None, str(violation)
