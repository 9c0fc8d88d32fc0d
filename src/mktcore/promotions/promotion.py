"""Promotions: conditional price reductions, who may be given them, how often, and who pays."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, column
from mktcore.persistence.kinds import Ordered
from mktcore.promotions.conditions import Condition
from mktcore.promotions.effects import AmountOff, Effect, FixedPrice, Gift, PercentOff, ShippingOff
from mktcore.promotions.line_filter import ANY_LINE, ChargeFilter, LineFilter
from mktcore.promotions.piece_selection import Pieces, Sets
from mktcore.promotions.promotion_marks import list_marks

__all__ = ["PROMOTIONS", "Caps", "Level", "Limits", "Promotion"]


MAX_COUNT = 2**63
"""What a counter of a store can hold."""


class Level(StrEnum):
    """By which part of a cart a promotion is judged and applied."""

    LINE = "line"
    """Each line on its own: "three of the same"."""
    MERCHANT = "merchant"
    """Each merchant's lines together: "from 50 EUR at one merchant"."""
    ORDER = "order"
    """All lines that the promotion may touch."""


@attrs.frozen
class Caps:
    """The most that a promotion takes off.

    Attributes:
        order: In an order.
        line: From a line.
        floor: The least that a piece still costs afterwards; a line that is below it already is left alone.
    """

    order: Money | None = attrs.field(default=None, kw_only=True)
    line: Money | None = attrs.field(default=None, kw_only=True)
    floor: Money | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for field in ("order", "line", "floor"):
            value = getattr(self, field)
            if value is not None and value.is_negative():
                raise InvalidValue("Caps", field, value, "zero or more")


@attrs.frozen
class Limits:
    """How often and how much in all; claimed when an order is placed.

    Attributes:
        uses: Orders.
        per_buyer: Orders of one buyer.
        per_code: Orders of one coupon code, of those that its condition names or that are in its pool.
        budget: Amount of money over all orders.
    """

    uses: int | None = attrs.field(default=None, kw_only=True)
    per_buyer: int | None = attrs.field(default=None, kw_only=True)
    per_code: int | None = attrs.field(default=None, kw_only=True)
    budget: Money | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for field in ("uses", "per_buyer", "per_code"):
            value = getattr(self, field)
            # Refused here and not by the store, which keeps counters in 64 bits: there it would fail an order.
            if value is not None and (type(value) is not int or not 0 <= value < MAX_COUNT):
                raise InvalidValue("Limits", field, value, "a whole number, zero or more, in 64 bits")
        if self.budget is not None and not 0 <= self.budget.minor < MAX_COUNT:
            raise InvalidValue("Limits", "budget", self.budget, "zero or more, in 64 bits of minor units")


