"""A merchant item's life as data: what becomes of it when it is sent, decided on and removed.

A merchant that sends an item again once it was removed starts a new life of it. So `removed` is final.
"""

from enum import StrEnum

from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind, Verdict
from mktcore.persistence import Party
from mktcore.processes import CommandOutcome, Process, ProcessEvent, State, Transition, bind
from mktcore.processes.machine import DONE

__all__ = ["ITEM_LIFE", "ITEM_MACHINE", "Reception", "get_event", "get_verdicts"]

_LIVE = ("received", "pending", "bound", "denied", "unbound")
_TO_BIND = ("bind", "make SKU", "make product")
_OPERATOR = (Party.OPERATOR,)
_MERCHANT = (Party.MERCHANT, Party.OPERATOR)


class Reception(StrEnum):
    """What became of what a merchant sent."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    """Nobody had decided: it takes the place of what was sent before, and is decided on anew."""
    UPDATED = "updated"
    """It is bound: kept with the binding, and told to whoever follows its price and stock. The SKU stays as it is."""
    NOTED = "noted"
    """It is unbound: kept for the day it is bound again, and told to nobody."""


ITEM_LIFE = Process(
    "merchant-item",
    states=[*map(State, _LIVE), State("removed", final=True)],
    events=[
        *[ProcessEvent(event, parties=_OPERATOR) for event in (*_TO_BIND, "pend", "deny", "unbind")],
        ProcessEvent("send again", parties=_MERCHANT),
        ProcessEvent("remove", parties=_MERCHANT),
    ],
    transitions=[
        *[Transition("received", "bound", event, happy=True) for event in _TO_BIND],
        Transition("received", "pending", "pend"),
        Transition("received", "denied", "deny"),
        *[Transition("pending", "bound", event) for event in _TO_BIND],
        # With a command, although it does nothing: leading back is meant here, and `verify` would doubt it.
        Transition("pending", "pending", "pend", command="replace decision"),
        Transition("pending", "denied", "deny"),
        *[Transition("denied", "bound", event) for event in _TO_BIND],
        Transition("denied", "pending", "pend"),
        Transition("bound", "unbound", "unbind"),
        *[Transition("unbound", "bound", event) for event in _TO_BIND],
        Transition("unbound", "pending", "pend"),
        Transition("unbound", "denied", "deny"),
        # Sent changed after a denial, an item is refused: the denial stands until somebody takes it up again.
        Transition("received", "received", "send again", command="replace"),
        Transition("pending", "received", "send again", command="replace"),
        Transition("bound", "bound", "send again", command="update"),
        Transition("unbound", "unbound", "send again", command="note"),
        Transition("bound", "removed", "remove", happy=True),
        *[Transition(state, "removed", "remove") for state in _LIVE if state != "bound"],
    ],
)
"""`received -> bound`, at once or by way of `pending`; denied, unbound and removed beside it."""

_EVENTS: dict[type[Verdict], str] = {
    Bind: "bind",
    NewSku: "make SKU",
    NewProduct: "make product",
    Pend: "pend",
    Deny: "deny",
    Unbind: "unbind",
}


def get_event(verdict: Verdict) -> str:
    """Return the event of `ITEM_LIFE` that a verdict is.

    >>> get_event(Deny("too heavy"))
    'deny'
    """
    return _EVENTS[type(verdict)]


def get_verdicts() -> dict[str, type[Verdict]]:
    """Return the verdict that each event is by which somebody decides."""
    return {event: verdict for verdict, event in _EVENTS.items()}


ITEM_MACHINE = bind(
    ITEM_LIFE,
    commands={
        "replace decision": lambda _: DONE,
        "replace": lambda _: CommandOutcome(changes=(Reception.REPLACED,)),
        "update": lambda _: CommandOutcome(changes=(Reception.UPDATED,)),
        "note": lambda _: CommandOutcome(changes=(Reception.NOTED,)),
    },
)
"""Use cases ask who may decide or send, of the caller's user too; so it is the program that fires events here."""
