"""A merchant's membership: where it is in its life on the marketplace, who brought it there, and what it may still do.

The life is a process as data. A merchant without a membership has been there since before anybody kept one: it is
active, and takes all buyers.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import check_id
from mktcore.persistence import Kind, Party, Scope
from mktcore.persistence.kinds import EVERY_USER
from mktcore.processes import Process, ProcessEvent, Standing, State, Step, Transition, bind

__all__ = [
    "ACTIVITIES",
    "MEMBERSHIPS",
    "MERCHANT_LIFE",
    "Activity",
    "ActivityRefused",
    "Membership",
    "check_activity",
    "may_do",
    "move_membership",
    "start_membership",
]

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

_MACHINE = bind(MERCHANT_LIFE)


class Activity(StrEnum):
    """What a merchant does on the marketplace."""

    ONBOARD = "onboard"
    """Hand in identifiers and documents, attest, ask for review."""
    EDIT = "edit"
    """Prepare items, offers and prices; nobody can buy them yet."""
    SELL = "sell"
    """Be in new orders."""
    FULFIL = "fulfil"
    """Finish open orders."""
    BE_PAID = "be paid"
    """Receive payouts."""


ACTIVITIES: Mapping[str, frozenset[Activity]] = {
    "invited": frozenset(),
    "registered": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "in review": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "approved": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "active": frozenset(Activity),
    # What is open is finished and paid; nothing new is sold.
    "suspended": frozenset({Activity.ONBOARD, Activity.EDIT, Activity.FULFIL, Activity.BE_PAID}),
    "blocked": frozenset(),
    # What was earned is still paid out.
    "terminated": frozenset({Activity.BE_PAID}),
}
"""What a merchant may do in each state of its life."""


def _to_optional_utc(value: datetime | None) -> datetime | None:
    return None if value is None else to_utc(value)


@attrs.frozen
class RequirementAnswer:
    """A requirement that somebody answered for: the merchant attested it, the operator reviewed or waived it.

    Attributes:
        requirement: Its id.
        how: "attested", "reviewed" or "waived".
        by: Who.
        at: When, UTC.
        reason: Why; a waiver has one.
    """

    requirement: str
    how: str
    by: Scope
    at: datetime
    reason: str = ""


@attrs.frozen
class Membership:
    """A merchant's standing, written by the operator and by the steps the merchant takes.

    Attributes:
        id: The merchant's id.
        life: Where it is in its life.
        history: Every step: by whom, when and why.
        all_buyers_can_order: Whether every buyer can order from it, or only those the operator related to it.
        until: When its suspension ends by itself; None when it does not.
        answers: Onboarding requirements that somebody answered for.
        version: How often it was stored.
    """

    id: str
    life: Standing
    history: tuple[Step, ...] = ()
    all_buyers_can_order: bool = True
    until: datetime | None = attrs.field(default=None, converter=_to_optional_utc)
    answers: tuple[RequirementAnswer, ...] = ()
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)

    @property
    def state(self) -> str:
        """The state of its life, as the last step left it."""
        return self.life.state

    @property
    def reason(self) -> str:
        """Why the last step was taken."""
        return self.history[-1].why if self.history else ""

    def view_for(self, scope: Scope) -> "Membership":
        """Return it as the caller may see it: another party's users are not named, reasons are for the merchant."""
        if scope.party is Party.OPERATOR:
            return self
        history = [step if step.by is None else attrs.evolve(step, by=step.by.view_for(scope)) for step in self.history]
        answers = [attrs.evolve(answer, by=answer.by.view_for(scope)) for answer in self.answers]
        return attrs.evolve(self, history=tuple(history), answers=tuple(answers))

    def state_at(self, now: datetime) -> str:
        """Return its state at an instant: a suspension that has run out is over, whether or not anybody resumed it."""
        ended = self.state == "suspended" and self.until is not None and self.until <= now
        return "active" if ended else self.state


MEMBERSHIPS = Kind(
    "membership",
    Membership,
    columns={
        "merchant": lambda membership: membership.id,
        "state": lambda membership: membership.state,
        # A column, so that whether anybody is kept out at all is one count: see `find_merchants`.
        "takes": lambda membership: "all" if membership.all_buyers_can_order else "related",
    },
    merchant="merchant",
    together=(("merchant", "state"),),
    reads=EVERY_USER,
    view=Membership.view_for,
)


@attrs.define(eq=False, slots=False)
class ActivityRefused(MktcoreError):
    """Something that a merchant may not do in the present state of its life."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.activity-refused"
    remedy: ClassVar[str] = "wait for the end of that state, or ask the operator to change it"
    merchant: str
    activity: str
    state: str

    def describe(self) -> str:
        """Name the merchant, its state and what it may not do."""
        return f"merchant {self.merchant} is {self.state} and may not {self.activity}"


def start_membership(merchant: str, *, now: datetime, by: Scope, state: str = "active") -> Membership:
    """Return a new membership, `invited`, or `active` for a merchant that was there before.

    >>> from datetime import UTC, datetime
    >>> start_membership("acme", now=datetime(2026, 1, 1, tzinfo=UTC), by=Scope.operator(), state="invited").state
    'invited'
    """
    life = _MACHINE.stand(merchant, state, since=now)
    return Membership(
        merchant, life, (Step(None, target=state, event="", at=life.since, by=by.to_signature(), why=""),)
    )


def move_membership(
    membership: Membership, event: str, *, now: datetime, by: Scope, reason: str = "", until: datetime | None = None
) -> Membership:
    """Return the membership after a step of its life.

    Args:
        membership: As it stands.
        event: An event of `MERCHANT_LIFE`.
        now: The instant (aware).
        by: Who takes the step.
        reason: Why.
        until: For a suspension: when it ends by itself.

    Raises:
        EventRefused: There is no such step from this state, or this party may not take it.
    """
    life, history = membership.life, membership.history
    # A suspension that ran out ends in the history too, before the step that follows it.
    if membership.state_at(now) != membership.state and event != "resume":
        resumed = _MACHINE.fire(life, "resume", now=now, reason="the suspension ran out")
        life, history = resumed.standing, (*history, *resumed.steps)
    fired = _MACHINE.fire(life, event, now=now, by=by.to_signature(), reason=reason)
    history = (*history, *fired.steps)
    return attrs.evolve(membership, life=fired.standing, history=history, until=until if event == "suspend" else None)


def may_do(membership: Membership | None, activity: Activity, now: datetime) -> bool:
    """Tell whether a merchant may do something now; one without a membership is active."""
    return membership is None or activity in ACTIVITIES[membership.state_at(now)]


def check_activity(membership: Membership | None, activity: Activity, now: datetime) -> None:
    """Let a merchant pass that may do this now.

    Raises:
        ActivityRefused: It may not in the state of its life.
    """
    if membership is not None and not may_do(membership, activity, now):
        raise ActivityRefused(membership.id, activity, membership.state_at(now))
