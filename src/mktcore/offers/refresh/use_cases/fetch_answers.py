"""Fetching what merchants said has changed: claim, ask outside of any transaction, apply under the claim.

A claim is a lease: whoever dies with one leaves it to the next. An answer counts only while its claim is held, so one
that comes after the lease, when somebody else may have asked again, changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.gateways import Unknown
from mktcore.money import Currency
from mktcore.offers.price_guards.hold_prices import PriceHolder
from mktcore.offers.refresh.apply_answer import to_readable
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh
from mktcore.offers.refresh.ports import CallWithin, FindBindings, ItemAnswer, MerchantGateway
from mktcore.offers.refresh.refresh_policy import RefreshPolicy, RefreshReport
from mktcore.offers.refresh.store_answers import store_answers
from mktcore.persistence import NotFound, Retryable, Scope, StaleVersion, UniqueViolation
from mktcore.persistence.errors import Busy
from mktcore.persistence.joinable_store import check_outside
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.queries import check_limit
from mktcore.persistence.ranges import AtLeast, AtMost
from mktcore.persistence.record_quotas import Quotas
from mktcore.persistence.repositories import Repository
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FetchAnswers", "NoMerchantGateway"]

R = TypeVar("R")


@attrs.define(eq=False, slots=False)
class NoMerchantGateway(MktcoreError):
    """Fetching from merchants, where nobody said how to ask them."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "offers.no-merchant-gateway"
    remedy: ClassVar[str] = "give the marketplace the setting merchant_gateway"

    def describe(self) -> str:
        """Say that there is none."""
        return "this marketplace has no merchant gateway"


