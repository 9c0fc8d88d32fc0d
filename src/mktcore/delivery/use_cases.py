"""Shipping fees as the operator writes them, and as a lint judges them; delivery methods as their owners do."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_operator, check_permission
from mktcore.access.record_list import RecordList
from mktcore.delivery.delivery_method import DELIVERY_METHODS, DeliveryMethod
from mktcore.delivery.events import ShippingFeeChanged
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.money import Currency, CurrencyMismatch
from mktcore.money.one_currency import check_currency
from mktcore.notice import Notice, Severity
from mktcore.parties import MERCHANTS, Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Repositories, Scope, WritingUnit, put
from mktcore.persistence.record_quotas import check_room
from mktcore.telemetry import watched

__all__ = ["DeliveryMethods", "ShippingFees", "lint_shipping_fees"]

R = TypeVar("R")
MAX_METHODS = 50
"""Of the operator, and of each merchant: every cart reads all of those that may concern it."""


@watched
@attrs.frozen(slots=False)
class DeliveryMethods(RecordList[DeliveryMethod]):
    """Ways for goods to travel: the operator's for everybody's goods, and each merchant's for its own.

    Attributes:
        runtime: Where they are kept.
        currency: The market's.
    """

    kind, filters = DELIVERY_METHODS, ("merchant",)
    currency: Currency

    def save(self, method: DeliveryMethod, *, scope: Scope) -> DeliveryMethod:
        """Store a method, new (version 0) or changed, and return it as stored; orders keep what they were placed with.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write delivery methods.
            NotFound: It is somebody else's.
            CurrencyMismatch: A rate is in another currency than the market's.
            InvalidValue: Its owner has 50 others.
            StaleVersion: Somebody changed it meanwhile.
            ColumnFixed: Its owner changed.
        """
        for currency in method.list_currencies() - {self.currency}:
            raise CurrencyMismatch(self.currency.code, currency.code)

        def write(unit: WritingUnit) -> DeliveryMethod:
            check_room(unit, DELIVERY_METHODS, method, most=MAX_METHODS)
            return put(unit, DELIVERY_METHODS, method)

        return self._write(scope, write)

    def remove(self, method: DeliveryMethod, *, scope: Scope) -> None:
        """Remove a method: nobody chooses it any more.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write delivery methods.
            NotFound: It is somebody else's, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        self._write(scope, lambda unit: unit.repository(DELIVERY_METHODS).remove(method))

    def _write(self, scope: Scope, write: Callable[[WritingUnit], R]) -> R:
        check_permission(scope, Permission.OFFERS)

        def write_while_active(unit: WritingUnit) -> R:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return write(unit)

        # As prices are: a merchant under its own scope, the operator's user as the operator.
        own = scope if scope.party is Party.MERCHANT else scope.to_operator()
        return self.runtime.run(own, write_while_active)


@watched
@attrs.frozen(slots=False)
class ShippingFees(RecordList[ShippingFee]):
    """What merchants' shipping costs; the operator's to write.

    Attributes:
        runtime: Where they are kept.
        currency: The market's.
    """

    kind, filters = SHIPPING_FEES, ("tax_category",)
    currency: Currency

    def save(self, fee: ShippingFee, *, scope: Scope) -> ShippingFee:
        """Store a merchant's fee, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            CurrencyMismatch: It is in another currency than the market's.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        check_currency(self.currency, fee.amount)

        def write(unit: WritingUnit) -> ShippingFee:
            unit.publish([ShippingFeeChanged.of(fee, self.runtime.now())])
            return put(unit, SHIPPING_FEES, fee)

        return self.runtime.run(scope.to_operator(), write)

    def remove(self, fee: ShippingFee, *, scope: Scope) -> None:
        """Remove a merchant's fee: its shipping is free.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)

        def write(unit: WritingUnit) -> None:
            unit.repository(SHIPPING_FEES).remove(fee)
            unit.publish([ShippingFeeChanged.of(fee, self.runtime.now())])

        self.runtime.run(scope.to_operator(), write)

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return fees that are never charged, or cannot be; see `lint_shipping_fees`.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
        """
        check_operator(scope, Permission.MARKET)

        def judge(unit: Repositories) -> tuple[Notice, ...]:
            fees = list(unit.repository(SHIPPING_FEES).stream())
            known = unit.repository(MERCHANTS).find_many({fee.merchant for fee in fees})
            return lint_shipping_fees(fees, known.keys(), self.currency)

        return self.runtime.read(scope.to_operator(), judge)


def lint_shipping_fees(
    fees: Iterable[ShippingFee], merchants: AbstractSet[str], currency: Currency
) -> tuple[Notice, ...]:
    """Return what is wrong with shipping fees: findings, in the order of their codes and places.

    Args:
        fees: The fees.
        merchants: Those of their merchants that there are.
        currency: The market's.
    """
    findings = [found for fee in fees for found in _judge_fee(fee, merchants, currency)]
    return tuple(sorted(findings, key=lambda one: (one.code, one.where)))


def _judge_fee(fee: ShippingFee, merchants: AbstractSet[str], currency: Currency) -> Iterator[Notice]:
    if fee.merchant not in merchants:
        message = f"there is no merchant {fee.merchant}"
        yield _tell(fee, "delivery.matches-nothing", message, remedy="correct the merchant, or remove it")
    if fee.amount.currency != currency:
        message = f"it is in {fee.amount.currency}, and the market in {currency}"
        yield _tell(fee, "delivery.foreign-currency", message, remedy=f"give it in {currency}")
    if fee.free_from is not None and not fee.free_from.is_positive() and fee.amount.is_positive():
        yield _tell(fee, "delivery.never-charged", "it is free from nothing on", remedy="raise free_from, or remove it")


def _tell(fee: ShippingFee, code: str, message: str, *, remedy: str) -> Notice:
    operands, where = {"merchant": fee.merchant}, f"shipping fee {fee.id}"
    return Notice(code, where, message, remedy, operands=operands, severity=Severity.WARNING)
