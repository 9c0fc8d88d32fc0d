"""Order thresholds as the operator writes them."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.access.record_list import RecordList
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.order_thresholds.order_threshold import ORDER_THRESHOLDS, OrderThreshold
from mktcore.persistence import Scope, WritingUnit, put
from mktcore.persistence.record_quotas import check_room
from mktcore.telemetry import watched

__all__ = ["OrderThresholds"]

MAX_THRESHOLDS = 200
"""Of the marketplace, and of each merchant: every cart reads all of those that may concern it."""


@watched
@attrs.frozen(slots=False)
class OrderThresholds(RecordList[OrderThreshold]):
    """Minimums and maximums of orders; the operator's to write.

    Attributes:
        runtime: Where they are kept.
        currency: The market's.
    """

    kind, filters = ORDER_THRESHOLDS, ("merchant",)
    currency: Currency

    def save(self, threshold: OrderThreshold, *, scope: Scope) -> OrderThreshold:
        """Store a threshold, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            CurrencyMismatch: It is in another currency than the market's.
            InvalidValue: The marketplace, or the merchant, has 200 others.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        check_currency(self.currency, threshold.limit)

        def write(unit: WritingUnit) -> OrderThreshold:
            check_room(unit, ORDER_THRESHOLDS, threshold, most=MAX_THRESHOLDS)
            return put(unit, ORDER_THRESHOLDS, threshold)

        return self.runtime.run(scope.to_operator(), write)

    def remove(self, threshold: OrderThreshold, *, scope: Scope) -> None:
        """Remove a threshold; orders keep the fees they were placed with.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(ORDER_THRESHOLDS).remove(threshold))
