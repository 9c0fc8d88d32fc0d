"""What order notes store."""

from mktcore.order_notes.order_note import ORDER_NOTES, OrderNote
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("orders.order-note", 1, OrderNote, kind=ORDER_NOTES),)
