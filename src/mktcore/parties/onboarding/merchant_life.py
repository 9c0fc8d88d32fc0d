"""A merchant's membership: where it is in its life on the marketplace, who brought it there, and what it may still do.

The life is a process as data. A merchant without a membership has been there since before anybody kept one: it is
active, and takes all buyers.
"""

from mktcore.persistence import Party
from mktcore.processes import Process, ProcessEvent, State, Transition

__all__ = ["MERCHANT_LIFE"]

_OPERATOR, _BOTH = (Party.OPERATOR,), (Party.OPERATOR, Party.MERCHANT)
_LIVE = ("invited", "registered", "in review", "approved", "active", "suspended", "blocked")

MERCHANT_LIFE = Process(
    "merchant-life",
    states=[*map(State, _LIVE), State("terminated", final=True)],
    events=[
        ProcessEvent("register", parties=_BOTH),
        ProcessEvent("ask for review", parties=_BOTH),
        ProcessEvent("send back", parties=_OPERATOR),
        ProcessEvent("approve", parties=_OPERATOR),
        ProcessEvent("activate", parties=_OPERATOR),
        ProcessEvent("suspend", parties=_OPERATOR),
        ProcessEvent("resume", parties=_OPERATOR),
        ProcessEvent("block", parties=_OPERATOR),
        ProcessEvent("unblock", parties=_OPERATOR),
        ProcessEvent("terminate", parties=_OPERATOR),
    ],
    transitions=[
        Transition("invited", "registered", "register"),
        Transition("registered", "in review", "ask for review"),
        Transition("in review", "approved", "approve"),
        Transition("in review", "registered", "send back"),
        Transition("approved", "active", "activate"),
        Transition("active", "suspended", "suspend"),
        Transition("suspended", "active", "resume"),
        *[Transition(state, "blocked", "block") for state in _LIVE if state not in {"invited", "blocked"}],
        # Not to active: whoever lifts a block has not said yet that the merchant may sell.
        Transition("blocked", "suspended", "unblock"),
        *[Transition(state, "terminated", "terminate") for state in _LIVE],
    ],
)
"""`invited -> registered -> in review -> approved -> active`; suspended, blocked and terminated beside it."""
