"""Every filter of lines that a promotion has, and where it says so."""

from collections.abc import Iterator

from mktcore.promotions.conditions import Amount, Quantity, list_conditions
from mktcore.promotions.effects import BuyXGetY, Gift
from mktcore.promotions.line_filter import LineFilter
from mktcore.promotions.piece_selection import Sets
from mktcore.promotions.promotion import Promotion

__all__ = ["list_filters"]


def list_filters(promotion: Promotion) -> Iterator[tuple[str, LineFilter]]:
    """Yield each filter with the name of its place; a gift means the goods that it gives."""
    effect = promotion.effect
    if isinstance(effect, Gift):
        # What is given is looked for as what is meant: nobody may sell it.
        yield "effect.sku", LineFilter(skus=(effect.sku,))
    yield "targets", promotion.targets
    if isinstance(effect, BuyXGetY) and effect.of is not None:
        yield "effect.of", effect.of
    if isinstance(promotion.pieces, Sets):
        for part in promotion.pieces.parts:
            yield "pieces.of", part.of
    for condition in list_conditions(promotion.condition):
        if isinstance(condition, Amount | Quantity):
            yield f"{type(condition).__name__}.of", condition.of
