"""The policies by which items are decided on without a person."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy, find_policies
from mktcore.merchant_items.lists import ItemPolicyList
from mktcore.persistence import NotFound, Scope, WritingUnit, put
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["ItemPolicies"]


# Without slots, because `MerchantItems` is made of several classes like this one, each with the same fields.
@watched
@attrs.frozen(slots=False)
class ItemPolicies:
    """The marketplace's policy, and those of single merchants."""

    runtime: Runtime[WritingUnit]

    @property
    def policies(self) -> ItemPolicyList:
        """The policies, as a list."""
        return ItemPolicyList(self.runtime)

    def save_policy(self, policy: ItemPolicy, *, scope: Scope) -> ItemPolicy:
        """Store the marketplace's policy, or that of one merchant's items; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            StaleVersion: Somebody else changed it.
        """
        check_operator(scope, Permission.CATALOG)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, ITEM_POLICIES, policy))

    def remove_policy(self, policy: ItemPolicy, *, scope: Scope) -> None:
        """Remove a policy: the marketplace's then holds for the merchant's items, or the one that ships for all.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: It was removed.
            StaleVersion: Somebody else changed it.
        """
        check_operator(scope, Permission.CATALOG)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(ITEM_POLICIES).remove(policy))

    def get_policy(self, merchant: str, *, scope: Scope) -> ItemPolicy:
        """Return the policy that holds for a merchant's items.

        Raises:
            NotFound: The caller is neither the operator nor this merchant.
        """
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        # The operator's authority: the policy that holds may be the marketplace's, which no merchant reads.
        return self.runtime.read(scope.to_operator(), lambda unit: find_policies(unit, [merchant])[merchant])
