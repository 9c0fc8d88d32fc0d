"""Price guards as the operator writes them, and the prices that they hold."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_operator
from mktcore.access.record_list import RecordList
from mktcore.catalog import CATEGORIES
from mktcore.notice import Notice, Severity
from mktcore.offers.price_guards.held_price import (
    HELD_PRICE_LIFE,
    HELD_PRICES,
    HeldPrice,
    HeldPriceChanged,
    answer_held_price,
)
from mktcore.offers.price_guards.hold_prices import let_sell
from mktcore.offers.price_guards.price_guard import PRICE_GUARDS, PriceGuard
from mktcore.parties import MERCHANTS
from mktcore.persistence import Kind, Scope, WritingUnit, put
from mktcore.persistence.record_quotas import check_room
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceSchedule
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.processes.allowed_events import AllowedEvents, try_event
from mktcore.telemetry import watched

__all__ = ["HeldPrices", "PriceGuards"]

P = TypeVar("P", PriceSchedule, Assignment)

MAX_GUARDS = 200
"""Of all merchants, and of each: every price that is written is judged by those that may concern it."""


@watched
@attrs.frozen(slots=False)
class PriceGuards(RecordList[PriceGuard]):
    """How far merchants' prices may be from what is known; the operator's to write.

    Attributes:
        runtime: Where they are kept.
    """

    kind, filters = PRICE_GUARDS, ("merchant",)

    def save(self, guard: PriceGuard, *, scope: Scope) -> PriceGuard:
        """Store a guard, new (version 0) or changed; prices that are in force stay so.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            InvalidValue: There are 200 others of all merchants, or of this one.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)

        def write(unit: WritingUnit) -> PriceGuard:
            check_room(unit, PRICE_GUARDS, guard, most=MAX_GUARDS)
            return put(unit, PRICE_GUARDS, guard)

        return self.runtime.run(scope.to_operator(), write)

    def remove(self, guard: PriceGuard, *, scope: Scope) -> None:
        """Remove a guard; what it holds waits on.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(PRICE_GUARDS).remove(guard))

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return what nobody can have meant: guards of which only the id decides, of merchants or categories unknown.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
        """
        check_operator(scope, Permission.MARKET)

        def read(unit: WritingUnit) -> tuple[Notice, ...]:
            guards = sorted(unit.repository(PRICE_GUARDS).stream(), key=lambda one: one.id)
            merchants = unit.repository(MERCHANTS).find_many({one.merchant for one in guards if one.merchant})
            categories = unit.repository(CATEGORIES).find_many({one.category for one in guards if one.category})
            tied = Counter((one.merchant, one.category, one.reference) for one in guards)
            return tuple(
                found
                for one in guards
                for found in _judge_guard(
                    one,
                    is_tied=tied[one.merchant, one.category, one.reference] > 1,
                    is_merchant_known=one.merchant is None or one.merchant in merchants,
                    # A category that is a path in text is no record.
                    is_category_known=one.category is None or "/" in one.category or one.category in categories,
                )
            )

        return self.runtime.read(scope.to_operator(), read)


def _judge_guard(
    guard: PriceGuard, *, is_tied: bool, is_merchant_known: bool, is_category_known: bool
) -> Iterator[Notice]:
    where, operands = f"price guard {guard.id}", {"guard": guard.id, "merchant": guard.merchant}
    if is_tied:
        message = f"another guard on {guard.reference} prices is for the same merchant and category"
        yield Notice("guards.tied", where, message, remedy="remove one of them", operands=operands)
    if not is_merchant_known:
        message = f"there is no merchant {guard.merchant}"
        yield Notice("guards.unknown-merchant", where, message, remedy="correct it, or remove it", operands=operands)
    if not is_category_known:
        message = f"no category {guard.category} is stored, and goods may be called so all the same"
        yield Notice(
            "guards.unknown-category",
            where,
            message,
            remedy="check how it is spelled",
            operands=operands,
            severity=Severity.WARNING,
        )


@watched
@attrs.frozen(slots=False)
class HeldPrices(RecordList[HeldPrice]):
    """Prices that wait for the operator, and what became of them; a merchant sees its own.

    Attributes:
        runtime: Where they are kept, and what time it is.
    """

    kind, filters = HELD_PRICES, ("merchant", "state", "asked_at")

    def approve(self, held: str, *, scope: Scope, reason: str = "") -> HeldPrice:
        """Store what is held: it was meant. From now on it is what the goods cost.

        Raises:
            NotFound: There is no such held price.
            PermissionDenied: The caller is not the operator's, or its user may not decide on merchants.
            HeldPriceClosed: It does not wait.
        """
        return self._answer(held, "approve", scope=scope, reason=reason)

    def deny(self, held: str, *, scope: Scope, reason: str = "") -> HeldPrice:
        """Drop what is held: it was a slip. What the goods cost before, they cost on.

        Raises:
            NotFound: There is no such held price.
            PermissionDenied: The caller is not the operator's, or its user may not decide on merchants.
            HeldPriceClosed: It does not wait.
        """
        return self._answer(held, "deny", scope=scope, reason=reason)

    def allowed(self, held: str, *, scope: Scope) -> AllowedEvents:
        """Return whether the caller can approve or deny a held price now, and why not.

        Raises:
            NotFound: There is none for this caller.
            PermissionDenied: The caller's user may not read prices.
        """
        known = self.get(held, scope=scope)
        now = self.runtime.now()

        def answer(event: str) -> None:
            check_operator(scope, Permission.MERCHANTS)
            answer_held_price(known, event, now=now)

        names = [event.name for event in HELD_PRICE_LIFE.events if event.is_manual()]
        asked = tuple(try_event(name, lambda name=name: answer(name)) for name in names)  # type: ignore[misc]  # bound
        return AllowedEvents(HELD_PRICES.name, known.id, asker=scope.to_party(), events=asked)

    def _answer(self, held: str, event: str, *, scope: Scope, reason: str) -> HeldPrice:
        check_operator(scope, Permission.MERCHANTS)

        def write(unit: WritingUnit) -> HeldPrice:
            now = self.runtime.now()
            known = unit.repository(HELD_PRICES).get(held)
            answered = answer_held_price(known, event, now=now, by=scope.user, reason=reason)
            if event == "approve":
                self._store_held(unit, known)
            stored = unit.repository(HELD_PRICES).save(answered)
            unit.publish([HeldPriceChanged.of(stored, now)])
            let_sell(unit, known.offers)
            return stored

        return self.runtime.run(scope.to_operator(), write)

    def _store_held(self, unit: WritingUnit, held: HeldPrice) -> None:
        """Store what is held over what is there: whatever else was stored since withdrew it."""
        now = self.runtime.now()
        if held.schedule is not None:
            schedule = _put_over(unit, PRICE_SCHEDULES, held.schedule)
            unit.publish([PriceScheduleChanged.of(schedule, schedule.version, at=now)])
        if held.assignment is not None:
            assignment = _put_over(unit, ASSIGNMENTS, held.assignment)
            unit.publish([AssignmentChanged.of(assignment, assignment.version, at=now)])


def _put_over(unit: WritingUnit, kind: Kind[P], value: P) -> P:
    stored = unit.repository(kind).find(value.id)
    return put(unit, kind, attrs.evolve(value, version=0 if stored is None else stored.version))
