"""The ledger in memory: entries, causes and live holds are found by index."""

from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from mktcore.adapters.ledger_book import LEDGER_ENTRIES, LEDGER_HOLDS, LEDGER_TRANSACTIONS, LedgerBook
from mktcore.adapters.memory.transaction import MemorySession, Rows
from mktcore.events import Event
from mktcore.ledger import Account, Entry, Hold, HoldState, PostedTransaction
from mktcore.persistence import Page, Party, Scope
from mktcore.persistence.queries import Query

__all__ = ["MemoryLedger"]


class _RowsUnit(Protocol):
    """What this needs of a unit in memory."""

    @property
    def scope(self) -> Scope: ...
    def publish(self, events: Iterable[Event]) -> None: ...
    def read(self, table: str) -> Rows: ...
    def change(self, table: str) -> Rows: ...


class MemoryLedger(LedgerBook):
    """The books, as one unit sees them."""

    def __init__(self, unit: _RowsUnit, session: MemorySession) -> None:
        """Work inside a unit's session."""
        super().__init__(unit)
        self._rows = unit
        self._session = session

    def _page(self, query: Query) -> Page[Entry]:
        view = self._session.view(LEDGER_ENTRIES)
        scope = self._unit.scope
        where = {**query.equal, **query.ranges}
        if scope.party is not Party.OPERATOR and query.equal.get("owner", str(scope)) != str(scope):
            return query.to_page([])
        if scope.party is not Party.OPERATOR:
            where["owner"] = str(scope)
        with self._session.reading():
            if query.order.column is None:
                found = view.scan(where, "" if query.after is None else query.after.id)
            else:
                found = view.walk(query, where)
            return query.to_page([entry for _, entry in islice(found, query.limit + 1)])

    def _list_entries(self) -> list[Entry]:
        scope = self._unit.scope
        where = {} if scope.party is Party.OPERATOR else {"owner": str(scope)}
        return [entry for _, entry in self._rows.read(LEDGER_ENTRIES).scan(where)]

    def _find_entries(self, account: Account) -> list[Entry]:
        return [entry for _, entry in self._rows.read(LEDGER_ENTRIES).scan({"account": str(account)})]

    def _find_caused(self, cause: str) -> Iterable[PostedTransaction]:
        return [posted for _, posted in self._rows.read(LEDGER_TRANSACTIONS).scan({"cause": cause})]

    def _find_live(self) -> Iterable[Hold]:
        return [one for _, one in self._rows.change(LEDGER_HOLDS).scan({"state": HoldState.LIVE})]
