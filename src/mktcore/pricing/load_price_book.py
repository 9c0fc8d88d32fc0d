"""Loading a price book that holds what somebody's queries can need, and nothing of what others pay."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.persistence import Repositories
from mktcore.persistence.references_to_ended import Ended
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment, list_audiences, to_asked, to_product_key
from mktcore.pricing.precedence import PRECEDENCE, Precedence
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule
from mktcore.sales_context import SalesContext

__all__ = ["find_assignments", "gather_assigned_prices", "gather_prices", "unless_schedule_over"]


def gather_prices(
    unit: Repositories,
    skus: Iterable[str],
    context: SalesContext,
    *,
    defaults: Mapping[str, str],
    products: Iterable[str] = (),
    precedence: Precedence = PRECEDENCE,
    now: datetime | None = None,
    includes_tax: bool | None = None,
) -> PriceBook:
    """Return the price book of some SKUs for somebody, in two round trips.

    Args:
        unit: Under the operator's authority.
        skus: What may be asked for.
        products: Theirs, whose prices hold where a SKU has none.
        context: Who may ask.
        defaults: The schedule that each offer names, by offer.
        precedence: The order of rules.
        now: From when on it is asked, UTC: what has ended by then may be left out. None for any time.
        includes_tax: As `gather_assigned_prices` has it.
    """
    assigned = find_assignments(unit, [*skus, *map(to_product_key, products)], context, now=now)
    return gather_assigned_prices(unit, assigned, defaults=defaults, precedence=precedence, includes_tax=includes_tax)


def find_assignments(
    unit: Repositories, priced: Iterable[str], context: SalesContext, *, now: datetime | None = None
) -> tuple[Assignment, ...]:
    """Return what says which schedules hold for some SKUs and somebody: this buyer's prices, and not everybody's.

    Args:
        unit: Under the operator's authority.
        priced: SKUs, and the keys of products (`to_product_key`).
        context: Who asks.
        now: The instant, UTC: what names a schedule that has ended by then may be left out. None for any time.
    """
    whom = list_audiences(context)
    asked = {to_asked(one, who) for one in priced for who in whom}
    if now is None:
        return unit.repository(ASSIGNMENTS).find_where("asked", asked)
    return unit.repository(ASSIGNMENTS).find_lasting("asked", asked, unless_schedule_over(now))


def unless_schedule_over(now: datetime) -> Ended:
    """Return that the schedule which an assignment names has ended."""
    return Ended("schedule", PRICE_SCHEDULES, ends="ends", at=now)


def gather_assigned_prices(
    unit: Repositories,
    assignments: Collection[Assignment],
    *,
    defaults: Mapping[str, str],
    precedence: Precedence = PRECEDENCE,
    includes_tax: bool | None = None,
) -> PriceBook:
    """Return the price book of what was assigned and of what offers name, in one round trip.

    Args:
        unit: Under the operator's authority.
        assignments: What was assigned.
        defaults: The schedule that each offer names, by offer.
        precedence: The order of rules.
        includes_tax: What schedules that do not say are taken to contain; None for the mode in which they are asked.
    """
    named = {*defaults.values(), *[assignment.schedule for assignment in assignments]}
    schedules = unit.repository(PRICE_SCHEDULES).find_many(named - {""})
    stated = schedules.values() if includes_tax is None else [_state(one, includes_tax) for one in schedules.values()]
    return PriceBook(stated, assignments, defaults=defaults, precedence=precedence)


def _state(schedule: PriceSchedule, includes_tax: bool) -> PriceSchedule:
    return schedule if schedule.includes_tax is not None else attrs.evolve(schedule, includes_tax=includes_tax)
