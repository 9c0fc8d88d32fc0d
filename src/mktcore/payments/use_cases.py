"""Payment methods as the operator writes them."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.access.record_list import RecordList
from mktcore.errors import InvalidValue
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.payments.payment_method import PAYMENT_METHODS, TO_EVERYBODY, PaymentMethod
from mktcore.persistence import Scope, WritingUnit, put
from mktcore.telemetry import watched

__all__ = ["PaymentMethods"]

MAX_METHODS = 200
"""Every cart reads all of them."""


@watched
@attrs.frozen(slots=False)
class PaymentMethods(RecordList[PaymentMethod]):
    """Ways to pay; the operator's to write. Once one is kept, carts are paid by those that are kept.

    Attributes:
        runtime: Where they are kept.
        currency: The market's.
    """

    kind, filters = PAYMENT_METHODS, ("offered",)
    currency: Currency

    def save(self, method: PaymentMethod, *, scope: Scope) -> PaymentMethod:
        """Store a method, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            CurrencyMismatch: A bound is in another currency than the market's.
            InvalidValue: There are 200 others.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        check_currency(self.currency, method.least, method.most)

        def write(unit: WritingUnit) -> PaymentMethod:
            known = unit.repository(PAYMENT_METHODS).find_where("offered", TO_EVERYBODY)
            if sum(1 for one in known if one.id != method.id) >= MAX_METHODS:
                raise InvalidValue("PaymentMethod", "id", method.id, f"one with fewer than {MAX_METHODS} others")
            return put(unit, PAYMENT_METHODS, method)

        return self.runtime.run(scope.to_operator(), write)

    def remove(self, method: PaymentMethod, *, scope: Scope) -> None:
        """Remove a method: nobody pays by it any more; orders keep how they were paid.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(PAYMENT_METHODS).remove(method))
