"""Judging a price by the guards that hold for it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median

import attrs

from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.money import Money, Rounding, round_ratio
from mktcore.offers.price_guards.price_guard import PriceGuard, Reference, find_guards
from mktcore.pricing import PriceBreak, PriceSchedule

__all__ = ["GuardedGoods", "PriceBreach", "find_breaches"]

_DIGITS = 4
"""Of the fraction that people are told: 12.34 %."""
_MOST_SHOWN = Decimal(10) ** 12
MAX_BREACHES = 20
"""What one held price tells of: a schedule may have a thousand breaks, and be of a thousand SKUs."""


@attrs.frozen
class PriceBreach:
    """One price that a guard does not let pass.

    Attributes:
        guard: Id of the guard.
        sku: Of what.
        reference: What it was compared with.
        quantity: From how many pieces on it would hold.
        price: What `per` pieces would cost.
        per: How many pieces it is for.
        compared: What so many pieces cost by the reference, as the price is entered, rounded.
        apart: How far apart they are, as a fraction of the reference, rounded; below zero for a price that is less, and
            None where the reference is nothing.
    """

    guard: str
    sku: str
    reference: Reference
    quantity: int
    price: Money
    per: int
    compared: Money
    apart: Decimal | None

    def __str__(self) -> str:
        far = "" if self.apart is None else f" ({self.apart:+.2%})"
        return f"{self.price} from {self.quantity} of {self.sku}: the {self.reference} price is {self.compared}{far}"


@attrs.frozen
class GuardedGoods:
    """One SKU that a schedule would price, and what its price is compared with.

    Attributes:
        sku: Its id.
        nature: What it is: guards are of categories.
        usual: The list price of an offer of it, or what it usually costs, of one piece; None where nobody says.
        previous: The schedule as it was; None where there was none.
        others: What other merchants ask for one piece, in minor units, as the marketplace states prices.
        with_tax: What one minor unit without tax is with it.
        includes_tax: Whether the marketplace states prices with tax.
    """

    sku: str
    nature: GoodsNature
    usual: Money | None = attrs.field(default=None, kw_only=True)
    previous: PriceSchedule | None = attrs.field(default=None, kw_only=True)
    others: Sequence[Fraction] = attrs.field(default=(), kw_only=True)
    with_tax: Fraction = attrs.field(default=Fraction(1), kw_only=True)
    includes_tax: bool = attrs.field(default=True, kw_only=True)

    def state(self, price: Money, schedule: PriceSchedule) -> Fraction:
        """Return what one piece costs at a price of a schedule, in minor units, as the marketplace states prices."""
        return Fraction(price.minor, schedule.per) * self.find_ratio(schedule)

    def find_ratio(self, schedule: PriceSchedule) -> Fraction:
        """Return by what a schedule's prices are multiplied to be stated as the marketplace's are."""
        stated = schedule.includes_tax
        if stated is None or stated is self.includes_tax:
            return Fraction(1)
        return self.with_tax if self.includes_tax else 1 / self.with_tax


def find_breaches(
    schedule: PriceSchedule, goods: Iterable[GuardedGoods], guards: Sequence[PriceGuard], *, merchant: str
) -> tuple[PriceBreach, ...]:
    """Return what of a schedule is too far from what is known, up to 20; none where it may be sold.

    Every break is compared with the price for as many pieces before; with list prices and others' the first alone, as a
    price of many pieces is meant to be less. A sale counts like any price: nothing keeps it from being a slip. What was
    asked before is not judged again.
    """
    found: list[PriceBreach] = []
    for one in goods:
        for guard in find_guards(guards, merchant, one.nature):
            found += _judge(schedule, one, guard)
            if len(found) >= MAX_BREACHES:
                return tuple(found[:MAX_BREACHES])
    return tuple(found)


def _judge(schedule: PriceSchedule, goods: GuardedGoods, guard: PriceGuard) -> Iterator[PriceBreach]:
    entries = schedule.breaks if guard.reference is Reference.PREVIOUS else schedule.breaks[:1]
    for entry in entries:
        known = _find_reference(goods, entry, guard.reference)
        if known is None:
            continue
        for price in (entry.unit_price, *(() if entry.sale_price is None else (entry.sale_price,))):
            # It is in force, so that it was approved, or nobody guarded it: sent once more it waits for nobody.
            if _was_asked(price, entry.quantity, schedule, before=goods.previous):
                continue
            each = goods.state(price, schedule)
            if _is_apart(each, known, guard):
                yield _to_breach(schedule, goods, guard, entry=entry, price=price, known=known)


def _was_asked(price: Money, quantity: int, schedule: PriceSchedule, *, before: PriceSchedule | None) -> bool:
    if before is None or (before.per, before.includes_tax) != (schedule.per, schedule.includes_tax):
        return False
    return any(one.quantity == quantity and price in (one.unit_price, one.sale_price) for one in before.breaks)


def _is_apart(each: Fraction, known: Fraction, guard: PriceGuard) -> bool:
    is_above = guard.above is not None and each > known * (1 + Fraction(guard.above))
    is_below = guard.below is not None and each < known * (1 - Fraction(guard.below))
    return is_above or is_below


def _find_reference(goods: GuardedGoods, entry: PriceBreak, reference: Reference) -> Fraction | None:
    """Return what one piece is compared with, in minor units; None where there is nothing."""
    if reference is Reference.LIST:
        return None if goods.usual is None else Fraction(goods.usual.minor)
    if reference is Reference.MEDIAN:
        return median(goods.others) if goods.others else None
    before = goods.previous
    if before is None or before.currency != entry.unit_price.currency:
        return None
    # Below its first break nothing was sold; the first is the nearest that there was.
    known = before.find_break(entry.quantity) or before.breaks[0]
    return goods.state(known.unit_price, before)


def _to_breach(
    schedule: PriceSchedule,
    goods: GuardedGoods,
    guard: PriceGuard,
    *,
    entry: PriceBreak,
    price: Money,
    known: Fraction,
) -> PriceBreach:
    compared = known * schedule.per / goods.find_ratio(schedule)
    minor = round_ratio(compared.numerator, compared.denominator, Rounding.HALF_EVEN)
    apart = None
    if known:
        ratio = goods.state(price, schedule) / known - 1
        whole = round_ratio(ratio.numerator * 10**_DIGITS, ratio.denominator, Rounding.HALF_EVEN)
        apart = min(Decimal(whole).scaleb(-_DIGITS), _MOST_SHOWN)
    return PriceBreach(
        guard.id,
        goods.sku,
        guard.reference,
        quantity=entry.quantity,
        price=price,
        per=schedule.per,
        compared=Money.from_minor(minor, price.currency),
        apart=apart,
    )
