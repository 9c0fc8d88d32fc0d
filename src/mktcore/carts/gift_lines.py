"""Gifts that promotions may add to a cart: lines of their own, from what the lines before them left in stock. Pure."""

from collections.abc import Collection, Iterable, Mapping
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

__all__ = ["GiftLines", "GiftShelf", "list_gift_skus"]

GiftLines = dict[str, PricedLine]
"""What promotions may give, by promotion."""


def list_gift_skus(promotions: Iterable[Promotion]) -> set[str]:
    """Return the SKUs that promotions give."""
    return {one.effect.sku for one in promotions if isinstance(one.effect, Gift)}


@attrs.frozen
class GiftShelf:
    """What promotions may give to a cart.

    A gift comes from a merchant that the order goes to anyway: it must not cost the buyer another shipping fee. Nor
    does it count among the pieces that a price or a bound asks for.

    Attributes:
        cart: What is wanted.
        lines: Its lines that have a price.
        facts: What the marketplace has.
        policy: How it states prices.
        now: The instant of the simulation, UTC.
        buy_box: How it chooses offers.
    """

    cart: Cart
    lines: tuple[PricedLine, ...]
    facts: MarketFacts
    policy: MarketPolicy = attrs.field(kw_only=True)
    now: datetime = attrs.field(kw_only=True)
    buy_box: BuyBoxPolicy = attrs.field(kw_only=True)

    def price_each(self, denied: Collection[str]) -> GiftLines:
        """Return a line for each promotion that gives something which is to be had, as if it alone gave anything.

        Whether it applies is not known yet, and what does not apply must take no stock from what does.

        Args:
            denied: Promotions for whose gifts others left too little.
        """
        giving = [one for one in self._list_giving() if one.id not in denied]
        levels = _take(self.facts.levels.values(), self.lines) if giving else {}
        priced = [(one.id, self._price(one, levels)) for one in giving]
        return {promotion: line for promotion, line in priced if line is not None}

    def hand_out(self, gifts: GiftLines) -> GiftLines:
        """Return these gifts one after the other, as they draw on the same stock; without those that it lacks.

        Of two the one with the higher priority is first at what is left.
        """
        drawn = [source.item for line in gifts.values() for source in line.sources]
        if len(drawn) == len(set(drawn)):
            return gifts
        had: GiftLines = {}
        for one in self._list_giving():
            if one.id in gifts:
                found = self._price(one, _take(self.facts.levels.values(), (*self.lines, *had.values())))
                had |= {} if found is None else {one.id: found}
        return had

    def _list_giving(self) -> list[Promotion]:
        giving = [one for one in self.facts.promotions if isinstance(one.effect, Gift)] if self.lines else []
        return sorted(giving, key=lambda one: (-one.priority, one.id))

    def _price(self, promotion: Promotion, levels: Mapping[str, StockLevel]) -> PricedLine | None:
        """Return the line of a promotion's gift; None where it is not to be had at these levels."""
        effect, owner = promotion.effect, promotion.owner
        if not isinstance(effect, Gift):
            return None
        sellers = {line.offer.merchant for line in self.lines}
        merchants = sellers if owner is None else sellers & {owner}
        kept = {name: offer for name, offer in self.facts.offers.items() if offer.merchant in merchants}
        line = CartLine(_name_line(promotion, self.cart), effect.sku, effect.quantity, offer=effect.offer)
        facts = attrs.evolve(self.facts, offers=kept, levels=levels)
        alone = attrs.evolve(self.cart, lines=(line,))
        found, issues = select_offers(alone, facts, self.policy, now=self.now, buy_box=self.buy_box)
        return attrs.evolve(found[0], gift_of=promotion.id) if found and not issues else None


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
