"""A cart's lines and charges, laid out once for all promotions, as totals lay them out."""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.money import Currency, Money
from mktcore.promotions.promotion import Level, Promotion
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import Part, PromotionCart
from mktcore.promotions.remaining_amounts import Remaining
from mktcore.totals import Reduction, RoundingProfile
from mktcore.totals.apply_reductions import reduce_in_order
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.line_positions import Layout, arrange
from mktcore.totals.sheet import lay_out_amounts

__all__ = ["CartLayout", "Discount", "split_lines"]


@attrs.frozen(eq=False)
class Discount:
    """What reductions take: they themselves, the amount per position that they took, and what they left."""

    reductions: tuple[Reduction, ...]
    taken: Mapping[int, int]
    remaining: Remaining

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
        columns: Where each line and charge stands.
        amounts: Before any reduction, in minor units, by position.
        units: Quantities where a unit's rounding needs them, as totals have them.
        by_key: The lines' amounts before any reduction, by key.
        pieces: The lines' quantities, by position.
        keys: The key of the line or charge at each position.
        least: The least that lines cost after all promotions, in minor units, by position; of those that have one.
    """

    cart: PromotionCart
    currency: Currency = attrs.field(kw_only=True)
    profile: RoundingProfile = attrs.field(kw_only=True)
    columns: Layout = attrs.field(kw_only=True)
    amounts: list[int] = attrs.field(kw_only=True)
    units: Sequence[int] = attrs.field(kw_only=True)
    by_key: Mapping[str, int] = attrs.field(kw_only=True)
    pieces: Mapping[int, int] = attrs.field(kw_only=True)
    keys: Mapping[int, str] = attrs.field(kw_only=True)
    least: Mapping[int, int] = attrs.field(kw_only=True)
    _parts: dict[tuple[str | None, Level], list[Part]] = attrs.field(factory=dict, kw_only=True)

    @classmethod
    def of(cls, cart: PromotionCart, profile: RoundingProfile, currency: Currency) -> "CartLayout":
        """Lay out a cart; its lines and charges are sound, as a simulation makes them."""
        lines, expenses = tuple([line.line for line in cart.lines]), tuple(cart.expenses)
        columns = arrange(lines, expenses)
        # Whether prices include their tax makes no difference to reductions.
        given = Inputs(lines, (), expenses, prices_include_tax=True, profile=profile, currency=currency)
        amounts, units = lay_out_amounts(given, columns)
        positions = columns.line_positions
        return cls(
            cart,
            currency=currency,
            profile=profile.for_reductions,
            columns=columns,
            amounts=amounts,
            units=units,
            by_key={key: amounts[position] for key, position in positions.items()},
            pieces={positions[line.key]: line.quantity for line in lines},
            keys={position: key for key, position in (*positions.items(), *columns.expense_positions.items())},
            least={
                positions[line.line.key]: line.least_price.minor * line.line.quantity
                for line in cart.lines
                # In another currency it is no bound: its minor units say nothing here.
                if line.least_price is not None and line.least_price.currency == currency
            },
        )

    def list_parts(self, promotion: Promotion) -> list[Part]:
        """Return the parts of the cart that a promotion is judged by; its owner's lines only, and no gifts."""
        owner, level = promotion.owner, promotion.judged or promotion.level
        key = (owner, level)
        if key not in self._parts:
            lines = [
                line for line in self.cart.lines if (owner is None or owner == line.line.merchant) and not line.gift_of
            ]
            self._parts[key] = [
                Part(self.cart, part, self.by_key, left=self.by_key, owner=owner) for part in split_lines(lines, level)
            ]
        return self._parts[key]

    def list_parts_left(self, promotion: Promotion, remaining: Remaining) -> list[Part]:
        """Return the same parts with what promotions before left of their lines."""
        left = {key: remaining.left[position] for key, position in self.columns.line_positions.items()}
        return [attrs.evolve(part, left=left) for part in self.list_parts(promotion)]

    def begin(self) -> Remaining:
        """Return what is left before any promotion: all of it."""
        return Remaining(list(self.amounts))

    def find_position(self, line: PromotionLine) -> int:
        """Return where a line stands."""
        return self.columns.line_positions[line.line.key]

    def reduce(self, reductions: Sequence[Reduction], remaining: Remaining) -> Discount:
        """Let totals take reductions off what is left; those that take nothing are dropped."""
        after, applied, problems = reduce_in_order(
            self.amounts,
            self.units,
            reductions,
            layout=self.columns,
            profile=self.profile,
            left=remaining.left,
        )
        # Reductions of promotions are capped at their base: there is nothing for totals to refuse.
        if problems:
            raise AssertionError(problems)
        taken: dict[int, int] = {}
        kept = []
        for reduction, (positions, parts, _) in zip(reductions, applied, strict=True):
            if any(parts):
                kept.append(reduction)
                for position, part in zip(positions, parts, strict=True):
                    taken[position] = taken.get(position, 0) + part
        return Discount(tuple(kept), taken, Remaining(after, remaining.spent))

    def to_money(self, minor: int) -> Money:
        """Return an amount of the cart's currency."""
        return Money.from_minor(minor, self.currency)


def split_lines(lines: Sequence[PromotionLine], level: Level) -> Sequence[Sequence[PromotionLine]]:
    """Return the parts that lines make up at a level."""
    if level is Level.LINE:
        return [[line] for line in lines]
    if level is Level.ORDER:
        return [lines] if lines else []
    groups: dict[str, list[PromotionLine]] = {}
    for line in lines:
        groups.setdefault(line.line.merchant, []).append(line)
    return list(groups.values())