@attrs.frozen
class Promotion:
    """A conditional price reduction.

    Attributes:
        id: Its id; its reductions are named after it.
        effect: What it does.
        owner: The merchant whose promotion it is, set at its creation only: it sees and touches that merchant's lines
            only. None for the operator's, which may touch every line.
        condition: Eligibility; None for always.
        targets: The lines that it takes something off.
        level: By which part of the cart it is applied, and judged unless `judged` says otherwise.
        judged: By which part of the cart its condition is judged: "3.00 off each line, from 50.00 in the order" is
            judged by order and applied by line. It is for the lines of those parts that meet the condition.
        pieces: Which pieces of these lines it is for; None for all. Of percentages, amounts and fixed prices.
        spends_pieces: What it looks at is spent: a piece that served one such promotion serves no other such one.
        charges: Which shipping charges it is for: beside the lines for a percentage or an amount, where None is for
            none; where the effect is about shipping, None is for all.
        valid: When it applies.
        priority: The higher is applied first; then the lesser id.
        group: Of the promotions of one group, one is applied to an order. Empty for none.
        exclusive: Applied alone or not at all.
        combines_with: The groups it may share an order with; None for any. Like group and exclusive it acts within the
            lines that the promotion may touch: a merchant's says nothing of other merchants' lines.
        caps: The most it takes off.
        limits: How often and how much in all.
        merchant_share: The fraction that the merchants of the lines bear, 0 to 1; the marketplace bears the rest. None
            lets its owner bear it.
        title: As buyers see it.
        version: How often it was stored.
    """

    id: str
    effect: Effect
    owner: str | None = None
    condition: Condition | None = attrs.field(default=None, kw_only=True)
    targets: LineFilter = attrs.field(default=ANY_LINE, kw_only=True)
    level: Level = attrs.field(default=Level.ORDER, kw_only=True)
    judged: Level | None = attrs.field(default=None, kw_only=True)
    pieces: Pieces | Sets | None = attrs.field(default=None, kw_only=True)
    spends_pieces: bool = attrs.field(default=False, kw_only=True)
    charges: ChargeFilter | None = attrs.field(default=None, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    priority: int = attrs.field(default=0, kw_only=True)
    group: str = attrs.field(default="", kw_only=True)
    exclusive: bool = attrs.field(default=False, kw_only=True)
    combines_with: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    caps: Caps = attrs.field(default=Caps(), kw_only=True)
    limits: Limits = attrs.field(default=Limits(), kw_only=True)
    merchant_share: Decimal | None = attrs.field(default=None, kw_only=True)
    title: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("promotion", self.id)
        if self.owner is not None:
            check_id("merchant", self.owner)
        self._check_parts()
        if self.merchant_share is None:
            return
        if not isinstance(self.merchant_share, Decimal) or not 0 <= self.merchant_share <= 1:
            raise InvalidValue("Promotion", "merchant_share", self.merchant_share, "a Decimal from 0 to 1")
        if self.owner and self.merchant_share != 1:
            # Otherwise a merchant could spend the marketplace's money.
            raise InvalidValue("Promotion", "merchant_share", self.merchant_share, "1 for a merchant's promotion")

    def _check_parts(self) -> None:
        """Refuse parts that do not go together, rather than leave one of them out."""
        effect, name = self.effect, type(self.effect).__name__
        if self.pieces is not None and not isinstance(effect, PercentOff | AmountOff | FixedPrice):
            raise InvalidValue("Promotion", "pieces", name, "a percentage, an amount or a fixed price beside pieces")
        if isinstance(effect, AmountOff) and effect.every is not None and (self.pieces or self.spends_pieces):
            raise InvalidValue("Promotion", "pieces", name, "whole lines, where an amount is off every full so much")
        if self.spends_pieces and isinstance(effect, ShippingOff | Gift):
            raise InvalidValue("Promotion", "spends_pieces", name, "an effect on lines")
        if self.charges is None or isinstance(effect, ShippingOff):
            return
        is_by_piece = self.pieces is not None or self.spends_pieces or getattr(effect, "per_piece", False)
        if is_by_piece or not isinstance(effect, PercentOff | AmountOff):
            wanted = "a percentage or an amount of whole lines, or of shipping"
            raise InvalidValue("Promotion", "charges", name, wanted)

    @property
    def bearer_share(self) -> Decimal:
        """The fraction that the merchants bear."""
        if self.merchant_share is None:
            return Decimal(1) if self.owner else Decimal(0)
        return self.merchant_share

    def combines_freely(self) -> bool:
        """Tell whether it says nothing of others: it combines with every other such promotion."""
        return not self.exclusive and not self.group and self.combines_with is None

    def combines(self, other: "Promotion") -> bool:
        """Tell whether both may be applied to the same lines; neither order of the two matters."""
        if self.exclusive or other.exclusive or (self.group and self.group == other.group):
            return False
        # Both have to: one that accepts everything does not bring in one that accepts nothing.
        return self._accepts(other) and other._accepts(self)  # noqa: SLF001 - of its own class

    def _accepts(self, other: "Promotion") -> bool:
        return self.combines_with is None or other.group in self.combines_with


PROMOTIONS = Kind(
    "promotion",
    Promotion,
    columns={"owner": column("owner"), "group": column("group")},
    ordered={
        "starts": Ordered(lambda promotion: promotion.valid.start, datetime),
        "ends": Ordered(lambda promotion: promotion.valid.end, datetime),
    },
    together=(("owner", "group"),),
    marks=list_marks,
    **scope_rule(Owned.PROMOTION),
)
