"""A look at the books in SQL, for audits."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from mktcore.ledger import Account, Entry, Hold, PostedTransaction
from mktcore.ledger.entry import ENTRY_SUFFIX, to_entry_id, to_transaction_key
from mktcore.ledger.sum_changes import AccountRow
from mktcore.sql.audit_rows import KeptRows, keep_row, try_instant
from mktcore.sql.ledger_balances import build_sum_all
from mktcore.sql.ledger_rows import to_account_row, to_entry, to_hold, to_posted
from mktcore.sql.store_tables import SystemTables
from mktcore.store_inspection import Kept, KeptPosting

__all__ = ["SqlBooksInspection"]

_INSTANTS = ("effective_at", "posted_at", "expires_at")


class SqlBooksInspection:
    """See `mktcore.store_inspection.LedgerInspection`."""

    def __init__(self, rows: KeptRows, tables: SystemTables) -> None:
        """Look through rows of one moment."""
        self._rows = rows
        self._tables = tables

    def iterate_postings(self) -> Iterator[KeptPosting]:
        """Yield every transaction with its entries, by key; also entries whose transaction is not there."""
        posted, entries = self._tables.ledger_transactions, self._tables.ledger_entries
        heads = self._rows.read(self._rows.select(posted).order_by(posted.c.key))
        # By key and not by id: of two keys, one of which begins with the other, the ids may sort the other way.
        key = func.substr(entries.c.id, 1, func.length(entries.c.id) - ENTRY_SUFFIX)
        legs = self._rows.read(self._rows.select(entries).order_by(key, entries.c.id))
        return _merge(heads, groupby(legs, key=lambda row: to_transaction_key(row.id)))

    def find_postings(self, causes: Iterable[str]) -> dict[str, tuple[Kept[PostedTransaction], ...]]:
        """Return what follows from some causes, by cause, in the order of keys."""
        posted, entries = self._tables.ledger_transactions, self._tables.ledger_entries
        caused = self._rows.select(posted).order_by(posted.c.cause, posted.c.key)
        heads = list(self._rows.read_among(caused, posted.c.cause, causes))
        ids = [to_entry_id(row.key, position) for row in heads for position in range(row.legs)]
        rows = self._rows.read_among(self._rows.select(entries), entries.c.id, ids)
        legs = {row.id: _read_instants(row) for row in rows}
        found: dict[str, list[Kept[PostedTransaction]]] = {}
        for row in heads:
            found.setdefault(row.cause, []).append(_keep_posted(row, legs))
        return {cause: tuple(own) for cause, own in found.items()}

    def find_posted(self, keys: Iterable[str]) -> frozenset[str]:
        """Return which of some keys are those of transactions."""
        column = self._tables.ledger_transactions.c.key
        return frozenset(row.key for row in self._rows.read_among(select(column), column, keys))

    def iterate_accounts(self) -> Iterator[Kept[AccountRow]]:
        """Yield what is kept of every account, what waits to be folded into it included."""
        for row in self._rows.read(build_sum_all(self._tables)):
            yield keep_row(row.account, row, lambda one: to_account_row(Account.parse(one.account), one))

    def iterate_holds(self) -> Iterator[Kept[Hold]]:
        """Yield every hold, live or ended, by id."""
        holds = self._tables.ledger_holds
        for row in self._rows.read(self._rows.select(holds).order_by(holds.c.id)):
            yield keep_row(row.id, row, lambda one: to_hold(_read_instants(one)))


def _merge(heads: Iterator[Any], legs: Iterator[tuple[str, Iterator[Any]]]) -> Iterator[KeptPosting]:
    """Join transactions and their entries, both by key."""
    group = next(legs, None)
    for head in heads:
        while group is not None and group[0] < head.key:
            yield KeptPosting(group[0], None, tuple(_keep_entry(_read_instants(row)) for row in group[1]))
            group = next(legs, None)
        rows = () if group is None or group[0] != head.key else tuple(map(_read_instants, group[1]))
        yield KeptPosting(head.key, _keep_posted(head, {row.id: row for row in rows}), tuple(map(_keep_entry, rows)))
        group = next(legs, None) if rows else group
    while group is not None:
        yield KeptPosting(group[0], None, tuple(_keep_entry(_read_instants(row)) for row in group[1]))
        group = next(legs, None)


def _keep_entry(row: Any) -> Kept[Entry]:
    return keep_row(row.id, row, to_entry, told={"owner": row.owner})


def _keep_posted(row: Any, legs: Mapping[str, Any]) -> Kept[PostedTransaction]:
    return keep_row(row.key, row, lambda head: to_posted(_read_instants(head), legs), told={"legs": row.legs})


def _read_instants(row: Any) -> Any:
    """Return a row with its instants read, as far as they are some: an audit selects them as they are written."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name of it
    return SimpleNamespace(**{name: try_instant(it) if name in _INSTANTS else it for name, it in values.items()})
