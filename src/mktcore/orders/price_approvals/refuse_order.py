"""What a refused price means for its order: whatever of it is still open is cancelled, with the refusal."""

from mktcore.orders.price_approvals.price_approval import PriceApproval
from mktcore.orders.use_cases import FireAction, FireRequest
from mktcore.persistence import Scope
from mktcore.stock import MarketUnit

__all__ = ["refuse_order"]

DENYING_EVENT = "cancel by merchant"
MAX_WHY = 1_000


def refuse_order(firing: FireAction, unit: MarketUnit, approval: PriceApproval, *, scope: Scope, why: str) -> None:
    """Cancel what is open of a merchant order, in the unit that stores why.

    Args:
        firing: Fires the event.
        unit: Under the operator's authority.
        approval: The refused price.
        scope: Who refused it.
        why: For the history.

    Raises:
        EventRefused: Nothing of it can be cancelled any more.
    """
    request = FireRequest(approval.id, DENYING_EVENT, reason=f"price divergence: {why}"[:MAX_WHY], author=scope)
    # The event is one that merchants fire: where the operator only lets their rule act, it acts for them.
    firing.fire_inside(unit, request, scope=Scope.merchant(approval.merchant))
