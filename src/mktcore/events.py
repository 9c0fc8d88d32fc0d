"""Events: what happened, as frozen values that a decision returns and a unit of work writes to its outbox."""

from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.caller_scope import Scope

__all__ = ["Envelope", "Event"]


@attrs.frozen(kw_only=True)
class Event:
    """Base of every event: which aggregate it happened to, when, and which parties may learn of it.

    A concrete event is a frozen attrs class with its own fields; its wire tag (`"orders.placed.v1"`) is registered in
    `mktcore.wire`. Events are returned by decisions, never queued on an object, and written to the outbox in the
    transaction that makes them true (invariant I14).

    Attributes:
        subject_kind: Kind of the aggregate: `"merchant_order"`. Events are ordered per (kind, id).
        subject: Id of the aggregate.
        at: When it happened, UTC.
        merchant: The merchant who may see it, if any; the operator sees every event.
        buyer: The buyer who may see it, if any.
    """

    subject_kind: ClassVar[str]
    subject: str
    at: datetime
    merchant: str | None = None
    buyer: str | None = None

    def view_for(self, scope: Scope) -> "Event":
        """Return what of it the caller may know, being one of those who may learn of it: all, unless a class says less.

        Stores ask this in `find_events`; what hides something here hides what reading the aggregate hides.
        """
        del scope
        return self


@attrs.frozen
class Envelope:
    """An event as it was committed: which of its aggregate's events it is.

    Attributes:
        event: What happened.
        sequence: 1 for the first event of its subject, then 2, 3, ... without a gap (invariant I14).
    """

    event: Event
    sequence: int

    @property
    def id(self) -> str:
        """The same for every delivery of this event, and unlike every other's: `"merchant_order/mo-1/3"`."""
        return f"{self.event.subject_kind}/{self.event.subject}/{self.sequence}"

    def view_for(self, scope: Scope) -> "Envelope | None":
        """Return what the caller may know of it: None when it names another party, else its event as that may see it.

        A publisher is handed events whole; this is what a host sends on to a party.
        """
        if not scope.covers(merchant=self.event.merchant, buyer=self.event.buyer):
            return None
        shown = self.event.view_for(scope)
        return self if shown is self.event else attrs.evolve(self, event=shown)
