"""What raises a balance waits for nobody, and nothing that all sales pass through is locked (PostgreSQL)."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from ledger.accounts import AVAILABLE, CLEARING, COMMISSION, NOON, THEIRS, euros, move
from mktcore.ledger import Account, Hold, Leg, Transaction
from mktcore.persistence import Retryable, Scope
from persistence.opening import open_store

pytestmark = pytest.mark.slow  # it needs a server

OPERATOR = Scope.operator()


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Any]:
    opened = open_store("postgresql", tmp_path)
    with opened.begin(OPERATOR) as unit:
        unit.ledger.post([move("given", "100.00", CLEARING, credit=AVAILABLE)], at=NOON)
        unit.ledger.fold(limit=100)
        unit.commit()
    yield opened
    opened.close()


def post(unit: Any, *given: Transaction) -> None:
    unit._session._connection.execute(text("SET LOCAL lock_timeout = '300ms'"))
    assert unit.ledger.post(given, at=NOON) == ()


def test_who_raises_does_not_wait_for_who_takes_or_raises(store: Any) -> None:
    with store.begin(OPERATOR) as taking, store.begin(OPERATOR) as raising, store.begin(OPERATOR) as other:
        post(taking, move("k1", "60.00", AVAILABLE, credit=CLEARING))
        post(raising, move("k2", "5.00", CLEARING, credit=AVAILABLE))
        post(other, move("k3", "7.00", CLEARING, credit=AVAILABLE))
        for unit in (other, raising, taking):
            unit.commit()
    with store.begin(OPERATOR) as unit:
        assert unit.ledger.balances([AVAILABLE])[AVAILABLE] == euros("52.00")


def test_takings_of_two_merchants_do_not_wait_for_each_other(store: Any) -> None:
    legs = [Leg.debit(AVAILABLE, euros("9.00")), Leg.credit(COMMISSION, euros("9.00"))]
    with store.begin(OPERATOR) as one, store.begin(OPERATOR) as other:
        post(one, move("k1", "50.00", CLEARING, credit=THEIRS), move("k2", "40.00", THEIRS, credit=COMMISSION))
        post(other, Transaction("k3", "fee", legs, effective_at=NOON, cause="o1"))
        one.commit()
        other.commit()


def test_who_takes_from_one_account_waits_for_who_does(store: Any) -> None:
    with store.begin(OPERATOR) as one, store.begin(OPERATOR) as other:
        post(one, move("k1", "60.00", AVAILABLE, credit=CLEARING))
        with pytest.raises(Retryable):
            post(other, move("k2", "30.00", AVAILABLE, credit=CLEARING))
        one.commit()


def test_what_others_raised_can_be_taken_at_once(store: Any) -> None:
    with store.begin(OPERATOR) as unit:
        post(unit, move("k1", "5.00", CLEARING, credit=AVAILABLE), move("k2", "105.00", AVAILABLE, credit=THEIRS))
        post(unit, move("k3", "105.00", THEIRS, credit=CLEARING))
        unit.commit()
    with store.begin(OPERATOR) as unit:
        assert unit.ledger.hold([Hold("h", THEIRS, CLEARING, amount=euros("0.01"))], at=NOON)[0].missing.minor == 1


def count_statements(store: Any, *given: Transaction) -> int:
    with store.begin(OPERATOR) as unit:
        sent: list[object] = []
        run = unit._session._run

        def note(statement: object, parameters: object) -> object:
            sent.append(statement)
            return run(statement, parameters)

        unit._session._run = note
        assert unit.ledger.post(given, at=NOON) == ()
    return len(sent)


def test_most_postings_are_one_statement_however_many_legs(store: Any) -> None:
    assert count_statements(store, move("k1", "5.00", CLEARING, credit=AVAILABLE)) == 1
    assert count_statements(store, move("k2", "5.00", AVAILABLE, credit=CLEARING)) == 1
    many = [
        move(f"k{n:03}", "5.00", CLEARING, credit=Account(f"merchant:m{n}", "available", "EUR")) for n in range(300)
    ]
    assert count_statements(store, *many) == 1
