"""What is asked of a price book."""

import attrs

from mktcore.pricing.price_mode import PriceMode
from mktcore.sales_context import VISITOR, SalesContext

__all__ = ["PriceQuery"]


@attrs.frozen
class PriceQuery:
    """Which price: of what, sold by whom, to whom, where, and how many.

    Attributes:
        sku: What is bought.
        merchant: Who sells it.
        currency: Code of the currency it is bought in.
        context: Who buys, and where.
        offer: Which offer of the merchant; its schedule is the merchant's default.
        quantity: Pieces on this line.
        together: Pieces on all lines of the product with this merchant, for cumulative schedules; None where this line
            is the only one.
        options: Keys of the chosen options.
        product: The product of the SKU, whose prices hold where the SKU has none; None where it belongs to none.
        mode: Whether the price is asked for with tax, and which; None for as it was entered.
    """

    sku: str
    merchant: str
    currency: str
    context: SalesContext = attrs.field(default=VISITOR, kw_only=True)
    offer: str | None = attrs.field(default=None, kw_only=True)
    quantity: int = attrs.field(default=1, kw_only=True)
    together: int | None = attrs.field(default=None, kw_only=True)
    options: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    product: str | None = attrs.field(default=None, kw_only=True)
    mode: PriceMode | None = attrs.field(default=None, kw_only=True)
