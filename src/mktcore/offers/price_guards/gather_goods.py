"""What guards look at beside a price: the goods it is of, and what they are known to cost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

import attrs

from mktcore.catalog import SKUS, Sku
from mktcore.catalog.inherited_goods import GoodsNatures, gather_natures
from mktcore.money import Money
from mktcore.offers.offer import OFFERS, Approval, Offer
from mktcore.offers.price_guards.price_breach import GuardedGoods
from mktcore.persistence import Repositories
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceSchedule
from mktcore.taxes import TAX_RULES, TaxBook, TaxedSale
from mktcore.totals.compute_taxes import find_shares

__all__ = ["PricedByName", "find_assigned", "gather_goods", "gather_priced"]

MAX_GOODS = 2_000
"""SKUs of one schedule that are looked at: one that prices more is of no few goods by mistake."""


@attrs.frozen
class PricedByName:
    """What a schedule prices: the offers that name it, and the SKUs that it is assigned to.

    Attributes:
        offers: By id.
        skus: Ids of SKUs, those of the offers among them.
    """

    offers: Mapping[str, Offer] = attrs.field(factory=dict)
    skus: frozenset[str] = frozenset()


def gather_priced(
    unit: Repositories, schedules: Iterable[str], *, offers: Iterable[Offer] = ()
) -> dict[str, PricedByName]:
    """Return what schedules price or would, by schedule, in three round trips.

    Args:
        unit: Under the operator's authority.
        schedules: Their ids.
        offers: Those that are to be stored with them.
    """
    names = set(schedules)
    given = {offer.id: offer for offer in offers}
    stored = {offer.id: offer for offer in unit.repository(OFFERS).find_where("schedule", names)}
    assigned = unit.repository(ASSIGNMENTS).find_where("schedule", names)
    variants = _find_variants(unit, assigned)
    priced: dict[str, PricedByName] = {}
    for name in names:
        own = {id_: one for id_, one in {**stored, **given}.items() if one.schedule == name}
        skus = {one.sku for one in own.values()}
        for one in assigned:
            if one.schedule == name:
                skus.update(_list_skus(one, variants))
        priced[name] = PricedByName(own, frozenset(sorted(skus)[:MAX_GOODS]))
    return priced


def find_assigned(unit: Repositories, assignment: Assignment) -> PricedByName:
    """Return what one assignment prices."""
    return PricedByName(skus=frozenset(_list_skus(assignment, _find_variants(unit, [assignment]))[:MAX_GOODS]))


def _find_variants(unit: Repositories, assigned: Iterable[Assignment]) -> dict[str | None, list[str]]:
    products = {one.product for one in assigned if one.product is not None}
    variants: dict[str | None, list[str]] = {}
    for sku in unit.repository(SKUS).find_where("product", products) if products else ():
        variants.setdefault(sku.product, []).append(sku.id)
    return variants


def _list_skus(one: Assignment, variants: Mapping[str | None, list[str]]) -> list[str]:
    return [one.sku] if one.product is None else variants.get(one.product, [])


def gather_goods(
    unit: Repositories,
    schedules: Mapping[str, PriceSchedule],
    priced: Mapping[str, PricedByName],
    *,
    merchants: Mapping[str, str],
    includes_tax: bool,
    asks_others: bool,
    asks_former: bool = True,
    now: datetime,
) -> dict[str, list[GuardedGoods]]:
    """Return the goods of schedules with what their prices are compared with, by schedule.

    Args:
        unit: Under the operator's authority.
        schedules: What is to be stored, by id.
        priced: What each of them prices.
        merchants: Whose they are, by id.
        includes_tax: Whether the marketplace states prices with tax.
        asks_others: Whether some guard compares with what other merchants ask.
        asks_former: Whether the goods had these schedules before.
        now: The instant, UTC.
    """
    skus = unit.repository(SKUS).find_many({sku for one in priced.values() for sku in one.skus})
    natures = gather_natures(unit, skus.values())
    before = unit.repository(PRICE_SCHEDULES).find_many(schedules) if asks_former else {}
    others = _gather_others(unit, skus, now) if asks_others else {}
    states_tax = [one.includes_tax for one in (*schedules.values(), *before.values())]
    states_tax += [one.includes_tax for group in others.values() for _, one in group]
    with_tax = _gather_taxes(unit, skus, natures, now=now) if any(one is not None for one in states_tax) else {}
    goods: dict[str, list[GuardedGoods]] = {}
    for name, one in priced.items():
        goods[name] = []
        for sku in sorted(one.skus & skus.keys()):
            found = GuardedGoods(
                sku,
                natures.find(skus[sku]),
                usual=_find_usual(skus[sku], one.offers.values()),
                previous=before.get(name),
                with_tax=with_tax.get(sku, Fraction(1)),
                includes_tax=includes_tax,
            )
            asked = [_ask(found, price) for merchant, price in others.get(sku, ()) if merchant != merchants[name]]
            goods[name].append(attrs.evolve(found, others=tuple(asked)))
    return goods


def _ask(goods: GuardedGoods, schedule: PriceSchedule) -> Fraction:
    return goods.state(schedule.breaks[0].unit_price, schedule)


def _find_usual(sku: Sku, offers: Iterable[Offer]) -> Money | None:
    listed = [one.list_price for one in offers if one.sku == sku.id and one.list_price is not None]
    return listed[0] if listed else sku.price


def _gather_others(
    unit: Repositories, skus: Mapping[str, Sku], now: datetime
) -> dict[str, list[tuple[str, PriceSchedule]]]:
    """Return the merchants that sell each SKU now, with the schedules that their offers name."""
    offers = [
        one
        for one in unit.repository(OFFERS).find_where("sku", set(skus))
        if one.schedule and one.approval is Approval.APPROVED and one.valid.contains(now)
    ]
    schedules = unit.repository(PRICE_SCHEDULES).find_many({one.schedule for one in offers})
    found: dict[str, list[tuple[str, PriceSchedule]]] = {}
    for one in offers:
        schedule = schedules.get(one.schedule)
        if schedule is not None and schedule.valid.contains(now):
            found.setdefault(one.sku, []).append((one.merchant, schedule))
    return found


def _gather_taxes(
    unit: Repositories, skus: Mapping[str, Sku], natures: GoodsNatures, *, now: datetime
) -> dict[str, Fraction]:
    """Return what one minor unit without tax is with it, by SKU, where nobody knows where it goes."""
    categories = {id_: natures.find(sku).tax_category for id_, sku in skus.items()}
    book = TaxBook.of(unit.repository(TAX_RULES).find_where("category", set(categories.values())))
    sale = TaxedSale(now)
    return {id_: 1 + _sum_shares(book, category, sale) for id_, category in categories.items()}


def _sum_shares(book: TaxBook, category: str, sale: TaxedSale) -> Fraction:
    shares: Sequence[Fraction] = [
        Fraction(one.numerator, one.denominator) for one in find_shares(book.find_rates(category, sale), included=False)
    ]
    return sum(shares, Fraction(0))
