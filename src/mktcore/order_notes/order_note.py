"""An internal note on an order: who wrote it, when, and who sees it."""

from datetime import datetime
from hashlib import blake2b
from typing import ClassVar

import attrs

from mktcore.access import Permission
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.persistence import Kind, Scope, column

__all__ = ["MOST_NOTES", "ORDER_NOTES", "NotesFull", "OrderNote", "to_note_id"]

MAX_NOTE = 2_000
MOST_NOTES = 500
"""Notes on one order: more is a conversation, and belongs somewhere else."""


@attrs.define(eq=False, slots=False)
class NotesFull(MktcoreError):
    """An order that has as many notes as it may have; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "orders.notes-full"
    remedy: ClassVar[str] = "keep what goes on in the system that you talk in, and note where it is"
    order: str
    most: int

    def describe(self) -> str:
        """Name the order and the most."""
        return f"order {self.order} has {self.most} notes, and may have no more"


@attrs.frozen
class OrderNote:
    """What somebody noted on an order. It is never changed nor erased.

    Attributes:
        id: Made of the order, the writer and the writer's key.
        order: Id of the marketplace order.
        merchant: The merchant who reads it beside the operator; None for the operator's people alone.
        text: What is noted; 1 to 2,000 characters.
        by: Who wrote it.
        at: When, UTC.
        version: How often it was stored: once.

    Raises:
        InvalidValue: The text is empty, or too long.
    """

    id: str
    order: str
    merchant: str | None
    text: str
    by: Scope
    at: datetime
    version: int = 0

    def __attrs_post_init__(self) -> None:
        # Line breaks are what people write; NUL and halves of pairs no store could keep.
        is_text = isinstance(self.text, str) and 0 < len(self.text) <= MAX_NOTE and self.text.strip()
        if not is_text or not all(letter.isprintable() or letter in "\n\t" for letter in self.text):
            raise InvalidValue("OrderNote", "text", self.text, f"printable text of 1 to {MAX_NOTE:,} characters")

    def view_for(self, scope: Scope) -> "OrderNote":
        """Return it as the caller may see it: a party's people are its own matter, and the operator's."""
        return attrs.evolve(self, by=self.by.view_for(scope))


ORDER_NOTES = Kind(
    "order_note",
    OrderNote,
    columns={"order_id": column("order"), "merchant": column("merchant")},
    together=(("merchant", "order_id"),),
    merchant="merchant",
    fixed=("order_id", "merchant"),
    reads=Permission.READ_ORDERS,
    view=OrderNote.view_for,
)
"""Notes on orders. The operator's authority writes them; a merchant reads those that are for it, a buyer none."""


def to_note_id(order: str, writer: Scope, key: str) -> str:
    """Return the id of a note: what is sent twice under one key is one note."""
    named = "\0".join((order, str(writer), key))
    return f"note-{blake2b(named.encode(), digest_size=20).hexdigest()}"
