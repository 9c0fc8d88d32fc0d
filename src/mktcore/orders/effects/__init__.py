"""Effects: what follows from what happens to an order. Each is a pure function from moves to changes.

`EFFECTS` lists those that ship, in order. A host adds its own by the same list, as the setting `effects`:
`(*EFFECTS, NOTE_COURIER)`. All changes are applied by one loop, in one transaction, with the order.
"""

from mktcore.orders.effects.append_history import RECORD_STEPS
from mktcore.orders.effects.apply_effects import apply_effects, decide_changes
from mktcore.orders.effects.ask_issuer import ASK_TO_ISSUE
from mktcore.orders.effects.await_price import AWAIT_PRICE
from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.limits import RETURN_LIMITS
from mktcore.orders.effects.notices import PUBLISH_EVENTS
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.effects.post_money import POST_MONEY
from mktcore.orders.effects.record_shipments import RECORD_SHIPMENTS
from mktcore.orders.effects.stock import CHANGE_STOCK
from mktcore.orders.effects.timeouts import SET_TIME_OUTS
from mktcore.orders.ports import EffectUnit

__all__ = [
    "ASK_TO_ISSUE",
    "AWAIT_PRICE",
    "CHANGE_STOCK",
    "EFFECTS",
    "POST_MONEY",
    "PUBLISH_EVENTS",
    "RECORD_SHIPMENTS",
    "RECORD_STEPS",
    "RETURN_LIMITS",
    "SET_TIME_OUTS",
    "Changes",
    "Effect",
    "EffectUnit",
    "Found",
    "OrderTransition",
    "Reads",
    "Write",
    "apply_effects",
    "decide_changes",
]

EFFECTS: tuple[Effect, ...] = (
    AWAIT_PRICE,
    RETURN_LIMITS,
    CHANGE_STOCK,
    POST_MONEY,
    SET_TIME_OUTS,
    RECORD_STEPS,
    PUBLISH_EVENTS,
    RECORD_SHIPMENTS,
    ASK_TO_ISSUE,
)
"""The effects that ship."""
