"""The ground that promotions are applied on: a cart's lines and charges, laid out once as totals lay them out."""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.money import Currency, Money
from mktcore.promotions.promotion import Level, Promotion
from mktcore.promotions.promotion_lines import Part, PromotionCart, PromotionLine
from mktcore.totals import Reduction, RoundingProfile
from mktcore.totals.apply_reductions import reduce_in_order
from mktcore.totals.column_layout import Layout, arrange
from mktcore.totals.computed_columns import Inputs, lay_out_amounts

__all__ = ["CartLayout", "ClaimedDiscount", "lay_out_cart"]


@attrs.frozen(eq=False)
class ClaimedDiscount:
    """What reductions take: they themselves, the amount per position that they took, and what they left."""

    reductions: tuple[Reduction, ...]
    taken: Mapping[int, int]
    left: list[int]

    @property
    def total(self) -> int:
        """What they took in all."""
        return sum(self.taken.values())


@attrs.frozen(eq=False)
class CartLayout:
    """A cart laid out.

    Attributes:
        cart: The cart.
        currency: Its currency.
        profile: How reductions are rounded.
        layout: Where each line and charge stands.
        amounts: Before any reduction, in minor units, by position.
        units: Quantities where a unit's rounding needs them, as totals have them.
        by_key: The lines' amounts before any reduction, by key.
        pieces: The lines' quantities, by position.
        keys: The key of the line or charge at each position.
    """

    cart: PromotionCart
    currency: Currency
    profile: RoundingProfile
    layout: Layout
    amounts: list[int]
    units: Sequence[int]
    by_key: Mapping[str, int]
    pieces: Mapping[int, int]
    keys: Mapping[int, str]
    _parts: dict[tuple[str | None, Level], list[Part]] = attrs.field(factory=dict)

    def list_parts(self, promotion: Promotion) -> list[Part]:
        """Return the parts of the cart that a promotion is judged by; its owner's lines only."""
        key = (promotion.owner, promotion.level)
        if key not in self._parts:
            self._parts[key] = [Part(self.cart, lines, self.by_key) for lines in self._split(*key)]
        return self._parts[key]

    def _split(self, owner: str | None, level: Level) -> Sequence[Sequence[PromotionLine]]:
        lines = [line for line in self.cart.lines if owner is None or owner == line.line.merchant]
        if level is Level.LINE:
            return [[line] for line in lines]
        if level is Level.ORDER:
            return [lines] if lines else []
        groups: dict[str, list[PromotionLine]] = {}
        for line in lines:
            groups.setdefault(line.line.merchant, []).append(line)
        return list(groups.values())

    def find_position(self, line: PromotionLine) -> int:
        """Return where a line stands."""
        return self.layout.line_positions[line.line.key]

    def reduce(self, reductions: Sequence[Reduction], left: list[int]) -> ClaimedDiscount:
        """Let totals take reductions off what is left; those that take nothing are dropped."""
        after, applied, problems = reduce_in_order(
            left, self.units, reductions, layout=self.layout, profile=self.profile
        )
        if problems:
            raise AssertionError(problems)
        taken: dict[int, int] = {}
        kept = []
        for reduction, (positions, parts, _) in zip(reductions, applied, strict=True):
            if any(parts):
                kept.append(reduction)
                for position, part in zip(positions, parts, strict=True):
                    taken[position] = taken.get(position, 0) + part
        return ClaimedDiscount(tuple(kept), taken, after)

    def to_money(self, minor: int) -> Money:
        """Return an amount of the cart's currency."""
        return Money.from_minor(minor, self.currency)


def lay_out_cart(cart: PromotionCart, profile: RoundingProfile, currency: Currency) -> CartLayout:
    """Lay out a cart; its lines and charges are sound, as a simulation makes them."""
    lines, expenses = tuple([line.line for line in cart.lines]), tuple(cart.expenses)
    layout = arrange(lines, expenses)
    # Whether prices include their tax makes no difference to reductions.
    given = Inputs(lines, (), expenses, prices_include_tax=True, profile=profile, currency=currency)
    amounts, units = lay_out_amounts(given, layout)
    by_key = {key: amounts[position] for key, position in layout.line_positions.items()}
    pieces = {layout.line_positions[line.key]: line.quantity for line in lines}
    keys = {position: key for key, position in (*layout.line_positions.items(), *layout.expense_positions.items())}
    return CartLayout(cart, currency, profile, layout, amounts, units, by_key, pieces, keys)
