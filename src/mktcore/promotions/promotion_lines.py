"""What promotions look at: a cart's lines with what the catalogue says of them, and which of them are meant."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.promotions.line_filter import ANY_LINE, LineFilter
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.sales_context import VISITOR, SalesContext
from mktcore.totals import Expense

__all__ = ["Part", "PromotionCart"]


@attrs.frozen
class PromotionCart:
    """Everything that eligibility may ask of a cart.

    Attributes:
        lines: The priced lines.
        at: The instant, UTC.
        context: Who buys, and where.
        expenses: The cart's charges.
        shipping: Keys of those charges that are for shipping.
        is_first_order: Whether the buyer has no order that stands.
        codes: The coupon codes that were entered.
        claimed: What the promotions' counters hold, by name; a counter that is absent holds nothing.
        pooled: The codes that were entered and are of a pool, case-folded, by the pool's owner and name.
    """

    lines: Sequence[PromotionLine]
    at: datetime
    context: SalesContext = attrs.field(default=VISITOR, kw_only=True)
    expenses: Sequence[Expense] = attrs.field(default=(), kw_only=True)
    shipping: Sequence[str] = attrs.field(default=(), kw_only=True)
    is_first_order: bool = attrs.field(default=False, kw_only=True)
    codes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    claimed: Mapping[str, int] = attrs.field(factory=dict, hash=False, kw_only=True)
    pooled: Mapping[tuple[str | None, str], tuple[str, ...]] = attrs.field(factory=dict, hash=False, kw_only=True)

    @property
    def buyer(self) -> str:
        """Who buys, as counters of uses per buyer name it; empty for a visitor."""
        return self.context.buyer or ""


@attrs.frozen(eq=False)
class Part:
    """The part of a cart that a promotion is judged by: a line, a merchant's lines, or all that it may touch.

    Attributes:
        cart: The cart.
        lines: The part's lines.
        amounts: The lines' amounts before any reduction, in minor units, by the line's key.
        left: What the promotions before left of them, likewise.
        owner: Whose promotions are judged by it; None for the operator's.
    """

    cart: PromotionCart
    lines: Sequence[PromotionLine]
    amounts: Mapping[str, int]
    left: Mapping[str, int] = attrs.field(kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)

    def find(self, wanted: LineFilter) -> Sequence[PromotionLine]:
        """Return the part's lines that are meant."""
        # By identity, which costs nothing: a filter that merely equals it finds the same, line by line.
        return self.lines if wanted is ANY_LINE else [line for line in self.lines if wanted.matches(line)]
