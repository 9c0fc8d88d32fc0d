"""Actions: what happens to an order, as frozen values that fire an event of its process and carry the event's facts.

`ACTIONS` lists those that ship. A host adds its own by the same list, as the setting `actions`:
`(*ACTIONS, HandToCourier)`.
"""

from mktcore.orders.actions.action import Action, UnknownAction
from mktcore.orders.actions.cancellations import AskToCancel, Cancel, CancelByMerchant, RefuseCancellation
from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.actions.holds import HoldPieces, Release
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.actions.returns import AskToReturn, ReceiveReturn, RefuseReturn
from mktcore.orders.actions.shipments import BackOrder, Deliver, Issue, Lose, RefuseAtDoor, Ship, UndoShipment

__all__ = [
    "ACTIONS",
    "Action",
    "AskToCancel",
    "AskToReturn",
    "BackOrder",
    "BringsBack",
    "Cancel",
    "CancelByMerchant",
    "Deliver",
    "HoldPieces",
    "Lose",
    "OrderFacts",
    "ReceiveReturn",
    "RefuseAtDoor",
    "RefuseCancellation",
    "RefuseReturn",
    "Release",
    "Ship",
    "UndoShipment",
    "UnknownAction",
]

ACTIONS: tuple[type[Action], ...] = (
    Ship,
    Issue,
    Deliver,
    Cancel,
    CancelByMerchant,
    AskToCancel,
    RefuseCancellation,
    AskToReturn,
    ReceiveReturn,
    RefuseReturn,
    BackOrder,
    HoldPieces,
    Release,
    UndoShipment,
    Lose,
    RefuseAtDoor,
)
"""The actions that ship; every other event of a process is fired by its name."""
