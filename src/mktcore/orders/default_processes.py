"""The processes of orders that come with the library, in their second version: marketplace orders, merchant orders.

A merchant may ship straight from `new`; picking is a choice. What a state means for stock, for the buyer, for invoices
and for money is in its flags. Neither names a condition or a command, so both bind without registering anything:
effects follow from the events, the moves and the flags.

Who may turn round decides where an event is fired. What may happen more than once, a hold and its release, is the
whole's, as the question about cancelling is: the two cannot overtake each other. What the merchant's part does leads
onwards only, to states of their own (`back-ordered`, `recalled`), in which a question that crosses is answered at once.
"""

from datetime import timedelta
from enum import StrEnum

from mktcore.persistence import Party
from mktcore.processes.definition import Process
from mktcore.processes.elements import HIDDEN, RESERVED, ProcessEvent, State, Transition, Trigger
from mktcore.processes.portions.interaction import Interaction, Link

__all__ = ["INTERACTION", "MARKETPLACE_PROCESS", "MERCHANT_PROCESS", "ON_PLACEMENT", "Flag"]


class Flag(StrEnum):
    """What being in a state of an order means; a host may use any other text beside these."""

    RESERVED = RESERVED
    """What is in this state keeps its stock reserved."""
    CANCELLABLE = "cancellable"
    """The buyer may still cancel."""
    AMENDABLE = "amendable"
    """The buyer may still change the order."""
    HIDDEN = HIDDEN
    """The customer is not shown this state."""
    NOT_INVOICED = "not-invoiced"
    """What is in this state is left out of invoices."""
    INVOICEABLE = "invoiceable"
    """What is in this state may be invoiced."""
    CAME_BACK = "came-back"
    """What is in this state came back to the merchant, and is the order's no more: others may buy it."""
    REFUNDED = "refunded"
    """The money of what is in this state, once it was earned, goes back to the buyer."""
    AWAITS_EXPORT = "awaits-export"
    """What is in this state waits for another system to fetch it."""


_OPEN = (Flag.RESERVED, Flag.CANCELLABLE, Flag.AMENDABLE)
_WAITING = (Flag.RESERVED, Flag.CANCELLABLE)
_OPERATOR = (Party.OPERATOR,)
_BUYER = (Party.BUYER, Party.OPERATOR)
_MERCHANT = (Party.MERCHANT, Party.OPERATOR)


