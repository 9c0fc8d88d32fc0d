"""What a cart's simulation will look up, as far as it can be told beforehand: a hint for stores, and no more."""

from collections.abc import Collection
from datetime import datetime

from mktcore.carts.cart import Cart
from mktcore.catalog import SKUS, Sku
from mktcore.catalog.assortment import CATALOG_PRODUCTS
from mktcore.catalog.category import CATEGORIES
from mktcore.catalog.inherited_goods import GoodsNatures
from mktcore.catalog.product import PRODUCTS
from mktcore.channels.channel_book import foresee_channel
from mktcore.delivery import DELIVERY_METHODS, SHIPPING_FEES
from mktcore.offers import CLOSURES, OFFERS, Offer
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS
from mktcore.offers.refresh.last_answer import FRESHNESS
from mktcore.order_thresholds import ORDER_THRESHOLDS
from mktcore.parties import AGREEMENTS
from mktcore.parties.onboarding.membership import MEMBERSHIPS
from mktcore.parties.relations.relation import RELATIONS, to_relation_id
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.payments.payment_method import PAYMENT_METHODS, TO_EVERYBODY
from mktcore.persistence.noted_reads import Existence, Lookup
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment
from mktcore.pricing.assignment import list_audiences, to_asked, to_product_key
from mktcore.pricing.load_price_book import unless_schedule_over
from mktcore.promotions.pool_code import POOL_CODES, fold_codes
from mktcore.taxes import TAX_RULES

__all__ = ["foresee_by_cart", "foresee_by_offers"]


def foresee_by_cart(cart: Cart, now: datetime) -> list[Lookup | Existence]:
    """Return the look-ups that the cart alone tells: its goods, the offers it may take, and its buyer's prices.

    Args:
        cart: What is wanted.
        now: The instant of the simulation, UTC: prices that ended before are not asked for.
    """
    skus = frozenset(line.sku for line in cart.lines)
    named = frozenset(line.offer for line in cart.lines if line.offer is not None)
    chosen = frozenset(line.sku for line in cart.lines if line.offer is None)
    whom = list_audiences(cart.context)
    codes = fold_codes(cart.codes)
    return [
        *foresee_channel(cart.context.channel),
        Lookup(PAYMENT_METHODS, "offered", TO_EVERYBODY),
        Lookup(SKUS, "id", skus),
        Lookup(CATALOG_PRODUCTS, "product", skus),
        Lookup(SELLING_RIGHTS, "id", skus),
        Lookup(OFFERS, "id", named),
        Lookup(OFFERS, "sku", chosen),
        Lookup(
            ASSIGNMENTS,
            "asked",
            frozenset(to_asked(sku, audience) for sku in skus for audience in whom),
            unless_over=unless_schedule_over(now),
        ),
        *([Lookup(POOL_CODES, "code", codes)] if codes else []),
    ]


def foresee_by_offers(
    cart: Cart, goods: Collection[Sku], *, offers: Collection[Offer], assignments: Collection[Assignment], now: datetime
) -> list[Lookup]:
    """Return the look-ups that the goods and offers tell: what lies over both, and what their merchants ask for."""
    merchants = frozenset(offer.merchant for offer in offers)
    asked = merchants if cart.sold_by is None else merchants | {cart.sold_by}
    owners = frozenset(sku.owner for sku in goods if sku.owner is not None)
    # What the products and the tree say of goods beside this costs a call of its own.
    gates = {gate for sku in goods for gate in GoodsNatures().find(sku).list_gates()}
    schedules = {offer.schedule for offer in offers} | {one.schedule for one in assignments}
    products = {to_product_key(sku.product) for sku in goods if sku.product is not None}
    whom = list_audiences(cart.context) if products else ()
    inherited = frozenset(to_asked(one, who) for one in products for who in whom)
    return [
        *([Lookup(ASSIGNMENTS, "asked", inherited, unless_over=unless_schedule_over(now))] if inherited else []),
        Lookup(SELLING_RIGHTS, "id", frozenset(gates)),
        Lookup(PRODUCTS, "id", frozenset(sku.product for sku in goods if sku.product is not None)),
        Lookup(CATEGORIES, "id", frozenset(sku.category for sku in goods if sku.category)),
        Lookup(PRICE_SCHEDULES, "id", frozenset(schedules - {""})),
        Lookup(SHIPPING_FEES, "id", merchants),
        Lookup(MEMBERSHIPS, "id", asked | owners),
        Lookup(RELATIONS, "id", frozenset(to_relation_id(cart.buyer, merchant) for merchant in asked | owners)),
        Lookup(FRESHNESS, "id", frozenset(offer.id for offer in offers)),
        Lookup(MERCHANT_RATINGS, "id", merchants),
        Lookup(AGREEMENTS, "merchant", merchants),
        Lookup(CLOSURES, "merchant", merchants),
        Lookup(ORDER_THRESHOLDS, "merchant", merchants | {None}),
        Lookup(DELIVERY_METHODS, "merchant", merchants | {None}),
        Lookup(TAX_RULES, "category", frozenset(sku.tax_category for sku in goods)),
    ]