@watched
@attrs.frozen
class FetchAnswers:
    """Fetches what merchants said has changed.

    Any number of workers may do this, in any number of processes.

    Attributes:
        runtime: Where offers are kept, what time it is, and how claims are called.
        currency: The marketplace's currency.
        bindings: Tells which SKU an item is bound to.
        gateway: How merchants are asked.
        within: Waits for an answer until its deadline.
        policy: How long, how much and how often.
        quotas: How many offers of a SKU a merchant may have, those that its answers make among them.
        holder: Holds prices that guards do not let pass; None holds none.
    """

    runtime: Runtime[MarketUnit]
    currency: Currency
    bindings: FindBindings = attrs.field(kw_only=True)
    gateway: MerchantGateway = attrs.field(kw_only=True)
    within: CallWithin = attrs.field(kw_only=True)
    policy: RefreshPolicy = attrs.field(kw_only=True)
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)
    holder: PriceHolder | None = attrs.field(default=None, kw_only=True)

    def refresh(self, *, limit: int = 500) -> RefreshReport:
        """Ask merchants about up to `limit` items, the longest waiting merchant first, and apply what they say.

        An item that others change all the time is `lost`: it is asked about again when its claim is over.

        Raises:
            NotJoinable: The marketplace is inside of a host's transaction, where nobody outside is asked.
            InvalidLimit: It is not 1 to 1,000,000.
            Busy: The store is, or others claim what this call would, before anything was asked.
        """
        check_outside(self.runtime.store, "refresh")
        check_limit(limit)
        total = RefreshReport()
        while total.asked < limit:
            room = min(limit - total.asked, self.policy.batch)
            claimed = self._claim_alone(room, is_first=not total.asked)
            if not claimed:
                return total
            total += self._store(claimed, self._ask(claimed))
        return total

    def _claim_alone(self, room: int, *, is_first: bool) -> tuple[PendingRefresh, ...]:
        """Claim items, nothing where others claim all of them first and something was done already."""
        try:
            return self.runtime.retry(lambda: self._claim(room))
        except (Busy, StaleVersion) as lost:
            if not is_first:
                return ()
            # Whoever calls a worker knows of no version.
            raise lost if isinstance(lost, Busy) else Busy(lost.describe()) from lost

    def _store(self, claimed: Sequence[PendingRefresh], answers: Mapping[str, ItemAnswer]) -> RefreshReport:
        """Apply answers together, or one by one where some are of what others change all the time."""
        try:
            return self.runtime.retry(lambda: self._apply(claimed, answers))
        except (Busy, StaleVersion) as lost:
            stale = lost if isinstance(lost, StaleVersion) else lost.__cause__
            if not isinstance(stale, StaleVersion | Retryable):
                raise
        if len(claimed) == 1:
            return RefreshReport(1, lost=1)
        return sum((self._store([one], answers) for one in claimed), RefreshReport())

    def _claim(self, room: int) -> tuple[PendingRefresh, ...]:
        """Claim items of the merchant whose turn it is; committed before anybody is asked."""
        now = self.runtime.now()
        try:
            with self.runtime.store.begin(Scope.operator()) as unit:
                pending = unit.repository(PENDING_REFRESHES)
                due = self._find_due(pending, now, room=room)
                if not due:
                    return ()
                claim = self.runtime.ids.new_id("claim")
                held = [one.defer(now + self.policy.lease, claim=claim, attempts=one.attempts) for one in due]
                pending.save_many(held)
                unit.commit()
                return tuple(held)
        except NotFound as race:  # settled by somebody else meanwhile; one that was claimed is a stale version
            raise Retryable(race.describe()) from race

    def _find_due(self, pending: Repository[PendingRefresh], now: datetime, *, room: int) -> tuple[PendingRefresh, ...]:
        """Return items of the merchant whose turn it is."""
        # Nobody waits so long: what is due later still was written by a clock that is ahead, and waits no year for it.
        beyond = now + 2 * max(self.policy.lease, self.policy.longest_pause)
        for when in (AtLeast(beyond), AtMost(now)):
            heads = pending.page({"due": when}, order="due", limit=1).items
            if heads:
                # One merchant at a time: whoever is slow holds up its own items only.
                mine: dict[str, Wanted] = {"merchant": heads[0].merchant, "due": when}
                return pending.page(mine, order="due", limit=room).items
        return ()

    def _ask(self, claimed: Sequence[PendingRefresh]) -> Mapping[str, ItemAnswer]:
        """Ask the merchant, outside of any transaction; whatever goes wrong is an answer too."""
        merchant, items = claimed[0].merchant, [one.item for one in claimed]
        try:
            answers = self.within(
                # A dict while the time runs: a lazy mapping would ask later, when nobody waits any more.
                lambda: dict(self.gateway.fetch(merchant, items, deadline=self.policy.deadline)),
                self.policy.deadline,
                whom=merchant,
            )
        except TimeoutError:
            return dict.fromkeys(items, Unknown(f"no answer within {self.policy.deadline.total_seconds():g} s"))
        except Exception as error:  # noqa: BLE001 - a gateway is somebody else's code and may fail in any way
            # Its text is kept out: the merchant reads this, and it may hold what is the host's own.
            return dict.fromkeys(items, Unknown(f"the gateway failed: {type(error).__name__}"))
        missing = Unknown("the answer leaves it out")
        return {item: to_readable(answers.get(item, missing), item, self.currency.code) for item in items}

    def _apply(self, claimed: Sequence[PendingRefresh], answers: Mapping[str, ItemAnswer]) -> RefreshReport:
        try:
            with self.runtime.store.begin(Scope.operator()) as unit:
                bound = self.bindings(unit, claimed[0].merchant, [one.item for one in claimed])
                report = store_answers(
                    unit,
                    claimed,
                    answers=answers,
                    bound=bound,
                    policy=self.policy,
                    most=self.quotas.offers,
                    now=self.runtime.now(),
                    holder=self.holder,
                )
                unit.commit()
                return report
        except (UniqueViolation, NotFound) as race:  # settled, or offered, by somebody else meanwhile
            raise Retryable(race.describe()) from race
