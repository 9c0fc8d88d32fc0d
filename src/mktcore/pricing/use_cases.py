"""Prices as their owners write them, and as a lint judges them."""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.money import Currency, CurrencyMismatch
from mktcore.notice import Notice
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Kind, NotFound, Party, Repositories, Scope, WritingUnit, put
from mktcore.persistence.record_quotas import Quotas, check_quota
from mktcore.persistence.referrers import check_unreferred, find_referrers
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.pricing.lists import AssignmentList, ScheduleList
from mktcore.pricing.merchants_prices import gather_prices_of
from mktcore.pricing.ports import HoldPrices, ListPricedOffers, PricedOffer
from mktcore.pricing.precedence import PRECEDENCE, Precedence
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_lint import lint_prices
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule, check_schedule_size
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Prices"]

R = TypeVar("R")
K = TypeVar("K", PriceSchedule, Assignment)
_HELD = {PRICE_SCHEDULES.name: "schedule", ASSIGNMENTS.name: "assignment"}
"""What is held is called by these words."""


@watched
@attrs.frozen
class Prices:
    """The price schedules of the operator and the merchants, and who they are for.

    Attributes:
        runtime: Where they are kept, and what time it is.
        currency: The market's: what a lint asks prices in.
        offers: Lists what is sold, for the lint.
        precedence: The order of rules.
        quotas: How many prices a merchant may have for one SKU and audience.
        holding: Holds merchants' prices that somebody has to look at; None holds none.
        naming_schedules: The columns of rooms above, by kind, that name a schedule: what is offered at it keeps it.
    """

    runtime: Runtime[WritingUnit]
    currency: Currency
    offers: ListPricedOffers
    precedence: Precedence = attrs.field(default=PRECEDENCE, kw_only=True)
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)
    holding: HoldPrices | None = attrs.field(default=None, kw_only=True)
    naming_schedules: tuple[tuple[Kind[Any], str], ...] = attrs.field(default=(), kw_only=True)

    @property
    def schedules(self) -> ScheduleList:
        """The caller's price schedules, as a list; the operator's is of all."""
        return ScheduleList(self.runtime)

    @property
    def assignments(self) -> AssignmentList:
        """To whom schedules are assigned, as a list."""
        return AssignmentList(self.runtime)

    def save_schedule(self, schedule: PriceSchedule, *, scope: Scope) -> PriceSchedule:
        """Store a price schedule, new (version 0) or changed, and return it as it is in force.

        A merchant's that a price guard does not let pass is held until the operator approves it: then what is returned
        is what was stored before, or what was given with the version 0. See `market.offers.held_prices`.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is somebody else's.
            StaleVersion: Somebody changed it meanwhile.
            ColumnFixed: Its owner changed.
            CurrencyMismatch: It is in another currency than the market's.
            InvalidValue: It has more breaks or options than carts can look through; see `check_schedule_size`.
        """
        if schedule.currency != self.currency:
            raise CurrencyMismatch(self.currency.code, schedule.currency.code)
        check_schedule_size(schedule)

        def write(unit: WritingUnit) -> PriceSchedule:
            _check_own(unit, PRICE_SCHEDULES, schedule, scope=scope)
            held = self._hold(unit, PRICE_SCHEDULES, schedule, scope=scope)
            if held is not None:
                return held
            stored = put(unit, PRICE_SCHEDULES, schedule)
            unit.publish([PriceScheduleChanged.of(stored, stored.version, at=self.runtime.now())])
            return stored

        return self._write(scope, write)

    def get_schedule(self, schedule: str, *, scope: Scope) -> PriceSchedule:
        """Return a price schedule.

        Raises:
            NotFound: There is none that the caller owns.
            PermissionDenied: The caller's user may not write prices.
        """
        check_granted(scope, Permission.PRICES)
        return self.runtime.read(scope, lambda unit: unit.repository(PRICE_SCHEDULES).get(schedule))

    def find_assignments(self, schedule: str, *, scope: Scope) -> tuple[Assignment, ...]:
        """Return to whom a price schedule is assigned, as far as the caller owns the assignments.

        Raises:
            PermissionDenied: The caller is a buyer, or its user may not write prices.
        """
        check_permission(scope, Permission.PRICES)
        return self.runtime.read(scope, lambda unit: unit.repository(ASSIGNMENTS).find_where("schedule", [schedule]))

    def remove_schedule(self, schedule: PriceSchedule, *, scope: Scope) -> None:
        """Remove a price schedule that is assigned to nobody, and that no offer goes by.

        Whoever names it at this very moment is not waited for: that then prices nothing, and `lint` finds it.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is somebody else's, or was removed.
            StillReferred: Assignments or offers name it.
            StaleVersion: Somebody changed it meanwhile.
        """
        naming = ((ASSIGNMENTS, "schedule"), *self.naming_schedules)

        def write(unit: WritingUnit) -> None:
            # First whether it is the caller's at all: offers, which name it, are everybody's to read.
            _get_own(unit, PRICE_SCHEDULES, schedule.id, scope=scope)
            check_unreferred(PRICE_SCHEDULES, schedule.id, find_referrers(unit, schedule.id, naming, scope=scope))
            unit.repository(PRICE_SCHEDULES).remove(schedule)
            self._withdraw(unit, PRICE_SCHEDULES, schedule.id)
            unit.publish([PriceScheduleChanged.of(schedule, 0, at=self.runtime.now())])

        self._write(scope, write)

    def assign(self, assignment: Assignment, *, scope: Scope) -> Assignment:
        """Give a price schedule to somebody for a SKU; a new assignment, or a changed one.

        A merchant assigns in its own name only; the operator in any, and without one for the product's default. What a
        price guard does not let pass of a merchant's is held, as a schedule is.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is in another's name; or there is no such schedule of that merchant's, or of the operator's.
            QuotaReached: The merchant has as many prices for this SKU and audience as it may.
            StaleVersion: Somebody changed it meanwhile.
        """
        most = self.quotas.prices

        def write(unit: WritingUnit) -> Assignment:
            schedule = unit.repository(PRICE_SCHEDULES).get(assignment.schedule)
            is_foreign = scope.party is Party.MERCHANT and schedule.owner != scope.id
            # Asked of the operator too, who may read every schedule: a merchant sells at prices that it set itself.
            if is_foreign or (assignment.merchant is not None and schedule.owner != assignment.merchant):
                raise NotFound(PRICE_SCHEDULES.name, schedule.id)
            _check_own(unit, ASSIGNMENTS, assignment, scope=scope)
            check_quota(unit, ASSIGNMENTS, assignment, merchant=assignment.merchant, within="asked", most=most)
            held = self._hold(unit, ASSIGNMENTS, assignment, scope=scope)
            if held is not None:
                return held
            stored = put(unit, ASSIGNMENTS, assignment)
            unit.publish([AssignmentChanged.of(stored, stored.version, at=self.runtime.now())])
            return stored

        return self._write(scope, write)

    def unassign(self, assignment: Assignment, *, scope: Scope) -> None:
        """Take a price schedule away from whom it was assigned to.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is in another's name, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """

        def write(unit: WritingUnit) -> None:
            _get_own(unit, ASSIGNMENTS, assignment.id, scope=scope)
            unit.repository(ASSIGNMENTS).remove(assignment)
            self._withdraw(unit, ASSIGNMENTS, assignment.id)
            unit.publish([AssignmentChanged.of(assignment, 0, at=self.runtime.now())])

        self._write(scope, write)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return what is wrong with the caller's prices, from now on: see `mktcore.pricing.lint_prices`.

        A merchant is told of its own schedules, assignments and offers; the operator of all. Of the products' defaults,
        which are the operator's, it learns no name: a finding calls them `marketplace-1` and so on.

        Raises:
            PermissionDenied: The caller may not write prices.
        """
        check_permission(scope, Permission.PRICES)
        merchant = scope.id if scope.party is Party.MERCHANT else None
        # Under the operator's authority: a merchant's offer may go by the product's default, which is the operator's,
        # and is told of under names that reveal nothing.
        book, offers = self.runtime.read(scope.to_operator(), lambda unit: self._gather_book(unit, merchant))
        currency = self.currency.code
        asked = [PriceQuery(one.sku, one.merchant, currency, offer=one.id, product=one.product) for one in offers]
        findings = lint_prices(book, asked, since=self.runtime.now())
        # The operator's own slips, which are in what was read, are no merchant's to see.
        return tuple(one for one in findings if merchant is None or one.operands["merchant"] == merchant)

    def _hold(self, unit: WritingUnit, kind: Kind[K], value: K, *, scope: Scope) -> K | None:
        """Return what is in force where a merchant's price is held; None where it may be stored."""
        stored = unit.repository(kind).find(value.id)
        # What was changed meanwhile, or bears a name that is taken, is refused when it is stored.
        if self.holding is None or value.version != (0 if stored is None else stored.version):
            return None
        if scope.party is not Party.MERCHANT:
            self._withdraw(unit, kind, value.id)
            return None
        now = self.runtime.now()
        if isinstance(value, PriceSchedule):
            is_held = self.holding.hold_schedule(unit, value, now=now)
        else:
            is_held = self.holding.hold_assignment(unit, value, now=now)
        return (stored or value) if is_held else None

    def _withdraw(self, unit: WritingUnit, kind: Kind[K], name: str) -> None:
        """Drop what is held of a price that the operator stores, or that is removed."""
        if self.holding is not None:
            self.holding.withdraw(unit, _HELD[kind.name], name, now=self.runtime.now())

    def _write(self, scope: Scope, write: Callable[[WritingUnit], R]) -> R:
        check_permission(scope, Permission.PRICES)

        def write_while_active(unit: WritingUnit) -> R:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return write(unit)

        # What is written is compared with what others ask, and what is removed with what others name, which no merchant
        # may read; whose it is, each verb asks itself.
        return self.runtime.run(scope.to_operator(), write_while_active)

    def _gather_book(self, unit: Repositories, merchant: str | None) -> tuple[PriceBook, list[PricedOffer]]:
        """Return the prices of the market, or those that one merchant's offers can be sold at; and the offers."""
        offers = list(self.offers(unit, merchant))
        schedules, assignments = _list_prices(unit) if merchant is None else gather_prices_of(unit, merchant, offers)
        defaults = {offer.id: offer.schedule for offer in offers}
        return PriceBook(schedules, assignments, defaults=defaults, precedence=self.precedence), offers


def _get_own(unit: Repositories, kind: Kind[K], name: str, *, scope: Scope) -> K:
    """Return a stored record of the caller's, as the store would under its own scope.

    Raises:
        NotFound: There is none, or it is another party's.
    """
    found = unit.repository(kind).get(name)
    if scope.party is Party.MERCHANT and kind.read_column("owner", found) != scope.id:
        raise NotFound(kind.name, name)
    return found


def _check_own(unit: Repositories, kind: Kind[K], value: K, *, scope: Scope) -> None:
    """Let a record pass that the caller may store: its own, in the place of its own.

    Raises:
        NotFound: It is another party's, or takes the place of one.
    """
    if scope.party is Party.MERCHANT and kind.read_column("owner", value) != scope.id:
        raise NotFound(kind.name, value.id)
    # Of another's record of that name a new one learns nothing but that it is taken.
    if value.version:
        _get_own(unit, kind, value.id, scope=scope)


def _list_prices(unit: Repositories) -> tuple[list[PriceSchedule], list[Assignment]]:
    return list(unit.repository(PRICE_SCHEDULES).stream()), list(unit.repository(ASSIGNMENTS).stream())