MERCHANT_PROCESS = Process(
    "merchant-order",
    version=2,
    states=[
        State("new", "New", flags=_WAITING),
        State("picking", "Picking", flags=_WAITING),
        State("held", "Held", flags=[Flag.RESERVED]),
        State("back-ordered", "On back-order", flags=_WAITING),
        State("cancellation asked", "Cancellation asked", flags=[Flag.RESERVED]),
        State("cancellation granted", "Cancellation granted", flags=[Flag.RESERVED, Flag.HIDDEN]),
        State("shipped", "Shipped", flags=[Flag.INVOICEABLE]),
        State("to be recalled", "Shipment to be undone", flags=[Flag.RESERVED, Flag.HIDDEN]),
        State("recalled", "Shipment undone", flags=[Flag.RESERVED]),
        State("lost", "Lost on the way", flags=[Flag.INVOICEABLE]),
        State("delivered", "Delivered", flags=[Flag.INVOICEABLE]),
        State("return asked", "Return asked", flags=[Flag.INVOICEABLE]),
        State("returned", "Returned", flags=[Flag.INVOICEABLE, Flag.CAME_BACK]),
        State("closed", "Closed", flags=[Flag.INVOICEABLE], final=True),
        State("refunded", "Refunded", flags=[Flag.INVOICEABLE, Flag.CAME_BACK, Flag.REFUNDED], final=True),
        State("written off", "Lost, and refunded", flags=[Flag.INVOICEABLE, Flag.REFUNDED], final=True),
        State("canceled", "Canceled", flags=[Flag.NOT_INVOICED], final=True),
    ],
    events=[
        ProcessEvent("pick", parties=_MERCHANT),
        ProcessEvent("ship", parties=_MERCHANT),
        ProcessEvent("deliver", parties=_MERCHANT),
        ProcessEvent("back-order", parties=_MERCHANT),
        ProcessEvent("undo shipment", parties=_MERCHANT),
        ProcessEvent("confirm recall", Trigger.INTERNAL),
        ProcessEvent("lose", parties=_MERCHANT),
        ProcessEvent("refuse at door", parties=_MERCHANT),
        ProcessEvent("hold", Trigger.INTERNAL),
        ProcessEvent("release", Trigger.INTERNAL),
        ProcessEvent("cancel by merchant", parties=_MERCHANT),
        ProcessEvent("ask to cancel", Trigger.INTERNAL),
        # A merchant that says nothing has agreed: the buyer is not to wait for ever.
        ProcessEvent(
            "accept cancellation", (Trigger.MANUAL, Trigger.TIMEOUT), after=timedelta(days=2), parties=_MERCHANT
        ),
        ProcessEvent("grant cancellation", Trigger.ON_ENTER),
        ProcessEvent("refuse cancellation", parties=_MERCHANT),
        ProcessEvent("close", Trigger.INTERNAL),
        ProcessEvent("ask to return", Trigger.INTERNAL),
        ProcessEvent("receive return", parties=_MERCHANT),
        ProcessEvent("refuse return", parties=_MERCHANT),
        ProcessEvent("refund", parties=_MERCHANT),
    ],
    transitions=[
        Transition("new", "shipped", "ship", happy=True),
        Transition("shipped", "delivered", "deliver", happy=True),
        Transition("delivered", "closed", "close", happy=True),
        Transition("new", "picking", "pick"),
        Transition("picking", "shipped", "ship"),
        Transition("new", "canceled", "cancel by merchant"),
        Transition("picking", "canceled", "cancel by merchant"),
        Transition("new", "cancellation asked", "ask to cancel"),
        Transition("picking", "cancellation asked", "ask to cancel"),
        Transition("cancellation asked", "canceled", "accept cancellation"),
        # Not back to new: who refuses has begun, and to the buyer's order both are "sent".
        Transition("cancellation asked", "picking", "refuse cancellation"),
        # The parcel may have left before the merchant read the question.
        Transition("cancellation asked", "shipped", "ship"),
        Transition("delivered", "return asked", "ask to return"),
        Transition("return asked", "returned", "receive return"),
        Transition("return asked", "delivered", "refuse return"),
        Transition("returned", "refunded", "refund"),
        # What is not there yet ships when it comes; the buyer need not wait for it.
        Transition("new", "back-ordered", "back-order"),
        Transition("picking", "back-ordered", "back-order"),
        Transition("back-ordered", "shipped", "ship"),
        Transition("back-ordered", "canceled", "cancel by merchant"),
        Transition("back-ordered", "cancellation granted", "ask to cancel"),
        Transition("cancellation granted", "canceled", "grant cancellation"),
        # Pressed by mistake: the pieces never left.
        Transition("shipped", "to be recalled", "undo shipment"),
        Transition("to be recalled", "recalled", "confirm recall"),
        Transition("recalled", "shipped", "ship"),
        Transition("recalled", "canceled", "cancel by merchant"),
        Transition("shipped", "lost", "lose"),
        Transition("lost", "delivered", "deliver"),
        Transition("lost", "written off", "refund"),
        Transition("shipped", "returned", "refuse at door"),
        Transition("new", "held", "hold"),
        Transition("picking", "held", "hold"),
        Transition("held", "new", "release"),
        Transition("held", "canceled", "cancel by merchant"),
    ],
)
"""What a merchant does with its part of an order: `new -> shipped -> delivered -> closed`."""


