"""Prices as their owners write them, as a lint judges them, and as buyers are shown them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import attrs

from mktcore.access import Permission, check_buyer, check_granted, check_named_user, check_permission
from mktcore.catalog import SKUS
from mktcore.clock import Clock, to_utc
from mktcore.errors import Notice
from mktcore.events import Event
from mktcore.market_policy import MarketPolicy
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import (
    Committing,
    NotFound,
    Outbox,
    Page,
    Party,
    Pause,
    Repositories,
    Scope,
    Store,
    put,
    run_unit,
)
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBook, PriceQuery, PriceSchedule, lint_prices
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.storefront.seller_views import SellerView, ViewPage, ViewRequest, gather_views, page_skus

__all__ = ["Prices", "PricesUnit"]

R = TypeVar("R")


class PricesUnit(Repositories, Outbox, Committing, Protocol):
    """What prices need of a unit of work."""


@attrs.frozen
class Prices:
    """The price schedules of the operator and the merchants, who they are for, and what buyers see of them.

    Attributes:
        store: Where they are kept.
        clock: Tells the time.
        policy: The market's currency, and the order of rules.
        pause: Waits before a unit that lost against another transaction is tried again.
    """

    store: Store[PricesUnit]
    clock: Clock
    policy: MarketPolicy
    pause: Pause | None = None

    def save_schedule(self, schedule: PriceSchedule, *, scope: Scope) -> PriceSchedule:
        """Store a price schedule, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller may not write prices.
            NotFound: It is somebody else's.
            StaleVersion: Somebody changed it meanwhile.
            ColumnFixed: Its owner changed.
        """

        def write(unit: PricesUnit) -> PriceSchedule:
            stored = put(unit, PRICE_SCHEDULES, schedule)
            unit.publish([self._tell_schedule(stored, stored.version)])
            return stored

        return self._do(scope, write)

    def get_schedule(self, schedule: str, *, scope: Scope) -> PriceSchedule:
        """Return a price schedule.

        Raises:
            NotFound: There is none that the caller owns.
        """
        check_granted(scope, Permission.PRICES)
        with self.store.begin(scope) as unit:
            return unit.repository(PRICE_SCHEDULES).get(schedule)

    def page_schedules(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[PriceSchedule]:
        """Return a page of the caller's price schedules."""
        check_granted(scope, Permission.PRICES)
        with self.store.begin(scope) as unit:
            return unit.repository(PRICE_SCHEDULES).page(after=after, limit=limit)

    def find_assignments(self, schedule: str, *, scope: Scope) -> tuple[Assignment, ...]:
        """Return to whom a price schedule is assigned, as far as the caller owns the assignments."""
        check_granted(scope, Permission.PRICES)
        with self.store.begin(scope) as unit:
            return unit.repository(ASSIGNMENTS).find_where("schedule", [schedule])

    def remove_schedule(self, schedule: PriceSchedule, *, scope: Scope) -> None:
        """Remove a price schedule; what still names it prices nothing, and `lint` finds it.

        Raises:
            PermissionDenied: The caller may not write prices.
            NotFound: It is somebody else's, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """

        def write(unit: PricesUnit) -> None:
            unit.repository(PRICE_SCHEDULES).remove(schedule)
            unit.publish([self._tell_schedule(schedule, 0)])

        self._do(scope, write)

    def assign(self, assignment: Assignment, *, scope: Scope) -> Assignment:
        """Give a price schedule to somebody for a SKU; a new assignment, or a changed one.

        A merchant assigns in its own name only; the operator in any, and without one for the product's default.

        Raises:
            PermissionDenied: The caller may not write prices.
            NotFound: It is in another's name; or there is no such schedule of that merchant's, or of the operator's.
            StaleVersion: Somebody changed it meanwhile.
        """

        def write(unit: PricesUnit) -> Assignment:
            schedule = unit.repository(PRICE_SCHEDULES).get(assignment.schedule)
            if assignment.merchant is not None and schedule.owner != assignment.merchant:
                raise NotFound(PRICE_SCHEDULES.name, schedule.id)
            stored = put(unit, ASSIGNMENTS, assignment)
            unit.publish([self._tell_assignment(stored, stored.version)])
            return stored

        return self._do(scope, write)

    def unassign(self, assignment: Assignment, *, scope: Scope) -> None:
        """Take a price schedule away from whom it was assigned to.

        Raises:
            PermissionDenied: The caller may not write prices.
            NotFound: It is in another's name, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """

        def write(unit: PricesUnit) -> None:
            unit.repository(ASSIGNMENTS).remove(assignment)
            unit.publish([self._tell_assignment(assignment, 0)])

        self._do(scope, write)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return what is wrong with the caller's prices, from now on: see `mktcore.pricing.lint_prices`.

        A merchant is told of its own schedules, assignments and offers; the operator of all.

        Raises:
            PermissionDenied: The caller may not write prices.
        """
        check_permission(scope, Permission.PRICES)
        merchant = scope.id if scope.party is Party.MERCHANT else None
        with self.store.begin(scope.to_operator()) as unit:
            book, offers = _gather_book(unit, merchant, self.policy)
        currency = self.policy.currency.code
        asked = [PriceQuery(offer.sku, offer.merchant, currency, offer.id) for offer in offers]
        findings = lint_prices(book, asked, since=self.clock.now())
        return tuple(one for one in findings if merchant is None or one.operands["merchant"] == merchant)

    def page(self, request: ViewRequest, *, scope: Scope, after: str | None = None, limit: int = 100) -> ViewPage:
        """Return a page of every product that the buyer is shown, priced for a seller where it sells it.

        The same few round trips for a page of any size. Products that the buyer is not shown are left out, so a page
        may be shorter than its limit; `next` tells whether there is more.

        Args:
            request: Which seller, for whom, and which products.
            scope: Who asks: anybody for no buyer; for a buyer, that buyer or the operator.
            after: Where the page before ended.
            limit: SKUs; with a catalog, its products.

        Raises:
            NotFound: It is asked for another buyer, or there is no such catalog for this one.
        """
        with self.store.begin(scope.to_operator()) as unit:
            _check_request(unit, request, scope)
            found = page_skus(unit, request, after, limit)
            views = gather_views(unit, request, found.items, self.policy, to_utc(self.clock.now()))
        return ViewPage(tuple(view.view_for(scope) for view in views), found.next)

    def view(self, product: str, request: ViewRequest, *, scope: Scope) -> tuple[SellerView, ...]:
        """Return a product's SKUs as a seller sells them to a buyer.

        Args:
            product: Id of a product, or of a SKU.
            request: Which seller, for whom.
            scope: Who asks: anybody for no buyer; for a buyer, that buyer or the operator.

        Raises:
            NotFound: The seller does not sell it to this buyer, the buyer is not shown it, or there is none.
        """
        with self.store.begin(scope.to_operator()) as unit:
            _check_request(unit, request, scope)
            skus = [*unit.repository(SKUS).find_many([product]).values()]
            skus += unit.repository(SKUS).find_where("product", [product])
            views = gather_views(unit, request, skus, self.policy, to_utc(self.clock.now()))
        sold = tuple(view.view_for(scope) for view in views if view.is_sold())
        if not sold:
            raise NotFound("product", product)
        return sold

    def _do(self, scope: Scope, write: Callable[[PricesUnit], R]) -> R:
        check_permission(scope, Permission.PRICES)
        return run_unit(self.store, scope, write, pause=self.pause)

    def _tell_schedule(self, schedule: PriceSchedule, number: int) -> Event:
        return PriceScheduleChanged(subject=schedule.id, at=self.clock.now(), merchant=schedule.owner, number=number)

    def _tell_assignment(self, one: Assignment, number: int) -> Event:
        return AssignmentChanged(subject=one.id, at=self.clock.now(), merchant=one.merchant, sku=one.sku, number=number)


def _check_request(unit: Repositories, request: ViewRequest, scope: Scope) -> None:
    """Let the operator ask for anybody, a merchant for anybody at its own prices, a buyer for itself and its users."""
    if request.buyer is not None:
        check_buyer(scope, "buyer", request.buyer, buyer=request.buyer)
    caller = scope.caller
    if caller.party is Party.MERCHANT and caller.id == request.merchant:
        return
    check_named_user(unit, scope, request.user)
    if caller.party is Party.MERCHANT and request.groups:
        raise NotFound("user group", request.groups[0])


def _gather_book(unit: Repositories, merchant: str | None, policy: MarketPolicy) -> tuple[PriceBook, list[Offer]]:
    """Return the prices of the market, or those that one merchant's offers can be sold at; and the offers."""
    if merchant is None:
        offers = list(unit.repository(OFFERS).stream())
        schedules = {schedule.id: schedule for schedule in unit.repository(PRICE_SCHEDULES).stream()}
        assignments = list(unit.repository(ASSIGNMENTS).stream())
    else:
        offers = list(unit.repository(OFFERS).stream({"merchant": merchant}))
        schedules = {one.id: one for one in unit.repository(PRICE_SCHEDULES).stream({"owner": merchant})}
        assignments = list(unit.repository(ASSIGNMENTS).stream({"owner": merchant}))
        assignments += _find_product_defaults(unit, {offer.sku for offer in offers})
        named = {*[offer.schedule for offer in offers], *[one.schedule for one in assignments]} - schedules.keys()
        schedules |= unit.repository(PRICE_SCHEDULES).find_many(named)
    defaults = {offer.id: offer.schedule for offer in offers}
    return PriceBook(schedules.values(), assignments, defaults=defaults, precedence=policy.precedence), offers


def _find_product_defaults(unit: Repositories, skus: set[str]) -> list[Assignment]:
    found = unit.repository(ASSIGNMENTS).find_where("sku", skus)
    return [assignment for assignment in found if assignment.merchant is None]
