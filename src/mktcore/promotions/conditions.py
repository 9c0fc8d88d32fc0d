"""Eligibility: conditions as data. They can be stored, combined, and compared; each judges a part of a cart."""

from collections.abc import Iterator
from typing import Union

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money
from mktcore.periods import ALWAYS, Period
from mktcore.pricing import Recurrence
from mktcore.promotions.line_filter import ANY_LINE, LineFilter
from mktcore.promotions.promotion_lines import Part
from mktcore.totals.inputs import Basis

__all__ = [
    "AllOf",
    "Amount",
    "AnyOf",
    "Condition",
    "During",
    "FirstOrder",
    "InChannel",
    "InGroup",
    "Not",
    "Quantity",
    "WithCode",
    "WithPoolCode",
    "has_pool",
    "list_conditions",
    "looks_at_remaining",
]


@attrs.frozen
class AllOf:
    """Every one of the conditions holds; of none, always."""

    conditions: tuple["Condition", ...]

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return all(condition.holds(part) for condition in self.conditions)


@attrs.frozen
class AnyOf:
    """At least one of the conditions holds; of none, never."""

    conditions: tuple["Condition", ...]

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return any(condition.holds(part) for condition in self.conditions)


@attrs.frozen
class Not:
    """The condition does not hold."""

    condition: "Condition"

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return not self.condition.holds(part)


@attrs.frozen
class Amount:
    """The lines cost so much, as prices are stated, in the market's currency.

    A promotion that asks in another one is refused when it is saved, and applies to no cart.

    Attributes:
        at_least: The least amount.
        at_most: The greatest amount, None for any.
        of: Which lines count.
        basis: Before any reduction, or after those of the promotions that were applied before.
    """

    at_least: Money
    at_most: Money | None = None
    of: LineFilter = ANY_LINE
    basis: Basis = attrs.field(default=Basis.ORIGINAL, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.at_most is None:
            return
        if self.at_most.currency != self.at_least.currency:
            raise CurrencyMismatch(self.at_least.currency.code, self.at_most.currency.code)
        if self.at_most < self.at_least:
            raise InvalidValue("Amount", "at_most", self.at_most, f"{self.at_least} or more")

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        lines = part.find(self.of)
        # The sums below are minor units alone: 1,000 yen would pass for 10 euro.
        if any(line.line.unit_price.currency != self.at_least.currency for line in lines):
            return False
        amounts = part.amounts if self.basis is Basis.ORIGINAL else part.left
        total = sum([amounts[line.line.key] for line in lines])
        return self.at_least.minor <= total and (self.at_most is None or total <= self.at_most.minor)


@attrs.frozen
class Quantity:
    """So many pieces are in it.

    Attributes:
        at_least: The least number of pieces.
        at_most: The greatest, None for any.
        of: Which lines count.
    """

    at_least: int = 1
    at_most: int | None = None
    of: LineFilter = ANY_LINE

    def __attrs_post_init__(self) -> None:
        if self.at_most is not None and self.at_most < self.at_least:
            raise InvalidValue("Quantity", "at_most", self.at_most, f"{self.at_least} or more")

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        total = sum([line.line.quantity for line in part.find(self.of)])
        return self.at_least <= total and (self.at_most is None or total <= self.at_most)


@attrs.frozen
class InChannel:
    """The cart is in one of these sales channels."""

    channels: tuple[str, ...]

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return part.cart.context.channel in self.channels


@attrs.frozen
class InGroup:
    """The user is in one of these groups."""

    groups: tuple[str, ...]

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return any(group in self.groups for group in part.cart.context.groups)


@attrs.frozen
class FirstOrder:
    """The buyer has no order that stands: none but those that were cancelled whole.

    Give the promotion a limit per buyer too, for two carts placed at once.
    """

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return part.cart.is_first_order


@attrs.frozen
class During:
    """The instant lies in a period, and in a recurring window where one is given."""

    period: Period = ALWAYS
    recurs: Recurrence | None = None

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        at = part.cart.at
        return self.period.contains(at) and (self.recurs is None or self.recurs.contains(at))


@attrs.frozen
class WithCode:
    """One of these coupon codes was entered; upper and lower case are the same.

    Attributes:
        codes: The codes.
        folded: The same as they are compared.
    """

    codes: tuple[str, ...]
    folded: frozenset[str] = attrs.field(init=False, repr=False, eq=False)

    @folded.default
    def _fold(self) -> frozenset[str]:
        # Folded, and not lowered, which would part STRASSE from straße.
        return frozenset(code.casefold() for code in self.codes)

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return any(code.casefold() in self.folded for code in part.cart.codes)


@attrs.frozen
class WithPoolCode:
    """A coupon code of a pool was entered: one of any number of codes that are kept one by one, see `PoolCode`.

    Attributes:
        pool: The pool, of the same owner as the promotion.
    """

    pool: str

    def __attrs_post_init__(self) -> None:
        check_id("pool", self.pool)

    def holds(self, part: Part) -> bool:
        """Tell whether it holds."""
        return bool(part.cart.pooled.get((part.owner, self.pool)))


Condition = Union[  # noqa: UP007 - the classes above name it before it is made, by text
    AllOf, AnyOf, Not, Amount, Quantity, InChannel, InGroup, FirstOrder, During, WithCode, WithPoolCode
]
"""Any of the conditions."""


def list_conditions(condition: Condition | None) -> Iterator[Condition]:
    """Yield a condition and all that it is made of."""
    if condition is None:
        return
    yield condition
    if isinstance(condition, Not):
        yield from list_conditions(condition.condition)
    elif isinstance(condition, AllOf | AnyOf):
        for inner in condition.conditions:
            yield from list_conditions(inner)


def looks_at_remaining(condition: Condition | None) -> bool:
    """Tell whether a condition asks for what the promotions before left."""
    return any(isinstance(one, Amount) and one.basis is Basis.REMAINING for one in list_conditions(condition))


def has_pool(condition: Condition | None) -> bool:
    """Tell whether a condition asks for a code of a pool."""
    return any(isinstance(one, WithPoolCode) for one in list_conditions(condition))
