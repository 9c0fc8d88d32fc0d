"""What promotions look at: a cart's lines with what the catalogue says of them, and which of them are meant."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property

import attrs

from mktcore.money import Money
from mktcore.sales_context import VISITOR, SalesContext
from mktcore.totals import Expense, Line

__all__ = ["ANY_LINE", "ChargeFilter", "LineFilter", "Part", "PromotionCart", "PromotionLine", "list_places"]


@attrs.frozen
class PromotionLine:
    """A priced cart line.

    Attributes:
        line: What the totals compute with: its key, merchant, unit price and quantity.
        sku: The SKU.
        category: Its category; `photo/cameras` is a descendant of `photo`.
        ancestors: The categories that its category lies in, as the category tree says.
        brand: Its brand.
        attributes: Its attributes.
        on_sale: Whether it has a sale's price; None where nobody knows, as of goods in no cart.
        least_price: What a piece costs at least after all promotions; None for nothing.
        gift_of: The promotion whose gift it is; empty for what the buyer chose.
    """

    line: Line
    sku: str
    category: str = attrs.field(default="", kw_only=True)
    brand: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, hash=False, kw_only=True)
    ancestors: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    on_sale: bool | None = attrs.field(default=None, kw_only=True)
    least_price: Money | None = attrs.field(default=None, kw_only=True)
    gift_of: str = attrs.field(default="", kw_only=True)

    @cached_property
    def places(self) -> frozenset[str]:
        """The categories that it lies in: its own, those above it, and those that a path in text begins with."""
        return list_places(self.category, self.ancestors)


def list_places(category: str, ancestors: Iterable[str]) -> frozenset[str]:
    """Return the categories that goods lie in: their own, those above it, and those that a path in text begins with."""
    return frozenset([category, *ancestors, *[category[:end] for end, sign in enumerate(category) if sign == "/"]])


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


@attrs.frozen
class LineFilter:
    """Which lines are meant: those that fit every field that is given, in one of its values.

    >>> cameras = LineFilter(categories=("photo",), excluding=LineFilter(brands=("Solara",)))
    >>> from mktcore.money import Money
    >>> line = Line("1", "acme", Money.of("179.00", "EUR"))
    >>> cameras.matches(PromotionLine(line, "camera", category="photo/cameras", brand="Orlik"))
    True
    >>> cameras.matches(PromotionLine(line, "camera", category="photo/cameras", brand="Solara"))
    False

    Attributes:
        skus: These SKUs.
        categories: These categories and their descendants.
        brands: These brands.
        merchants: Lines of these merchants.
        attributes: For each named attribute, one of these values.
        on_sale: True for lines at a sale's price only, False for those at their regular one, None for both.
        excluding: Not the lines that match this.
    """

    skus: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    categories: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    brands: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    merchants: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    attributes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, hash=False, kw_only=True)
    on_sale: bool | None = attrs.field(default=None, kw_only=True)
    excluding: "LineFilter | None" = attrs.field(default=None, kw_only=True)
    # As sets: a filter may name thousands, and is asked of every line.
    _named: tuple[frozenset[str], ...] = attrs.field(init=False, repr=False, eq=False)
    _values: Mapping[str, frozenset[str]] = attrs.field(init=False, repr=False, eq=False)

    @_named.default
    def _find_named(self) -> tuple[frozenset[str], ...]:
        return tuple(map(frozenset, (self.skus, self.categories, self.brands, self.merchants)))

    @_values.default
    def _find_values(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(values) for name, values in self.attributes.items()}

    def matches(self, line: PromotionLine) -> bool:
        """Tell whether a line is meant."""
        skus, categories, brands, merchants = self._named
        return (
            (not skus or line.sku in skus)
            and (not categories or not categories.isdisjoint(line.places))
            and (not brands or line.brand in brands)
            and (not merchants or line.line.merchant in merchants)
            and all(line.attributes.get(name) in values for name, values in self._values.items())
            and (self.on_sale is None or line.on_sale in {None, self.on_sale})
            and (self.excluding is None or not self.excluding.matches(line))
        )


ANY_LINE = LineFilter()
"""Every line."""


@attrs.frozen
class ChargeFilter:
    """Which shipping charges are meant: those that fit every field that is given, in one of its values.

    >>> ChargeFilter(keys=("*-express",)).matches(Expense("acme-express", "acme", Money.of("9.90", "EUR")))
    True

    Attributes:
        keys: Of these keys, where * stands for any text: how a host tells delivery methods apart.
        merchants: Charges of these merchants.
    """

    keys: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    merchants: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def matches(self, charge: Expense) -> bool:
        """Tell whether a charge is meant."""
        named = not self.keys or any(fnmatchcase(charge.key, key) for key in self.keys)
        return named and (not self.merchants or charge.merchant in self.merchants)


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
