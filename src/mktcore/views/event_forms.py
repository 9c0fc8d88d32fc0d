"""Events as people are shown them: what happened, with what of it the reader may know."""

from functools import cache
from typing import Any

import attrs

from mktcore.access.unit_checks import check_event_reader
from mktcore.caller_scope import Scope
from mktcore.events import Envelope, Event
from mktcore.extra import Json
from mktcore.orders.actions.action import Action
from mktcore.persistence import NotFound
from mktcore.ports import KINDS, STORED
from mktcore.processes.portions import Move
from mktcore.views.form import Form, field, maybe
from mktcore.views.order_forms import ACTION, MOVE
from mktcore.views.shapes import INSTANT, TEXT, WHOLE, Look, Refer, Schema, write_plain

__all__ = ["ENVELOPE"]

_TOLD = frozenset({"subject", "at", "merchant", "buyer"})
_KINDS = {kind.name: kind for kind in KINDS}


@cache
def _list_tags() -> dict[type, str]:
    return {entry.type: entry.tag for entry in STORED}


def _name(envelope: Envelope) -> str:
    """Return the event's tag; of one that only the host knows, what its class is called."""
    cls = type(envelope.event)
    return _list_tags().get(cls, cls.__name__)


@attrs.frozen(eq=False)
class _Facts:
    """The fields of an event that not every event has."""

    def write(self, value: Event, look: Look) -> Json:
        fields = [one.name for one in attrs.fields(type(value)) if one.name not in _TOLD]
        facts = {name: _write_fact(getattr(value, name), look) for name in fields}
        return {name: fact for name, fact in facts.items() if fact is not None}

    def describe(self, refer: Refer) -> Schema:  # noqa: ARG002 - as every shape
        return {"type": "object"}


def _write_fact(value: Any, look: Look) -> Json:
    if isinstance(value, Move):
        return MOVE.write(value, look)
    if isinstance(value, Action):
        return ACTION.write(value, look)
    if isinstance(value, tuple | list) and any(isinstance(one, Move) for one in value):
        return [_write_fact(one, look) for one in value]
    return write_plain(value)


def _show(envelope: Envelope, scope: Scope) -> Envelope:
    """Return it as a store's outbox shows it: to whom it names, without what reading its subject hides."""
    event, caller = envelope.event, scope.caller
    check_event_reader(caller, event.subject_kind, _KINDS.get(event.subject_kind))
    shown = envelope.view_for(caller)
    if shown is None:
        raise NotFound(event.subject_kind, event.subject)
    return shown


ENVELOPE = Form(
    "Event",
    Envelope,
    (
        field("id", TEXT, "The same for every delivery of it."),
        field("name", TEXT, "What it is.", read=_name),
        field("subject_kind", TEXT, "What kind of thing it happened to.", read="event.subject_kind"),
        field("subject", TEXT, "Id of that.", read="event.subject"),
        field("sequence", WHOLE, "1 for the first event of its subject, then without a gap."),
        field("at", INSTANT, "When.", read="event.at"),
        maybe("merchant", TEXT, "The merchant that it names.", read="event.merchant"),
        maybe("buyer", TEXT, "The buyer that it names.", read="event.buyer"),
        maybe("facts", _Facts(), "What else it tells, by name.", read="event"),
    ),
    about="Something that happened.",
    show=_show,
)
