"""A look at the books in memory, for audits."""

from collections.abc import Iterable, Iterator

from mktcore.adapters.ledger_book import LEDGER_ACCOUNTS, LEDGER_ENTRIES, LEDGER_HOLDS, LEDGER_TRANSACTIONS
from mktcore.adapters.memory.transaction import MemorySession, Rows
from mktcore.ledger import Entry, Hold, PostedTransaction
from mktcore.ledger.entry import to_transaction_key
from mktcore.ledger.sum_changes import AccountRow
from mktcore.store_inspection import Kept, KeptPosting

__all__ = ["MemoryBooksInspection"]


class MemoryBooksInspection:
    """See `mktcore.store_inspection.LedgerInspection`."""

    def __init__(self, session: MemorySession) -> None:
        """Look at one snapshot."""
        self._session = session

    def iterate_postings(self) -> Iterator[KeptPosting]:
        """Yield every transaction with its entries, by key; also entries whose transaction is not there."""
        posted = dict(Rows(self._session, LEDGER_TRANSACTIONS).scan({}))
        entries: dict[str, list[Kept[Entry]]] = {}
        for id_, entry in Rows(self._session, LEDGER_ENTRIES).scan({}):
            entries.setdefault(to_transaction_key(id_), []).append(Kept(id_, entry, told={"owner": entry.owner}))
        for key in sorted({*posted, *entries}):
            kept = _keep(key, posted[key]) if key in posted else None
            yield KeptPosting(key, kept, tuple(entries.get(key, ())))

    def find_postings(self, causes: Iterable[str]) -> dict[str, tuple[Kept[PostedTransaction], ...]]:
        """Return what follows from some causes, by cause, in the order of keys."""
        rows = Rows(self._session, LEDGER_TRANSACTIONS)
        return {cause: tuple(_keep(*row) for row in rows.scan({"cause": cause})) for cause in causes}

    def find_posted(self, keys: Iterable[str]) -> frozenset[str]:
        """Return which of some keys are those of transactions."""
        rows = Rows(self._session, LEDGER_TRANSACTIONS)
        return frozenset(key for key in keys if key in rows)

    def iterate_accounts(self) -> Iterator[Kept[AccountRow]]:
        """Yield what is kept of every account, by account."""
        return (Kept(*row) for row in Rows(self._session, LEDGER_ACCOUNTS).scan({}))

    def iterate_holds(self) -> Iterator[Kept[Hold]]:
        """Yield every hold, live or ended, by id."""
        return (Kept(*row) for row in Rows(self._session, LEDGER_HOLDS).scan({}))


def _keep(key: str, posted: PostedTransaction) -> Kept[PostedTransaction]:
    return Kept(key, posted, told={"legs": len(posted.transaction.legs)})
