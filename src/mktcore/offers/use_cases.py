"""Offers as merchants and the operator keep them: stored, approved, closed for a while, kept fresh."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.access.record_list import RecordList
from mktcore.catalog import SKUS
from mktcore.errors import InvalidValue
from mktcore.explain import Explanation
from mktcore.extra import NO_EXTRA
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.events import ClosureChanged, MerchantRated, OfferChanged, OfferDecided
from mktcore.offers.explain_offer import OfferState, explain_offer
from mktcore.offers.lists import ClosureList, RatingList
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Approval, Offer
from mktcore.offers.price_guards import HeldPrices, PriceGuards, PriceHolder
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.offers.refresh.refresh_policy import RefreshReport
from mktcore.offers.refresh.use_cases.fetch_answers import FetchAnswers, NoMerchantGateway
from mktcore.offers.refresh.use_cases.notifications import ChangedItem, NotBound, NoteChanges, NotedItem
from mktcore.offers.stock_item_id import LOCATED
from mktcore.parties import MEMBERSHIPS, MERCHANTS, Activity, check_activity
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, find_rule
from mktcore.persistence import NotFound, Party, Scope, put
from mktcore.persistence.record_quotas import Quotas, check_quota
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["Offers"]

R = TypeVar("R")


@watched
@attrs.frozen(slots=False)
class Offers(RecordList[Offer]):
    """The offers of a marketplace. Every call but `refresh` takes the scope of who asks.

    Attributes:
        runtime: Where offers are kept, and what time it is.
        changes: Notes what merchants say has changed.
        answers: Fetches it; None where nobody said how to ask merchants.
        currency: The marketplace's: what a piece costs elsewhere is compared with a price in it.
        quotas: How many offers of a SKU and how many closures a merchant may have.
        holder: Holds prices that guards do not let pass; None holds none.
    """

    kind = OFFERS
    filters = ("sku", "merchant", "approval", "condition", "schedule", "part")
    runtime: Runtime[MarketUnit]
    changes: NoteChanges
    answers: FetchAnswers | None = None
    currency: Currency = attrs.field(kw_only=True)
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)
    holder: PriceHolder | None = attrs.field(default=None, kw_only=True)

    def save(self, offer: Offer, *, scope: Scope) -> Offer:
        """Store an offer of the caller, new or changed, and return it as stored; the operator may store anybody's.

        What the operator said of it stays as it is unless the operator stores it, and so does host data that the caller
        is not shown. An offer that goes by another schedule than before, or of another SKU, at a price that a price
        guard does not let pass, waits for the operator's approval.

        Raises:
            InvalidValue: A new offer's id has an @, which tells locations apart.
            NotFound: It is another merchant's or not there; or there is no such merchant, or SKU that it may offer, or
                no such price schedule, or part of a kit, of the merchant's.
            PermissionDenied, ActivityRefused: The caller may not write offers.
            ExtraRefused: It writes host data that it is not shown.
            StaleVersion: Somebody else changed it.
            UniqueViolation: The id is taken, or the merchant's item has an offer.
            QuotaReached: The merchant has as many offers of this SKU as it may.
            CurrencyMismatch: Its list price or least price is not in the marketplace's currency.
        """
        _check_owner(scope, offer.merchant, OFFERS.name, id=offer.id)
        if not offer.version and LOCATED in offer.id:
            raise InvalidValue("Offer", "id", offer.id, "no @, which tells locations apart")
        check_currency(self.currency, offer.list_price, offer.least_price)

        def save(unit: MarketUnit) -> Offer:
            self._check_active(unit, offer.merchant, scope)
            stored = unit.repository(OFFERS).get(offer.id) if offer.version else None
            if stored is not None:
                # Asked of the stored record too: a request may name any merchant.
                _check_owner(scope, stored.merchant, OFFERS.name, id=offer.id)
            party = scope.caller.party
            kept = attrs.evolve(
                offer, extra=offer.extra.keep_hidden(NO_EXTRA if stored is None else stored.extra, party)
            )
            if party is not Party.OPERATOR and stored is not None:
                kept = attrs.evolve(kept, approval=stored.approval)
            if party is not Party.OPERATOR and self._is_held(unit, kept, stored):
                kept = attrs.evolve(kept, approval=Approval.PENDING)
            _check_known(unit, kept, stored, scope=scope)
            _check_schedule(unit, kept, stored)
            _check_parts(unit, kept, stored)
            most = self.quotas.offers
            check_quota(unit, OFFERS, kept, merchant=kept.merchant, within="sold", most=most)
            saved = put(unit, OFFERS, kept)
            unit.publish([OfferChanged.of(saved, self.runtime.now(), before=stored)])
            return saved.view_for(scope)

        return self._write(scope, save)

    def _is_held(self, unit: MarketUnit, offer: Offer, stored: Offer | None) -> bool:
        is_as_before = stored is not None and (stored.sku, stored.schedule) == (offer.sku, offer.schedule)
        if self.holder is None or is_as_before or offer.approval is not Approval.APPROVED:
            return False
        return self.holder.finds_breach(unit, offer, now=self.runtime.now())

    @property
    def guards(self) -> PriceGuards:
        """How far merchants' prices may be from what is known before they are held."""
        return PriceGuards(self.runtime)

    @property
    def held_prices(self) -> HeldPrices:
        """The prices that are held, and what became of them."""
        return HeldPrices(self.runtime)

    @property
    def closures(self) -> ClosureList:
        """When the caller's offers are closed, as a list; the operator's is of all."""
        return ClosureList(self.runtime)

    @property
    def ratings(self) -> RatingList:
        """The merchants' ratings, as a list."""
        return RatingList(self.runtime)

    def decide(self, offer: str, approval: Approval, *, scope: Scope, reason: str = "") -> Offer:
        """Approve or deny an offer, and return it as stored; the operator's.

        Raises:
            NotFound: There is no such offer.
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_permission(scope, Permission.MERCHANTS)

        def decide(unit: MarketUnit) -> Offer:
            found = unit.repository(OFFERS).get(offer)
            stored = unit.repository(OFFERS).save(attrs.evolve(found, approval=approval))
            at, merchant = self.runtime.now(), stored.merchant
            unit.publish([OfferDecided(subject=offer, at=at, merchant=merchant, approval=approval, reason=reason)])
            return stored

        return self._write(scope, decide)

    def close(self, closure: Closure, *, scope: Scope) -> Closure:
        """Let a closure lie over the caller's offers, or change one, and return it as stored.

        Raises:
            NotFound: It is another merchant's.
            PermissionDenied, ActivityRefused: The caller may not write offers.
            QuotaReached: The merchant has as many closures as it may.
            StaleVersion: Somebody else changed it.
        """
        _check_owner(scope, closure.merchant, CLOSURES.name, id=closure.id)

        def close(unit: MarketUnit) -> Closure:
            self._check_active(unit, closure.merchant, scope)
            if closure.version:
                _check_owner(scope, unit.repository(CLOSURES).get(closure.id).merchant, CLOSURES.name, id=closure.id)
            most = self.quotas.closures
            check_quota(unit, CLOSURES, closure, merchant=closure.merchant, within="merchant", most=most)
            self._tell_closure(unit, closure)
            return put(unit, CLOSURES, closure)

        return self._write(scope, close)

    def reopen(self, closure: str, *, scope: Scope) -> None:
        """Take a closure away, before its time or after it.

        Raises:
            NotFound: There is no such closure of this caller.
            PermissionDenied, ActivityRefused: The caller may not write offers.
        """
        check_granted(scope, Permission.OFFERS)

        def reopen(unit: MarketUnit) -> None:
            found = unit.repository(CLOSURES).find(closure)
            if found is None or not scope.covers(merchant=found.merchant):
                # Not found, rather than forbidden: nobody learns what others have.
                raise NotFound(CLOSURES.name, closure)
            self._check_active(unit, found.merchant, scope)
            unit.repository(CLOSURES).remove(found)
            self._tell_closure(unit, found)

        self._write(scope, reopen)

    def rate(self, ratings: Iterable[MerchantRating], *, scope: Scope) -> None:
        """Store merchants' ratings, which the buy box may go by; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_permission(scope, Permission.MERCHANTS)
        given = {rating.id: rating for rating in sorted(ratings, key=lambda rating: rating.id)}

        def rate(unit: MarketUnit) -> None:
            repository = unit.repository(MERCHANT_RATINGS)
            known = repository.find_many(given)
            # Whoever rates need not know what is stored: versions come from the store alone.
            repository.add_many([attrs.evolve(one, version=0) for one in given.values() if one.id not in known])
            changed = [attrs.evolve(one, version=known[one.id].version) for one in given.values() if one.id in known]
            repository.save_many([one for one in changed if one != known[one.id]])
            now = self.runtime.now()
            unit.publish(MerchantRated(subject=one, at=now, merchant=one) for one in given)

        self.runtime.run(scope.to_operator(), rate, contested=[MERCHANT_RATINGS])

    def notify(
        self, merchant: str, changed: Iterable[ChangedItem], *, scope: Scope
    ) -> tuple[NotedItem | NotBound, ...]:
        """Note that a merchant's items changed, and say of each whether it will be fetched; see `NoteChanges`."""
        return self.changes.notify(merchant, changed, scope=scope)

    def refresh(self, *, limit: int = 500) -> RefreshReport:
        """Fetch what changed, up to `limit` items; call it regularly. See `FetchAnswers.refresh`.

        Raises:
            NoMerchantGateway: The marketplace was given none.
        """
        if self.answers is None:
            raise NoMerchantGateway
        return self.answers.refresh(limit=limit)

    def find_freshness(self, offer: str, *, scope: Scope) -> Freshness | None:
        """Return when an offer's merchant last answered, and why it cannot be had; None where nobody asked.

        Raises:
            NotFound: There is no such offer of this caller.
        """

        def find(unit: MarketUnit) -> Freshness | None:
            self._get(unit, offer, scope)
            return unit.repository(FRESHNESS).find(offer)

        return self.runtime.read(scope.to_operator(), find)

    def explain(
        self, offer: str, *, scope: Scope, quantity: int | None = None, channel: str | None = None
    ) -> Explanation:
        """Say whether an offer can be had now, and every reason why not, apart from its price and the agreement.

        Args:
            offer: Its id.
            scope: Who asks: the operator, or its merchant.
            quantity: Pieces; the least the offer is sold in unless told otherwise.
            channel: The sales channel.

        Raises:
            NotFound: There is no such offer of this caller.
        """
        now = self.runtime.now()

        def load(unit: MarketUnit) -> OfferState:
            found = self._get(unit, offer, scope)
            parts = {part.offer for part in found.stock.parts}
            stocked = {**unit.repository(OFFERS).find_many(parts), found.id: found} if parts else {found.id: found}
            return OfferState(
                found,
                stocked=stocked,
                closures=unit.repository(CLOSURES).find_where("merchant", [found.merchant]),
                freshness=unit.repository(FRESHNESS).find(offer),
                levels=unit.stock.find_levels([item for one in stocked.values() for item in one.stock_items]),
            )

        return explain_offer(self.runtime.read(scope.to_operator(), load), quantity, channel, now=now)

    def _get(self, unit: MarketUnit, offer: str, scope: Scope) -> Offer:
        found = unit.repository(OFFERS).find(offer)
        if found is None or not scope.covers(merchant=found.merchant):
            raise NotFound("offer", offer)
        return found

    def _check_active(self, unit: MarketUnit, merchant: str, scope: Scope) -> None:
        """Let a merchant pass whose life lets it prepare offers."""
        if scope.party is Party.MERCHANT:
            check_activity(unit.repository(MEMBERSHIPS).find(merchant), Activity.EDIT, self.runtime.now())

    def _tell_closure(self, unit: MarketUnit, closure: Closure) -> None:
        unit.publish([ClosureChanged(subject=closure.id, at=self.runtime.now(), merchant=closure.merchant)])

    def _write(self, scope: Scope, write: Callable[[MarketUnit], R]) -> R:
        # On the caller's behalf: an offer's schedule, SKU and merchant are not all the caller's to read.
        return self.runtime.run(scope.to_operator(), write)


