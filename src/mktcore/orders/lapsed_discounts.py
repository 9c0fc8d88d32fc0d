"""Which discounts the rest of an order no longer earns, by the promotions as they were when it was placed. Pure."""

from collections.abc import Iterator, Mapping

from mktcore.money import round_ratio
from mktcore.orders.discount_terms import DiscountTerms, PlacedPromotion
from mktcore.orders.order import Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_revision import OpenDiscount
from mktcore.postings import PieceCounts
from mktcore.promotions import apply_promotions
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.sales_context import SalesContext
from mktcore.totals import Line

__all__ = ["find_lapsed_discounts"]


def find_lapsed_discounts(order: Order, counts: Mapping[str, PieceCounts]) -> dict[str, tuple[OpenDiscount, ...]]:
    """Return what promotions take off the open pieces of each line on which some discount lapses.

    The promotions are applied anew to what is kept of the order, whatever became of them since it was placed: limits
    and periods are not asked again. Nobody gets more by cancelling: of each line a promotion takes at most its share of
    what it took before, and what has left the merchant keeps the price that it left at.

    Args:
        order: The order, with what earlier cancellations made of its discounts.
        counts: What of each line is open, earned and canceled.
    """
    whole = order.marketplace_order
    if whole.discount_terms is None:
        return {}
    granted = _apply_anew(order, whole.discount_terms, counts)
    found = {}
    for part in order.merchant_orders:
        for line in part.lines:
            if counts[line.key].open:
                discounts = tuple(_list_discounts(order, line, granted, counts=counts[line.key]))
                if any(one.lapsed for one in discounts):
                    found[line.key] = discounts
    return found


def _apply_anew(order: Order, terms: DiscountTerms, counts: Mapping[str, PieceCounts]) -> dict[tuple[str, str], int]:
    """Return what promotions take off what is kept, by promotion and line."""
    whole = order.marketplace_order
    charges = (*whole.expenses, *(entry for part in order.merchant_orders for entry in part.expenses))
    cart = PromotionCart(
        list(_list_kept(order, terms, counts)),
        whole.placed_at,
        context=SalesContext(whole.buyer, user=whole.user, groups=whole.groups, channel=whole.channel),
        expenses=[entry.expense for entry in charges],
        shipping=terms.shipping,
        is_first_order=terms.is_first_order,
        codes=whole.codes,
        pooled={(one.owner, one.pool): one.codes for one in terms.pooled},
    )
    outcome = apply_promotions(
        [one.promotion for one in terms.promotions],
        cart,
        profile=whole.policy.profile,
        currency=whole.policy.currency,
        policy=whole.policy.promotions,
    )
    return {(one.promotion.id, key): amount.minor for one in outcome.applied for key, amount in one.parts.items()}


def _list_kept(order: Order, terms: DiscountTerms, counts: Mapping[str, PieceCounts]) -> Iterator[PromotionLine]:
    goods = {one.line: one for one in terms.goods}
    for part in order.merchant_orders:
        for line in part.lines:
            kept = counts[line.key].open + counts[line.key].earned
            if kept and line.key in goods:
                known = goods[line.key]
                yield PromotionLine(
                    _to_totals_line(line, part.merchant, kept),
                    line.sku,
                    category=line.category,
                    brand=known.brand,
                    attributes=known.attributes,
                    ancestors=known.ancestors,
                    on_sale=known.on_sale,
                    least_price=known.least_price,
                )


def _to_totals_line(line: OrderLine, merchant: str, pieces: int) -> Line:
    return Line(line.key, merchant, line.unit_price, quantity=pieces, per=line.per, options=line.options)


def _list_discounts(
    order: Order, line: OrderLine, granted: Mapping[tuple[str, str], int], *, counts: PieceCounts
) -> Iterator[OpenDiscount]:
    """Yield what each promotion takes off the open pieces of a line: its share of before, or less."""
    whole = order.marketplace_order
    mode, kept = whole.policy.profile.mode, counts.open + counts.earned
    for one in () if whole.discount_terms is None else whole.discount_terms.promotions:
        if line.key in one.taken:
            minor, pieces = _find_known(order, line, one)
            before = round_ratio(minor * min(counts.open, pieces), pieces, mode)
            now = round_ratio(granted.get((one.promotion.id, line.key), 0) * counts.open, kept, mode)
            yield OpenDiscount(one.promotion.id, min(before, now), lapsed=max(before - now, 0))


def _find_known(order: Order, line: OrderLine, placed: PlacedPromotion) -> tuple[int, int]:
    """Return what a promotion takes off how many pieces of a line, as placed or as it was judged last."""
    for revision in reversed(order.marketplace_order.revisions):
        for raised in revision.raised:
            if raised.line == line.key:
                [known] = [one for one in raised.discounts if one.promotion == placed.promotion.id]
                return known.minor, raised.pieces
    return placed.taken[line.key], line.quantity
