"""Verifying the ledger of a live store: transactions balance (I3), and balances are the sums of their entries (I4)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import attrs

from mktcore.ledger import Account, Entry, LedgerUnit
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS
from mktcore.persistence import Page, Scope, Store
from mktcore.postings.order_postings import ORDER_EVENTS
from mktcore.stock import MarketUnit

__all__ = ["verify_ledger"]

_PAGE = 1_000
"""Entries in one unit: few enough that a live store is not held up."""


@attrs.define
class _Sums:
    """What the entries that were read add up to."""

    accounts: Counter[Account] = attrs.field(factory=Counter)
    open: dict[str, Counter[str]] = attrs.field(factory=dict)

    def add(self, entries: Iterable[Entry]) -> Iterator[Notice]:
        """Add entries in the order of their ids: those of one transaction follow each other, a page may cut them."""
        for entry in entries:
            for key in [key for key in self.open if key != entry.transaction]:
                yield from self.close(key)
            self.accounts[entry.account] += entry.amount.minor
            self.open.setdefault(entry.transaction, Counter())[entry.account.currency.code] += entry.amount.minor

    def close(self, key: str) -> Iterator[Notice]:
        sums = self.open.pop(key)
        if len(sums) > 1:
            yield Notice("I3", f"transaction {key}", f"it mixes {', '.join(sorted(sums))}")
        for currency, minor in sums.items():
            if minor:
                yield Notice("I3", f"transaction {key}", f"debits exceed credits by {minor} units of {currency}")


def verify_ledger(store: Store[MarketUnit], *, progress: Callable[[int], None] | None = None) -> tuple[Notice, ...]:
    """Return a finding for everything in the ledger that does not hold; empty when all is well.

    Entries are read in pages, each in a unit of its own, so a live store is not held up; what is kept in memory is a
    sum for each account.

    Args:
        store: The store, audited as the operator.
        progress: Called with the number of entries looked at so far.
    """
    sums, findings, seen = _Sums(), list[Notice](), 0
    for page, orders in _read_pages(store):
        findings += sums.add(page.items)
        findings += _find_orphans(page, orders)
        seen += len(page.items)
        if progress is not None:
            progress(seen)
    for key in list(sums.open):
        findings += sums.close(key)
    return (*findings, *_find_differences(store, sums.accounts))


def _read_pages(store: Store[MarketUnit]) -> Iterator[tuple[Page[Entry], frozenset[str]]]:
    """Yield each page of entries, with which of their causes are orders."""
    after: str | None = None
    while True:
        with store.begin(Scope.operator()) as unit:
            page = unit.ledger.page_entries(after=after, limit=_PAGE)
            causes = {entry.cause for entry in page.items if entry.kind in ORDER_EVENTS}
            orders = frozenset(unit.repository(MARKETPLACE_ORDERS).find_many(sorted(causes)))
        yield page, orders
        if page.next is None:
            return
        after = page.next


def _find_orphans(page: Page[Entry], orders: frozenset[str]) -> Iterator[Notice]:
    for key, cause in dict.fromkeys((one.transaction, one.cause) for one in page.items if one.kind in ORDER_EVENTS):
        if cause not in orders:
            yield Notice("I4", f"transaction {key}", f"it follows from order {cause}, which does not exist")


def _find_differences(store: Store[MarketUnit], sums: Counter[Account]) -> Iterator[Notice]:
    """Invariant I4: each stored balance is what its entries come to."""
    accounts = sorted(sums, key=str)
    for start in range(0, len(accounts), _PAGE):
        batch = accounts[start : start + _PAGE]
        with store.begin(Scope.operator()) as unit:
            balances = unit.ledger.balances(batch)
            for account in batch:
                if balances[account] != account.to_balance(sums[account]):
                    yield from _check_again(unit, account)


def _check_again(unit: LedgerUnit, account: Account) -> Iterator[Notice]:
    """Yield a finding where the balance did not move while the entries were read: others post meanwhile."""
    before = unit.ledger.balances([account])[account]
    entries = account.to_balance(sum(entry.amount.minor for entry in _read_account(unit, account)))
    after = unit.ledger.balances([account])[account]
    if before == after != entries:
        yield Notice("I4", f"account {account}", f"its balance is {after}, and its entries come to {entries}")


def _read_account(unit: LedgerUnit, account: Account) -> Iterator[Entry]:
    after: str | None = None
    while True:
        page = unit.ledger.page_entries({"account": str(account)}, after=after, limit=_PAGE)
        yield from page.items
        if page.next is None:
            return
        after = page.next
