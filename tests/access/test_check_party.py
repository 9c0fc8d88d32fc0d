"""Who passes, and who learns that a record does not exist."""

import pytest

from mktcore.access import check_party
from mktcore.ids import InvalidId
from mktcore.persistence import NotFound, Party, Scope


@pytest.mark.parametrize("scope", [Scope.operator(), Scope.merchant("acme"), Scope.buyer("b1")])
def test_the_operator_and_both_parties_pass(scope: Scope) -> None:
    check_party(scope, "order", "o1", merchant="acme", buyer="b1")
    check_party(scope.to_operator(), "order", "o1", merchant="acme", buyer="b1")


@pytest.mark.parametrize(
    "scope", [Scope.merchant("bolt"), Scope.buyer("b2"), Scope.merchant("b1"), Scope.buyer("acme")]
)
def test_everybody_else_does_not(scope: Scope) -> None:
    for asking in (scope, scope.to_operator()):
        with pytest.raises(NotFound):
            check_party(asking, "order", "o1", merchant="acme", buyer="b1")


@pytest.mark.parametrize("scope", [Scope.merchant("acme"), Scope.buyer("b1")])
def test_a_record_of_nobody_is_the_operators(scope: Scope) -> None:
    with pytest.raises(NotFound):
        check_party(scope, "order", "o1", merchant=None, buyer=None)


@pytest.mark.parametrize("name", [None, "", "a b", 5, ["acme"]])
def test_a_scope_names_a_party(name: object) -> None:
    for party in (Party.MERCHANT, Party.BUYER):
        with pytest.raises(InvalidId):
            Scope(party, name)  # type: ignore[arg-type]  # what a session may hold
    with pytest.raises(InvalidId):
        Scope(Party.OPERATOR, "acme")
