"""Gifts that promotions may add to a cart: lines of their own, from what the lines before them left in stock. Pure."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import attrs

from mktcore.carts.cart import MAX_LINE_KEY, Cart, CartLine
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.offer_selection import select_offers
from mktcore.carts.simulation import PricedLine
from mktcore.market_policy import MarketPolicy
from mktcore.offers import BuyBoxPolicy
from mktcore.promotions import Promotion
from mktcore.promotions.effects import Gift
from mktcore.stock import StockLevel

__all__ = ["GiftLines", "list_gift_skus", "price_gifts"]

GiftLines = dict[str, PricedLine]
"""What promotions may give, by promotion."""


def list_gift_skus(promotions: Iterable[Promotion]) -> set[str]:
    """Return the SKUs that promotions give."""
    return {one.effect.sku for one in promotions if isinstance(one.effect, Gift)}


def price_gifts(
    cart: Cart,
    lines: tuple[PricedLine, ...],
    facts: MarketFacts,
    *,
    policy: MarketPolicy,
    now: datetime,
    buy_box: BuyBoxPolicy,
) -> GiftLines:
    """Return a line for each promotion that gives something which is to be had, whether it applies or not.

    A gift comes from a merchant that the order goes to anyway: it must not cost the buyer another shipping fee. Nor
    does it count among the pieces that a price or a bound asks for.
    """
    sellers = {line.offer.merchant for line in lines}
    gifts: GiftLines = {}
    for promotion in sorted(facts.promotions, key=lambda one: (-one.priority, one.id)):
        effect, owner = promotion.effect, promotion.owner
        if not isinstance(effect, Gift) or not sellers:
            continue
        merchants = sellers if owner is None else sellers & {owner}
        kept = {name: offer for name, offer in facts.offers.items() if offer.merchant in merchants}
        levels = _take(facts.levels.values(), (*lines, *gifts.values()))
        line = CartLine(_name_line(promotion, cart), effect.sku, effect.quantity, offer=effect.offer)
        alone = attrs.evolve(cart, lines=(line,))
        found, issues = select_offers(
            alone, attrs.evolve(facts, offers=kept, levels=levels), policy, now=now, buy_box=buy_box
        )
        if found and not issues:
            gifts[promotion.id] = attrs.evolve(found[0], gift_of=promotion.id)
    return gifts


def _name_line(promotion: Promotion, cart: Cart) -> str:
    key = f"gift:{promotion.id}"
    if len(key) <= MAX_LINE_KEY and key not in {line.key for line in cart.lines}:
        return key
    # Too long for a line, or what a host calls a line of its own.
    return f"gift:{sha256(promotion.id.encode()).hexdigest()[:32]}"


def _take(levels: Iterable[StockLevel], lines: Iterable[PricedLine]) -> dict[str, StockLevel]:
    """Return what lines leave in stock."""
    left = {level.item: level for level in levels}
    for line in lines:
        for source in line.sources:
            level = left[source.item]
            left[source.item] = attrs.evolve(level, reserved=level.reserved + source.quantity)
    return left
