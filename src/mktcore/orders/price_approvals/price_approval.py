"""Price approvals: what became of an order whose price is not the merchant's current one, and who decided."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from mktcore.access import Permission
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.events import Event
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.persistence import Kind, Party, column
from mktcore.persistence.kinds import Ordered
from mktcore.pricing import OnDivergence
from mktcore.pricing.price_divergence import DEFAULT_PATIENCE, DivergenceDecision
from mktcore.processes import Process, ProcessEvent, Standing, State, Transition, Trigger, bind
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = [
    "APPROVAL_LIFE",
    "PRICE_APPROVALS",
    "ApprovalClosed",
    "ApprovalState",
    "NotTheirTurn",
    "PriceApproval",
    "PriceApprovalChanged",
    "PriceNotApproved",
    "Vote",
    "cast_vote",
    "let_lapse",
    "list_time_outs",
    "open_approval",
    "withdraw_approval",
]

MAX_REASON = 1_000


class ApprovalState(StrEnum):
    """Where a price approval stands: the states of `APPROVAL_LIFE` in which it may rest."""

    AUTHORISED = "authorised"
    """The merchant's rule let the price pass."""
    WAITING = "waiting"
    """Somebody has to approve it."""
    APPROVED = "approved"
    """Every approver did."""
    DENIED = "denied"
    """The rule, or an approver, refused the price."""
    LAPSED = "lapsed"
    """Nobody answered in time, which refuses the price."""
    WITHDRAWN = "withdrawn"
    """Nothing waits in the warehouse for it any more: the order was cancelled meanwhile."""

    def lets_goods_leave(self) -> bool:
        """Tell whether the merchant stands by the price: otherwise none of its goods leave."""
        return self in {ApprovalState.AUTHORISED, ApprovalState.APPROVED}


APPROVAL_LIFE = Process(
    "price-approval",
    states=[
        State("compared"),
        State("authorised", final=True),
        State("waiting"),
        State("approved", final=True),
        State("denied", final=True),
        State("lapsed", final=True),
        State("withdrawn", final=True),
    ],
    events=[
        ProcessEvent("judge", Trigger.ON_ENTER),
        ProcessEvent("consent", parties=(Party.MERCHANT, Party.OPERATOR)),
        ProcessEvent("refuse", parties=(Party.MERCHANT, Party.OPERATOR)),
        ProcessEvent("lapse", Trigger.TIMEOUT, deadline="the rule's patience"),
        ProcessEvent("withdraw", Trigger.INTERNAL),
    ],
    transitions=[
        Transition("compared", "authorised", "judge", guard="the rule authorises", happy=True),
        Transition("compared", "waiting", "judge", guard="the rule asks"),
        # Without a guard, and last: what no rule lets pass is refused.
        Transition("compared", "denied", "judge"),
        # Where the choice does not hold nothing moves: the next approver is asked.
        Transition("waiting", "approved", "consent", choice="nobody is left to ask"),
        Transition("waiting", "denied", "refuse"),
        Transition("waiting", "lapsed", "lapse"),
        Transition("waiting", "withdrawn", "withdraw"),
    ],
)
"""What the merchant's rule does not decide at once waits until every approver consented, one refused, or time is up."""


@attrs.frozen
class _Opening:
    """What the rule says: what is done, and until when somebody may answer."""

    action: OnDivergence
    answer_by: datetime


_MACHINE = bind(
    APPROVAL_LIFE,
    conditions={
        "the rule authorises": lambda firing: firing.facts.action is OnDivergence.AUTHORISE,
        "the rule asks": lambda firing: firing.facts.action is OnDivergence.TASK,
        "nobody is left to ask": lambda firing: not firing.facts,
    },
    deadlines={"the rule's patience": lambda firing: firing.facts.answer_by},
)


@attrs.frozen
class Vote:
    """An approver's answer: who, when, yes or no, and why."""

    user: str
    at: datetime
    approves: bool
    reason: str = ""


