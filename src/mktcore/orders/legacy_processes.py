"""The first version of the processes of orders, which orders of release 0.1.0 are on: they finish on it, or migrate.

Nothing led out of `shipped` but delivery, and `refund` moved no money; the present version mends both.
"""

from datetime import timedelta

from mktcore.orders.default_processes import Flag
from mktcore.persistence import Party
from mktcore.processes.definition import Process
from mktcore.processes.elements import ProcessEvent, State, Transition, Trigger
from mktcore.processes.portions.interaction import Interaction, Link

__all__ = ["FIRST_INTERACTION", "FIRST_MARKETPLACE_PROCESS", "FIRST_MERCHANT_PROCESS"]

_OPEN = (Flag.RESERVED, Flag.CANCELLABLE, Flag.AMENDABLE)
_OPERATOR = (Party.OPERATOR,)
_BUYER = (Party.BUYER, Party.OPERATOR)
_MERCHANT = (Party.MERCHANT, Party.OPERATOR)


FIRST_MERCHANT_PROCESS = Process(
    "merchant-order",
    states=[
        State("new", "New", flags=[Flag.RESERVED, Flag.CANCELLABLE]),
        State("picking", "Picking", flags=[Flag.RESERVED, Flag.CANCELLABLE]),
        State("cancellation asked", "Cancellation asked", flags=[Flag.RESERVED]),
        State("shipped", "Shipped", flags=[Flag.INVOICEABLE]),
        State("delivered", "Delivered", flags=[Flag.INVOICEABLE]),
        State("return asked", "Return asked", flags=[Flag.INVOICEABLE]),
        State("returned", "Returned", flags=[Flag.INVOICEABLE, Flag.CAME_BACK]),
        State("closed", "Closed", flags=[Flag.INVOICEABLE], final=True),
        State("refunded", "Refunded", flags=[Flag.INVOICEABLE, Flag.CAME_BACK], final=True),
        State("canceled", "Canceled", flags=[Flag.NOT_INVOICED], final=True),
    ],
    events=[
        ProcessEvent("pick", parties=_MERCHANT),
        ProcessEvent("ship", parties=_MERCHANT),
        ProcessEvent("deliver", parties=_MERCHANT),
        ProcessEvent("cancel by merchant", parties=_MERCHANT),
        ProcessEvent("ask to cancel", Trigger.INTERNAL),
        ProcessEvent("accept cancellation", parties=_MERCHANT),
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
    ],
)
"""What a merchant did with its part of an order: `new -> shipped -> delivered -> closed`."""


FIRST_MARKETPLACE_PROCESS = Process(
    "marketplace-order",
    states=[
        State("new", "Waiting for payment", flags=_OPEN),
        State("changeable", "Open for changes", flags=_OPEN),
        State("sent", "With the merchant", flags=[Flag.RESERVED, Flag.CANCELLABLE]),
        State("cancellation asked", "Cancellation asked", flags=[Flag.RESERVED]),
        State("shipped", "Shipped", flags=[Flag.INVOICEABLE]),
        State("delivered", "Delivered", flags=[Flag.INVOICEABLE]),
        State("return asked", "Return asked", flags=[Flag.INVOICEABLE]),
        State("returned", "Returned", flags=[Flag.INVOICEABLE]),
        State("closed", "Closed", flags=[Flag.INVOICEABLE], final=True),
        State("refunded", "Refunded", flags=[Flag.INVOICEABLE], final=True),
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
        ProcessEvent("cancel by merchant", Trigger.INTERNAL),
        ProcessEvent("accept cancellation", Trigger.INTERNAL),
        ProcessEvent("refuse cancellation", Trigger.INTERNAL),
        ProcessEvent("ship", Trigger.INTERNAL),
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
    ],
)
"""What the buyer's order went through: paid, open for changes, with its merchants, delivered, closed."""

_WHOLE, _PART = FIRST_MARKETPLACE_PROCESS.name, FIRST_MERCHANT_PROCESS.name
_ANSWERS = (
    "ship",
    "deliver",
    "cancel by merchant",
    "accept cancellation",
    "receive return",
    "refuse return",
    "refund",
)
_ALIKE = ("cancellation asked", "shipped", "delivered", "return asked", "returned", "closed", "refunded", "canceled")
_BEYOND = _ALIKE
"""Where a question about cancelling, or its refusal, has nothing left to ask or refuse."""

FIRST_INTERACTION = Interaction(
    _WHOLE,
    _PART,
    links=[
        Link(_WHOLE, "send to merchant", receiver=_PART, fires=None),
        # The merchant may have moved on while the question was on its way: its own message answers it.
        Link(_WHOLE, "ask to cancel", receiver=_PART, fires="ask to cancel", moot_in=_BEYOND),
        Link(_WHOLE, "ask to return", receiver=_PART, fires="ask to return"),
        Link(_WHOLE, "close", receiver=_PART, fires="close"),
        Link(_PART, "refuse cancellation", receiver=_WHOLE, fires="refuse cancellation", moot_in=["sent", *_BEYOND]),
        *[Link(_PART, event, receiver=_WHOLE, fires=event) for event in _ANSWERS],
    ],
    same=[
        ("sent", "new"),
        ("sent", "picking"),
        *[(name, name) for name in _ALIKE],
    ],
)
"""How the two talked."""
