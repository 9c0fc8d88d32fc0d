"""A promotion that a cart is eligible for, and the parts of the cart that it is for. Pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import attrs

from mktcore.promotions.cart_layout import CartLayout, split_lines
from mktcore.promotions.effects import Gift
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import Part
from mktcore.promotions.remaining_amounts import Remaining

__all__ = ["Eligible", "PromotedPart", "find_parts", "judge_parts"]

PromotedPart = tuple[Sequence[PromotionLine], Sequence[PromotionLine]]
"""All lines of a part of the cart, and the targets among them."""


@attrs.frozen(eq=False)
class Eligible:
    """A promotion whose condition holds, or may hold after others.

    Attributes:
        promotion: The promotion.
        parts: The parts of the cart for which it holds, each with all its lines and the targets among them.
        most: The most it may still take, by its caps and budget; None for anything.
        is_open: Whether its condition asks for what the promotions before left: it is judged again after them.
    """

    promotion: Promotion
    parts: Sequence[PromotedPart]
    most: int | None
    is_open: bool = False

    def outside(self, merchants: AbstractSet[str]) -> "Eligible | None":
        """Return what is left of it when it may not touch some merchants' lines; None when that is nothing."""
        if not merchants:
            return self
        kept = [
            tuple([line for line in lines if line.line.merchant not in merchants] for lines in part)
            for part in self.parts
        ]
        parts = [(lines, targets) for lines, targets in kept if targets]
        return attrs.evolve(self, parts=parts) if parts else None

    def judge_after(self, layout: CartLayout, remaining: Remaining) -> "Eligible | None":
        """Return what it is after others; None when its condition does not hold then."""
        if not self.is_open:
            return self
        holding = judge_parts(self.promotion, layout.list_parts_left(self.promotion, remaining))
        parts = find_parts(self.promotion, layout, holding)
        return attrs.evolve(self, parts=parts) if parts else None


def judge_parts(promotion: Promotion, judged: Sequence[Part]) -> Sequence[Part]:
    """Return the parts of the cart that meet a promotion's condition."""
    condition = promotion.condition
    return judged if condition is None else [part for part in judged if condition.holds(part)]


def find_parts(promotion: Promotion, layout: CartLayout, holding: Sequence[Part]) -> list[PromotedPart]:
    """Return the parts of the cart that a promotion is for.

    Args:
        promotion: The promotion.
        layout: The cart.
        holding: The parts that meet its condition.
    """
    if isinstance(promotion.effect, Gift):
        given = [line for line in layout.cart.lines if line.gift_of == promotion.id]
        return [(given, given)] if holding and given else []
    if promotion.judged is None or promotion.judged is promotion.level:
        parts = [(part.lines, part.find(promotion.targets)) for part in holding]
    else:
        # What meets it, put together anew: lines of several merchants, say, or each line of the order by itself.
        lines = [line for part in holding for line in part.lines]
        split = split_lines(lines, promotion.level)
        parts = [(part, [line for line in part if promotion.targets.matches(line)]) for part in split]
    return [entry for entry in parts if entry[1]]
