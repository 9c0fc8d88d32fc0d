"""Price schedules: unit prices by quantity, owned by a party, valid for a period."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Currency, CurrencyMismatch, Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, column
from mktcore.persistence.kinds import Ordered
from mktcore.pricing.recurrence import Recurrence
from mktcore.totals import Option

__all__ = ["MAX_PRICE_DIGITS", "PRICE_SCHEDULES", "PriceBreak", "PriceSchedule", "check_schedule_size"]

MAX_PRICE_DIGITS = 18
"""So many times the pieces of a line, and the lines of a cart, stay a sum."""
MAX_BREAKS = 1_000
MAX_OPTIONS = 1_000
MAX_WHOLE = 10**18
"""What totals can compute with."""


@attrs.frozen
class PriceBreak:
    """From this quantity on, each piece costs this much.

    Attributes:
        quantity: The quantity from which it holds.
        unit_price: The price of `per` pieces of the schedule: of one, unless it says otherwise; 18 digits at most.
        sale_price: The price in the schedule's sale window; None for no sale.
    """

    quantity: int
    unit_price: Money
    sale_price: Money | None = None

    def __attrs_post_init__(self) -> None:
        _check_count("PriceBreak", "quantity", self.quantity)
        _check_price("unit_price", self.unit_price)
        if self.sale_price is None:
            return
        if self.sale_price.currency != self.unit_price.currency:
            raise CurrencyMismatch(self.unit_price.currency.code, self.sale_price.currency.code)
        _check_price("sale_price", self.sale_price)


def _check_price(field: str, price: Money) -> None:
    if not 0 <= price.minor < 10**MAX_PRICE_DIGITS:
        reason = f"zero or more, in {MAX_PRICE_DIGITS} digits of minor units"
        raise InvalidValue("PriceBreak", field, price, reason)


def _sort_breaks(breaks: Iterable[PriceBreak]) -> tuple[PriceBreak, ...]:
    return tuple(sorted(breaks, key=lambda entry: entry.quantity))


@attrs.frozen
class PriceSchedule:
    """Unit prices by quantity; the break with the highest quantity not above the ordered one applies.

    >>> screws = PriceSchedule("screws", "bolt", [PriceBreak(1, Money.of("1.25", "USD"))], per=100)
    >>> print(screws.find_break(250).unit_price, "per", screws.per)
    1.25 USD per 100

    Attributes:
        id: Its id.
        owner: The merchant that owns it, set at its creation only; None for the operator's. A merchant sells at its own
            schedules only.
        breaks: One or more breaks with different quantities, kept in their order. A single price is one break.
        valid: When it applies.
        per: How many pieces a unit price is for: USD 1.25 per 100 is a price below a cent.
        sale: When the breaks' sale prices apply.
        recurs: Narrows `valid` to windows that come back; None for all of it.
        minimum: The least quantity it accepts; the first break's, where that is higher.
        maximum: The greatest quantity it accepts; None for any.
        restricted: True accepts no quantities but those of the breaks.
        cumulative: True counts all lines of the product together, False each line on its own.
        options: What chosen options add to the unit price; an option that is not listed adds nothing.
        includes_tax: Whether its prices and mark-ups contain their tax; None for as the marketplace states its prices.
        version: How often it was stored.
    """

    id: str
    owner: str | None
    breaks: tuple[PriceBreak, ...] = attrs.field(converter=_sort_breaks)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    per: int = attrs.field(default=1, kw_only=True)
    sale: Period = attrs.field(default=ALWAYS, kw_only=True)
    recurs: Recurrence | None = attrs.field(default=None, kw_only=True)
    minimum: int = attrs.field(default=1, kw_only=True)
    maximum: int | None = attrs.field(default=None, kw_only=True)
    restricted: bool = attrs.field(default=False, kw_only=True)
    cumulative: bool = attrs.field(default=False, kw_only=True)
    options: tuple[Option, ...] = attrs.field(default=(), kw_only=True)
    includes_tax: bool | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("price schedule", self.id)
        if self.owner is not None:
            check_id("merchant", self.owner)
        if not self.breaks:
            raise InvalidValue("PriceSchedule", "breaks", self.breaks, "at least one break")
        if self.includes_tax is not None and type(self.includes_tax) is not bool:
            raise InvalidValue("PriceSchedule", "includes_tax", self.includes_tax, "True, False or None")
        quantities = [entry.quantity for entry in self.breaks]
        if len(set(quantities)) < len(quantities):
            raise InvalidValue("PriceSchedule", "breaks", quantities, "one break for each quantity")
        _check_count("PriceSchedule", "per", self.per)
        _check_count("PriceSchedule", "minimum", self.minimum)
        if self.maximum is not None:
            _check_count("PriceSchedule", "maximum", self.maximum)
            # It would accept no quantity at all.
            if self.maximum < max(self.minimum, quantities[0]):
                raise InvalidValue("PriceSchedule", "maximum", self.maximum, "not below the least quantity it accepts")
        marked = [option.mark_up for option in self.options if option.mark_up is not None]
        for amount in [entry.unit_price for entry in self.breaks] + marked:
            if amount.currency != self.currency:
                raise CurrencyMismatch(self.currency.code, amount.currency.code)

    @property
    def currency(self) -> Currency:
        """The currency of every break."""
        return self.breaks[0].unit_price.currency

    def find_break(self, quantity: int) -> PriceBreak | None:
        """Return the break that applies to this quantity, or None below the first one."""
        position = bisect_right(self.breaks, quantity, key=lambda entry: entry.quantity)
        return self.breaks[position - 1] if position else None

    def accepts(self, quantity: int) -> bool:
        """Tell whether so many pieces can be bought by this schedule."""
        if self.restricted and all(entry.quantity != quantity for entry in self.breaks):
            return False
        least = max(self.minimum, self.breaks[0].quantity)
        return least <= quantity and (self.maximum is None or quantity <= self.maximum)

    def describe_accepted(self) -> str:
        """Say which quantities it accepts: `"2 to 10"`, `"1 or more"`, `"6, 12 or 24"`."""
        if self.restricted:
            *others, last = [str(entry.quantity) for entry in self.breaks if self.accepts(entry.quantity)] or ["none"]
            return f"{', '.join(others)} or {last}" if others else last
        least = max(self.minimum, self.breaks[0].quantity)
        return f"{least} or more" if self.maximum is None else f"{least} to {self.maximum}"


def _check_count(kind: str, field: str, value: int) -> None:
    if type(value) is not int or not 1 <= value <= MAX_WHOLE:
        raise InvalidValue(kind, field, value, "a whole number above zero, of 18 digits at most")


def check_schedule_size(schedule: PriceSchedule) -> None:
    """Let a schedule pass that carts can look through: 1,000 breaks and 1,000 options at most.

    Asked before it is stored, and not of each schedule: what was stored before there were bounds can still be read.

    Raises:
        InvalidValue: It has more.
    """
    for field, found, most in (("breaks", schedule.breaks, MAX_BREAKS), ("options", schedule.options, MAX_OPTIONS)):
        if len(found) > most:
            raise InvalidValue("PriceSchedule", field, len(found), f"{most} at most")


PRICE_SCHEDULES = Kind(
    "price_schedule",
    PriceSchedule,
    columns={"owner": column("owner"), "currency": column("currency.code")},
    ordered={
        "starts": Ordered(lambda schedule: schedule.valid.start, datetime),
        "ends": Ordered(lambda schedule: schedule.valid.end, datetime),
    },
    together=(("owner", "currency"),),
    # A merchant's unit would write past the guards that hold prices.
    **scope_rule(Owned.PRICE_SCHEDULE, only_by_use_cases=True),
)
