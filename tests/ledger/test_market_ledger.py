"""The books of a market: the operator writes them, each party reads its own accounts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ledger.accounts import AVAILABLE, CLEARING, DEBT, FUNDS, NOON, PREPAID, THEIRS, euros, move
from mktcore.access import PermissionDenied
from mktcore.ledger import Account, Hold, HoldEnded, HoldState, Leg, Shortfall, Transaction, TransactionConflict
from mktcore.ledger.errors import LinkMissing
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.persistence import NotFound, Party, Scope
from mktcore.persistence.ranges import AtLeast
from mktcore.testing.fakes import ManualClock

OPERATOR, ACME, BUYER = Scope.operator(), Scope.merchant("acme"), Scope.buyer("b1")
DAY = timedelta(days=1)


@pytest.fixture
def books(market: Marketplace) -> Any:
    return market.ledger


def test_a_sale_is_paid_earned_and_paid_out(books: Any) -> None:
    sale = move("capture", "100.00", CLEARING, credit=FUNDS), move("earn", "100.00", FUNDS, credit=AVAILABLE)
    assert books.post(*sale, scope=OPERATOR) == ()
    payout = move("payout", "100.01", AVAILABLE, credit=CLEARING)
    assert books.post(payout, scope=OPERATOR) == (Shortfall(AVAILABLE, euros("100.00"), euros("100.01")),)
    assert books.balance(AVAILABLE, scope=ACME) == euros("100.00")
    assert books.trial_balance(scope=OPERATOR).differences["EUR"] == euros("0.00")


def test_a_key_is_posted_once_and_never_for_another(books: Any) -> None:
    for _ in range(2):
        books.post(move("k1", "5.00", CLEARING, credit=AVAILABLE), scope=OPERATOR)
    with pytest.raises(TransactionConflict, match="'k1'; different: kind, legs"):
        books.post(move("k1", "6.00", CLEARING, credit=AVAILABLE, kind="earn"), scope=OPERATOR)
    assert books.balance(AVAILABLE, scope=OPERATOR) == euros("5.00")


def test_prepaid_money_is_held_then_spent(books: Any) -> None:
    books.post(move("top-up", "50.00", CLEARING, credit=PREPAID), scope=OPERATOR)
    assert books.hold(Hold("h1", PREPAID, FUNDS, amount=euros("40.00")), scope=OPERATOR) == ()
    assert books.find_funds(PREPAID, scope=BUYER).available == euros("10.00")
    assert books.hold(Hold("h2", PREPAID, FUNDS, amount=euros("10.01")), scope=OPERATOR)[0].missing == euros("0.01")
    books.settle("h1", move("capture", "35.00", PREPAID, credit=FUNDS), scope=OPERATOR)
    assert books.balance(PREPAID, scope=BUYER) == euros("15.00")
    assert books.get_hold("h1", scope=BUYER).settled == euros("35.00")
    with pytest.raises(HoldEnded):
        books.settle("h1", move("again", "5.00", PREPAID, credit=FUNDS), scope=OPERATOR)


def test_goods_on_account_are_held_within_the_limit(books: Any) -> None:
    books.set_limits({DEBT: euros("500.00")}, scope=OPERATOR)
    books.post(move("o1", "300.00", DEBT, credit=FUNDS), scope=OPERATOR)
    books.hold(Hold("h1", DEBT, FUNDS, amount=euros("150.00")), scope=OPERATOR)
    assert books.find_funds(DEBT, scope=BUYER).available == euros("50.00")
    assert books.void("h1", "none", scope=OPERATOR) == ("h1",)
    books.set_limits({DEBT: euros("250.00")}, scope=OPERATOR)
    funds = books.find_funds(DEBT, scope=BUYER)
    assert (funds.balance, funds.available) == (euros("300.00"), euros("0.00"))


def test_holds_expire_by_the_clock(books: Any, clock: ManualClock) -> None:
    books.post(move("top-up", "50.00", CLEARING, credit=PREPAID), scope=OPERATOR)
    held = Hold("h1", PREPAID, FUNDS, amount=euros("40.00"), expires_at=clock.now() + DAY)
    books.hold(held, scope=OPERATOR)
    assert books.expire(scope=OPERATOR) == ()
    clock.advance(DAY)
    assert books.expire(scope=OPERATOR) == ("h1",)
    assert books.get_hold("h1", scope=OPERATOR).state is HoldState.EXPIRED
    assert books.find_funds(PREPAID, scope=BUYER).available == euros("50.00")


def test_an_exchange_is_two_linked_balanced_transactions(books: Any) -> None:
    """Figure 10 of the documents: 8,241.37 USD less 0.5 %, at 0.9173, rounded down."""
    usd = {
        name: Account(owner, name, "USD")
        for owner, name in (
            ("operator", "clearing"),
            ("merchant:acme", "available"),
            ("operator", "exchange_position"),
            ("operator", "service_income"),
        )
    }
    position = Account("operator", "exchange_position", "EUR")

    def post(key: str, *legs: tuple[Account, str], linked: tuple[str, ...] = ()) -> Transaction:
        made = [Leg(account, Money.of(amount, account.currency)) for account, amount in legs]
        return Transaction(key, "exchange", made, effective_at=NOON, cause="payout-1", linked=linked)

    books.post(post("given", (usd["clearing"], "8241.37"), (usd["available"], "-8241.37")), scope=OPERATOR)
    sold = post(
        "a",
        (usd["available"], "8241.37"),
        (usd["exchange_position"], "-8200.16"),
        (usd["service_income"], "-41.21"),
        linked=("b",),
    )
    bought = post("b", (position, "7522.00"), (AVAILABLE, "-7522.00"), linked=("a",))
    with pytest.raises(LinkMissing, match="'a' is linked to 'b', which is not posted"):
        books.post(sold, scope=OPERATOR)
    assert books.post(sold, bought, scope=OPERATOR) == ()
    assert str(books.balance(AVAILABLE, scope=ACME)) == "7522.00 EUR"
    assert {str(one) for one in books.trial_balance(scope=OPERATOR).differences.values()} == {"0.00 EUR", "0.00 USD"}


def test_a_balance_is_as_of_any_instant_whenever_it_was_posted(books: Any) -> None:
    books.post(move("k1", "5.00", CLEARING, credit=AVAILABLE), scope=OPERATOR)
    late = move("k2", "3.00", CLEARING, credit=AVAILABLE, effective_at=NOON - DAY)
    books.post(late, scope=OPERATOR)
    instants = [NOON - 2 * DAY, NOON - DAY, NOON]
    assert [books.balance(AVAILABLE, at=at, scope=ACME).minor for at in instants] == [0, 300, 800]
    assert books.trial_balance(at=NOON - DAY, scope=OPERATOR).find("clearing", "EUR") == euros("3.00")


def test_entries_are_paged(books: Any) -> None:
    books.post(
        *[move(f"k{n}", f"{n}.00", CLEARING, credit=AVAILABLE, cause=f"o{n}") for n in range(1, 6)], scope=OPERATOR
    )
    where = {"account": str(AVAILABLE), "effective_at": AtLeast(NOON)}
    first = books.page_entries(where, order="-effective_at", limit=3, scope=ACME)
    rest = books.page_entries(where, order="-effective_at", limit=3, after=first.next, scope=ACME)
    assert [one.cause for one in (*first.items, *rest.items)] == ["o5", "o4", "o3", "o2", "o1"]
    assert rest.next is None


READS: dict[str, Callable[[Any, Account, Scope], object]] = {
    "balance": lambda books, account, scope: books.balance(account, scope=scope),
    "balance at": lambda books, account, scope: books.balance(account, at=NOON, scope=scope),
    "funds": lambda books, account, scope: books.find_funds(account, scope=scope),
}


@pytest.mark.parametrize("read", READS)
def test_what_is_absent_and_what_is_foreign_look_alike(read: str, books: Any) -> None:
    books.post(move("k1", "5.00", CLEARING, credit=THEIRS), scope=OPERATOR)
    for account in (THEIRS, Account("merchant:nobody", "available", "EUR"), CLEARING, PREPAID):
        with pytest.raises(NotFound) as refusal:
            READS[read](books, account, ACME)
        assert str(refusal.value) == str(NotFound("account", str(account)))
    READS[read](books, AVAILABLE, ACME)  # its own, though nothing was ever posted to it


def test_whole_transactions_are_the_operators(books: Any) -> None:
    books.post(move("k1", "5.00", CLEARING, credit=AVAILABLE), scope=OPERATOR)
    assert books.get_transaction("k1", scope=OPERATOR).transaction.total == euros("5.00")
    for key, scope in (("k1", ACME), ("k2", ACME), ("k2", OPERATOR)):
        with pytest.raises(NotFound, match="there is no transaction"):
            books.get_transaction(key, scope=scope)
    with pytest.raises(NotFound, match="there is no hold 'h1'"):
        books.get_hold("h1", scope=ACME)


WRITES: dict[str, Callable[[Any, Scope], object]] = {
    "post": lambda books, scope: books.post(move("k", "5.00", CLEARING, credit=AVAILABLE), scope=scope),
    "hold": lambda books, scope: books.hold(Hold("h", DEBT, FUNDS, amount=euros("1.00")), scope=scope),
    "settle": lambda books, scope: books.settle("h", move("k", "1.00", DEBT, credit=FUNDS), scope=scope),
    "void": lambda books, scope: books.void("h", scope=scope),
    "expire": lambda books, scope: books.expire(scope=scope),
    "limits": lambda books, scope: books.set_limits({DEBT: euros("1.00")}, scope=scope),
    "fold": lambda books, scope: books.fold(scope=scope),
}


@pytest.mark.parametrize("write", WRITES)
def test_only_the_operator_writes(write: str, books: Any) -> None:
    clerk = Scope(Party.OPERATOR, "", "u1", permissions=frozenset({"finance.read"}))
    for scope in (ACME, BUYER, clerk):
        with pytest.raises(PermissionDenied, match=r"may not do ledger\.write"):
            WRITES[write](books, scope)
    assert books.trial_balance(scope=OPERATOR).rows == ()


def test_a_user_reads_the_books_by_permission(books: Any) -> None:
    packer = Scope(Party.MERCHANT, "acme", "u1", permissions=frozenset({"orders.read"}))
    with pytest.raises(PermissionDenied):
        books.balance(AVAILABLE, scope=packer)
    accountant = Scope(Party.MERCHANT, "acme", "u2", permissions=frozenset({"finance.read"}))
    assert books.balance(AVAILABLE, scope=accountant) == euros("0.00")


def test_folding_puts_accounts_in_order_and_changes_nothing(market: Marketplace) -> None:
    books = market.ledger
    books.post(
        move("k1", "5.00", CLEARING, credit=AVAILABLE), move("k2", "3.00", CLEARING, credit=THEIRS), scope=OPERATOR
    )
    before = books.trial_balance(scope=OPERATOR)
    folded = books.fold(scope=OPERATOR, limit=2)
    assert folded in {0, 2}  # a store that changes balances at once has nothing to fold
    assert books.fold(scope=OPERATOR) in {0, 1}
    assert books.trial_balance(scope=OPERATOR) == before


def test_an_order_and_its_books_are_of_one_unit(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        unit.counters.claim("c", 1, 5)
        unit.ledger.post([move("k1", "5.00", CLEARING, credit=AVAILABLE)], at=NOON)
    with market.store.begin(OPERATOR) as unit:
        assert (unit.counters.count("c"), unit.ledger.balances([AVAILABLE])[AVAILABLE]) == (0, euros("0.00"))
