"""Price schedules: unit prices by quantity, owned by a merchant, valid for a period."""

from collections.abc import Iterable

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Currency, CurrencyMismatch, Money
from mktcore.periods import ALWAYS, Period
from mktcore.unit_of_work import Kind

__all__ = ["PRICE_SCHEDULES", "PriceBreak", "PriceSchedule"]


@attrs.frozen
class PriceBreak:
    """From this quantity on, each piece costs this much."""

    quantity: int
    unit_price: Money

    def __attrs_post_init__(self) -> None:
        if type(self.quantity) is not int or self.quantity < 1:
            raise InvalidValue("PriceBreak", "quantity", self.quantity, "a whole number above zero")
        if self.unit_price.is_negative():
            raise InvalidValue("PriceBreak", "unit_price", self.unit_price, "zero or more")


def _sort_breaks(breaks: Iterable[PriceBreak]) -> tuple[PriceBreak, ...]:
    return tuple(sorted(breaks, key=lambda entry: entry.quantity))


@attrs.frozen
class PriceSchedule:
    """Unit prices by quantity; the break with the highest quantity not above the ordered one applies.

    Attributes:
        id: Its id.
        owner: The merchant that owns it; only its own offers may name it.
        breaks: One or more breaks with different quantities, kept in their order.
        valid: When it applies.
        version: How often it was stored.
    """

    id: str
    owner: str
    breaks: tuple[PriceBreak, ...] = attrs.field(converter=_sort_breaks)
    valid: Period = ALWAYS
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("price schedule", self.id)
        if not self.breaks:
            raise InvalidValue("PriceSchedule", "breaks", self.breaks, "at least one break")
        quantities = [entry.quantity for entry in self.breaks]
        if len(set(quantities)) < len(quantities):
            raise InvalidValue("PriceSchedule", "breaks", quantities, "one break for each quantity")
        currency = self.breaks[0].unit_price.currency
        for entry in self.breaks:
            if entry.unit_price.currency != currency:
                raise CurrencyMismatch(currency.code, entry.unit_price.currency.code)

    @property
    def currency(self) -> Currency:
        """The currency of every break."""
        return self.breaks[0].unit_price.currency

    def find_break(self, quantity: int) -> PriceBreak | None:
        """Return the break that applies to this quantity, or None below the first one."""
        fitting = [entry for entry in self.breaks if entry.quantity <= quantity]
        return fitting[-1] if fitting else None


PRICE_SCHEDULES = Kind(
    "price_schedule", PriceSchedule, columns={"owner": lambda schedule: schedule.owner}, merchant="owner"
)