MARKETPLACE_PROCESS = Process(
    "marketplace-order",
    version=2,
    states=[
        State("new", "Waiting for payment", flags=_OPEN),
        State("changeable", "Open for changes", flags=_OPEN),
        State("sent", "With the merchant", flags=_WAITING),
        State("to be held", "To be held", flags=[Flag.RESERVED, Flag.HIDDEN]),
        State("held", "Held", flags=[Flag.RESERVED]),
        State("back-ordered", "On back-order", flags=_WAITING),
        State("cancellation asked", "Cancellation asked", flags=[Flag.RESERVED]),
        State("shipped", "Shipped", flags=[Flag.INVOICEABLE]),
        State("recalled", "Shipment undone", flags=[Flag.RESERVED]),
        State("lost", "Lost on the way", flags=[Flag.INVOICEABLE]),
        State("delivered", "Delivered", flags=[Flag.INVOICEABLE]),
        State("return asked", "Return asked", flags=[Flag.INVOICEABLE]),
        State("returned", "Returned", flags=[Flag.INVOICEABLE]),
        State("closed", "Closed", flags=[Flag.INVOICEABLE], final=True),
        State("refunded", "Refunded", flags=[Flag.INVOICEABLE, Flag.REFUNDED], final=True),
        State("written off", "Lost, and refunded", flags=[Flag.INVOICEABLE, Flag.REFUNDED], final=True),
        State("canceled", "Canceled", flags=[Flag.NOT_INVOICED], final=True),
    ],
    events=[
        ProcessEvent("authorise", Trigger.INTERNAL),
        ProcessEvent("decline payment", Trigger.INTERNAL),
        # What nobody has paid for a month keeps its stock from others.
        ProcessEvent("expire", Trigger.TIMEOUT, after=timedelta(days=30)),
        ProcessEvent(
            # The time in which the buyer may change the order, where it is not sent at once.
            "send to merchant",
            (Trigger.TIMEOUT, Trigger.MANUAL),
            after=timedelta(minutes=30),
            parties=_OPERATOR,
        ),
        ProcessEvent("cancel", parties=_BUYER),
        ProcessEvent("ask to cancel", parties=_BUYER),
        ProcessEvent("hold", parties=_OPERATOR),
        ProcessEvent("confirm hold", Trigger.INTERNAL),
        ProcessEvent("release", parties=_OPERATOR),
        ProcessEvent("back-order", Trigger.INTERNAL),
        ProcessEvent("cancel by merchant", Trigger.INTERNAL),
        ProcessEvent("accept cancellation", Trigger.INTERNAL),
        ProcessEvent("refuse cancellation", Trigger.INTERNAL),
        ProcessEvent("ship", Trigger.INTERNAL),
        ProcessEvent("undo shipment", Trigger.INTERNAL),
        ProcessEvent("lose", Trigger.INTERNAL),
        ProcessEvent("refuse at door", Trigger.INTERNAL),
        ProcessEvent("deliver", Trigger.INTERNAL),
        # Until then a return can be asked for.
        ProcessEvent("close", (Trigger.TIMEOUT, Trigger.MANUAL), after=timedelta(days=30), parties=_OPERATOR),
        ProcessEvent("ask to return", parties=_BUYER),
        ProcessEvent("receive return", Trigger.INTERNAL),
        ProcessEvent("refuse return", Trigger.INTERNAL),
        ProcessEvent("refund", Trigger.INTERNAL),
    ],
    transitions=[
        Transition("new", "changeable", "authorise", happy=True),
        Transition("changeable", "sent", "send to merchant", happy=True),
        Transition("sent", "shipped", "ship", happy=True),
        Transition("shipped", "delivered", "deliver", happy=True),
        Transition("delivered", "closed", "close", happy=True),
        Transition("new", "canceled", "decline payment"),
        Transition("new", "canceled", "expire"),
        Transition("new", "canceled", "cancel"),
        Transition("changeable", "canceled", "cancel"),
        Transition("sent", "cancellation asked", "ask to cancel"),
        Transition("sent", "canceled", "cancel by merchant"),
        Transition("cancellation asked", "canceled", "cancel by merchant"),
        Transition("cancellation asked", "canceled", "accept cancellation"),
        # Units of one line are alike: an answer may find the unit it was meant for answered already, and takes another.
        Transition("sent", "canceled", "accept cancellation"),
        Transition("cancellation asked", "sent", "refuse cancellation"),
        Transition("cancellation asked", "shipped", "ship"),
        Transition("delivered", "return asked", "ask to return"),
        Transition("return asked", "returned", "receive return"),
        Transition("return asked", "delivered", "refuse return"),
        Transition("returned", "refunded", "refund"),
        # Held once the merchant's part is: a hold and its release never wait for each other in a queue.
        Transition("sent", "to be held", "hold"),
        Transition("to be held", "held", "confirm hold"),
        Transition("held", "sent", "release"),
        # The merchant's part may have moved on before it learned of the hold.
        Transition("to be held", "shipped", "ship"),
        Transition("to be held", "canceled", "cancel by merchant"),
        Transition("to be held", "back-ordered", "back-order"),
        Transition("held", "canceled", "cancel by merchant"),
        Transition("sent", "back-ordered", "back-order"),
        Transition("back-ordered", "shipped", "ship"),
        Transition("back-ordered", "cancellation asked", "ask to cancel"),
        Transition("back-ordered", "canceled", "cancel by merchant"),
        Transition("shipped", "recalled", "undo shipment"),
        Transition("recalled", "shipped", "ship"),
        Transition("recalled", "canceled", "cancel by merchant"),
        Transition("shipped", "lost", "lose"),
        Transition("lost", "delivered", "deliver"),
        Transition("lost", "written off", "refund"),
        Transition("shipped", "returned", "refuse at door"),
    ],
)
"""What the buyer's order goes through: paid, open for changes, with its merchants, delivered, closed."""


