"""Price guards: how far a merchant's price may be from what is known before somebody has to look at it."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind

__all__ = ["PRICE_GUARDS", "Meanwhile", "PriceGuard", "Reference", "find_guards"]

MAX_FRACTION = 1_000
"""A thousand times more than the reference, which no price meant is."""


class Reference(StrEnum):
    """What a price is compared with; where there is none of it, the guard lets every price pass."""

    PREVIOUS = "previous"
    """The merchant's own price for as many pieces, as it was before."""
    LIST = "list"
    """The offer's list price, or else what the SKU usually costs."""
    MEDIAN = "median"
    """The median of what other merchants ask for the SKU now."""


class Meanwhile(StrEnum):
    """What is sold while a price is held."""

    OLD_PRICE = "old-price"
    """The goods go on at the old price; what has none is not sold."""
    NOT_SOLD = "not-sold"
    """The offers are unavailable."""


@attrs.frozen
class PriceGuard:
    """Holds what is more than so much above or below a reference; exactly so much passes.

    Of the guards on one reference the narrowest holds for a price: a merchant's before one of all merchants, then that
    of the nearest category. So a wider one lets a merchant, or a category, do more.

    Attributes:
        id: Its id.
        reference: What a price is compared with.
        above: The most it may be above, as a fraction of the reference: `Decimal("0.5")` for a half; None for any.
        below: The most it may be below, likewise, up to 1.
        merchant: Whose prices; None for everybody's.
        category: Of which goods, with the categories below it; None for all.
        meanwhile: What is sold while a price is held.
        version: How often it was stored.
    """

    id: str
    reference: Reference
    above: Decimal | None = attrs.field(default=None, kw_only=True)
    below: Decimal | None = attrs.field(default=None, kw_only=True)
    merchant: str | None = attrs.field(default=None, kw_only=True)
    category: str | None = attrs.field(default=None, kw_only=True)
    meanwhile: Meanwhile = attrs.field(default=Meanwhile.OLD_PRICE, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("price guard", self.id)
        _check_fraction("above", self.above, MAX_FRACTION)
        _check_fraction("below", self.below, 1)
        for field, kind in (("reference", Reference), ("meanwhile", Meanwhile)):
            value = getattr(self, field)
            if not isinstance(value, kind):
                raise InvalidValue("PriceGuard", field, value, f"one of {', '.join(kind)}")
        if self.above is None and self.below is None:
            raise InvalidValue("PriceGuard", "above", None, "a fraction, for it or for below")


def _check_fraction(field: str, value: Decimal | None, most: int) -> None:
    if value is None:
        return
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= most:
        raise InvalidValue("PriceGuard", field, value, f'a fraction from 0 to {most}, such as Decimal("0.3")')


def find_guards(guards: Iterable[PriceGuard], merchant: str, nature: GoodsNature) -> tuple[PriceGuard, ...]:
    """Return the guards that hold for a merchant's price of such goods: one for each reference, the narrowest.

    >>> camera = GoodsNature("cameras", "", {}, ancestors=("photo",))
    >>> wide = PriceGuard("wide", Reference.LIST, above=Decimal("0.5"))
    >>> photo = PriceGuard("photo", Reference.LIST, above=Decimal("0.2"), category="photo")
    >>> [guard.id for guard in find_guards([wide, photo], "acme", camera)]
    ['photo']
    """
    lies_in = (nature.category, *nature.ancestors)
    chosen: dict[Reference, tuple[tuple[bool, int, str], PriceGuard]] = {}
    for guard in guards:
        if guard.merchant not in (None, merchant) or (guard.category is not None and guard.category not in lies_in):
            continue
        depth = len(lies_in) if guard.category is None else lies_in.index(guard.category)
        # Of two alike the lesser id; a lint tells of them.
        rank = (guard.merchant is None, depth, guard.id)
        if guard.reference not in chosen or rank < chosen[guard.reference][0]:
            chosen[guard.reference] = (rank, guard)
    return tuple(chosen[reference][1] for reference in Reference if reference in chosen)


PRICE_GUARDS = Kind(
    "price_guard",
    PriceGuard,
    # None: for everybody's prices.
    columns={"merchant": lambda guard: guard.merchant},
    reads=Permission.MARKET,
)
"""The operator's: who knew how far it may go would go just so far."""
