"""Promotions as their owners write and read them."""

from collections.abc import Callable
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_permission
from mktcore.access.record_list import RecordList
from mktcore.money import Currency
from mktcore.notice import Notice
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Repositories, Scope, WritingUnit, put
from mktcore.persistence.record_quotas import Quotas, check_quota
from mktcore.promotions.events import PromotionChanged
from mktcore.promotions.iterate_sold_goods import iterate_goods
from mktcore.promotions.promotion import PROMOTIONS, Promotion
from mktcore.promotions.promotion_currencies import check_promotion_currency
from mktcore.promotions.promotion_lint import lint_promotions
from mktcore.promotions.promotion_size import check_promotion_size
from mktcore.telemetry import watched

__all__ = ["Promotions"]

R = TypeVar("R")


@watched
@attrs.frozen(slots=False)
class Promotions(RecordList[Promotion]):
    """The promotions of the operator and the merchants; each writes its own, the operator all.

    Attributes:
        runtime: Where they are kept, and what time it is.
        currency: The market's.
        quotas: How many a merchant may have.
    """

    kind, filters = PROMOTIONS, ("owner", "group", "starts", "ends")
    currency: Currency
    quotas: Quotas = attrs.field(factory=Quotas, kw_only=True)

    def save(self, promotion: Promotion, *, scope: Scope) -> Promotion:
        """Store a promotion, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write promotions.
            NotFound: It is somebody else's.
            StaleVersion: Somebody changed it meanwhile.
            ColumnFixed: Its owner changed.
            CurrencyMismatch: An amount of its effect, caps, limits or conditions is in another currency.
            InvalidValue: It asks for more than carts can look through; see `check_promotion_size`.
            QuotaReached: The merchant has as many promotions as it may.
        """

        def write(unit: WritingUnit) -> Promotion:
            # First, as everything else goes through its conditions.
            check_promotion_size(promotion)
            check_promotion_currency(promotion, self.currency)
            owner, most = promotion.owner, self.quotas.promotions
            check_quota(unit, PROMOTIONS, promotion, merchant=owner, within="owner", most=most)
            stored = put(unit, PROMOTIONS, promotion)
            unit.publish([self._tell(stored, stored.version)])
            return stored

        return self._write(scope, write)

    def remove(self, promotion: Promotion, *, scope: Scope) -> None:
        """Remove a promotion; orders keep what it took off, its counters stay.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write promotions.
            NotFound: It is somebody else's, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """

        def write(unit: WritingUnit) -> None:
            unit.repository(PROMOTIONS).remove(promotion)
            unit.publish([self._tell(promotion, 0)])

        self._write(scope, write)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return what is wrong with the caller's promotions, from now on; see `lint_promotions`.

        A merchant is told of its own promotions, the operator of all. It reads offers as far as it needs them.

        Raises:
            PermissionDenied: The caller may not write promotions.
        """
        check_permission(scope, Permission.PROMOTIONS)
        merchant = scope.id if scope.party is Party.MERCHANT else None

        def judge(unit: Repositories) -> tuple[Notice, ...]:
            promotions = unit.repository(PROMOTIONS).stream({} if merchant is None else {"owner": merchant})
            goods = iterate_goods(unit, self.currency, merchant)
            return lint_promotions(promotions, goods, currency=self.currency, now=self.runtime.now())

        # Under the operator's authority: what goods are is not all the merchant's to read.
        return self.runtime.read(scope.to_operator(), judge)

    def _write(self, scope: Scope, write: Callable[[WritingUnit], R]) -> R:
        check_permission(scope, Permission.PROMOTIONS)

        def write_while_active(unit: WritingUnit) -> R:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return write(unit)

        # As prices are: a merchant under its own scope, the operator's user as the operator.
        own = scope if scope.party is Party.MERCHANT else scope.to_operator()
        return self.runtime.run(own, write_while_active)

    def _tell(self, promotion: Promotion, number: int) -> PromotionChanged:
        at = self.runtime.now()
        return PromotionChanged(subject=promotion.id, at=at, merchant=promotion.owner, number=number)
