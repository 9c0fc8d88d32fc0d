"""What the ledger is made of refuses what cannot be, and says why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.accounts import AVAILABLE, CLEARING, COMMISSION, DEBT, FUNDS, NOON, PREPAID, euros, move
from mktcore.clock import NaiveTime
from mktcore.errors import InvalidValue
from mktcore.ids import InvalidId
from mktcore.ledger import CHART, Account, Funds, Guard, Hold, Leg, Shortfall, Side, Transaction, TrialBalance
from mktcore.ledger.transaction import TransactionRefused
from mktcore.ledger.trial_balance import sum_accounts
from mktcore.money import Money, UnknownCurrency
from mktcore.persistence import Scope


def test_the_chart_is_that_of_the_posting_table() -> None:
    debit = {one.code for one in CHART.values() if one.side is Side.DEBIT}
    assert debit == {"CL", "BK", "AR", "MR", "PR", "GF", "LO", "DS", "FX"}
    credit = {one.code for one in CHART.values() if one.side is Side.CREDIT}
    assert credit == {"OF", "PE", "AV", "RS", "IT", "RD", "ES", "DP", "PP", "BC", "TX", "VT", "CI", "SI", "FI"}


def test_what_is_owed_to_others_has_a_floor_and_a_debt_on_account_a_ceiling() -> None:
    floors = {one.code for one in CHART.values() if one.guard is Guard.FLOOR}
    assert floors == {"PE", "AV", "RS", "IT", "MR", "OF", "RD", "ES", "DP", "PP", "BC"}
    assert [one.code for one in CHART.values() if one.guard is Guard.CEILING] == ["AR"]
    # Nothing of the operator's own is guarded: all sales pass through it, and would wait for each other.
    assert {one.party.value for one in CHART.values() if one.guard is None} == {"operator"}


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("operator", "available"),
        ("merchant:acme", "clearing"),
        ("buyer:b1", "available"),
        ("merchant:", "available"),
        ("merchant", "available"),
        ("operator:x", "clearing"),
        ("merchant:acme", "availabel"),
        ("merchant:acme", ""),
    ],
)
def test_an_account_is_of_the_chart_and_its_owner(owner: str, name: str) -> None:
    with pytest.raises((InvalidValue, InvalidId)):
        Account(owner, name, "EUR")


def test_an_account_has_a_currency() -> None:
    with pytest.raises(UnknownCurrency):
        Account("operator", "clearing", "EURO")


@pytest.mark.parametrize("owner", ["merchant:a/b", "merchant:a:b@c", "merchant:available/EUR"])
def test_an_account_is_read_as_it_is_written(owner: str) -> None:
    account = Account(owner, "available", "EUR")
    assert Account.parse(str(account)) == account


def test_what_is_no_account_is_not_read() -> None:
    with pytest.raises(InvalidValue, match="owner/name/currency"):
        Account.parse("merchant:acme/available")


def test_an_account_is_seen_by_its_owner_and_the_operator() -> None:
    seen = [Scope.operator(), Scope.merchant("acme", user="u1"), Scope.merchant("bolt"), Scope.buyer("acme")]
    assert [AVAILABLE.is_seen_by(scope) for scope in seen] == [True, True, False, False]


@pytest.mark.parametrize(
    ("account", "amount"),
    [
        (AVAILABLE, Money.of("0.00", "EUR")),
        (AVAILABLE, Money.of("1.00", "USD")),
        (AVAILABLE, Money.from_minor(10**16 + 1, "EUR")),
        (AVAILABLE, "1.00"),
    ],
)
def test_a_leg_moves_something_of_its_account(account: Account, amount: Any) -> None:
    with pytest.raises(InvalidValue):
        Leg(account, amount)


def test_a_side_says_where_an_amount_goes() -> None:
    legs = Leg.debit(AVAILABLE, euros("2.00")), Leg.credit(AVAILABLE, euros("2.00"))
    assert [(leg.side.value, leg.amount.minor) for leg in legs] == [("debit", 200), ("credit", -200)]
    for build in (Leg.debit, Leg.credit):
        with pytest.raises(InvalidValue, match="above zero"):
            build(AVAILABLE, euros("-2.00"))


def make(**changes: Any) -> Transaction:
    legs = [Leg(CLEARING, euros("100.00")), Leg(AVAILABLE, euros("-88.00")), Leg(COMMISSION, euros("-12.00"))]
    given = {"key": "k1", "kind": "sale", "legs": legs, "effective_at": NOON, "cause": "order-1", **changes}
    return Transaction(given.pop("key"), given.pop("kind"), given.pop("legs"), **given)


def test_a_transaction_says_what_it_moves() -> None:
    assert make().total == euros("100.00")


def codes(**changes: Any) -> list[str]:
    with pytest.raises(TransactionRefused) as refusal:
        make(**changes)
    return [problem.code for problem in refusal.value.problems]


def test_debits_equal_credits() -> None:
    legs = [Leg(CLEARING, euros("100.00")), Leg(AVAILABLE, euros("-99.99"))]
    assert codes(legs=legs) == ["ledger.unbalanced"]
    with pytest.raises(TransactionRefused, match=r"debits of transaction 'k1' exceed its credits by 0\.01 EUR"):
        make(legs=legs)


def test_no_transaction_mixes_currencies_even_when_each_balances() -> None:
    dollars = [Leg(Account("operator", "clearing", "USD"), Money.of("5.00", "USD"))]
    dollars += [Leg(Account("merchant:acme", "available", "USD"), Money.of("-5.00", "USD"))]
    euro = [Leg(CLEARING, euros("1.00")), Leg(AVAILABLE, euros("-1.00"))]
    assert codes(legs=[*euro, *dollars]) == ["ledger.mixed-currencies"]


def test_all_that_is_wrong_with_a_transaction_is_told() -> None:
    wrong = [Leg(CLEARING, euros("1.00"))]
    assert codes(legs=wrong, linked=["k1"]) == ["ledger.legs", "ledger.unbalanced", "ledger.linked"]
    assert codes(legs=[]) == ["ledger.legs"]
    assert codes(linked=["k2", "k2"]) == ["ledger.linked"]


@pytest.mark.parametrize(
    "changes",
    [{"key": ""}, {"key": "k 1"}, {"key": "k" * 117}, {"cause": ""}, {"kind": "Sale!"}, {"linked": [""]}],
)
def test_a_transaction_has_a_name(changes: dict[str, Any]) -> None:
    with pytest.raises((InvalidId, InvalidValue)):
        make(**changes)


def test_a_transaction_counts_at_an_instant_in_utc() -> None:
    with pytest.raises(NaiveTime):
        make(effective_at=datetime(2026, 3, 2, 12))  # noqa: DTZ001 - without a zone it is no instant
    assert make(effective_at=NOON).effective_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [
        (PREPAID, FUNDS, euros("0.00")),
        (PREPAID, FUNDS, euros("-1.00")),
        (PREPAID, FUNDS, Money.of("1.00", "USD")),
        (PREPAID, PREPAID, euros("1.00")),
    ],
)
def test_a_hold_is_of_two_accounts_and_an_amount(debit: Account, credit: Account, amount: Money) -> None:
    with pytest.raises(InvalidValue):
        Hold("h1", debit, credit, amount=amount)


def test_what_is_available_counts_what_is_held() -> None:
    floor = Funds(PREPAID, euros("40.00"), euros("15.00"), limit=euros("0.00"))
    ceiling = Funds(DEBT, euros("40.00"), euros("15.00"), limit=euros("100.00"))
    lowered = Funds(DEBT, euros("40.00"), euros("15.00"), limit=euros("30.00"))
    assert [one.available for one in (floor, ceiling, lowered)] == [euros("25.00"), euros("45.00"), euros("0.00")]
    assert Funds(CLEARING, euros("40.00"), euros("0.00"), limit=None).available is None


def test_a_shortfall_says_what_is_missing() -> None:
    short = Shortfall(PREPAID, euros("25.00"), euros("40.00"))
    assert (short.missing, str(short)) == (euros("15.00"), "buyer:b1/prepaid/EUR has 25.00 EUR, not 40.00 EUR")


def test_a_trial_balance_adds_up_by_name_and_currency() -> None:
    dollars = Account("operator", "clearing", "USD")
    owed = Account("merchant:acme", "merchant_debt", "EUR")
    other = Account("merchant:bolt", "merchant_debt", "EUR")
    found = sum_accounts([(dollars, 7), (AVAILABLE, -500), (owed, 400), (other, -50), (CLEARING, 150)])
    told = [(row.name, str(row.balance), row.debit.minor, row.credit.minor) for row in found.rows]
    assert told == [
        ("clearing", "1.50 EUR", 150, 0),
        ("available", "5.00 EUR", 0, 500),
        ("merchant_debt", "3.50 EUR", 400, 50),
        ("clearing", "0.07 USD", 7, 0),
    ]
    assert {code: amount.minor for code, amount in found.differences.items()} == {"EUR": 0, "USD": 7}
    assert (found.find("available", "EUR"), found.find("escrow", "EUR")) == (euros("5.00"), euros("0.00"))
    assert TrialBalance(()).differences == {}


def test_moves_of_this_room_balance() -> None:
    assert move("k1", "3.00", CLEARING, credit=FUNDS).total == euros("3.00")
