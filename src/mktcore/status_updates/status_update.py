"""A status update: what happened to an order, reported under a key of its own; and what came of it."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from mktcore.ids import check_id
from mktcore.notice import Notice
from mktcore.orders.actions.action import Action, list_facts, to_event
from mktcore.orders.use_cases.fire_action import FireRequest

__all__ = ["StatusAnswer", "StatusOutcome", "StatusResult", "StatusUpdate"]


@attrs.frozen
class StatusUpdate:
    """What happened to pieces of one order, as somebody reports it.

    >>> StatusUpdate("row-1", "order-1--acme", "ship", lines={"l1": 2}).order
    'order-1--acme'

    Attributes:
        key: The reporter's own key: what is sent twice under it happens once.
        order: Id or reference of a merchant order, `"100001--acme"`; or id or number of a marketplace order.
        action: The action with its facts, or the name of an event of the order's process.
        lines: Pieces by line key, at least one line; None for all that the event reaches.
        reason: Why, for the history; 1,000 characters at most.

    Raises:
        InvalidValue: There are no lines, or the reason is too long.
        InvalidId: The key or the order cannot be one.
    """

    key: str
    order: str
    action: Action | str
    lines: Mapping[str, int] | None = attrs.field(default=None, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("key", self.key)
        check_id("order", self.order)
        # What may be fired one by one may be reported, and nothing else.
        FireRequest(self.order, self.action, lines=self.lines, reason=self.reason)

    def to_request(self) -> Mapping[str, object]:
        """Return what is remembered of it under its key, with a field for each fact."""
        facts = {f"action.{name}": fact for name, fact in list_facts(self.action).items()}
        asked = {"order": self.order, "event": to_event(self.action), "lines": self.lines, "reason": self.reason}
        return {**asked, **facts}


class StatusOutcome(StrEnum):
    """What came of a status update."""

    MOVED = "moved"
    """It happened, now or when its key was first used."""
    REFUSED = "refused"
    """The order's process says no; the answer stays with the key, and what is asked anew needs another one."""
    FAILED = "failed"
    """It was not decided, and its key is still free: no such order, no permission, a value that cannot be."""


@attrs.frozen
class StatusAnswer:
    """What is remembered of a status update under its key.

    Attributes:
        problems: Why it was refused; none where it moved.
    """

    problems: tuple[Notice, ...] = ()


@attrs.frozen
class StatusResult:
    """What came of one status update.

    Attributes:
        key: The update's.
        order: The order that it names.
        outcome: What came of it.
        problems: Why it did not happen; nothing where it did.
        is_repeated: Whether this was answered under the key before, so that nothing happened now.
    """

    key: str
    order: str
    outcome: StatusOutcome
    problems: tuple[Notice, ...] = ()
    is_repeated: bool = False

    @property
    def is_fresh(self) -> bool:
        """Whether it was decided now, so that its key keeps it."""
        return self.outcome is not StatusOutcome.FAILED and not self.is_repeated

    @classmethod
    def of(cls, update: StatusUpdate, answer: StatusAnswer, *, is_repeated: bool = False) -> "StatusResult":
        """Return the result of an update that was decided."""
        outcome = StatusOutcome.REFUSED if answer.problems else StatusOutcome.MOVED
        return cls(update.key, update.order, outcome, problems=answer.problems, is_repeated=is_repeated)

    @classmethod
    def of_failed(cls, update: StatusUpdate, problems: tuple[Notice, ...]) -> "StatusResult":
        """Return the result of an update that was not decided."""
        return cls(update.key, update.order, StatusOutcome.FAILED, problems=problems)
