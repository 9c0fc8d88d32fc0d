"""Buyers as the operator keeps them. Merchants come in by onboarding, or with the files of a marketplace."""

import attrs

from mktcore.access import Permission, check_permission
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.lists import BuyerList, MerchantList
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.persistence import Scope, WritingUnit, put
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Buyers"]


# Without slots, because `Parties` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Buyers:
    """The records of the organisations: buyers as the operator keeps them, and merchants to read."""

    runtime: Runtime[WritingUnit]

    @property
    def merchants(self) -> MerchantList:
        """The merchants, as a list."""
        return MerchantList(self.runtime)

    @property
    def buyers(self) -> BuyerList:
        """The buyers, as a list."""
        return BuyerList(self.runtime)

    def save_buyer(self, buyer: Buyer, *, scope: Scope) -> Buyer:
        """Store a buyer's record, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller may not.
        """
        check_permission(scope, Permission.RELATIONS)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, BUYERS, buyer))

    def get_buyer(self, buyer: str, *, scope: Scope) -> Buyer:
        """Return a buyer's record, as the operator or the buyer itself may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        return self.runtime.read(scope, lambda unit: unit.repository(BUYERS).get(buyer).view_for(scope))

    def get_merchant(self, merchant: str, *, scope: Scope) -> Merchant:
        """Return a merchant's record, as the caller may see it.

        Raises:
            NotFound: There is none.
        """
        return self.runtime.read(scope, lambda unit: unit.repository(MERCHANTS).get(merchant).view_for(scope))
