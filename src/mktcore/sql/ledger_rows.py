"""Rows of the ledger's tables, to values and back."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from mktcore.ledger import Account, Entry, Hold, HoldState, Leg, PostedTransaction, Transaction
from mktcore.ledger.entry import to_entry_id
from mktcore.ledger.sum_changes import AccountChanges, AccountRow
from mktcore.money import Money

__all__ = [
    "in_batches",
    "list_entry_rows",
    "to_account_row",
    "to_entry",
    "to_hold",
    "to_hold_row",
    "to_posted",
    "to_transaction_row",
]

_BATCH = 1000


def in_batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield values a thousand at a time, which any database takes as parameters of one statement."""
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def to_transaction_row(one: Transaction, at: datetime) -> dict[str, Any]:
    """Return the row of a transaction that is posted at an instant; its legs are its entries."""
    return {
        "key": one.key,
        "kind": one.kind,
        "cause": one.cause,
        "legs": len(one.legs),
        "linked": json.dumps(one.linked),
        "effective_at": one.effective_at,
        "posted_at": at,
    }


def list_entry_rows(changes: AccountChanges, at: datetime) -> list[dict[str, Any]]:
    """Return the rows of entries of transactions that are posted at an instant."""
    return [
        {
            "id": to_entry_id(one.key, position),
            "account": str(leg.account),
            "owner": leg.account.owner,
            "amount": leg.amount.minor,
            "kind": one.kind,
            "cause": one.cause,
            "effective_at": one.effective_at,
            "posted_at": at,
        }
        for one in changes.transactions
        for position, leg in enumerate(one.legs)
    ]


def to_hold_row(one: Hold) -> dict[str, Any]:
    """Return the row of a hold."""
    return {
        "id": one.id,
        "debit": str(one.debit),
        "credit": str(one.credit),
        "amount": one.amount.minor,
        "settled": None if one.settled is None else one.settled.minor,
        "state": one.state.value,
        "expires_at": one.expires_at,
    }


def to_hold(row: Any) -> Hold:
    """Return the hold of a row."""
    debit = Account.parse(row.debit)
    return Hold(
        row.id,
        debit,
        Account.parse(row.credit),
        amount=Money.from_minor(row.amount, debit.currency),
        expires_at=row.expires_at,
        state=HoldState(row.state),
        settled=None if row.settled is None else Money.from_minor(row.settled, debit.currency),
    )


def to_account_row(account: Account, row: Any) -> AccountRow:
    """Return what is kept of an account."""
    return AccountRow(account, int(row.balance), int(row.held), allowance=int(row.allowance))


def to_entry(row: Any) -> Entry:
    """Return the entry of a row."""
    account = Account.parse(row.account)
    amount = Money.from_minor(row.amount, account.currency)
    times = {"effective_at": row.effective_at, "posted_at": row.posted_at}
    return Entry(row.id, account, amount, kind=row.kind, cause=row.cause, **times)


def to_posted(row: Any, entries: Mapping[str, Any]) -> PostedTransaction:
    """Return the transaction of a row.

    Args:
        row: Of a transaction.
        entries: Rows of entries by id, its own among them.
    """
    # An entry that was lost leaves a transaction that does not balance, which is refused as one.
    wanted = [to_entry_id(row.key, position) for position in range(row.legs)]
    legs = [to_entry(entries[id_]) for id_ in wanted if id_ in entries]
    transaction = Transaction(
        row.key,
        row.kind,
        [Leg(entry.account, entry.amount) for entry in legs],
        effective_at=row.effective_at,
        cause=row.cause,
        linked=json.loads(row.linked),
    )
    return PostedTransaction(transaction, row.posted_at)
