"""A merchant's membership of the market: where it stands in its life, and what it answered."""

from datetime import datetime

import attrs

from mktcore.clock import to_utc
from mktcore.ids import check_id
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.persistence import Kind, Party, Scope
from mktcore.persistence.kinds import EVERY_USER
from mktcore.processes import Standing, Step, bind

__all__ = ["MEMBERSHIPS", "Membership", "RequirementAnswer", "move_membership", "start_membership"]


_MACHINE = bind(MERCHANT_LIFE)


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