ON_PLACEMENT = ("authorise", "send to merchant")
"""The events of the marketplace's process that placing fires: there is no payment gateway and no change window yet."""


_WHOLE, _PART = MARKETPLACE_PROCESS.name, MERCHANT_PROCESS.name
_ANSWERS = (
    "ship",
    "undo shipment",
    "lose",
    "refuse at door",
    "deliver",
    "cancel by merchant",
    "accept cancellation",
    "receive return",
    "refuse return",
    "refund",
)
_ALIKE = (
    "held",
    "back-ordered",
    "cancellation asked",
    "shipped",
    "recalled",
    "lost",
    "delivered",
    "return asked",
    "returned",
    "closed",
    "refunded",
    "written off",
    "canceled",
)
_BEYOND = tuple(state for state in _ALIKE if state not in {"held", "back-ordered"})
"""Where a question about cancelling, its refusal or a hold has nothing left to ask, refuse or hold."""

INTERACTION = Interaction(
    _WHOLE,
    _PART,
    links=[
        Link(_WHOLE, "send to merchant", receiver=_PART, fires=None),
        # The merchant may have moved on while the question was on its way: its own message answers it.
        Link(_WHOLE, "ask to cancel", receiver=_PART, fires="ask to cancel", moot_in=["to be recalled", *_BEYOND]),
        Link(_WHOLE, "hold", receiver=_PART, fires="hold", moot_in=["back-ordered", "to be recalled", *_BEYOND]),
        Link(_WHOLE, "release", receiver=_PART, fires="release", moot_in=["canceled"]),
        Link(_WHOLE, "undo shipment", receiver=_PART, fires="confirm recall"),
        Link(_WHOLE, "ask to return", receiver=_PART, fires="ask to return"),
        Link(_WHOLE, "close", receiver=_PART, fires="close"),
        Link(_PART, "refuse cancellation", receiver=_WHOLE, fires="refuse cancellation", moot_in=["sent", *_BEYOND]),
        Link(_PART, "hold", receiver=_WHOLE, fires="confirm hold"),
        Link(_PART, "grant cancellation", receiver=_WHOLE, fires="accept cancellation"),
        # Who asked meanwhile is answered at once.
        Link(_PART, "back-order", receiver=_WHOLE, fires="back-order", moot_in=["cancellation asked"]),
        *[Link(_PART, event, receiver=_WHOLE, fires=event) for event in _ANSWERS],
    ],
    same=[
        ("sent", "new"),
        ("sent", "picking"),
        # What is granted at once was asked for just now: its answer finds those pieces, and not others of the line.
        ("cancellation asked", "cancellation granted"),
        *[(name, name) for name in _ALIKE],
    ],
)
"""How the two talk: the marketplace starts a merchant order, asks, holds and closes; the merchant's events answer."""