def _check_owner(scope: Scope, merchant: str, kind: str, *, id: str) -> None:  # noqa: A002 - the field's name
    if not scope.covers(merchant=merchant):
        raise NotFound(kind, id)
    check_granted(scope, Permission.OFFERS)


def _check_known(unit: MarketUnit, offer: Offer, stored: Offer | None, *, scope: Scope) -> None:
    unit.repository(MERCHANTS).get(offer.merchant)
    sku = unit.repository(SKUS).get(offer.sku)
    # What it offers already stays its business, whoever may sell it by now.
    if scope.party is Party.OPERATOR or (stored is not None and stored.sku == offer.sku):
        return
    # What another merchant owns, and this one may not sell, does not exist for it.
    is_others = sku.owner not in {None, offer.merchant}
    if is_others and find_rule(unit.repository(SELLING_RIGHTS).find(sku.id), offer.merchant) is None:
        raise NotFound(SKUS.name, offer.sku)


def _check_parts(unit: MarketUnit, offer: Offer, stored: Offer | None) -> None:
    """Refuse a kit of what is not the merchant's; what it was made of before may be gone by now."""
    before = set() if stored is None else {part.offer for part in stored.stock.parts}
    named = {part.offer for part in offer.stock.parts} - before - {offer.id}
    found = unit.repository(OFFERS).find_many(named) if named else {}
    foreign = sorted(name for name in named if name not in found or found[name].merchant != offer.merchant)
    if foreign:
        raise NotFound(OFFERS.name, foreign[0])


def _check_schedule(unit: MarketUnit, offer: Offer, stored: Offer | None) -> None:
    if not offer.schedule:
        return
    # What it names already may be gone by now: that is a finding of the lint, and no reason to keep the rest as it is.
    if stored is not None and (stored.schedule, stored.merchant) == (offer.schedule, offer.merchant):
        return
    schedule = unit.repository(PRICE_SCHEDULES).find(offer.schedule)
    # An offer that follows an item gets a schedule of its own with the merchant's first answer.
    if schedule is None and offer.item and offer.schedule == offer.id:
        return
    if schedule is None or schedule.owner != offer.merchant:
        # Not found, rather than forbidden: nobody learns what others have.
        raise NotFound(PRICE_SCHEDULES.name, offer.schedule)
