"""Loading what a simulation reads: a constant number of port calls, however many lines the cart has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol, TypeVar

import attrs

from mktcore.carts.cart import Cart
from mktcore.carts.foreseen_reads import foresee_by_cart, foresee_by_offers
from mktcore.carts.gift_lines import list_gift_skus
from mktcore.carts.load_promotions import PromotionSearch, asks_first_orders, gather_claimed
from mktcore.carts.market_facts import MarketFacts, OfferTerms
from mktcore.catalog import SKUS, Sku
from mktcore.catalog.inherited_goods import GoodsNature, GoodsNatures, gather_natures
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.shown_skus import find_shown_skus
from mktcore.channels import ChannelBook, gather_channels
from mktcore.delivery import DELIVERY_METHODS, SHIPPING_FEES, DeliveryMethod, ShippingFee
from mktcore.market_policy import MarketPolicy, find_entered_mode
from mktcore.offers import CLOSURES, OFFERS, Offer
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS
from mktcore.offers.refresh.last_answer import FRESHNESS
from mktcore.order_thresholds import ORDER_THRESHOLDS, OrderThreshold
from mktcore.parties import AGREEMENTS, gather_eligibility
from mktcore.payments.payment_method import PAYMENT_METHODS, TO_EVERYBODY, PaymentMethod
from mktcore.persistence import Repositories
from mktcore.persistence.noted_reads import Lookup, NotedReads
from mktcore.pricing import Assignment, PriceBook
from mktcore.pricing.assignment import to_product_key
from mktcore.pricing.load_price_book import find_assignments, gather_assigned_prices
from mktcore.promotions import Promotion
from mktcore.stock import MarketUnit
from mktcore.taxes import BUYER_TAXES, TAX_RULES, BuyerTax, TaxBook

__all__ = ["gather_facts", "gather_parts", "gather_taxes", "gather_terms"]


_UNFORESEEN = NotedReads()


def gather_facts(
    unit: MarketUnit,
    cart: Cart,
    policy: MarketPolicy,
    *,
    now: datetime,
    is_first_order: Callable[[], bool] = lambda: False,
    reads: NotedReads = _UNFORESEEN,
    foresee: Callable[[frozenset[str]], Iterable[Lookup]] = lambda _: (),
    is_final: bool = False,
) -> MarketFacts:
    """Load everything the cart's simulation needs, in four round trips where the store makes look-ups beforehand.

    Elsewhere in eighteen. Goods in catalogs take one more, goods that merchants own two, variants of products one,
    products with specs one, promotions with limits one, coupon codes one, gifts that promotions give five, goods that
    inherit a category or a brand one, taxes by buyer one, and goods in categories one for each level of their tree.
    A cart that tells where it goes or how it is paid takes two, for methods of delivery and payment. Promotions are
    found by what the cart has: those that it cannot get cost nothing, however many there are.

    Args:
        unit: Under the operator's authority.
        cart: What is wanted.
        policy: How prices and promotions are chosen.
        now: The instant of the simulation, UTC.
        is_first_order: Tells whether the buyer has no order that stands; asked where promotions ask.
        reads: Where the unit notes what it reads, if it does.
        foresee: Tells what else will be looked up of the merchants whose offers these are.
        is_final: Read what an order must know, however little the cart tells.
    """
    sold = _gather_sold(unit, cart, reads, foresee=foresee, now=now)
    sold, skus, natures, promotions = _gather_promoted(unit, cart, sold)
    offers, merchants, goods = sold.offers, sold.merchants, [natures.find(sku) for sku in skus.values()]
    channels = gather_channels(unit, [cart.context.channel], [sku.product_id for sku in skus.values()])
    parts, gated = _gather_kits(unit, offers, natures, skus=skus)
    charges = _gather_charges(unit, merchants, tells_terms=is_final or cart.tells_terms())
    categories = {nature.tax_category for nature in goods} | charges.list_tax_categories()
    taxes = TaxBook.of(unit.repository(TAX_RULES).find_where("category", categories))
    return MarketFacts(
        skus=skus,
        offers=offers,
        prices=_gather_prices(unit, sold, policy, channels=channels),
        levels=unit.stock.find_levels([*_list_items(offers), *_list_items(parts)]),
        taxes=taxes,
        thresholds=charges.thresholds,
        shipping_fees=charges.fees,
        delivery_methods=charges.methods,
        payment_methods=charges.payment_methods,
        eligibility=gather_eligibility(unit, cart.buyer, cart.sold_by, merchants=merchants, products=gated),
        promotions=promotions,
        claimed=gather_claimed(unit, sold.search, promotions),
        pooled=sold.search.pooled,
        is_first_order=asks_first_orders(promotions) and is_first_order(),
        terms=gather_terms(unit, offers, merchants),
        natures=natures,
        specs=_gather_specs(unit, goods),
        buyer_tax=unit.repository(BUYER_TAXES).find(cart.buyer) if taxes.asks_for_buyers() else None,
        parts=parts,
        channels=channels,
    )


def _gather_prices(unit: Repositories, sold: "_Sold", policy: MarketPolicy, *, channels: ChannelBook) -> PriceBook:
    return gather_assigned_prices(
        unit,
        sold.assigned,
        defaults=sold.defaults,
        precedence=policy.precedence,
        includes_tax=find_entered_mode(policy, channels),
    )


@attrs.frozen
class _Charges:
    """What is charged beside goods, for which ways to travel, and how all of it can be paid."""

    fees: Mapping[str, ShippingFee]
    thresholds: tuple[OrderThreshold, ...]
    methods: tuple[DeliveryMethod, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()

    def list_tax_categories(self) -> set[str]:
        """Return the tax categories of all that may be charged."""
        charged = {fee.tax_category for fee in self.fees.values()} | {one.tax_category for one in self.thresholds}
        return charged | {method.tax_category for method in self.methods}


def _gather_charges(unit: Repositories, merchants: AbstractSet[str], *, tells_terms: bool) -> _Charges:
    # None: the marketplace's own.
    owners = {None, *merchants}
    fees = unit.repository(SHIPPING_FEES).find_many(merchants)
    thresholds = tuple(unit.repository(ORDER_THRESHOLDS).find_where("merchant", owners))
    if not tells_terms:
        return _Charges(fees, thresholds)
    methods = unit.repository(DELIVERY_METHODS).find_where("merchant", owners)
    payments = unit.repository(PAYMENT_METHODS).find_where("offered", TO_EVERYBODY)
    return _Charges(fees, thresholds, tuple(methods), payment_methods=tuple(payments))


@attrs.frozen
class _Sold:
    """What the lines of a cart may become: goods, offers, prices for the buyer; and what tells of promotions."""

    skus: Mapping[str, Sku]
    offers: Mapping[str, Offer]
    assigned: Sequence[Assignment]
    merchants: frozenset[str] = attrs.field(kw_only=True)
    search: PromotionSearch = attrs.field(kw_only=True)

    @property
    def defaults(self) -> dict[str, str]:
        """The schedule that each offer names."""
        return {offer.id: offer.schedule for offer in self.offers.values()}


def _gather_sold(
    unit: MarketUnit,
    cart: Cart,
    reads: NotedReads,
    *,
    foresee: Callable[[frozenset[str]], Iterable[Lookup]],
    now: datetime,
) -> _Sold:
    reads.fetch(foresee_by_cart(cart, now))
    known, offers = unit.repository(SKUS).find_many({line.sku for line in cart.lines}), _gather_offers(unit, cart)
    assigned = find_assignments(unit, known, cart.context, now=now)
    products = {sku.product for sku in known.values() if sku.product is not None}
    merchants = frozenset(offer.merchant for offer in offers.values())
    search = PromotionSearch.of(unit, cart, offers, skus=known.values(), now=now)
    wanted = foresee_by_offers(cart, known.values(), offers=offers.values(), assignments=assigned, now=now)
    reads.fetch([*wanted, search.foresee(), *foresee(merchants)], stock=_list_items(offers))
    assigned = (*assigned, *_find_inherited(unit, products, cart, now=now))
    return _Sold(known, offers, assigned, merchants=merchants, search=search)


def _gather_promoted(
    unit: MarketUnit, cart: Cart, sold: _Sold
) -> tuple[_Sold, dict[str, Sku], GoodsNatures, tuple[Promotion, ...]]:
    """Return what is sold with the gifts of promotions, the SKUs that the buyer is shown, and these promotions."""
    skus, natures = _gather_goods(unit, cart, sold)
    promotions = sold.search.find(unit, skus.values(), natures)
    gifts = list_gift_skus(promotions)
    if gifts:
        sold = _add_gifts(unit, cart, sold, gifts=gifts)
        skus, natures = _gather_goods(unit, cart, sold)
    return sold, skus, natures, promotions


def _gather_goods(unit: MarketUnit, cart: Cart, sold: _Sold) -> tuple[dict[str, Sku], GoodsNatures]:
    """Return the SKUs that the buyer is shown, as the others do not exist for it, and what their goods are."""
    skus = {sku.id: sku for sku in find_shown_skus(unit, cart.buyer, sold.skus.values())}
    return skus, gather_natures(unit, skus.values())


def _find_inherited(
    unit: MarketUnit, products: AbstractSet[str], cart: Cart, *, now: datetime
) -> tuple[Assignment, ...]:
    """Return the prices of products, which hold where a SKU of theirs has none."""
    return find_assignments(unit, map(to_product_key, products), cart.context, now=now) if products else ()


def _gather_specs(unit: MarketUnit, goods: Iterable[GoodsNature]) -> Mapping[str, Spec]:
    specs = {spec for nature in goods for spec in nature.specs}
    return unit.repository(SPECS).find_many(specs) if specs else {}


def _gather_kits(
    unit: MarketUnit, offers: Mapping[str, Offer], natures: GoodsNatures, *, skus: Mapping[str, Sku]
) -> tuple[dict[str, Offer], dict[str, tuple[str, ...]]]:
    """Return the parts of kits among offers, and of each SKU what may gate it.

    What a kit is made of may be recalled too; of which brand the kit is, its own SKU says.
    """
    parts = gather_parts(unit, offers)
    gates = {sku.id: natures.find(sku).list_gates() for sku in skus.values()}
    return parts, {**{offer.sku: () for offer in parts.values()}, **gates}


def _list_items(offers: Mapping[str, Offer]) -> list[str]:
    """Return the stock items of offers whose pieces are counted."""
    return [item for offer in offers.values() if offer.stock.counted for item in offer.stock_items]


def gather_parts(unit: Repositories, offers: Mapping[str, Offer]) -> dict[str, Offer]:
    """Return the offers that kits among these draw on, beside these."""
    named = {part.offer for offer in offers.values() for part in offer.stock.parts} - offers.keys()
    return unit.repository(OFFERS).find_many(named) if named else {}


def _gather_offers(unit: MarketUnit, cart: Cart) -> dict[str, Offer]:
    """Return the offers of every SKU for which one is to be chosen, and those that the cart names, by id."""
    chosen = {line.sku for line in cart.lines if line.offer is None}
    named = {line.offer for line in cart.lines if line.offer is not None}
    found = unit.repository(OFFERS).find_where("sku", chosen) if chosen else ()
    # A named offer may be of another SKU than its line's: the simulation says so, where it could not be found here.
    return {offer.id: offer for offer in found} | unit.repository(OFFERS).find_many(named)


def _add_gifts(unit: MarketUnit, cart: Cart, sold: _Sold, *, gifts: set[str]) -> _Sold:
    """Return what is sold with the gifts, which come from merchants that the order may go to anyway."""
    given = [one for one in unit.repository(OFFERS).find_where("sku", gifts) if one.merchant in sold.merchants]
    skus, now = unit.repository(SKUS).find_many(gifts) | dict(sold.skus), sold.search.now
    products = {sku.product for sku in skus.values() if sku.product is not None}
    return attrs.evolve(
        sold,
        skus=skus,
        offers={one.id: one for one in given} | dict(sold.offers),
        assigned=(
            *find_assignments(unit, skus, cart.context, now=now),
            *_find_inherited(unit, products, cart, now=now),
        ),
    )


def gather_terms(unit: MarketUnit, offers: Mapping[str, Offer], merchants: AbstractSet[str]) -> OfferTerms:
    """Return what lies over the offers besides their own terms, in four round trips.

    Args:
        unit: Under the operator's authority.
        offers: The offers, by id.
        merchants: Whose they are.
    """
    freshness = unit.repository(FRESHNESS).find_many(offers)
    ratings = unit.repository(MERCHANT_RATINGS).find_many(merchants)
    return OfferTerms(
        agreements=_group(unit.repository(AGREEMENTS).find_where("merchant", merchants)),
        closures=_group(unit.repository(CLOSURES).find_where("merchant", merchants)),
        unavailable={offer: one.unavailable for offer, one in freshness.items() if one.unavailable is not None},
        ratings={merchant: one.score for merchant, one in ratings.items()},
    )


def gather_taxes(
    unit: Repositories, goods: Iterable[GoodsNature], *, buyer: str | None
) -> tuple[TaxBook, BuyerTax | None]:
    """Return the tax rules of goods, and what a buyer is to the tax authority where some rule asks; two round trips."""
    categories = {nature.tax_category for nature in goods}
    taxes = TaxBook.of(unit.repository(TAX_RULES).find_where("category", categories))
    is_asked = buyer is not None and taxes.asks_for_buyers()
    return taxes, unit.repository(BUYER_TAXES).find(buyer) if buyer is not None and is_asked else None


class _Owned(Protocol):
    @property
    def merchant(self) -> str: ...


T = TypeVar("T", bound=_Owned)


def _group(found: Iterable[T]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(one.merchant, []).append(one)
    return {merchant: tuple(group) for merchant, group in groups.items()}
