"""Loading a price book that holds what somebody's queries can need, and nothing of what others pay."""

from collections.abc import Iterable, Mapping

from mktcore.persistence import Repositories
from mktcore.pricing.assignment import ASSIGNMENTS, list_audiences, to_asked
from mktcore.pricing.precedence import PRECEDENCE, Precedence
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_schedule import PRICE_SCHEDULES
from mktcore.sales_context import SalesContext

__all__ = ["gather_prices"]


def gather_prices(
    unit: Repositories,
    skus: Iterable[str],
    context: SalesContext,
    *,
    defaults: Mapping[str, str],
    precedence: Precedence = PRECEDENCE,
) -> PriceBook:
    """Return the price book of some SKUs for somebody, in two round trips.

    Args:
        unit: Under the operator's authority.
        skus: What may be asked for.
        context: Who may ask.
        defaults: The schedule that each offer names, by offer.
        precedence: The order of rules.
    """
    whom = list_audiences(context)
    # By SKU and audience: a store then reads this buyer's prices, and not everybody's.
    asked = {to_asked(sku, audience) for sku in skus for audience in whom}
    assignments = unit.repository(ASSIGNMENTS).find_where("asked", asked)
    named = {*defaults.values(), *[assignment.schedule for assignment in assignments]}
    schedules = unit.repository(PRICE_SCHEDULES).find_many(named)
    return PriceBook(schedules.values(), assignments, defaults=defaults, precedence=precedence)
