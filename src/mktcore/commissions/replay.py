"""What other rules would have taken of what was sold: placed sales, charged anew beside what they were charged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from itertools import islice

import attrs

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.commissions.volumes import name_volume
from mktcore.explain import Explanation
from mktcore.money import Money

__all__ = ["PlacedSale", "ReplayedMerchant", "replay_sales"]

_CHUNK = 100
_AT_ONCE = 16
"""Chunks that wait for an executor: so many keep it busy, and a long period is never held as a whole."""


@attrs.frozen
class PlacedSale:
    """A merchant order as commission sees it.

    Attributes:
        merchant_order: Its id.
        merchant: Whose it is.
        at: When it was placed, UTC.
        lines: What commission is calculated of, at least one.
        charged: What was taken of it at placement.
    """

    merchant_order: str
    merchant: str
    at: datetime = attrs.field(kw_only=True)
    lines: tuple[CommissionLine, ...] = attrs.field(kw_only=True)
    charged: tuple[Commission, ...] = attrs.field(kw_only=True)


@attrs.frozen(kw_only=True)
class ReplayedMerchant:
    """What was taken of a merchant's sales, and what the other rules would have taken, tax excluded.

    Attributes:
        merchant: The merchant.
        orders: How many merchant orders.
        charged: What was taken at placement.
        replayed: What would have been.
    """

    merchant: str
    orders: int
    charged: Money
    replayed: Money

    @property
    def difference(self) -> Money:
        """How much more the other rules would have taken."""
        return self.replayed - self.charged

    def explain(self) -> Explanation:
        """Say both figures."""
        reason = f"{self.replayed} in place of {self.charged} in {self.orders} orders"
        return Explanation(f"merchant {self.merchant}", str(self.difference), reason)


_Sums = dict[tuple[str, str], tuple[int, int, int]]
"""By merchant and currency: orders, and minor units charged and replayed."""


def replay_sales(
    sales: Iterable[PlacedSale], book: CommissionBook, *, executor: Executor | None = None
) -> tuple[ReplayedMerchant, ...]:
    """Return what a book would have taken of sales, by merchant and currency; the same with an executor as without.

    Args:
        sales: In the order of placement, which volumes go by; they are read as they are needed.
        book: The rules, valid at the time of each sale.
        executor: Where it is calculated; here and now where none is given, or where some rule counts volumes.
    """
    total: _Sums = {}
    if any(rule.counts_volume() for rule in book.rules):
        _add(total, _replay_volumes(book, sales))
        return _tell(total)
    chunks = _split(sales)
    work = partial(_replay_chunk, book)
    while batch := tuple(islice(chunks, _AT_ONCE)):
        for found in map(work, batch) if executor is None else executor.map(work, batch):
            _add(total, found)
    return _tell(total)


def _split(sales: Iterable[PlacedSale]) -> Iterator[tuple[PlacedSale, ...]]:
    source = iter(sales)
    while chunk := tuple(islice(source, _CHUNK)):
        yield chunk


def _replay_chunk(book: CommissionBook, sales: Iterable[PlacedSale]) -> _Sums:
    found: _Sums = {}
    for sale in sales:
        _add(found, _sum_sale(sale, book.calculate(sale.lines, now=sale.at)))
    return found


def _replay_volumes(book: CommissionBook, sales: Iterable[PlacedSale]) -> _Sums:
    counting = {rule.id: rule for rule in book.rules if rule.counts_volume()}
    sold: Counter[str] = Counter()
    found: _Sums = {}
    for sale in sales:
        names = {rule.id: name_volume(rule, sale.merchant, sale.at) for rule in counting.values()}
        volume = {rule: sold[name] for rule, name in names.items()}
        lines = [attrs.evolve(line, sale=attrs.evolve(line.sale, volume=volume)) for line in sale.lines]
        taken = book.calculate(lines, now=sale.at)
        for entry in taken:
            if entry.rule in names and entry.sold_before is not None:
                sold[names[entry.rule]] += entry.base.minor
        _add(found, _sum_sale(sale, taken))
    return found


def _sum_sale(sale: PlacedSale, taken: Iterable[Commission]) -> _Sums:
    code = sale.lines[0].net.currency.code
    charged = sum([entry.amount.minor for entry in sale.charged])
    return {(sale.merchant, code): (1, charged, sum([entry.amount.minor for entry in taken]))}


def _add(total: _Sums, found: Mapping[tuple[str, str], tuple[int, int, int]]) -> None:
    for key, (orders, charged, replayed) in found.items():
        before = total.get(key, (0, 0, 0))
        total[key] = (before[0] + orders, before[1] + charged, before[2] + replayed)


def _tell(total: _Sums) -> tuple[ReplayedMerchant, ...]:
    return tuple(
        ReplayedMerchant(
            merchant=merchant,
            orders=orders,
            charged=Money.from_minor(charged, code),
            replayed=Money.from_minor(replayed, code),
        )
        for (merchant, code), (orders, charged, replayed) in sorted(total.items())
    )
