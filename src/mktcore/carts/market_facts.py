"""What a simulation reads of the marketplace."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.catalog import Product, Sku
from mktcore.delivery import ShippingFee
from mktcore.offers import Closure, Offer, OfferDemand
from mktcore.offers.refresh.freshness import Unavailability
from mktcore.parties import Agreement, Eligibility
from mktcore.parties.agreements.agreement import SelectionTerms, find_agreement
from mktcore.pricing import PriceBook
from mktcore.promotions import Promotion
from mktcore.stock import StockLevel
from mktcore.totals import TaxRate

__all__ = ["GoodsNatures", "MarketFacts", "OfferTerms"]


@attrs.frozen
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


@attrs.frozen
class GoodsNatures:
    """What goods are, beyond what their SKUs say of themselves.

    Attributes:
        products: By id.
        ancestors: The categories that a category lies in, by category.
    """

    products: Mapping[str, Product] = attrs.field(factory=dict)
    ancestors: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    def ask(self, sku: Sku, quantity: int, channel: str | None) -> OfferDemand:
        """Return what offers of a SKU are asked for; what a SKU does not say of itself, its product says."""
        product = None if sku.product is None else self.products.get(sku.product)
        category, brand = sku.category, sku.brand
        if product is not None:
            category, brand = category or product.category, brand or product.brand
        return OfferDemand(quantity, channel, category, brand, self.ancestors.get(category, ()))


@attrs.frozen
class MarketFacts:
    """What a simulation reads of the marketplace, loaded in one batch.

    Attributes:
        skus: By id.
        offers: Every offer of the SKUs the buy box chooses for, and the offers the cart names, by id.
        prices: The prices that can apply to the buyer.
        levels: The offers' stock items; one that is absent has nothing.
        tax_rates: By tax category; a category without an entry is not taxed.
        shipping_fees: By merchant; a merchant without an entry ships free.
        eligibility: Whose offers the order may take.
        promotions: The operator's, and those of the merchants of these offers.
        claimed: What the counters of the promotions' limits hold, by name.
        is_first_order: Whether the buyer never ordered before.
        terms: What lies over the offers besides their own terms.
        products: Of the SKUs that have one, by id: their SKUs are like them.
        ancestors: The categories that a category lies in, by category.
    """

    skus: Mapping[str, Sku]
    offers: Mapping[str, Offer]
    prices: PriceBook
    levels: Mapping[str, StockLevel]
    tax_rates: Mapping[str, tuple[TaxRate, ...]]
    shipping_fees: Mapping[str, ShippingFee]
    eligibility: Eligibility = attrs.field(factory=Eligibility)
    promotions: tuple[Promotion, ...] = ()
    claimed: Mapping[str, int] = attrs.field(factory=dict)
    is_first_order: bool = False
    terms: OfferTerms = attrs.field(factory=OfferTerms)
    products: Mapping[str, Product] = attrs.field(factory=dict)
    ancestors: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    @property
    def natures(self) -> GoodsNatures:
        """What the goods are."""
        return GoodsNatures(self.products, self.ancestors)

    def has_same_terms(self, other: "MarketFacts") -> bool:
        """Tell whether everything but the stock and the promotions' counters is the same: their writes are guarded."""
        return self == attrs.evolve(other, levels=self.levels, claimed=self.claimed)
