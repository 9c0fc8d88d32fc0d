"""Loading the promotions that a cart may get: by what it has, and never by how many there are."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import attrs

from mktcore.carts.cart import Cart
from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNatures
from mktcore.offers import Offer
from mktcore.persistence import Repositories
from mktcore.persistence.noted_reads import MarkLookup
from mktcore.promotions import PROMOTIONS, Promotion
from mktcore.promotions.cart_marks import WantedGoods, list_cart_marks, list_goods_marks
from mktcore.promotions.conditions import FirstOrder, list_conditions
from mktcore.promotions.limit_counters import list_counters
from mktcore.promotions.pool_code import POOL_CODES, fold_codes, group_by_pool
from mktcore.promotions.taken_codes import list_taken_codes
from mktcore.stock import MarketUnit

__all__ = ["PromotionSearch", "asks_first_orders", "gather_claimed"]

Pooled = Mapping[tuple[str | None, str], tuple[str, ...]]


@attrs.frozen(eq=False)
class PromotionSearch:
    """What a cart looks for promotions by.

    Attributes:
        cart: What is wanted.
        offers: What it may take, by id.
        now: The instant at which promotions are to hold, UTC.
        pooled: The codes that were entered and are of a pool, by its owner and name.
        marks: What the cart, its offers and its SKUs themselves tell.
    """

    cart: Cart
    offers: Mapping[str, Offer]
    now: datetime = attrs.field(kw_only=True)
    pooled: Pooled = attrs.field(kw_only=True)
    marks: AbstractSet[str] = attrs.field(kw_only=True)

    @classmethod
    def of(
        cls, unit: Repositories, cart: Cart, offers: Mapping[str, Offer], *, skus: Iterable[Sku], now: datetime
    ) -> "PromotionSearch":
        """Begin: one call where codes were entered."""
        pooled = _gather_pooled(unit, cart.codes)
        merchants = {offer.merchant for offer in offers.values()}
        marks = {
            *list_cart_marks(merchants, cart.context, cart.codes, pooled=pooled),
            *list_goods_marks(_list_goods(cart, offers, skus, natures=GoodsNatures())),
        }
        return cls(cart, offers, now=now, pooled=pooled, marks=marks)

    def foresee(self) -> MarkLookup:
        """Return the look-up that can be made before anybody knows what products and the category tree say of goods."""
        return MarkLookup(PROMOTIONS, self.marks, self.now)

    def find(self, unit: Repositories, skus: Iterable[Sku], natures: GoodsNatures) -> tuple[Promotion, ...]:
        """Return the promotions, in the order of ids: one call, and one more where goods inherit what they are."""
        found = {one.id: one for one in unit.repository(PROMOTIONS).find_marked(self.marks, self.now)}
        # Where goods inherit nothing they were looked for by all that they are.
        inherited = () if natures.adds_nothing() else _list_goods(self.cart, self.offers, skus, natures=natures)
        further = {*list_goods_marks(inherited)} - self.marks
        if further:
            found |= {one.id: one for one in unit.repository(PROMOTIONS).find_marked(further, self.now)}
        return tuple(found[id_] for id_ in sorted(found))


def _list_goods(
    cart: Cart, offers: Mapping[str, Offer], skus: Iterable[Sku], *, natures: GoodsNatures
) -> Iterable[WantedGoods]:
    sellers: dict[str, set[str]] = {}
    for offer in offers.values():
        sellers.setdefault(offer.sku, set()).add(offer.merchant)
    for line in cart.lines:
        # A line may name an offer of another SKU: that it cannot be sold, the simulation says.
        if line.offer is not None and line.offer in offers:
            sellers.setdefault(line.sku, set()).add(offers[line.offer].merchant)
    for sku in skus:
        nature = natures.find(sku)
        yield WantedGoods(
            sku.id,
            sellers.get(sku.id, set()),
            brand=nature.brand,
            category=nature.category,
            ancestors=nature.ancestors,
        )


def _gather_pooled(unit: Repositories, codes: tuple[str, ...]) -> Pooled:
    """Return which of the codes that were entered are of a pool."""
    folded = fold_codes(codes)
    return group_by_pool(codes, unit.repository(POOL_CODES).find_where("code", folded)) if folded else {}


def asks_first_orders(promotions: Iterable[Promotion]) -> bool:
    """Tell whether some promotion is for first orders."""
    return any(isinstance(one, FirstOrder) for promotion in promotions for one in list_conditions(promotion.condition))


def gather_claimed(unit: MarketUnit, search: PromotionSearch, promotions: Iterable[Promotion]) -> Mapping[str, int]:
    """Return what the counters of the promotions' limits hold, in one call; none where no limit can matter."""
    cart = search.cart
    counters = [
        name
        for promotion in promotions
        # What is over is found by its code, so that the code is known; nothing is taken of it.
        if promotion.valid.contains(search.now)
        for name in list_counters(promotion, cart.buyer, list_taken_codes(promotion, cart.codes, search.pooled))
    ]
    return unit.counters.count_many(counters) if counters else {}
