"""Internal notes on orders: what the marketplace and its merchants tell each other, and no buyer reads."""

from mktcore.order_notes.order_note import MOST_NOTES, ORDER_NOTES, NotesFull, OrderNote
from mktcore.order_notes.use_cases import NoteOrders

__all__ = ["MOST_NOTES", "ORDER_NOTES", "NoteOrders", "NotesFull", "OrderNote"]
