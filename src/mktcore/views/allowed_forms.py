"""What a caller may do now, as people are shown it: a button for what is allowed, and why not for the rest."""

from collections.abc import Iterable
from typing import Any

import attrs

from mktcore.access.unit_checks import check_reader
from mktcore.caller_scope import Scope
from mktcore.extra import Json
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS
from mktcore.parties import MEMBERSHIPS
from mktcore.persistence import Kind, NotFound
from mktcore.processes.allowed_events import AllowedEvent, AllowedEvents
from mktcore.views.form import Form, field, maybe
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import (
    EVENT_LABEL,
    INSTANT,
    STATE_LABEL,
    TEXT,
    TRUTH,
    WHOLE,
    Listed,
    Look,
    NamedState,
    Refer,
    Schema,
)

__all__ = ["ALLOWED_EVENTS", "ALLOWED_HERE"]

_KINDS: dict[str, Kind[Any]] = {
    kind.name: kind for kind in (MARKETPLACE_ORDERS, MERCHANT_ORDERS, MEMBERSHIPS, MERCHANT_ITEMS, PRICE_APPROVALS)
}


@attrs.frozen
class _Pieces:
    """So many pieces of a line that would leave a state."""

    line: str
    state: NamedState
    quantity: int


def _list_pieces(allowed: AllowedEvent) -> Iterable[_Pieces]:
    return [
        # As of a move: the answer does not say of which process its states are.
        _Pieces(line, NamedState("", state), count)
        for line, states in allowed.states.items()
        for state, count in states.items()
    ]


_PIECES = Form(
    "AllowedPieces",
    _Pieces,
    (
        field("line", TEXT, "Key of the line."),
        field("state", STATE_LABEL, "The state that they would leave."),
        field("quantity", WHOLE, "How many."),
    ),
    about="Pieces that an event would move.",
)
_ALLOWED_EVENT = Form(
    "AllowedEvent",
    AllowedEvent,
    (
        field("event", EVENT_LABEL, "What would be done."),
        field("is_allowed", TRUTH, "It can be done now."),
        field("pieces", Listed(_PIECES), "What it would move, of what has lines.", read=_list_pieces),
        field("refusals", Listed(NOTICE), "Why not, or why not on the other pieces."),
        field("facts", Listed(TEXT), "Names of the facts that may be told with it."),
        maybe("due", INSTANT, "When it happens by itself; absent where it does not."),
    ),
    about="What can be done by one event now, and why not the rest.",
)


def _show_asker(allowed: AllowedEvents, scope: Scope) -> AllowedEvents:
    """Return it to the party that asked: another one may do something else, and is told other reasons."""
    check_reader(scope.caller, _KINDS[allowed.kind])
    if scope.to_party() != allowed.asker:
        raise NotFound(allowed.kind, allowed.id)
    return allowed


ALLOWED_EVENTS = Form(
    "AllowedEvents",
    AllowedEvents,
    (
        field("kind", TEXT, "Name of the kind of record."),
        field("id", TEXT, "Its id."),
        field("events", Listed(_ALLOWED_EVENT), "Every event that somebody fires, and every time-out waited for."),
    ),
    about="What its reader may do now with one record.",
    show=_show_asker,
)


@attrs.frozen(eq=False)
class _AllowedHere:
    """What the reader may do with an order, where whoever shows it asked for that too."""

    def write(self, value: str, look: Look) -> Json:
        found = look.allowed.get(value)
        return None if found is None else _EVENTS.write(_show_asker(found, look.scope).events, look)

    def describe(self, refer: Refer) -> Schema:
        return _EVENTS.describe(refer)


_EVENTS = Listed(_ALLOWED_EVENT)
ALLOWED_HERE = maybe(
    "allowed", _AllowedHere(), "What its reader may do with it now; absent where nobody asked.", read="id"
)
