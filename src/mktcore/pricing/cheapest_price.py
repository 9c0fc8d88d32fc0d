"""The cheapest of what a schedule asks for a quantity: a sale of fewer pieces counts too. Pure."""

from bisect import bisect_right
from datetime import datetime
from fractions import Fraction

import attrs

from mktcore.money import Money
from mktcore.pricing.contender import Contender
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PriceBreak
from mktcore.totals import Line
from mktcore.totals.line_amounts import exact_unit_amount

__all__ = ["CheapestPrice", "find_cheapest"]


@attrs.frozen
class CheapestPrice:
    """The least that a schedule asks for a quantity.

    Attributes:
        contender: The schedule, under the rule by which it could apply.
        entry: The break that it comes from; among equal ones the highest quantity reached.
        price: What `per` pieces cost, a sale included.
        regular: The least without any sale.
        each: What one piece costs with its options as it was asked for, in minor units and unrounded: schedules per 1
            and per 100 compare, and with tax and without.
    """

    contender: Contender
    entry: PriceBreak
    price: Money
    regular: Money
    each: Fraction


def find_cheapest(one: Contender, query: PriceQuery, at: datetime) -> CheapestPrice:
    """Return the least that a schedule asks for a quantity which it accepts.

    Whoever takes more pieces has reached every smaller break too: what one piece costs on sale, none of two costs more.
    """
    schedule = one.schedule
    reached = schedule.breaks[: bisect_right(one.quantities, one.count(query))]
    is_sale = schedule.sale.contains(at)

    def find_price(entry: PriceBreak) -> Money:
        if not is_sale or entry.sale_price is None:
            return entry.unit_price
        # Nothing keeps a schedule's sale from costing more than it does otherwise; a lint tells of it.
        return min(entry.sale_price, entry.unit_price)

    # From the highest: of equal prices the one that the quantity is closest to is told.
    entry = min(reversed(reached), key=find_price)
    price, regular = find_price(entry), min(entry.unit_price for entry in reached)
    chosen = tuple([option for option in schedule.options if option.key in query.options])
    line = Line(query.sku, query.merchant, price, per=schedule.per, options=chosen)
    ratio = 1 if query.mode is None else query.mode.find_ratio(schedule.includes_tax)
    return CheapestPrice(one, entry, price, regular=regular, each=exact_unit_amount(line) * ratio)
