"""What is asked of a price book."""

import attrs

__all__ = ["PriceQuery"]


@attrs.frozen
class PriceQuery:
    """Which price: of what, sold by whom, to whom, where, and how many.

    Attributes:
        sku: What is bought.
        merchant: Who sells it.
        currency: Code of the currency it is bought in.
        offer: Which offer of the merchant; its schedule is the merchant's default.
        quantity: Pieces on this line.
        buyer: Who buys.
        user: The user who buys for the buyer.
        groups: The user groups that the user is in.
        channel: The sales channel.
        together: Pieces on all lines of the product with this merchant, for cumulative schedules; None where this line
            is the only one.
        options: Keys of the chosen options.
    """

    sku: str
    merchant: str
    currency: str
    offer: str | None = None
    quantity: int = 1
    buyer: str | None = None
    user: str | None = None
    groups: tuple[str, ...] = ()
    channel: str | None = None
    together: int | None = None
    options: tuple[str, ...] = ()
