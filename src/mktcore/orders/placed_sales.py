"""What was sold, as commission sees it: stored merchant orders of a period, in the order of placement."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from mktcore.catalog import SKUS, Sku
from mktcore.catalog.inherited_goods import GoodsNatures, gather_natures
from mktcore.commissions import CommissionLine
from mktcore.commissions.commissionable_line import SaleFacts
from mktcore.commissions.replay import PlacedSale
from mktcore.orders.list_commissionable_lines import build_freight_line, find_bases
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.parties import MERCHANTS, Merchant
from mktcore.periods import Period
from mktcore.persistence import Repositories
from mktcore.persistence.ranges import AtLeast, Below, Between, Range

__all__ = ["find_placed_sales"]

_AT_ONCE = 100


def find_placed_sales(unit: Repositories, period: Period) -> Iterator[PlacedSale]:
    """Yield the merchant orders that were placed in a period, the earliest first, in constant memory."""
    parts = unit.repository(MERCHANT_ORDERS).stream(_to_where(period), order="placed_at")
    while chunk := tuple(islice(parts, _AT_ONCE)):
        yield from _to_sales(unit, chunk)


def _to_where(period: Period) -> dict[str, Range]:
    start, end = period.start, period.end
    if end is None:
        return {} if start is None else {"placed_at": AtLeast(start)}
    return {"placed_at": Below(end) if start is None else Between(start, end)}


def _to_sales(unit: Repositories, parts: Sequence[MerchantOrder]) -> Iterator[PlacedSale]:
    wholes = unit.repository(MARKETPLACE_ORDERS).find_many({part.order for part in parts})
    merchants = unit.repository(MERCHANTS).find_many({part.merchant for part in parts})
    skus = unit.repository(SKUS).find_many({line.sku for part in parts for line in part.lines})
    natures = gather_natures(unit, skus.values())
    for part in parts:
        whole = wholes[part.order]
        sale = _to_facts(part, whole, merchants.get(part.merchant))
        lines = [_to_line(line, whole, skus, natures=natures, sale=sale) for line in part.lines]
        lines += [_to_freight(expense, whole, part.merchant, sale=sale) for expense in part.expenses]
        yield PlacedSale(part.id, part.merchant, at=part.placed_at, lines=tuple(lines), charged=part.commissions or ())


def _to_facts(part: MerchantOrder, whole: MarketplaceOrder, merchant: Merchant | None) -> SaleFacts:
    return SaleFacts(
        channel=whole.channel,
        groups=whole.groups,
        merchant_attributes={} if merchant is None else merchant.attributes,
        stated=part.totals.subtotal,
        merchant_order=part.id,
    )


def _to_line(
    line: OrderLine, whole: MarketplaceOrder, skus: Mapping[str, Sku], *, natures: GoodsNatures, sale: SaleFacts
) -> CommissionLine:
    totals = line.totals.as_placed()
    # An SKU that is gone is of what the order's line has of it.
    nature = natures.find(skus.get(line.sku) or Sku(line.sku, line.title, category=line.category))
    return CommissionLine(
        line.key,
        totals.merchant,
        nature.category,
        quantity=line.quantity,
        net=totals.merchant_net,
        gross=totals.gross,
        stated=totals.subtotal,
        figures=find_bases(whole.policy, totals, totals.subtotal, rates=line.tax_rates),
        sku=line.sku,
        ancestors=nature.ancestors,
        brand=nature.brand,
        attributes=nature.attributes,
        sale=sale,
    )


def _to_freight(expense: OrderExpense, whole: MarketplaceOrder, merchant: str, *, sale: SaleFacts) -> CommissionLine:
    rates = expense.expense.tax_rates
    return build_freight_line(whole.policy, expense.totals.as_placed(), merchant, rates=rates, sale=sale)
