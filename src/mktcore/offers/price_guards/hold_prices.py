"""Holding prices: asked by whatever writes them, be it a call, a feed, or a merchant's answer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.offers.offer import Offer
from mktcore.offers.price_guards.gather_goods import PricedByName, find_assigned, gather_goods, gather_priced
from mktcore.offers.price_guards.held_price import (
    HELD_PRICES,
    HeldPrice,
    HeldPriceChanged,
    HeldPriceState,
    answer_held_price,
    to_held_id,
)
from mktcore.offers.price_guards.price_breach import PriceBreach, find_breaches
from mktcore.offers.price_guards.price_guard import PRICE_GUARDS, Meanwhile, PriceGuard, Reference
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.persistence import WritingUnit, put
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceSchedule

__all__ = ["PRICE_WAITS", "PriceHolder", "let_sell", "stop_selling"]

PRICE_WAITS = "its price waits for approval"
_BATCH = 500


@attrs.frozen
class PriceHolder:
    """Holds what guards do not let pass.

    Attributes:
        includes_tax: Whether the marketplace states prices with tax.
    """

    includes_tax: bool

    def hold_schedules(
        self,
        unit: WritingUnit,
        schedules: Sequence[PriceSchedule],
        *,
        now: datetime,
        offers: Iterable[Offer] = (),
        frees_offers: bool = True,
    ) -> dict[str, HeldPrice]:
        """Note the schedules that must not be stored as they are, and return what is held, by schedule.

        Of a schedule that may be stored, what was held before is withdrawn: the merchant thought better of it.

        Args:
            unit: Under the operator's authority.
            schedules: What merchants want to store; the operator's own are nobody's to hold.
            now: The instant, UTC.
            offers: Those that are to be stored with them.
            frees_offers: Whether what was not sold for a price that is withdrawn is made available again.
        """
        given, held = {one.id: one for one in offers}, dict[str, HeldPrice]()
        own = [one for one in schedules if one.owner is not None]
        for start in range(0, len(own), _BATCH):
            batch = {one.id: one for one in own[start : start + _BATCH]}
            held |= self._hold_batch(unit, batch, now=now, offers=given.values(), frees_offers=frees_offers)
        return held

    def guards_any(self, unit: WritingUnit) -> bool:
        """Tell whether there is any guard."""
        return bool(unit.repository(PRICE_GUARDS).count())

    def hold_schedule(self, unit: WritingUnit, schedule: PriceSchedule, *, now: datetime) -> bool:
        """Note a schedule that must not be stored as it is, and tell whether it is held."""
        held = self.hold_schedules(unit, [schedule], now=now)
        stop_selling(unit, held.values(), now=now)
        return bool(held)

    def withdraw(self, unit: WritingUnit, kind: str, name: str, *, now: datetime) -> None:
        """Drop what is held of a schedule or an assignment: the operator stored another, or it was removed."""
        known = unit.repository(HELD_PRICES).find(to_held_id(kind, name))
        _withdraw(unit, [known] if known is not None else [], now=now)

    def hold_assignment(self, unit: WritingUnit, assignment: Assignment, *, now: datetime) -> bool:
        """Note an assignment of a merchant's that must not be stored, and tell whether it is held."""
        merchant = assignment.merchant
        before = unit.repository(ASSIGNMENTS).find(assignment.id)
        if before is not None and attrs.evolve(assignment, version=before.version) == before:
            self.withdraw(unit, "assignment", assignment.id, now=now)
            return False
        guards = _find_guards(unit, [merchant]) if merchant is not None else ()
        known = unit.repository(HELD_PRICES).find(to_held_id("assignment", assignment.id))
        found = unit.repository(PRICE_SCHEDULES).find(assignment.schedule)
        breaches: dict[str, tuple[PriceBreach, ...]] = {}
        if merchant is not None and guards and found is not None:
            priced = {found.id: find_assigned(unit, assignment)}
            breaches = self._judge(unit, {found.id: found}, priced, guards=guards, now=now, asks_former=False)
        if not breaches:
            _withdraw(unit, [known] if known is not None else [], now=now)
            return False
        made = HeldPrice(
            to_held_id("assignment", assignment.id),
            merchant or "",
            assignment=assignment,
            breaches=breaches[assignment.schedule],
            # Others may buy at the prices that they have: nothing else changes by an assignment.
            meanwhile=Meanwhile.OLD_PRICE,
            asked_at=now,
        )
        _store(unit, made, known)
        return True

    def finds_breach(self, unit: WritingUnit, offer: Offer, *, now: datetime) -> bool:
        """Tell whether an offer would sell its SKU at a price that some guard does not let pass."""
        guards = _find_guards(unit, [offer.merchant]) if offer.schedule else ()
        schedule = unit.repository(PRICE_SCHEDULES).find(offer.schedule) if guards else None
        if schedule is None:
            return False
        priced = {schedule.id: PricedByName({offer.id: offer}, frozenset({offer.sku}))}
        return bool(self._judge(unit, {schedule.id: schedule}, priced, guards=guards, now=now, asks_former=False))

    def _hold_batch(
        self,
        unit: WritingUnit,
        schedules: Mapping[str, PriceSchedule],
        *,
        now: datetime,
        offers: Iterable[Offer],
        frees_offers: bool,
    ) -> dict[str, HeldPrice]:
        guards = _find_guards(unit, [one.owner for one in schedules.values() if one.owner is not None])
        waiting = unit.repository(HELD_PRICES).find_many([to_held_id("schedule", name) for name in schedules])
        priced: dict[str, PricedByName] = {}
        breaches: dict[str, tuple[PriceBreach, ...]] = {}
        if guards:
            priced = gather_priced(unit, schedules, offers=offers)
            breaches = self._judge(unit, schedules, priced, guards=guards, now=now)
        by_id = {guard.id: guard for guard in guards}
        held: dict[str, HeldPrice] = {}
        for name, found in breaches.items():
            known, schedule = waiting.pop(to_held_id("schedule", name), None), schedules[name]
            stops = any(by_id[one.guard].meanwhile is Meanwhile.NOT_SOLD for one in found)
            made = HeldPrice(
                to_held_id("schedule", name),
                schedule.owner or "",
                schedule=schedule,
                offers=tuple(sorted(priced[name].offers)),
                breaches=found,
                meanwhile=Meanwhile.NOT_SOLD if stops else Meanwhile.OLD_PRICE,
                asked_at=now,
            )
            held[name] = _store(unit, made, known)
        _withdraw(unit, waiting.values(), now=now, frees_offers=frees_offers)
        return held

    def _judge(
        self,
        unit: WritingUnit,
        schedules: Mapping[str, PriceSchedule],
        priced: Mapping[str, PricedByName],
        *,
        guards: Sequence[PriceGuard],
        now: datetime,
        asks_former: bool = True,
    ) -> dict[str, tuple[PriceBreach, ...]]:
        merchants = {name: one.owner or "" for name, one in schedules.items()}
        goods = gather_goods(
            unit,
            schedules,
            priced,
            merchants=merchants,
            includes_tax=self.includes_tax,
            asks_former=asks_former,
            asks_others=any(guard.reference is Reference.MEDIAN for guard in guards),
            now=now,
        )
        judged = {
            name: find_breaches(one, goods[name], guards, merchant=merchants[name]) for name, one in schedules.items()
        }
        return {name: found for name, found in judged.items() if found}


