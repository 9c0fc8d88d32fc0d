"""Buyers as the operator keeps them. Merchants come in by onboarding, or with the files of a marketplace."""

import attrs

from mktcore.access import Permission, check_permission
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.persistence import Scope, WritingUnit, put
from mktcore.runtime import Runtime

__all__ = ["Buyers"]


# Without slots, because `Parties` is made of several classes like this one, each with the same field.
@attrs.frozen(slots=False)
class Buyers:
    """The buyers that the operator keeps a record of."""

    runtime: Runtime[WritingUnit]

    def save_buyer(self, buyer: Buyer, *, scope: Scope) -> Buyer:
        """Store a buyer's record, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller may not.
        """
        check_permission(scope, Permission.RELATIONS)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, BUYERS, buyer))
