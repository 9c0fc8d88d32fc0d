"""Which unit price applies to a quantity, now, and why."""

from datetime import datetime

import attrs

from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.pricing.schedule import PriceSchedule

__all__ = ["PriceResolution", "resolve_price"]


@attrs.frozen
class PriceResolution:
    """The price that was chosen, and everything needed to say why.

    Attributes:
        unit_price: What one piece costs.
        schedule: Id of the price schedule it comes from.
        break_quantity: The quantity from which this price holds.
        quantity: The quantity it was asked for.
    """

    unit_price: Money
    schedule: str
    break_quantity: int
    quantity: int
    considered: PriceSchedule = attrs.field(repr=False, eq=False)

    def explain(self) -> Explanation:
        """List every break of the schedule, and why it won or lost."""
        parts = tuple(
            Explanation(f"from {entry.quantity}", str(entry.unit_price), self._verdict(entry.quantity))
            for entry in self.considered.breaks
        )
        reason = f"price schedule {self.schedule} for a quantity of {self.quantity}"
        return Explanation("unit price", str(self.unit_price), reason, parts)

    def _verdict(self, quantity: int) -> str:
        if quantity == self.break_quantity:
            return "applies: the highest quantity reached"
        return "not reached" if quantity > self.quantity else "a higher quantity is reached"


def resolve_price(schedule: PriceSchedule, quantity: int, now: datetime) -> PriceResolution | None:
    """Return the price of one piece when `quantity` are bought, or None when the schedule has none.

    >>> from datetime import UTC, datetime
    >>> from mktcore.pricing import PriceBreak
    >>> schedule = PriceSchedule(
    ...     "tea", "acme", (PriceBreak(1, Money.of("4.00", "EUR")), PriceBreak(10, Money.of("3.50", "EUR")))
    ... )
    >>> resolution = resolve_price(schedule, 12, datetime(2026, 1, 1, tzinfo=UTC))
    >>> print(resolution.explain().to_text())
    unit price: 3.50 EUR - price schedule tea for a quantity of 12
    ├─ from 1: 4.00 EUR - a higher quantity is reached
    └─ from 10: 3.50 EUR - applies: the highest quantity reached
    """
    if not schedule.valid.contains(now):
        return None
    entry = schedule.find_break(quantity)
    if entry is None:
        return None
    return PriceResolution(entry.unit_price, schedule.id, entry.quantity, quantity, schedule)
