"""What an order's promotions were given for, as it was placed: by it they are judged anew when a part is canceled."""

from collections.abc import Mapping

import attrs

from mktcore.carts import PricedLine, Simulation
from mktcore.goods.attributes import copy_attributes
from mktcore.money import Money
from mktcore.promotions.effects import Gift
from mktcore.promotions.promotion import Promotion

__all__ = ["DiscountTerms", "PlacedPromotion", "PooledCodes", "PromotedGoods"]


def _copy_taken(taken: Mapping[str, int]) -> Mapping[str, int]:
    return dict(taken)


@attrs.frozen
class PlacedPromotion:
    """A promotion as it was when an order was placed, whatever became of it since.

    Attributes:
        promotion: The promotion.
        taken: What it took off each line, in minor units.
    """

    promotion: Promotion
    taken: Mapping[str, int] = attrs.field(converter=_copy_taken, hash=False)


@attrs.frozen
class PromotedGoods:
    """What promotions look at of a line, beside what the order says of it.

    Attributes:
        line: Key of the line.
        brand: Its brand.
        attributes: Its attributes.
        ancestors: The categories that its category lies in.
        on_sale: Whether it had a sale's price.
        least_price: What a piece costs at least after all promotions; None for nothing.
    """

    line: str
    brand: str = ""
    attributes: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False)
    ancestors: tuple[str, ...] = ()
    on_sale: bool = False
    least_price: Money | None = None


@attrs.frozen
class PooledCodes:
    """Codes of one pool that were entered.

    Attributes:
        owner: Whose pool; None for the operator's.
        pool: Its name.
        codes: The codes, case-folded.
    """

    owner: str | None
    pool: str
    codes: tuple[str, ...]


@attrs.frozen(kw_only=True)
class DiscountTerms:
    """What an order's promotions were given for.

    Attributes:
        promotions: Those that took something off lines; a gift has grounds of its own.
        goods: What they look at, line by line.
        shipping: Keys of the charges that were for shipping.
        is_first_order: Whether the buyer had no order that stood.
        pooled: The codes of pools that were entered.
    """

    promotions: tuple[PlacedPromotion, ...]
    goods: tuple[PromotedGoods, ...]
    shipping: tuple[str, ...] = ()
    is_first_order: bool = False
    pooled: tuple[PooledCodes, ...] = ()

    @classmethod
    def of(
        cls,
        simulation: Simulation,
        *,
        is_first_order: bool,
        pooled: Mapping[tuple[str | None, str], tuple[str, ...]],
    ) -> "DiscountTerms | None":
        """Return the terms of a simulation that is placed; None where no promotion took anything off its goods.

        Args:
            simulation: What is placed.
            is_first_order: Whether the buyer has no order that stands.
            pooled: The codes of pools that were entered, by the pool's owner and name.
        """
        promotions = tuple(_list_promotions(simulation))
        if not promotions:
            return None
        own = {expense.key for expense in simulation.cart.expenses}
        return cls(
            promotions=promotions,
            goods=tuple(_to_goods(line) for line in simulation.lines if not line.gift_of),
            shipping=tuple(one.key for one in simulation.expenses if one.key not in own),
            is_first_order=is_first_order,
            pooled=tuple(PooledCodes(owner, name, codes) for (owner, name), codes in pooled.items()),
        )


def _list_promotions(simulation: Simulation) -> list[PlacedPromotion]:
    lines = {line.line.key for line in simulation.lines}
    found = []
    for one in simulation.promotions.applied:
        taken = {key: amount.minor for key, amount in one.parts.items() if key in lines}
        # A buyer's view of a promotion has no condition; what is placed is no such view.
        if taken and isinstance(one.promotion, Promotion) and not isinstance(one.promotion.effect, Gift):
            found.append(PlacedPromotion(one.promotion, taken))
    return found


def _to_goods(line: PricedLine) -> PromotedGoods:
    nature = line.nature
    return PromotedGoods(
        line.line.key,
        brand=nature.brand,
        attributes=nature.attributes,
        ancestors=nature.ancestors,
        on_sale=line.price.unit_price < line.price.regular_price,
        least_price=line.offer.least_price,
    )
