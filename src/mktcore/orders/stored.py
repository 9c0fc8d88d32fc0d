"""What orders store and publish, and the answers that are remembered for their keys."""

from typing import Any

from mktcore.orders.actions.cancellations import AskToCancel, Cancel, CancelByMerchant, RefuseCancellation
from mktcore.orders.actions.holds import HoldPieces, Release
from mktcore.orders.actions.returns import AskToReturn, ReceiveReturn, RefuseReturn
from mktcore.orders.actions.shipments import BackOrder, Deliver, Issue, Lose, RefuseAtDoor, Ship, UndoShipment
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredOrder
from mktcore.orders.default_processes import MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.events import (
    GoodsToIssue,
    MarketplaceOrderMoved,
    MerchantOrderMoved,
    MerchantOrderPlaced,
    OrderPlaced,
    PricesRaised,
)
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.order_stage import OrderStage
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApproval, PriceApprovalChanged
from mktcore.orders.reviews.events import MerchantOrderHeld, OrderReviewed
from mktcore.orders.reviews.order_review import ORDER_REVIEWS, OrderReview
from mktcore.orders.shipments.events import ShipmentChanged, Shipped
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.orders.use_cases import FireRefusal
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]


def _keep_former_moves(old: Any) -> dict[str, object]:
    """An order carried its whole history; now steps are records, and it keeps what was not made one yet."""
    kept = {name: old[name] for name in old if name != "history"}
    return {**kept, "former_moves": old.get("history", []), "stage": _find_former_stage(old["fulfilment"])}


def _find_former_stage(fulfilment: Any) -> str:
    """Return how far an order is on a process that ships; one of a host's own stays open until something happens."""
    states = {portion["state"] for portion in fulfilment["portions"]}
    is_known = fulfilment["process"] in {MARKETPLACE_PROCESS.name, MERCHANT_PROCESS.name}
    if not is_known or not states or not states <= {"canceled", "closed", "refunded"}:
        return OrderStage.OPEN.value
    return (OrderStage.CANCELED if states == {"canceled"} else OrderStage.CLOSED).value


def _keep_former_moves_of_all(old: Any) -> dict[str, object]:
    """The same for a whole order, which carries the others without tags: the answer to an old idempotency key."""
    parts = [_keep_former_moves(part) for part in old["merchant_orders"]]
    return {"marketplace_order": _keep_former_moves(old["marketplace_order"]), "merchant_orders": parts}


STORED = (
    Stored(
        "orders.marketplace-order",
        2,
        MarketplaceOrder,
        kind=MARKETPLACE_ORDERS,
        upcasters={1: _keep_former_moves},
    ),
    Stored("orders.merchant-order", 2, MerchantOrder, kind=MERCHANT_ORDERS, upcasters={1: _keep_former_moves}),
    Stored("orders.order", 2, Order, upcasters={1: _keep_former_moves_of_all}),
    Stored("orders.answered-order", 1, AnsweredOrder),
    Stored("orders.answered-merchant-order", 1, AnsweredMerchantOrder),
    Stored("orders.order-step", 1, OrderStep, kind=ORDER_STEPS),
    Stored("orders.shipment", 1, Shipment, kind=SHIPMENTS),
    Stored("orders.shipped", 1, Shipped),
    Stored("orders.shipment-changed", 1, ShipmentChanged),
    Stored("orders.ship", 1, Ship),
    Stored("orders.issue", 1, Issue),
    Stored("orders.goods-to-issue", 1, GoodsToIssue),
    Stored("orders.deliver", 1, Deliver),
    Stored("orders.cancel", 1, Cancel),
    Stored("orders.cancel-by-merchant", 1, CancelByMerchant),
    Stored("orders.ask-to-cancel", 1, AskToCancel),
    Stored("orders.refuse-cancellation", 1, RefuseCancellation),
    Stored("orders.ask-to-return", 1, AskToReturn),
    Stored("orders.receive-return", 1, ReceiveReturn),
    Stored("orders.refuse-return", 1, RefuseReturn),
    Stored("orders.back-order", 1, BackOrder),
    Stored("orders.hold", 1, HoldPieces),
    Stored("orders.release", 1, Release),
    Stored("orders.undo-shipment", 1, UndoShipment),
    Stored("orders.lose", 1, Lose),
    Stored("orders.refuse-at-door", 1, RefuseAtDoor),
    Stored("orders.order-placed", 1, OrderPlaced),
    Stored("orders.merchant-order-placed", 1, MerchantOrderPlaced),
    Stored("orders.marketplace-order-moved", 1, MarketplaceOrderMoved),
    Stored("orders.merchant-order-moved", 1, MerchantOrderMoved),
    Stored("orders.prices-raised", 1, PricesRaised),
    Stored("orders.price-approval", 1, PriceApproval, kind=PRICE_APPROVALS),
    Stored("orders.price-approval-changed", 1, PriceApprovalChanged),
    Stored("orders.fire-refusal", 1, FireRefusal),
    Stored("orders.order-review", 1, OrderReview, kind=ORDER_REVIEWS),
    Stored("orders.order-reviewed", 1, OrderReviewed),
    Stored("orders.merchant-order-held", 1, MerchantOrderHeld),
)
