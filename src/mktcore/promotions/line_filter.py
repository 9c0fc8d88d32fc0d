"""Which lines and charges a promotion is for."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import attrs

from mktcore.promotions.promotion_line import PromotionLine
from mktcore.totals import Expense

__all__ = ["ANY_LINE", "ChargeFilter", "LineFilter"]


def _copy_choices(attributes: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return dict(attributes)


@attrs.frozen
class LineFilter:
    """Which lines are meant: those that fit every field that is given, in one of its values.

    >>> cameras = LineFilter(categories=("photo",), excluding=LineFilter(brands=("Solara",)))
    >>> from mktcore.money import Money
    >>> from mktcore.promotions.promotion_line import PromotionLine
    >>> from mktcore.totals import Line
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
    attributes: Mapping[str, tuple[str, ...]] = attrs.field(
        factory=dict, converter=_copy_choices, hash=False, kw_only=True
    )
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

    >>> from mktcore.money import Money
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
