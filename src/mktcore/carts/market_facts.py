"""What a simulation reads of the marketplace."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.addresses import Address
from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNatures
from mktcore.catalog.order_choices import Spec
from mktcore.channels import ChannelBook
from mktcore.delivery import DeliveryMethod, ShippingFee
from mktcore.notice import Notice
from mktcore.offers import Closure, Offer
from mktcore.offers.refresh.last_answer import Unavailability
from mktcore.order_thresholds import OrderThreshold
from mktcore.parties import Agreement, Eligibility
from mktcore.parties.agreements.agreement import SelectionTerms, find_agreement
from mktcore.payments import PaymentMethod
from mktcore.pricing import PriceBook
from mktcore.promotions import Promotion
from mktcore.stock import StockLevel
from mktcore.taxes import BuyerTax, TaxBook, TaxedSale
from mktcore.taxes.buyer_tax import find_status
from mktcore.totals import TaxRate

__all__ = ["MarketFacts", "OfferTerms", "find_offer_refusal"]


@attrs.frozen(kw_only=True)
class OfferTerms:
    """What lies over offers besides their own terms.

    Attributes:
        agreements: Of any time, by merchant.
        closures: Of any time, by merchant.
        unavailable: Why an offer's price and stock are not known to be right, by offer.
        ratings: 0 to 100, by merchant.
    """

    agreements: Mapping[str, tuple[Agreement, ...]] = attrs.field(factory=dict)
    closures: Mapping[str, tuple[Closure, ...]] = attrs.field(factory=dict)
    unavailable: Mapping[str, Unavailability] = attrs.field(factory=dict)
    ratings: Mapping[str, Decimal] = attrs.field(factory=dict)

    def has_selections(self) -> bool:
        """Tell whether some agreement says what may be offered."""
        return any(one.selection != SelectionTerms() for group in self.agreements.values() for one in group)

    def find_selection(self, merchant: str, now: datetime) -> SelectionTerms | None:
        """Return what the merchant may offer, by the agreement in force; None where there is none."""
        found = find_agreement(self.agreements.get(merchant, ()), now)
        return None if found is None else found.selection


@attrs.frozen(kw_only=True)
class MarketFacts:
    """What a simulation reads of the marketplace, loaded in one batch.

    Attributes:
        skus: By id.
        offers: Every offer of the SKUs the buy box chooses for, and the offers the cart names, by id.
        prices: The prices that can apply to the buyer.
        levels: The offers' stock items; one that is absent has nothing.
        taxes: The rules of the goods' and fees' tax categories; a category without any is not taxed.
        thresholds: Those of the marketplace and of the merchants of these offers.
        buyer_tax: What the buyer is to the tax authority; None for a consumer, and where no rule asks.
        shipping_fees: By merchant; a merchant without an entry ships free.
        payment_methods: All that are kept, of any channel and time.
        delivery_methods: The operator's, and those of the merchants of these offers, of any channel and time.
        eligibility: Whose offers the order may take.
        promotions: The operator's, and those of the merchants of these offers.
        claimed: What the counters of the promotions' limits hold, by name.
        pooled: The codes that were entered and are of a pool, case-folded, by the pool's owner and name.
        is_first_order: Whether the buyer has no order that stands.
        terms: What lies over the offers besides their own terms.
        natures: What the goods are.
        specs: What there is to choose from, by id.
        channels: The channel that the buyer shops in, as far as it is kept.
        parts: The offers whose stock kits among them draw on, by id, as far as they are not among them.
    """

    skus: Mapping[str, Sku]
    offers: Mapping[str, Offer]
    prices: PriceBook
    levels: Mapping[str, StockLevel]
    taxes: TaxBook
    shipping_fees: Mapping[str, ShippingFee]
    eligibility: Eligibility = attrs.field(factory=Eligibility)
    promotions: tuple[Promotion, ...] = ()
    claimed: Mapping[str, int] = attrs.field(factory=dict)
    pooled: Mapping[tuple[str | None, str], tuple[str, ...]] = attrs.field(factory=dict)
    is_first_order: bool = False
    terms: OfferTerms = attrs.field(factory=OfferTerms)
    natures: GoodsNatures = attrs.field(factory=GoodsNatures)
    specs: Mapping[str, Spec] = attrs.field(factory=dict)
    buyer_tax: BuyerTax | None = None
    thresholds: tuple[OrderThreshold, ...] = ()
    parts: Mapping[str, Offer] = attrs.field(factory=dict)
    channels: ChannelBook = attrs.field(factory=ChannelBook)
    delivery_methods: tuple[DeliveryMethod, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()

    def find_refusal(self, offer: Offer, now: datetime) -> Notice | None:
        """Return why an offer, or what a kit is made of, cannot be in the order, whatever is left of it."""
        return find_offer_refusal(offer, self.list_stocked(), self.eligibility, now=now)

    def list_stocked(self) -> Mapping[str, Offer]:
        """Return every offer whose stock is drawn on, by id."""
        return {**self.parts, **self.offers} if self.parts else self.offers

    def list_specs(self, sku: str) -> tuple[Spec, ...]:
        """Return what there is to choose from when a SKU is ordered, as its product says."""
        nature = self.natures.find(self.skus[sku])
        return tuple(self.specs[spec] for spec in nature.specs if spec in self.specs)

    def find_rates(self, category: str, destination: Address | None, now: datetime) -> tuple[TaxRate, ...]:
        """Return the tax rates of a category for this buyer, at a destination and an instant."""
        sale = TaxedSale(now, destination=destination, buyer=find_status(self.buyer_tax, now))
        return self.taxes.find_rates(category, sale)

    def keep_guarded(self, former: "MarketFacts") -> "MarketFacts":
        """Return these facts with the stock and the promotions' counters as they were read before, where they were.

        An order that is being placed has reserved and claimed since: it must not compete with itself.
        """
        return attrs.evolve(self, levels={**self.levels, **former.levels}, claimed={**self.claimed, **former.claimed})

    def has_same_terms(self, other: "MarketFacts") -> bool:
        """Tell whether everything but the stock and the promotions' counters is the same: their writes are guarded."""
        return self == attrs.evolve(other, levels=self.levels, claimed=self.claimed)


def find_offer_refusal(
    offer: Offer, stocked: Mapping[str, Offer], eligibility: Eligibility, *, now: datetime
) -> Notice | None:
    """Return why an offer, or what a kit is made of, cannot be in an order, whatever is left of it.

    Args:
        offer: The offer.
        stocked: The offers that kits draw on, by id; one that is not there is told of where stock is.
        eligibility: Of its merchant, its SKU and those of its parts.
        now: The instant, UTC.
    """
    drawn = [stocked[part.offer] for part in offer.stock.parts if part.offer in stocked]
    refusal = eligibility.find_refusal(offer.merchant, offer.sku, now)
    parts = (eligibility.find_recall(one.sku, now) for one in drawn)
    return refusal or next((found for found in parts if found is not None), None)
