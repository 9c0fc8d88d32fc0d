"""Mistakes that real ledgers make, planted into the stores that ship: the clause that names one catches it.

In memory one unit writes at a time; what only happens between units that write at once is planted on PostgreSQL.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from sqlalchemy import delete, func, select

from mktcore.adapters import ledger_book
from mktcore.adapters.ledger_book import LEDGER_ACCOUNTS, LEDGER_HOLDS, LedgerBook
from mktcore.adapters.memory import MemoryStore
from mktcore.ledger import Account, Hold, HoldState
from mktcore.ledger.entry import list_entries
from mktcore.ledger.sum_changes import AccountChanges, AccountRow
from mktcore.sql import ledger as sql_ledger
from mktcore.sql.ledger import SqlLedger
from mktcore.sql.ledger_accounts import SqlAccounts, Taking
from mktcore.testing import KINDS, STORE_CLAUSES
from mktcore.testing.stores import Bench
from persistence.opening import open_store

Patch = pytest.MonkeyPatch
FAULTS: dict[str, tuple[str, Callable[[Patch], None]]] = {}
RACES: dict[str, tuple[str, Callable[[Patch], None]]] = {}


def fault(clause: str, among: dict[str, Any] = FAULTS) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def plant(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
        among[f"{patch.__name__}: {clause}"] = (clause, patch)
        return patch

    return plant


@fault("ledger.threads-never-pass-the-floor")
def guards_compare_with_what_was_read(patch: Patch) -> None:
    def find_short(self: Any, spending: Any) -> Any:
        rows = self._unit.read(LEDGER_ACCOUNTS)  # as the unit saw them when it began
        found = [self._get_row(rows, account).find_shortfall(asked) for account, asked in spending.items()]
        return tuple(one for one in found if one is not None)

    def change_rows(self: Any, changes: Any, held: Any = None) -> None:
        rows = self._unit.read(LEDGER_ACCOUNTS)
        for account in dict.fromkeys((*changes, *(held or {}))):
            row = self._get_row(rows, account)
            balance, more = row.balance + changes.get(account, 0), (held or {}).get(account, 0)
            self._unit.change(LEDGER_ACCOUNTS)[str(account)] = attrs.evolve(row, balance=balance, held=row.held + more)

    def post(self: Any, transactions: Any, *, at: Any) -> Any:
        time.sleep(0.001)  # between beginning and writing, where others write
        return KEPT_POST(self, transactions, at=at)

    patch.setattr(LedgerBook, "post", post)
    patch.setattr(LedgerBook, "_find_short", find_short)
    patch.setattr(LedgerBook, "_change_rows", change_rows)


@fault("hold.what-is-held-cannot-be-taken")
@fault("hold.what-is-held-cannot-be-held-again")
@fault("hold.a-hold-counts-against-a-ceiling")
def a_limit_forgets_what_is_held(patch: Patch) -> None:
    def find_room(self: AccountRow) -> int:
        spending = self.account.type.spending
        return self.allowance - self.balance * (0 if spending is None else spending.sign)

    patch.setattr(AccountRow, "room", property(find_room))


@fault("ledger.a-key-is-posted-once")
def a_key_is_posted_again(patch: Patch) -> None:
    post = LedgerBook.post

    def post_anew(self: Any, transactions: Any, *, at: Any) -> Any:
        given = [attrs.evolve(one, key=f"{one.key}-{id(self)}") for one in transactions]
        return post(self, given, at=at)

    patch.setattr(LedgerBook, "post", post_anew)


@fault("ledger.a-key-is-not-used-for-another")
def whatever_has_a_used_key_passes(patch: Patch) -> None:
    patch.setattr(ledger_book, "check_same_transaction", lambda _known, _given: None)


@fault("ledger.a-call-posts-all-or-nothing")
def what_can_be_posted_is(patch: Patch) -> None:
    post = LedgerBook.post

    def post_one_by_one(self: Any, transactions: Any, *, at: Any) -> Any:
        return tuple(short for one in transactions for short in post(self, [one], at=at))

    patch.setattr(LedgerBook, "post", post_one_by_one)


@fault("ledger.every-shortfall-is-told")
def the_first_shortfall_is_told(patch: Patch) -> None:
    find_short = LedgerBook._find_short
    patch.setattr(LedgerBook, "_find_short", lambda self, spending: find_short(self, spending)[:1])


@fault("ledger.linked-transactions-stand-together")
def links_are_not_followed(patch: Patch) -> None:
    patch.setattr(ledger_book, "check_links", lambda _transactions, _posted: None)


@fault("ledger.a-balance-is-as-of-any-instant")
def an_instant_is_that_of_posting(patch: Patch) -> None:
    patch.setattr(
        ledger_book,
        "list_entries",
        lambda posted: [attrs.evolve(one, effective_at=posted.posted_at) for one in list_entries(posted)],
    )


@fault("ledger.a-ceiling-is-kept")
def a_ceiling_is_a_floor(patch: Patch) -> None:
    patch.setattr(ledger_book, "to_allowance", lambda _account, limit: -limit.minor)


@fault("ledger.only-the-operator-writes")
def anybody_posts(patch: Patch) -> None:
    patch.setattr(LedgerBook, "_check_authority", lambda _self: None)


@fault("hold.settling-posts-a-part-and-frees-the-rest")
def the_rest_of_a_hold_stays_held(patch: Patch) -> None:
    free = ledger_book._free
    patch.setattr(ledger_book, "_free", lambda holds: {one: min(0, 250 - 700) for one in free(holds)})


@fault("hold.settling-moves-no-more-and-nothing-else")
def a_hold_settles_anything(patch: Patch) -> None:
    patch.setattr(ledger_book, "check_settlement", lambda _hold, _transaction: None)


@fault("hold.a-hold-ends-once")
def an_ended_hold_is_voided(patch: Patch) -> None:
    def end(self: Any, holds: Any, state: HoldState) -> tuple[str, ...]:
        self._unit.change(LEDGER_HOLDS).update({one.id: attrs.evolve(one, state=state) for one in holds})
        return tuple(one.id for one in holds)

    patch.setattr(LedgerBook, "_end", end)


@fault("hold.due-holds-expire")
def what_expires_does_so_in_any_order(patch: Patch) -> None:
    def expire(self: Any, *, now: Any, limit: int = 100) -> tuple[str, ...]:
        due = [one for one in self._find_live() if one.expires_at is not None and one.expires_at < now]
        found: tuple[str, ...] = self._end(due[:limit], HoldState.EXPIRED)
        return found

    patch.setattr(LedgerBook, "expire", expire)


@fault("books.a-party-reads-its-own-accounts")
@fault("hold.a-party-sees-holds-on-its-accounts")
def every_account_is_everybodys(patch: Patch) -> None:
    patch.setattr(Account, "is_seen_by", lambda _self, _scope: True)


@fault("books.transactions-are-found-by-key-and-cause")
def a_transaction_was_posted_when_it_counts(patch: Patch) -> None:
    def write(self: Any, transactions: Any, at: Any) -> None:
        for one in transactions:
            keep(self, [one], one.effective_at)
        del at

    keep = LedgerBook._write
    patch.setattr(LedgerBook, "_write", write)


KEPT_POST = LedgerBook.post


@fault("ledger.threads-never-pass-the-floor", RACES)
def an_account_is_read_then_saved(patch: Patch) -> None:
    def take(self: Any, taking: Taking) -> Any:
        (found,) = SqlLedger(self._session)._find_rows([taking.account]).values()
        short = found.find_shortfall(taking.asked)
        if short is None:
            self.set_allowances({taking.account: found.allowance})
            self.change(taking.account, change=taking.change, held=taking.held)
        return short

    patch.setattr(SqlAccounts, "take", take)
    _post_in_steps(patch)


@fault("ledger.threads-wait-in-one-order", RACES)
def locks_are_taken_as_they_come(patch: Patch) -> None:
    def list_changes(transactions: Any) -> AccountChanges:
        found = AccountChanges.of(transactions)
        given = list(dict.fromkeys(leg.account for one in sorted(transactions, key=_by_parity) for leg in one.legs))
        return attrs.evolve(found, taken={one: found.taken[one] for one in given if one in found.taken})

    def _by_parity(one: Any) -> str:
        thread, _, last = one.key.rpartition("-")
        return last if int(thread.rpartition("t")[2].partition("-")[0]) % 2 else chr(ord("z") - ord(last[0]) % 5)

    patch.setattr(
        sql_ledger, "AccountChanges", type("Listed", (), {"of": staticmethod(lambda given: list_changes(list(given)))})
    )


@fault("ledger.folding-loses-nothing", RACES)
def folding_goes_up_to_a_mark(patch: Patch) -> None:
    def fold(self: Any, account: Account) -> AccountRow:
        # The highest key that is seen becomes the mark; what commits below it after that goes without being counted.
        deltas = self._tables.ledger_deltas.c
        mine = deltas.account == str(account)
        total, mark = self._session.read(select(func.sum(deltas.amount), func.max(deltas.key)).where(mine)).one()
        self.set_allowances({account: 0})
        self.change(account, change=int(total or 0))
        if mark is not None:
            self._session.write(delete(self._tables.ledger_deltas).where(mine, deltas.key <= mark))
        (found,) = SqlLedger(self._session)._find_rows([account]).values()
        return found

    patch.setattr(SqlAccounts, "_fold", fold)


@fault("hold.a-hold-settles-once-among-threads", RACES)
def a_hold_is_not_locked(patch: Patch) -> None:
    def read(self: Any, ids: Any) -> dict[str, Hold]:
        found: dict[str, Hold] = self._find_holds(ids)
        return found

    patch.setattr(SqlLedger, "_lock_holds", read)


def _post_in_steps(patch: Patch) -> None:
    patch.setattr(SqlLedger, "_is_quick", lambda _self, _changes: False)


def _find_violation(clause_id: str, store: Any) -> str | None:
    (clause,) = [clause for clause in STORE_CLAUSES if clause.id == clause_id]
    found = clause.find_violation(Bench(store))
    return None if found is None else found.message


@pytest.mark.parametrize("name", FAULTS)
def test_the_clause_that_names_a_fault_catches_it(name: str, monkeypatch: Patch) -> None:
    clause, plant = FAULTS[name]
    assert _find_violation(clause, MemoryStore(KINDS)) is None
    plant(monkeypatch)
    # A race is given more than one chance.
    assert any(_find_violation(clause, MemoryStore(KINDS)) for _ in range(20)), f"nothing noticed: {name}"


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    store = open_store("postgresql", tmp_path_factory.mktemp("stores"))
    yield store
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", RACES)
def test_what_goes_wrong_between_units_is_caught_on_postgresql(name: str, monkeypatch: Patch, postgresql: Any) -> None:
    clause, plant = RACES[name]
    assert _find_violation(clause, postgresql) is None
    plant(monkeypatch)
    assert any(_find_violation(clause, postgresql) for _ in range(20)), f"nothing noticed: {name}"


def test_a_planted_fault_is_one_mistake_not_a_wreck(monkeypatch: Patch) -> None:
    for _, plant in FAULTS.values():
        with monkeypatch.context() as patch:
            plant(patch)
            assert _find_violation("ledger.an-unused-account-is-at-zero", MemoryStore(KINDS)) is None