@attrs.frozen
class PriceApproval:
    """What the merchant makes of an order's price; decided once.

    Attributes:
        id: The merchant order's id.
        merchant: Whose order it is.
        ordered: What its lines cost as they were placed, before reductions.
        current: What they would cost now; None where one of them has no price any more.
        reason: The band that matched, or that none did.
        state: Where it stands.
        opened_at: When the prices were compared, UTC.
        approvers: Users who have to approve it, one after the other.
        votes: Their answers so far.
        version: How often it was stored.
        answer_by: Until when they may answer, UTC; None for one that an earlier release opened, which waits for ever.
    """

    id: str
    merchant: str
    ordered: Money
    current: Money | None
    reason: str
    state: ApprovalState
    opened_at: datetime
    approvers: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    version: int = 0
    answer_by: datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_id("merchant order", self.id)
        if self.state is ApprovalState.WAITING and len(self.votes) >= len(self.approvers):
            raise InvalidValue("PriceApproval", "approvers", self.approvers, "somebody to wait for")

    @property
    def approver(self) -> str | None:
        """Whose turn it is; None when nobody is waited for."""
        return self.approvers[len(self.votes)] if self.state is ApprovalState.WAITING else None

    @property
    def timeout(self) -> TimeOutKey:
        """The time-out that ends its waiting."""
        return TimeOutKey(
            APPROVAL_LIFE.name,
            subject=self.id,
            line="",
            state=ApprovalState.WAITING.value,
            since=self.opened_at,
            event="lapse",
        )


PRICE_APPROVALS = Kind(
    "price_approval",
    PriceApproval,
    columns={"merchant": column("merchant"), "state": column("state"), "approver": column("approver")},
    ordered={
        "opened_at": Ordered(
            lambda approval: approval.opened_at,
            datetime,
            within=("state", "approver", ("merchant", "state"), ("merchant", "approver")),
        )
    },
    together=(
        ("merchant", "state"),
        ("merchant", "approver"),
        ("merchant", "state", "approver"),
        ("state", "approver"),
    ),
    merchant="merchant",
    reads=Permission.READ_ORDERS,
)


@attrs.frozen(kw_only=True)
class PriceApprovalChanged(Event):
    """A price was compared, an approver answered, or the waiting ended."""

    subject_kind: ClassVar[str] = "price_approval"
    state: ApprovalState
    approver: str | None

    @classmethod
    def of(cls, approval: PriceApproval, at: datetime) -> Self:
        """Tell how a price approval stands."""
        return cls(
            subject=approval.id, at=at, merchant=approval.merchant, state=approval.state, approver=approval.approver
        )


@attrs.define(eq=False, slots=False)
class NotTheirTurn(MktcoreError):
    """A vote of somebody who is not the approver that is waited for."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "orders.not-their-turn"
    remedy: ClassVar[str] = "let the approvers answer in their order"
    approval: str
    user: str | None
    approver: str

    def describe(self) -> str:
        """Name both users."""
        return f"the price of {self.approval} waits for {self.approver}, not for {self.user or 'a party without user'}"


@attrs.define(eq=False, slots=False)
class ApprovalClosed(MktcoreError):
    """A vote on a price that is decided already."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "orders.approval-closed"
    remedy: ClassVar[str] = "nothing is left to approve or deny"
    approval: str
    state: ApprovalState

    def describe(self) -> str:
        """Say how it was decided."""
        return f"the price of {self.approval} is {self.state}"


@attrs.define(eq=False, slots=False)
class PriceNotApproved(MktcoreError):
    """Goods that are to leave although their merchant does not stand by their price, or not yet; nothing moved."""

    code: ClassVar[str] = "orders.price-not-approved"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    remedy: ClassVar[str] = "let the approvers answer; what is refused can only be cancelled"
    order: str
    state: ApprovalState
    approver: str | None

    def describe(self) -> str:
        """Name the merchant order, and whom it waits for."""
        waits = f", for {self.approver} to answer" if self.approver else ""
        return f"goods of {self.order} stay: the approval of their price is {self.state}{waits}"


