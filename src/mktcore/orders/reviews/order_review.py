"""A review of an order: for which reason it is held, since when, by whom, and how that ended."""

from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.orders.actions.reason_codes import CODE_FORM, is_code
from mktcore.persistence import Kind, Scope, column

__all__ = ["ORDER_REVIEWS", "OrderReview"]

MAX_TEXT = 2_000


def _check_text(review: object, field: "attrs.Attribute[str]", text: str) -> None:
    is_clean = isinstance(text, str) and all(letter.isprintable() or letter in "\n\t" for letter in text)
    if not is_clean or len(text) > MAX_TEXT:
        raise InvalidValue(
            type(review).__name__, field.name, text, f"printable text of {MAX_TEXT:,} characters at most"
        )


def _check_reason(review: object, field: "attrs.Attribute[str]", reason: str) -> None:
    if not is_code(reason):
        raise InvalidValue(type(review).__name__, field.name, reason, CODE_FORM)


@attrs.frozen
class OrderReview:
    """Why the marketplace holds an order, or held it. A merchant learns that it does, and not why; a buyer neither.

    Attributes:
        id: Made of the order and of a number that grows.
        order: Id of the marketplace order.
        reason: Why, in a word: `"fraud"`, `"address"`.
        text: What the reviewer should know.
        opened_by: Who held it.
        opened_at: Since when, UTC.
        closed_by: Who released it; None as long as it is held.
        closed_at: Until when.
        outcome: What was found.
        version: How often it was stored.
    """

    id: str
    order: str
    reason: str = attrs.field(validator=_check_reason)
    text: str = attrs.field(validator=_check_text)
    opened_by: Scope
    opened_at: datetime
    closed_by: Scope | None = None
    closed_at: datetime | None = None
    outcome: str = attrs.field(default="", validator=_check_text)
    version: int = 0

    @property
    def state(self) -> str:
        """Whether the order is held for it: `open` or `closed`."""
        return "open" if self.closed_at is None else "closed"


ORDER_REVIEWS = Kind(
    "order_review",
    OrderReview,
    columns={"order_id": column("order"), "state": column("state"), "reason": column("reason")},
    together=(("order_id", "state"), ("state", "reason")),
    fixed=("order_id", "reason"),
    reads=Permission.READ_ORDERS,
)
"""Reviews of orders, for the operator alone."""
