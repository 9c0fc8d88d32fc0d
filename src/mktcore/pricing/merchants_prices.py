"""The prices that a merchant's goods can be sold at, as that merchant may be told of them."""

from collections.abc import Collection, Iterable, Mapping
from itertools import count

import attrs

from mktcore.persistence import Repositories
from mktcore.pricing.assignment import ASSIGNMENTS, EVERYONE, Assignment
from mktcore.pricing.ports import PricedOffer
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule

__all__ = ["gather_prices_of"]

_ALIAS = "marketplace"


def gather_prices_of(
    unit: Repositories, merchant: str, offers: Iterable[PricedOffer]
) -> tuple[list[PriceSchedule], list[Assignment]]:
    """Return a merchant's own prices, and the products' defaults under names that tell it nothing.

    Schedules of others that the merchant names are left out: to it they are not there, as if nobody had stored them.

    Args:
        unit: Under the operator's authority: the products' defaults are the operator's.
        merchant: Who asks.
        offers: What it sells.
    """
    own = {one.id: one for one in unit.repository(PRICE_SCHEDULES).stream({"owner": merchant})}
    assignments = list(unit.repository(ASSIGNMENTS).stream({"owner": merchant}))
    given = tuple(offers)
    found = list(unit.repository(ASSIGNMENTS).find_where("sku", {offer.sku for offer in given}))
    products = {offer.product for offer in given if offer.product is not None}
    found += unit.repository(ASSIGNMENTS).find_where("product", products) if products else ()
    defaults = [assignment for assignment in found if assignment.merchant is None]
    others = unit.repository(PRICE_SCHEDULES).find_many({one.schedule for one in defaults} - own.keys())
    named = {*own, *(one.schedule for one in assignments), *(offer.schedule for offer in given)}
    aliases = _name(others, taken=named)
    known = {one.audience for one in assignments} | {EVERYONE}
    audiences = {one.audience for one in defaults} - known
    hidden = _name({name for _, name in audiences}, taken={name for _, name in known})
    schedules = [*own.values(), *(attrs.evolve(one, id=aliases[one.id]) for one in others.values())]
    return schedules, [*assignments, *(_disguise(one, aliases, hidden) for one in defaults)]


def _name(names: Iterable[str], *, taken: Collection[str]) -> Mapping[str, str]:
    """Return a name for each that tells nothing of it, and is none that is taken."""
    free = (name for number in count(1) if (name := f"{_ALIAS}-{number}") not in taken)
    return dict(zip(sorted(names), free, strict=False))


def _disguise(one: Assignment, schedules: Mapping[str, str], hidden: Mapping[str, str]) -> Assignment:
    def hide(name: str | None) -> str | None:
        return None if name is None else hidden.get(name, name)

    return attrs.evolve(
        one,
        schedule=schedules.get(one.schedule, one.schedule),
        user=hide(one.user),
        group=hide(one.group),
        buyer=hide(one.buyer),
    )