def open_approval(
    order: str,
    merchant: str,
    decision: DivergenceDecision,
    *,
    now: datetime,
    answer_within: timedelta = DEFAULT_PATIENCE,
) -> PriceApproval:
    """Return what a merchant's rule makes of an order: decided, or waiting for its approvers.

    Args:
        order: Id of the merchant order.
        merchant: Whose order it is.
        decision: What the rule says of the price.
        now: The instant, UTC.
        answer_within: How long it may wait.
    """
    opening = _Opening(decision.action, now + answer_within)
    judged = _MACHINE.start(order, now=now, facts=opening)
    state = ApprovalState(judged.standing.state)
    return PriceApproval(
        order,
        merchant=merchant,
        ordered=decision.ordered,
        current=decision.current,
        reason=decision.reason,
        state=state,
        opened_at=now,
        approvers=decision.approvers,
        answer_by=opening.answer_by if state is ApprovalState.WAITING else None,
    )


def list_time_outs(approval: PriceApproval) -> tuple[TimeOut, ...]:
    """Return the time-out to schedule for a price approval; none for one that is decided."""
    if approval.state is not ApprovalState.WAITING or approval.answer_by is None:
        return ()
    return (TimeOut(approval.timeout, approval.answer_by),)


def cast_vote(
    approval: PriceApproval, user: str | None, *, approves: bool, now: datetime, reason: str = ""
) -> PriceApproval:
    """Return a price approval after an approver's answer: one refusal denies, the last consent approves.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 1, tzinfo=UTC)
    >>> price = Money.of("9.00", "EUR")
    >>> waiting = PriceApproval("o1--acme", "acme", price, None, "", ApprovalState.WAITING, now, ("ann", "bo"))
    >>> half = cast_vote(waiting, "ann", approves=True, now=now)
    >>> half.approver, cast_vote(half, "bo", approves=True, now=now).state
    ('bo', <ApprovalState.APPROVED: 'approved'>)

    Args:
        approval: Before.
        user: Who answers.
        approves: Yes or no.
        now: When, UTC.
        reason: Why, in 1,000 characters at most.

    Raises:
        ApprovalClosed: Nothing is waited for.
        NotTheirTurn: Somebody else is waited for.
    """
    if len(reason) > MAX_REASON:
        raise InvalidValue("Vote", "reason", reason, f"text of {MAX_REASON} characters at most")
    if approval.approver is None:
        raise ApprovalClosed(approval.id, approval.state)
    # A party without a user could answer for all of its approvers.
    if user is None or user != approval.approver:
        raise NotTheirTurn(approval.id, user, approval.approver)
    votes = (*approval.votes, Vote(user, now, approves=approves, reason=reason))
    # Whose turn it is was asked above, of users; the machine asks whether anybody's turn is left.
    standing = _stand(approval)
    left = approval.approvers[len(votes) :]
    fired = _MACHINE.fire(standing, "consent" if approves else "refuse", now=now, facts=left)
    return attrs.evolve(approval, votes=votes, state=ApprovalState(fired.standing.state))


def let_lapse(approval: PriceApproval, *, now: datetime) -> PriceApproval:
    """Return a price approval when its time is up; as it was when it is decided, or its time is not up yet."""
    [timeout] = list_time_outs(approval) or [None]
    if timeout is None:
        return approval
    fired = _MACHINE.fire_timeout(_stand(approval), timeout, now=now)
    return attrs.evolve(approval, state=ApprovalState(fired.standing.state))


def withdraw_approval(approval: PriceApproval, *, now: datetime) -> PriceApproval:
    """Return a price approval that waits when there is nothing left to approve.

    Raises:
        EventRefused: It does not wait.
    """
    fired = _MACHINE.fire(_stand(approval), "withdraw", now=now)
    return attrs.evolve(approval, state=ApprovalState(fired.standing.state))


def _stand(approval: PriceApproval) -> Standing:
    return _MACHINE.stand(approval.id, approval.state, since=approval.opened_at)
