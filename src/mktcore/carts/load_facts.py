"""Loading what a simulation reads: a constant number of port calls, however many lines the cart has."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from mktcore.carts.cart import Cart
from mktcore.carts.market_facts import GoodsNatures, MarketFacts, OfferTerms
from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Category, Product, Sku, gather_assortment
from mktcore.delivery import SHIPPING_FEES
from mktcore.market_policy import MarketPolicy
from mktcore.offers import CLOSURES, OFFERS, Offer
from mktcore.offers.buybox.merchant_ratings import MERCHANT_RATINGS
from mktcore.offers.refresh.freshness import FRESHNESS
from mktcore.parties import AGREEMENTS, gather_eligibility
from mktcore.persistence import Repositories
from mktcore.persistence.unit import Counting
from mktcore.pricing import gather_prices
from mktcore.pricing.assignment import list_audiences
from mktcore.promotions import PROMOTIONS
from mktcore.promotions.limits import list_counters
from mktcore.stock import StockUnit
from mktcore.taxes import TAX_RULES, find_tax_rates

__all__ = ["SimulatingUnit", "gather_facts", "gather_natures"]


class SimulatingUnit(Repositories, StockUnit, Counting, Protocol):
    """What a simulation reads from: repositories, stock levels and counters."""


def gather_facts(
    unit: SimulatingUnit, cart: Cart, policy: MarketPolicy, *, is_first_order: bool = False
) -> MarketFacts:
    """Load everything the cart's simulation needs, in seventeen round trips.

    Goods in catalogs take one more. Promotions take one more for each limit; they, and agreements that select, for
    products, and for each level of the category tree.

    Args:
        unit: Under the operator's authority.
        cart: What is wanted.
        policy: How prices and promotions are chosen.
        is_first_order: Whether the buyer never ordered before; who keeps the orders knows.
    """
    skus = _gather_skus(unit, cart)
    chosen = {line.sku for line in cart.lines if line.offer is None}
    named = {line.offer for line in cart.lines if line.offer is not None}
    offers = {offer.id: offer for offer in unit.repository(OFFERS).find_where("sku", chosen)}
    offers |= unit.repository(OFFERS).find_many(named)
    audiences = list_audiences(cart.buyer, cart.user, cart.groups)
    defaults = {offer.id: offer.schedule for offer in offers.values()}
    book = gather_prices(unit, [line.sku for line in cart.lines], audiences, defaults, policy.precedence)
    levels = unit.stock.find_levels([item for offer in offers.values() for item in offer.stock_items])
    fees = unit.repository(SHIPPING_FEES).find_many({offer.merchant for offer in offers.values()})
    categories = {sku.tax_category for sku in skus.values()} | {fee.tax_category for fee in fees.values()}
    merchants = {offer.merchant for offer in offers.values()}
    eligibility = gather_eligibility(unit, cart.buyer, cart.sold_by, merchants=merchants, products=skus)
    rules = unit.repository(TAX_RULES).find_where("category", categories)
    promotions = unit.repository(PROMOTIONS).find_where("owner", {None, *merchants})
    terms = _gather_terms(unit, offers, merchants)
    is_nature_asked = bool(promotions) or terms.has_selections()
    natures = gather_natures(unit, skus.values()) if is_nature_asked else GoodsNatures()
    counters = [name for promotion in promotions for name in list_counters(promotion, cart.buyer)]
    return MarketFacts(
        skus,
        offers,
        book,
        levels,
        find_tax_rates(rules),
        fees,
        eligibility,
        promotions,
        {name: unit.counters.count(name) for name in counters},
        is_first_order,
        terms,
        natures.products,
        natures.ancestors,
    )


def _gather_skus(unit: SimulatingUnit, cart: Cart) -> dict[str, Sku]:
    """Return the SKUs of the cart that its buyer is shown; the others do not exist for it."""
    found = unit.repository(SKUS).find_many({line.sku for line in cart.lines})
    assortment = gather_assortment(unit, cart.buyer, [sku.product_id for sku in found.values()])
    return {id: sku for id, sku in found.items() if assortment.shows(sku.product_id)}  # noqa: A001 - the field's word


def gather_natures(unit: Repositories, skus: Collection[Sku]) -> GoodsNatures:
    """Load what tells the nature of goods: a round trip for products, and one for each level of the category tree."""
    named = {sku.product for sku in skus if sku.product is not None}
    products = unit.repository(PRODUCTS).find_many(named) if named else {}
    return GoodsNatures(products, _gather_ancestors(unit, [*skus, *products.values()]))


def _gather_ancestors(unit: Repositories, goods: Iterable[Sku | Product]) -> dict[str, tuple[str, ...]]:
    """Return the categories that those of the goods lie in."""
    known: dict[str, Category] = {}
    wanted = {one.category for one in goods if one.category}
    while wanted:
        found = unit.repository(CATEGORIES).find_many(wanted)
        known |= found
        wanted = {one.parent for one in found.values() if one.parent is not None} - known.keys()
    return {category: _climb(category, known) for category in known}


def _climb(category: str, known: Mapping[str, Category]) -> tuple[str, ...]:
    path: list[str] = []
    while (found := known.get(category)) is not None and found.parent is not None and found.parent not in path:
        category = found.parent
        path.append(category)
    return tuple(path)


def _gather_terms(unit: SimulatingUnit, offers: Mapping[str, Offer], merchants: set[str]) -> OfferTerms:
    """Return what lies over the offers besides their own terms."""
    freshness = unit.repository(FRESHNESS).find_many(offers)
    ratings = unit.repository(MERCHANT_RATINGS).find_many(merchants)
    return OfferTerms(
        _group(unit.repository(AGREEMENTS).find_where("merchant", merchants)),
        _group(unit.repository(CLOSURES).find_where("merchant", merchants)),
        {offer: one.unavailable for offer, one in freshness.items() if one.unavailable is not None},
        {merchant: one.score for merchant, one in ratings.items()},
    )


class _Owned(Protocol):
    @property
    def merchant(self) -> str: ...


T = TypeVar("T", bound=_Owned)


def _group(found: Iterable[T]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(one.merchant, []).append(one)
    return {merchant: tuple(group) for merchant, group in groups.items()}
