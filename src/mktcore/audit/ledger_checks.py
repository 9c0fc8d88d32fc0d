"""Whether the books agree with themselves: transactions balance (I3), accounts are sums (I4), holds end once (I5)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import Protocol

import attrs

from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.audit.record_checks import IdLook
from mktcore.ledger import Account, Entry, Hold, HoldState, PostedTransaction, Transaction
from mktcore.ledger.entry import list_entries
from mktcore.ledger.sum_changes import AccountRow, sum_spending
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS
from mktcore.postings.order_postings import ORDER_EVENTS
from mktcore.store_inspection import Kept, KeptPosting, LedgerInspection

__all__ = ["check_books"]

_BATCH = 500


class BooksLook(LedgerInspection, IdLook, Protocol):
    """What auditing the books reads."""


@attrs.define
class _Sums:
    """What was read of the books adds up to, in minor units, debits positive."""

    balances: Counter[Account] = attrs.field(factory=Counter)
    held: Counter[Account] = attrs.field(factory=Counter)


def check_books(look: BooksLook) -> Iterator[Notice]:
    """Yield a finding for everything in the books that does not hold. What is remembered is a sum for each account."""
    sums = _Sums()
    for batch in iterate_batches(look.iterate_postings(), _BATCH):
        for one in batch:
            yield from run_guarded("I3", f"transaction {one.key}", partial(_check_posting, one, sums))
        posted = [one.transaction.value for one in batch if one.transaction is not None]
        yield from run_guarded("I4", "transactions", partial(_check_links, look, [one for one in posted if one]))
    for hold in look.iterate_holds():
        yield from run_guarded("I5", f"hold {hold.id}", partial(_check_hold, hold, sums))
    yield from run_guarded("I4", "accounts", partial(_check_accounts, look, sums))


def _check_posting(one: KeptPosting, sums: _Sums) -> Iterator[Notice]:
    where = f"transaction {one.key}"
    for kept in one.entries:
        if kept.value is None:
            yield Notice("I4", f"entry {kept.id}", f"it cannot be read: {kept.problem}")
            continue
        sums.balances[kept.value.account] += kept.value.amount.minor
        if kept.value.id != kept.id or kept.told.get("owner") != kept.value.owner:
            yield Notice("I18", f"entry {kept.id}", f"it is found by {kept.told}, and says {kept.value}")
    if one.transaction is None:
        yield Notice("I4", where, f"it is not there, and {len(one.entries)} entries are of it")
    elif one.transaction.value is None:
        yield Notice("I3", where, f"it cannot be read: {one.transaction.problem}")
    else:
        yield from _check_entries(where, one.transaction.value, one)


def _check_entries(where: str, posted: PostedTransaction, one: KeptPosting) -> Iterator[Notice]:
    if posted.transaction.key != one.key:
        yield Notice("I4", where, f"it says that it is {posted.transaction.key}")
    legs = None if one.transaction is None else one.transaction.told.get("legs")
    if legs != len(one.entries):
        yield Notice("I3", where, f"it has {legs} legs, and {len(one.entries)} entries")
    known: dict[str, Entry] = {kept.id: kept.value for kept in one.entries if kept.value is not None}
    for entry in list_entries(posted):
        if entry.id in known and known[entry.id] != entry:
            yield Notice("I4", f"entry {entry.id}", "it does not tell the same as its transaction")


def _check_links(look: BooksLook, posted: Iterable[PostedTransaction]) -> Iterator[Notice]:
    """What a transaction names is there: the transactions that it is linked to, and the order that it follows from."""
    transactions = [one.transaction for one in posted]
    linked = {key for one in transactions for key in one.linked}
    of_orders = [one for one in transactions if one.kind in ORDER_EVENTS]
    keys, orders = look.find_posted(linked) if linked else frozenset[str](), _find_orders(look, of_orders)
    for one in transactions:
        for key in (key for key in one.linked if key not in keys):
            yield Notice("I4", f"transaction {one.key}", f"it is linked to {key}, which is not posted")
    for one in of_orders:
        if one.cause not in orders:
            yield Notice("I4", f"transaction {one.key}", f"it follows from order {one.cause}, which does not exist")


def _find_orders(look: BooksLook, transactions: Iterable[Transaction]) -> Collection[str]:
    causes = {one.cause for one in transactions}
    if MARKETPLACE_ORDERS.name not in look.kinds:
        return causes
    return look.find_ids(MARKETPLACE_ORDERS, causes)


def _check_hold(kept: Kept[Hold], sums: _Sums) -> Iterator[Notice]:
    where, hold = f"hold {kept.id}", kept.value
    if hold is None:
        yield Notice("I5", where, f"it cannot be read: {kept.problem}")
        return
    if hold.id != kept.id:
        yield Notice("I5", where, f"it says that it is {hold.id}")
    if hold.state is HoldState.LIVE:
        sums.held.update(sum_spending([hold]))
    if (hold.settled is not None) is not (hold.state is HoldState.SETTLED):
        yield Notice("I5", where, f"it is {hold.state}, and {hold.settled} of it was moved")


def _check_accounts(look: BooksLook, sums: _Sums) -> Iterator[Notice]:
    """Invariant I4: each stored balance is what its entries come to, and what is held of it is what live holds hold."""
    for kept in look.iterate_accounts():
        where, row = f"account {kept.id}", kept.value
        if row is None:
            yield Notice("I4", where, f"it cannot be read: {kept.problem}")
            continue
        if str(row.account) != kept.id:
            yield Notice("I4", where, f"it says that it is {row.account}")
        yield from _check_row(row, sums.balances.pop(row.account, 0), held=sums.held.pop(row.account, 0))
    for account in sorted({*sums.balances, *sums.held}, key=str):
        yield from _check_row(AccountRow(account), sums.balances[account], held=sums.held[account])


def _check_row(row: AccountRow, balance: int, *, held: int) -> Iterator[Notice]:
    where, account = f"account {row.account}", row.account
    if row.balance != balance:
        told, expected = account.to_balance(row.balance), account.to_balance(balance)
        yield Notice("I4", where, f"its balance is {told}, and its entries come to {expected}")
    if row.held != held:
        yield Notice("I5", where, f"{row.held} minor units of it are held, and live holds hold {held}")
