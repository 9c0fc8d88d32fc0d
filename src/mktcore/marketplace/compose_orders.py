"""The context of orders: processes, actions and effects in, use cases out."""

import attrs

from mktcore.cancellations.use_cases import CancelOrders
from mktcore.carts.deliver_lines import DeliveryPolicy
from mktcore.checkout import PlaceOrder
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.offers import CHEAPEST
from mktcore.order_notes.use_cases import NoteOrders
from mktcore.orders import FireAction, OrderProcesses, Orders
from mktcore.orders.actions import ACTIONS
from mktcore.orders.bind_processes import bind_order_processes
from mktcore.orders.check_processes import check_processes
from mktcore.orders.customer_data_policy import ALL_CUSTOMER_DATA
from mktcore.orders.effects import EFFECTS
from mktcore.orders.order_numbers import StoredNumbers
from mktcore.orders.price_approvals.lapse_approvals import LapseApprovals
from mktcore.orders.price_approvals.price_approval import APPROVAL_LIFE
from mktcore.orders.use_cases.expire_timeouts import ExpireTimeOuts
from mktcore.payments import MixedPayment
from mktcore.pricing import OnDivergence
from mktcore.runtime import Runtime
from mktcore.status_updates.use_cases import UpdateStatuses
from mktcore.stock import MarketUnit

__all__ = ["PlacedOrders", "compose_orders", "compose_placing", "compose_processes"]


@attrs.frozen(slots=False)
class PlacedOrders(Orders, CancelOrders, UpdateStatuses, NoteOrders):
    """Placed orders, with what stands above them: cancellations, status updates and notes."""


def compose_processes(settings: Settings) -> OrderProcesses:
    """Return the processes that orders go through: the host's, or those that ship, with their links.

    Raises:
        ProcessesRefused: No order could be placed on them, or their links name what is not there.
    """
    processes = settings.get("processes") or bind_order_processes()
    check_processes(processes)
    return processes


def compose_placing(
    runtime: Runtime[MarketUnit],
    policy: MarketPolicy,
    processes: OrderProcesses,
    *,
    settings: Settings,
    delivery: DeliveryPolicy,
) -> PlaceOrder:
    """Return what makes orders of carts."""
    buy_box, effects = settings.get("buy_box", CHEAPEST), settings.get("effects", EFFECTS)
    commissions = settings.get("commissions", CommissionPolicy())
    numbers = settings.get("numbers") or StoredNumbers()
    return PlaceOrder(
        runtime,
        policy,
        processes,
        buy_box=buy_box,
        checks=tuple(settings.get("cart_checks", ())),
        effects=effects,
        commissions=commissions,
        numbers=numbers,
        customer_data=settings.get("customer_data", ALL_CUSTOMER_DATA),
        delivery=delivery,
        mixed=settings.get("mixed_payment", MixedPayment.ALL_ACCEPT),
    )


def compose_orders(runtime: Runtime[MarketUnit], processes: OrderProcesses, settings: Settings) -> PlacedOrders:
    """Return the use cases of placed orders."""
    actions, effects = settings.get("actions", ACTIONS), settings.get("effects", EFFECTS)
    firing = FireAction(runtime, processes, actions=actions, effects=effects)
    others = {APPROVAL_LIFE.name: LapseApprovals(runtime, firing).lapse}
    return PlacedOrders(
        runtime,
        firing,
        settings.get("divergence", OnDivergence.AUTHORISE),
        expiring=ExpireTimeOuts(runtime, processes, effects=effects, others=others),
        processes=processes,
    )
