"""Letting something happen to a merchant order, by those whose present life lets them."""

from collections.abc import Mapping

import attrs

from mktcore.access import Permission, check_granted
from mktcore.orders import FireRequest, MerchantOrder, Orders
from mktcore.orders.actions.action import Action
from mktcore.parties import Activity, Parties
from mktcore.persistence import Party, Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FireMerchantOrder"]


@watched
@attrs.frozen
class FireMerchantOrder:
    """Joins what orders and parties know of one call.

    Attributes:
        runtime: Whose observer is told.
        parties: Whether the merchant may fulfil.
        orders: What happens.
    """

    runtime: Runtime[MarketUnit]
    parties: Parties
    orders: Orders

    def fire(
        self,
        merchant_order: str,
        action: Action | str,
        *,
        key: str,
        scope: Scope,
        lines: Mapping[str, int] | None,
        reason: str,
    ) -> MerchantOrder:
        """Let something happen to quantities of lines; see `Marketplace.fire`."""
        is_buyer = scope.party is Party.BUYER
        check_granted(scope, Permission.CHANGE_ORDERS if is_buyer else Permission.FULFIL_ORDERS)
        self.parties.check_activity(scope, Activity.FULFIL)
        request = FireRequest(merchant_order, action, lines=lines, reason=reason)
        return self.orders.firing.fire(request, key=key, scope=scope)
