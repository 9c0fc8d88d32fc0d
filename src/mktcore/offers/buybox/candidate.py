"""Candidates of the buy box: an offer, and everything the choice needs to know of it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from mktcore.delivery import ShippingFee
from mktcore.money import Money, Rounding
from mktcore.money.rounding import round_ratio
from mktcore.notice import Notice
from mktcore.offers.offer import Offer
from mktcore.offers.offer_refusals import CONFIDENTIAL
from mktcore.persistence import Party, Scope
from mktcore.pricing import PriceResolution

__all__ = ["ChoiceOccasion", "OfferCandidate"]


@attrs.frozen
class ChoiceOccasion:
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
class OfferCandidate:
    """An offer of the SKU with what the choice needs to know.

    Attributes:
        offer: The offer.
        price: Its price for the quantity; None when it has none now.
        available: Pieces that could be reserved now, counted up to `quantity`.
        quantity: Pieces asked for.
        is_valid: Whether it can be bought now.
        unpriced: Why it has no price, where that is known.
        refusals: Why else an order cannot take it; see `find_refusals`.
        is_backordered: Whether some of the pieces are not on hand.
        handling_days: Days until it is handed over.
        shipping: What the merchant was quoted to charge for shipping, or its fee; None where it charges nothing.
        rating: The merchant's rating, 0 to 100; None where it has none, or none was looked up.
    """

    offer: Offer
    price: PriceResolution | None
    available: int
    quantity: int
    is_valid: bool
    unpriced: Notice | None = None
    refusals: tuple[Notice, ...] = ()
    is_backordered: bool = False
    handling_days: int = 0
    shipping: Money | ShippingFee | None = None
    rating: Decimal | None = None

    def view_for(self, scope: Scope) -> "OfferCandidate":
        """Return what the caller may see of the offer and, for a buyer, of its price."""
        is_buyer = scope.caller.party is Party.BUYER
        price = self.price.for_buyer() if is_buyer and self.price is not None else self.price
        return attrs.evolve(self, offer=self.offer.view_for(scope), price=price)

    def refusal(self) -> str:
        """Say why it cannot win, or nothing when it can."""
        return "; ".join(self._list_refusals())

    def is_refused(self) -> bool:
        """Tell whether it cannot win."""
        # The questions of `refusal` without its texts: this is asked of every offer that there is.
        return bool(self.refusals) or not self.is_valid or self.price is None or self.available < self.quantity

    def compute_landed_cost(self) -> Fraction:
        """Return what the pieces cost with shipping, in minor units, if nothing else is bought of the merchant."""
        price, shipping = self.price, self.shipping
        goods = Fraction(0) if price is None else price.exact_unit_minor * self.quantity
        if isinstance(shipping, ShippingFee):
            # A fee's threshold is asked of an amount: the goods are rounded for it, and for nothing else.
            subtotal = Money.from_minor(
                round_ratio(goods.numerator, goods.denominator, Rounding.HALF_UP), shipping.amount.currency
            )
            shipping = shipping.charge(subtotal)
        return goods if shipping is None else goods + shipping.minor

    def is_confidential(self) -> bool:
        """Tell whether it cannot win for a reason that is not a buyer's business."""
        return any(refusal.code in CONFIDENTIAL for refusal in self.refusals)

    def _list_refusals(self) -> Iterator[str]:
        yield from (refusal.message for refusal in self.refusals)
        if not self.is_valid:
            yield "not valid now"
        elif self.price is None:
            told = self.unpriced
            yield "no price for this quantity" if told is None else f"{told.message}: {told.remedy}"
        elif self.available < self.quantity:
            yield f"only {self.available} available"
