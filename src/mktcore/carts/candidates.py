"""The candidates of a cart line: each offer's price, stock, refusals and all else that the buy box compares. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.market_facts import MarketFacts
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.delivery import ShippingFee
from mktcore.money import Currency, Money
from mktcore.offers import Offer, OfferCandidate, OfferDemand, find_refusals
from mktcore.offers.choose_stock_places import AvailableStock, StockSource
from mktcore.offers.merchant_closure import find_extra_days
from mktcore.pricing import PriceQuery, PriceResolution, Unpriced

__all__ = ["CandidateBuilder", "NamedPieces"]


@attrs.frozen
class NamedPieces:
    """Pieces on the lines of a cart that name an offer: by offer, and by product and merchant."""

    by_offer: Counter[str]
    by_product: Counter[tuple[str, str]]

    @classmethod
    def of(cls, cart: Cart, offers: Mapping[str, Offer]) -> "NamedPieces":
        """Count once for all lines."""
        by_offer: Counter[str] = Counter()
        by_product: Counter[tuple[str, str]] = Counter()
        for line in cart.lines:
            found = offers.get(line.offer) if line.offer is not None else None
            if found is not None:
                by_offer[found.id] += line.quantity
                by_product[line.sku, found.merchant] += line.quantity
        return cls(by_offer, by_product)


@attrs.frozen(kw_only=True)
class CandidateBuilder:
    """Builds one candidate after the other for the lines of a cart.

    Attributes:
        cart: The cart.
        facts: What the marketplace has.
        currency: Its currency.
        now: The instant.
        stock: What the lines before left of the stock.
        named: What the lines name.
        chosen: Pieces of the lines for which the buy box chose it, by offer.
    """

    cart: Cart
    facts: MarketFacts
    currency: Currency
    now: datetime
    stock: AvailableStock
    named: NamedPieces
    chosen: Counter[str] = attrs.field(factory=Counter)

    def find_price(self, offer: Offer, line: CartLine) -> PriceResolution | Unpriced:
        """Return what the line costs at this offer."""
        query = PriceQuery(
            line.sku,
            offer.merchant,
            self.currency.code,
            context=self.cart.context,
            offer=offer.id,
            quantity=line.quantity,
            together=self._count_together(offer, line),
            options=line.options,
        )
        return self.facts.prices.find(query, now=self.now)

    def build(self, offer: Offer, line: CartLine, nature: GoodsNature) -> OfferCandidate:
        """Return the offer as a candidate for the line, whose goods are of this nature."""
        terms, now, price = self.facts.terms, self.now, self.find_price(offer, line)
        closures = terms.closures.get(offer.merchant, ())
        refusals = find_refusals(
            offer,
            OfferDemand.of(nature, quantity=self._count_pieces(offer, line), channel=self.cart.context.channel),
            now=now,
            selection=terms.find_selection(offer.merchant, now),
            closures=closures,
            unavailable=terms.unavailable.get(offer.id),
        )
        is_backordered = self.stock.count_on_hand(offer) < line.quantity
        # The days of a back-order come on top of handling: the goods are handled when they have arrived.
        late = offer.backorder_days if is_backordered else 0
        # By position: one is built for every offer of every line, and keywords make that noticeably slower.
        return OfferCandidate(
            offer,
            price=None if isinstance(price, Unpriced) else price,
            # Nobody learns more of a stock than whether it serves the line.
            available=min(self.stock.count(offer), line.quantity),
            quantity=line.quantity,
            is_valid=offer.valid.contains(now),
            unpriced=price.notice if isinstance(price, Unpriced) else None,
            refusals=refusals,
            is_backordered=is_backordered,
            handling_days=offer.handling_days + late + find_extra_days(offer, closures, now),
            shipping=self._find_shipping(offer.merchant),
            rating=terms.ratings.get(offer.merchant),
        )

    def source_line(self, offer: Offer, line: CartLine) -> tuple[StockSource, ...]:
        """Take the pieces of a line that this offer serves out of the stock, and return where they come from."""
        # Lines that name the offer were all counted before the first one was looked at.
        if line.offer is None:
            self.chosen[offer.id] += line.quantity
        return self.stock.source(offer, line.quantity)

    def _find_shipping(self, merchant: str) -> Money | ShippingFee | None:
        quoted = [expense.amount for expense in self.cart.shipping if expense.merchant == merchant]
        return Money.sum(quoted) if quoted else self.facts.shipping_fees.get(merchant)

    def _count_pieces(self, offer: Offer, line: CartLine) -> int:
        """Count the pieces that the order takes of an offer: on lines that name it, and on those it was chosen for."""
        # A line that names the offer is among the named ones: it must not count twice.
        named = self.named.by_offer[offer.id] - (line.quantity if line.offer == offer.id else 0)
        return line.quantity + named + self.chosen[offer.id]

    def _count_together(self, offer: Offer, line: CartLine) -> int:
        """Count the pieces of the product on this line and on those that name an offer of the same merchant."""
        own = self.facts.offers.get(line.offer) if line.offer is not None else None
        named = self.named.by_product[line.sku, offer.merchant]
        return named + (0 if own is not None and own.merchant == offer.merchant else line.quantity)
