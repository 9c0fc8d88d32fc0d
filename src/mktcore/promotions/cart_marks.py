"""What a cart looks for promotions by: a mark for each thing that it has and that one may need. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import attrs

from mktcore.promotions.promotion_line import list_places
from mktcore.promotions.promotion_marks import to_mark
from mktcore.sales_context import SalesContext

__all__ = ["WantedGoods", "list_cart_marks", "list_goods_marks"]


@attrs.frozen
class WantedGoods:
    """Goods that a cart may come to have.

    Attributes:
        sku: The SKU.
        merchants: Of whom it may have them.
        brand: Their brand.
        category: Their category.
        ancestors: The categories that it lies in.
    """

    sku: str
    merchants: AbstractSet[str]
    brand: str = attrs.field(default="", kw_only=True)
    category: str = attrs.field(default="", kw_only=True)
    ancestors: tuple[str, ...] = attrs.field(default=(), kw_only=True)


def list_cart_marks(
    merchants: Collection[str],
    context: SalesContext,
    codes: Iterable[str],
    *,
    pooled: Mapping[tuple[str | None, str], tuple[str, ...]],
) -> Iterator[str]:
    """Yield the marks of what a cart has, whatever goods are in it.

    Args:
        merchants: Whose offers it may take.
        context: Who buys, and where.
        codes: The coupon codes, as they were entered.
        pooled: Those that are of a pool, by the pool's owner and name.
    """
    folded = {code.casefold() for code in codes}
    for owner in (None, *merchants):
        yield to_mark("any", owner)
        yield to_mark("channel", owner, str(context.channel))
        yield from (to_mark("group", owner, group) for group in context.groups)
        yield from (to_mark("code", owner, code) for code in folded)
    yield from (to_mark("pool", owner, pool) for owner, pool in pooled)


def list_goods_marks(goods: Iterable[WantedGoods]) -> Iterator[str]:
    """Yield the marks of goods, some of them twice; by brand and category only the operator's promotions are found."""
    for one in goods:
        yield from (to_mark("sku", owner, one.sku) for owner in (None, *one.merchants))
        yield from (to_mark("merchant", None, merchant) for merchant in one.merchants)
        yield to_mark("brand", None, one.brand)
        yield from (to_mark("category", None, place) for place in list_places(one.category, one.ancestors))
