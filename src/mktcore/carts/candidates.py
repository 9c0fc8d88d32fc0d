"""The candidates of a cart line: each offer's price, stock, refusals and all else that the buy box compares. Pure."""

from datetime import datetime

import attrs

from mktcore.carts.asked_pieces import AskedPieces
from mktcore.carts.cart import CartLine
from mktcore.carts.gross_and_net_prices import StatedPrices
from mktcore.carts.market_facts import MarketFacts
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.delivery import ShippingFee
from mktcore.money import Currency, Money
from mktcore.notice import Notice
from mktcore.offers import Offer, OfferCandidate, OfferDemand, find_refusals
from mktcore.offers.choose_stock_places import AvailableStock, StockSource
from mktcore.offers.merchant_closure import find_extra_days
from mktcore.pricing import PriceQuery, PriceResolution, Unpriced
from mktcore.sales_context import SalesContext
from mktcore.totals import Expense, TaxRate

__all__ = ["CandidateBuilder"]


@attrs.frozen(kw_only=True)
class CandidateBuilder:
    """Builds one candidate after the other for the lines of a cart, or for what a shelf shows.

    Attributes:
        context: Who buys, and where.
        shipping: Shipping quoted from outside.
        facts: What the marketplace has.
        currency: Its currency.
        now: The instant.
        stock: What the lines before left of the stock.
        pieces: How many pieces all lines ask for.
        stating: How the marketplace states prices.
    """

    context: SalesContext
    shipping: tuple[Expense, ...] = ()
    facts: MarketFacts
    currency: Currency
    now: datetime
    stock: AvailableStock
    pieces: AskedPieces
    stating: StatedPrices

    def find_price(self, offer: Offer, line: CartLine, nature: GoodsNature) -> PriceResolution | Unpriced:
        """Return what the line costs at this offer, as the marketplace states its prices."""
        query = PriceQuery(
            line.sku,
            offer.merchant,
            self.currency.code,
            context=self.context,
            offer=offer.id,
            quantity=line.quantity,
            together=self.pieces.count_of_product(offer, line),
            options=line.options,
            product=self._find_product(line),
            mode=self.stating.find_mode(self.facts, line, nature, now=self.now),
        )
        return self.facts.prices.find(query, now=self.now)

    def build(self, offer: Offer, line: CartLine, nature: GoodsNature) -> OfferCandidate:
        """Return the offer as a candidate for the line, whose goods are of this nature."""
        terms, now, price = self.facts.terms, self.now, self.find_price(offer, line, nature)
        closures = terms.closures.get(offer.merchant, ())
        refused = find_refusals(
            offer,
            OfferDemand.of(nature, quantity=self.pieces.count_of_offer(offer, line), channel=self.context.channel),
            now=now,
            selection=terms.find_selection(offer.merchant, now),
            closures=closures,
            unavailable=terms.unavailable.get(offer.id),
        )
        refusals = (*self._find_channel_bar(offer, line), *refused, *self._find_unknown_options(offer, line, price))
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

    def depends_on_others(self, offer: Offer, line: CartLine) -> bool:
        """Tell whether what other lines ask for decides what the offer is to a line, the stock aside."""
        product, currency = self._find_product(line), self.currency.code
        query = PriceQuery(line.sku, offer.merchant, currency, context=self.context, offer=offer.id, product=product)
        is_bounded = offer.is_bounded()
        return is_bounded or any(one.schedule.cumulative for one in self.facts.prices.list_for(query))

    def find_rates(self, line: CartLine, nature: GoodsNature) -> tuple[TaxRate, ...]:
        """Return the taxes on a line's goods where they go."""
        return self.stating.find_rates(self.facts, line, nature, now=self.now)

    def _find_product(self, line: CartLine) -> str | None:
        sku = self.facts.skus.get(line.sku)
        return None if sku is None else sku.product

    def source_line(self, offer: Offer, line: CartLine) -> tuple[StockSource, ...]:
        """Take the pieces of a line that this offer serves out of the stock, and return where they come from."""
        return self.stock.source(offer, line.quantity)

    def _find_channel_bar(self, offer: Offer, line: CartLine) -> tuple[Notice, ...]:
        """Refuse what the channel does not sell: of a merchant who is not in it, or of no catalog of its own."""
        name, channels = self.context.channel, self.facts.channels
        if name is None or not channels.channels:
            return ()
        sku = self.facts.skus.get(line.sku)
        product = line.sku if sku is None else sku.product_id
        found = channels.find_bar(name, merchant=offer.merchant, product=product)
        return () if found is None else (found,)

    def _find_shipping(self, merchant: str) -> Money | ShippingFee | None:
        quoted = [expense.amount for expense in self.shipping if expense.merchant == merchant]
        return Money.sum(quoted) if quoted else self.facts.shipping_fees.get(merchant)

    def _find_unknown_options(
        self, offer: Offer, line: CartLine, price: PriceResolution | Unpriced
    ) -> tuple[Notice, ...]:
        """Refuse options that neither a spec of the product nor the price knows: nobody would make them."""
        if not line.options or isinstance(price, Unpriced):
            return ()
        marked = {option.key for option in price.options}
        known = {choice.key for spec in self.facts.list_specs(line.sku) for choice in spec.choices}
        return tuple(
            Notice(
                "unknown-option",
                "",
                f"offer {offer.id} knows no option {key[:80]!r}",
                f"choose from {', '.join(sorted(known | marked)) or 'nothing: there is no option'}",
                operands={"offer": offer.id, "option": key},
            )
            for key in dict.fromkeys(line.options)
            if key not in known and key not in marked
        )
