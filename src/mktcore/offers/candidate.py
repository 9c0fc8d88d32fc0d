"""Candidates of the buy box: an offer, and everything the choice needs to know of it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.errors import Problem
from mktcore.money import Money
from mktcore.offers.offer import Offer
from mktcore.offers.refusing import CONFIDENTIAL
from mktcore.pricing import PriceResolution

__all__ = ["Candidate", "Occasion"]


@attrs.frozen
class Occasion:
    """For whom and when the buy box chooses.

    Attributes:
        at: The instant.
        buyer: Who buys.
        cart: Id of the cart.
    """

    at: datetime
    buyer: str = ""
    cart: str = ""


@attrs.frozen
class Candidate:
    """An offer of the SKU with what the choice needs to know.

    Attributes:
        offer: The offer.
        price: Its price for the quantity; None when it has none now.
        available: Pieces that could be reserved now, counted up to `quantity`.
        quantity: Pieces asked for.
        is_valid: Whether it can be bought now.
        unpriced: Why it has no price, where it has none.
        refusals: Why else an order cannot take it; see `find_refusals`.
        is_backordered: Whether some of the pieces are not on hand.
        handling_days: Days until it is handed over.
        shipping: What the merchant would charge for shipping; None where it charges nothing.
        rating: The merchant's rating, 0 to 100; None where it has none, or none was looked up.
    """

    offer: Offer
    price: PriceResolution | None
    available: int
    quantity: int
    is_valid: bool
    unpriced: str = "no price for this quantity"
    refusals: tuple[Problem, ...] = ()
    is_backordered: bool = False
    handling_days: int = 0
    shipping: Money | None = None
    rating: Decimal | None = None

    def refusal(self) -> str:
        """Say why it cannot win, or nothing when it can."""
        return "; ".join(self._list_refusals())

    def is_confidential(self) -> bool:
        """Tell whether it cannot win for a reason that is not a buyer's business."""
        return any(refusal.code in CONFIDENTIAL for refusal in self.refusals)

    def _list_refusals(self) -> Iterator[str]:
        yield from (refusal.message for refusal in self.refusals)
        if not self.is_valid:
            yield "not valid now"
        elif self.price is None:
            yield self.unpriced
        elif self.available < self.quantity:
            yield f"only {self.available} available"
