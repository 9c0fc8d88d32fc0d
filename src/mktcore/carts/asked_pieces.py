"""How many pieces a cart takes of an offer, and of a product from one merchant, whichever lines they stand on."""

from collections import Counter
from collections.abc import Mapping

import attrs

from mktcore.carts.cart import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.offers import Offer

__all__ = ["AskedPieces"]


@attrs.define(eq=False, slots=False, kw_only=True)
class AskedPieces:
    """Where the lines of a cart go, counted: kept up to date while the buy box chooses.

    A line that no offer was chosen for yet counts for every offer that could serve it. So lines that reach a break or
    a minimum together are offered it together, however they stand in the cart.

    Attributes:
        products: The product of each SKU.
        siblings: The SKUs of the waiting lines, by product.
        sellers: The merchants that sell a SKU.
        waiting: Pieces of the lines that no offer was chosen for yet, by SKU.
        by_offer: Pieces of the others, by offer.
        by_product: The same, by product and merchant.
        places: The offer of each line that goes to one, by the line's key.
    """

    products: Mapping[str, str]
    siblings: Mapping[str, frozenset[str]]
    sellers: Mapping[str, frozenset[str]]
    waiting: Counter[str] = attrs.field(factory=Counter)
    by_offer: Counter[str] = attrs.field(factory=Counter)
    by_product: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    places: dict[str, Offer | None] = attrs.field(factory=dict)

    @classmethod
    def of(cls, cart: Cart, skus: Mapping[str, Sku], offers: Mapping[str, Offer]) -> "AskedPieces":
        """Count a cart's lines, before the buy box chose anything."""
        products = {line.sku: skus[line.sku].product_id if line.sku in skus else line.sku for line in cart.lines}
        waiting = [line for line in cart.lines if line.offer is None]
        siblings: dict[str, set[str]] = {}
        for line in waiting:
            siblings.setdefault(products[line.sku], set()).add(line.sku)
        sellers: dict[str, set[str]] = {}
        for offer in offers.values():
            sellers.setdefault(offer.sku, set()).add(offer.merchant)
        pieces = cls(
            products=products,
            siblings={product: frozenset(found) for product, found in siblings.items()},
            sellers={sku: frozenset(found) for sku, found in sellers.items()},
        )
        for line in waiting:
            pieces.waiting[line.sku] += line.quantity
        for line in cart.lines:
            named = offers.get(line.offer) if line.offer is not None else None
            if named is not None:
                pieces._count(line, named, line.quantity)
                pieces.places[line.key] = named
        return pieces

    @classmethod
    def of_one(cls, line: CartLine, product: str) -> "AskedPieces":
        """Count a line that stands alone, as what a shelf shows does.

        Args:
            line: It names no offer.
            product: The product of its SKU.
        """
        counted = Counter({line.sku: line.quantity})
        return cls(products={line.sku: product}, siblings={product: frozenset({line.sku})}, sellers={}, waiting=counted)

    def place(self, line: CartLine, offer: Offer | None) -> None:
        """Note where a line goes for which the buy box chose; None when nobody serves it."""
        if line.key in self.places:
            self._count(line, self.places[line.key], -line.quantity)
        else:
            self.waiting[line.sku] -= line.quantity
        self._count(line, offer, line.quantity)
        self.places[line.key] = offer

    def count_of_offer(self, offer: Offer, line: CartLine) -> int:
        """Return the pieces that the order takes of an offer when it serves a line."""
        own = self.places.get(line.key)
        # The line itself is among them when it goes to this offer already: it must not count twice.
        goes_there = own is not None and own.id == offer.id
        settled = self.by_offer[offer.id] + (0 if goes_there else line.quantity)
        wanted = offer.round_up(settled)
        if settled == wanted:
            return settled
        # Waiting lines help to reach a minimum or to fill a pack, and pass no maximum: not all of them have to come.
        others = self.waiting[line.sku] - (line.quantity if self._waits(line) else 0)
        return min(settled + others, wanted)

    def count_of_product(self, offer: Offer, line: CartLine) -> int:
        """Return the pieces of a line's product that the order takes of an offer's merchant when it serves the line."""
        product, merchant = self.products[line.sku], offer.merchant
        found = self.by_product[product, merchant]
        for sku in self.siblings.get(product, ()):
            # A candidate may be of a merchant that is not known to sell the SKU: the line itself counts all the same.
            if sku == line.sku or merchant in self.sellers.get(sku, ()):
                found += self.waiting[sku]
        own = self.places.get(line.key)
        return found if self._waits(line) or (own is not None and own.merchant == merchant) else found + line.quantity

    def _waits(self, line: CartLine) -> bool:
        return line.offer is None and line.key not in self.places

    def _count(self, line: CartLine, offer: Offer | None, quantity: int) -> None:
        if offer is not None:
            self.by_offer[offer.id] += quantity
            self.by_product[self.products[line.sku], offer.merchant] += quantity
