"""Actions: what happens to an order, as frozen values that fire an event of its process and carry the event's facts.

`ACTIONS` lists those that ship. A host adds its own by the same list, as the setting `actions`:
`(*ACTIONS, HandToCourier)`.
"""

from mktcore.orders.actions.action import Action, UnknownAction
from mktcore.orders.actions.cancellations import AskToCancel, Cancel, CancelByMerchant, RefuseCancellation
from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.actions.returns import AskToReturn, ReceiveReturn, RefuseReturn
from mktcore.orders.actions.shipments import Deliver, Ship

__all__ = [
    "ACTIONS",
    "Action",
    "AskToCancel",
    "AskToReturn",
    "BringsBack",
    "Cancel",
    "CancelByMerchant",
    "Deliver",
    "OrderFacts",
    "ReceiveReturn",
    "RefuseCancellation",
    "RefuseReturn",
    "Ship",
    "UnknownAction",
]

ACTIONS: tuple[type[Action], ...] = (
    Ship,
    Deliver,
    Cancel,
    CancelByMerchant,
    AskToCancel,
    RefuseCancellation,
    AskToReturn,
    ReceiveReturn,
    RefuseReturn,
)
"""The actions that ship; every other event of a process is fired by its name."""