def _find_guards(unit: WritingUnit, merchants: Iterable[str]) -> tuple[PriceGuard, ...]:
    # None: those of everybody's prices.
    return tuple(unit.repository(PRICE_GUARDS).find_where("merchant", {None, *merchants}))


def _store(unit: WritingUnit, made: HeldPrice, known: HeldPrice | None) -> HeldPrice:
    """Store what is held in place of what was held before; sent again unchanged, it waits as it did."""
    if known is not None and known.state is HeldPriceState.WAITING and _is_same(known, made):
        return known
    stored = put(unit, HELD_PRICES, made if known is None else attrs.evolve(made, version=known.version))
    unit.publish([HeldPriceChanged.of(stored, made.asked_at)])
    return stored


def _is_same(known: HeldPrice, made: HeldPrice) -> bool:
    asked, before = made.schedule, known.schedule
    if asked is not None and before is not None:
        asked = attrs.evolve(asked, version=before.version)
    return attrs.evolve(made, schedule=asked, asked_at=known.asked_at, version=known.version) == known


def _withdraw(unit: WritingUnit, known: Iterable[HeldPrice], *, now: datetime, frees_offers: bool = True) -> None:
    for one in known:
        if one.state is HeldPriceState.WAITING:
            stored = unit.repository(HELD_PRICES).save(answer_held_price(one, "withdraw", now=now))
            unit.publish([HeldPriceChanged.of(stored, now)])
            let_sell(unit, one.offers if frees_offers else ())


def stop_selling(unit: WritingUnit, held: Iterable[HeldPrice], *, now: datetime) -> None:
    """Make the offers unavailable that are not to be sold while their price is held."""
    stopped = {offer: one.merchant for one in held if one.meanwhile is Meanwhile.NOT_SOLD for offer in one.offers}
    known = unit.repository(FRESHNESS).find_many(stopped) if stopped else {}
    for offer, merchant in stopped.items():
        before = known.get(offer) or Freshness(offer, merchant)
        put(unit, FRESHNESS, before.mark_unavailable(PRICE_WAITS, now))


def let_sell(unit: WritingUnit, offers: Iterable[str]) -> None:
    """Make available again what was not sold for its price alone."""
    for one in unit.repository(FRESHNESS).find_many(list(offers)).values():
        if one.unavailable is not None and one.unavailable.why == PRICE_WAITS:
            unit.repository(FRESHNESS).save(attrs.evolve(one, unavailable=None))
