"""Signing agreements, and finding the one in force."""

from datetime import datetime

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.clock import to_utc
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement, find_agreement, follow_agreement
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.agreements.lists import AgreementList
from mktcore.parties.organisations.merchant import MERCHANTS
from mktcore.persistence import NotFound, Scope, WritingUnit
from mktcore.telemetry import watched

__all__ = ["Agreements"]


@watched
@attrs.frozen(slots=False)
class Agreements(AgreementList):
    """The agreements between the operator and its merchants.

    Attributes:
        runtime: Where they are kept, and what time it is.
        currency: The marketplace's: an amount in another one is promised of no sale.
    """

    currency: Currency = attrs.field(kw_only=True)

    def sign(self, agreement: Agreement, *, scope: Scope) -> Agreement:
        """Store a new agreement; one without an end that is in force when it starts ends there.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: There is no such merchant.
            CurrencyMismatch: It agrees on an amount that is not in the marketplace's currency.
            AgreementOverlap: It would be in force at the same time as another.
            UniqueViolation: Its id is taken: an agreement is never changed, another follows it.
        """
        check_permission(scope, Permission.MERCHANTS)
        check_currency(self.currency, agreement.commission.fixed, agreement.delivery.max_freight)
        return self.runtime.run(scope.to_operator(), lambda unit: self._sign(unit, agreement))

    def find(self, merchant: str, *, scope: Scope, at: datetime | None = None) -> Agreement | None:
        """Return a merchant's agreement in force now, or at an instant (aware); None when there is none.

        Raises:
            NotFound: The caller is neither the operator nor this merchant.
            PermissionDenied: The caller's user may not read agreements.
        """
        agreements = self.find_all(merchant, scope=scope)
        return find_agreement(agreements, self.runtime.now() if at is None else to_utc(at))

    def find_all(self, merchant: str, *, scope: Scope) -> tuple[Agreement, ...]:
        """Return all of a merchant's agreements.

        Raises:
            NotFound: The caller is neither the operator nor this merchant.
            PermissionDenied: The caller's user may not read agreements.
        """
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        check_granted(scope, Permission.AGREEMENTS)
        return self.runtime.read(scope, lambda unit: unit.repository(AGREEMENTS).find_where("merchant", [merchant]))

    def _sign(self, unit: WritingUnit, agreement: Agreement) -> Agreement:
        # Signing saves the merchant as it is: of two that sign at once, one is retried and sees the other's agreement.
        merchants = unit.repository(MERCHANTS)
        merchants.save(merchants.get(agreement.merchant))
        repository = unit.repository(AGREEMENTS)
        *ended, new = follow_agreement(repository.find_where("merchant", [agreement.merchant]), agreement)
        stored = [*map(repository.save, ended), repository.add(new)]
        now = self.runtime.now()
        unit.publish(AgreementSigned.of(one, now) for one in stored)
        return stored[-1]
