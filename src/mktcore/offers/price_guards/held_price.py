"""Held prices: what a merchant asked for and nobody pays yet, and what became of it."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Self

import attrs

from mktcore.access import Permission
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.events import Event
from mktcore.ids import MAX_ID_LENGTH, check_id
from mktcore.offers.price_guards.price_breach import PriceBreach
from mktcore.offers.price_guards.price_guard import Meanwhile
from mktcore.persistence import Kind, Party, column
from mktcore.persistence.kinds import Ordered
from mktcore.pricing import Assignment, PriceSchedule
from mktcore.processes import Process, ProcessEvent, Standing, State, Transition, Trigger, bind

__all__ = [
    "HELD_PRICES",
    "HELD_PRICE_LIFE",
    "HeldPrice",
    "HeldPriceChanged",
    "HeldPriceClosed",
    "HeldPriceState",
    "answer_held_price",
    "to_held_id",
]

MAX_REASON = 1_000


class HeldPriceState(StrEnum):
    """Where a held price stands."""

    WAITING = "waiting"
    """Somebody has to look at it."""
    APPROVED = "approved"
    """It was meant: it was stored, and is paid."""
    DENIED = "denied"
    """It was a slip: what was, stays."""
    WITHDRAWN = "withdrawn"
    """The merchant sent another one since, or the operator stored one itself."""


HELD_PRICE_LIFE = Process(
    "held-price",
    states=[
        State("waiting"),
        State("approved", final=True),
        State("denied", final=True),
        State("withdrawn", final=True),
    ],
    events=[
        ProcessEvent("approve", parties=(Party.OPERATOR,)),
        ProcessEvent("deny", parties=(Party.OPERATOR,)),
        ProcessEvent("withdraw", Trigger.INTERNAL),
    ],
    transitions=[
        Transition("waiting", "approved", "approve", happy=True),
        Transition("waiting", "denied", "deny"),
        Transition("waiting", "withdrawn", "withdraw"),
    ],
)
"""What no guard lets pass waits until the operator says that it is meant, or that it is a slip."""
_MACHINE = bind(HELD_PRICE_LIFE)


@attrs.frozen
class HeldPrice:
    """A schedule, or an assignment of one, that is not stored until somebody approves it; one for each at a time.

    Attributes:
        id: `schedule:` or `assignment:` and the id of what is held.
        merchant: Whose it is.
        schedule: What is held, as it was sent; None for an assignment.
        assignment: The assignment that is held; None for a schedule.
        offers: Offers that it would have priced, in their order.
        breaches: Why it is held: the first 20 of what guards do not let pass.
        meanwhile: What is sold meanwhile.
        asked_at: When it was sent, UTC.
        state: Where it stands.
        decided_at: When it was decided, UTC; None while it waits.
        decided_by: The operator's user who did; None where nobody is named.
        reason: Why.
        version: How often it was stored.
    """

    id: str
    merchant: str
    schedule: PriceSchedule | None = attrs.field(default=None, kw_only=True)
    assignment: Assignment | None = attrs.field(default=None, kw_only=True)
    offers: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    breaches: tuple[PriceBreach, ...] = attrs.field(kw_only=True)
    meanwhile: Meanwhile = attrs.field(kw_only=True)
    asked_at: datetime = attrs.field(kw_only=True)
    state: HeldPriceState = attrs.field(default=HeldPriceState.WAITING, kw_only=True)
    decided_at: datetime | None = attrs.field(default=None, kw_only=True)
    decided_by: str | None = attrs.field(default=None, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("held price", self.id)
        if (self.schedule is None) is (self.assignment is None):
            raise InvalidValue("HeldPrice", "schedule", self.schedule, "a schedule, or else an assignment")

    def __str__(self) -> str:
        return "; ".join(str(breach) for breach in self.breaches)


def to_held_id(kind: str, name: str) -> str:
    """Return the id under which a schedule or an assignment is held.

    >>> to_held_id("schedule", "acme-lamp")
    'schedule:acme-lamp'
    """
    plain = f"{kind}:{name}"
    return plain if len(plain) <= MAX_ID_LENGTH else f"{kind}:{sha256(name.encode()).hexdigest()}"


def answer_held_price(
    held: HeldPrice, event: str, *, now: datetime, by: str | None = None, reason: str = ""
) -> HeldPrice:
    """Return a held price after somebody approved or denied it, or another price took its place.

    Args:
        held: Before.
        event: `approve`, `deny` or `withdraw`.
        now: When, UTC.
        by: The operator's user.
        reason: Why, in 1,000 characters at most.

    Raises:
        HeldPriceClosed: It does not wait.
    """
    if len(reason) > MAX_REASON:
        raise InvalidValue("HeldPrice", "reason", reason, f"text of {MAX_REASON} characters at most")
    if held.state is not HeldPriceState.WAITING:
        raise HeldPriceClosed(held.id, held.state)
    standing: Standing = _MACHINE.stand(held.id, held.state, since=held.asked_at)
    fired = _MACHINE.fire(standing, event, now=now, facts=None)
    state = HeldPriceState(fired.standing.state)
    return attrs.evolve(held, state=state, decided_at=now, decided_by=by, reason=reason)


HELD_PRICES = Kind(
    "held_price",
    HeldPrice,
    columns={"merchant": column("merchant"), "state": column("state")},
    ordered={
        "asked_at": Ordered(lambda held: held.asked_at, datetime, within=("state", "merchant", ("merchant", "state")))
    },
    together=(("merchant", "state"),),
    merchant="merchant",
    reads=Permission.PRICES,
)
"""A merchant reads its own, and why; what the guards are it is not told."""


@attrs.frozen(kw_only=True)
class HeldPriceChanged(Event):
    """A price is held, or was approved, denied or withdrawn."""

    subject_kind: ClassVar[str] = "held_price"
    state: HeldPriceState
    offers: tuple[str, ...] = ()

    @classmethod
    def of(cls, held: HeldPrice, at: datetime) -> Self:
        """Tell how a held price stands."""
        return cls(subject=held.id, at=at, merchant=held.merchant, state=held.state, offers=held.offers)


@attrs.define(eq=False, slots=False)
class HeldPriceClosed(MktcoreError):
    """An answer to a price that is decided already."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "offers.held-price-closed"
    remedy: ClassVar[str] = "nothing is left to approve or deny"
    held: str
    state: HeldPriceState

    def describe(self) -> str:
        """Say how it was decided."""
        return f"{self.held} is {self.state}"
