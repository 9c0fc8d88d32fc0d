"""Notes on orders as a list."""

from mktcore.access.record_list import RecordList
from mktcore.order_notes.order_note import ORDER_NOTES, OrderNote

__all__ = ["OrderNoteList"]


class OrderNoteList(RecordList[OrderNote]):
    """The notes on orders: the operator's all, a merchant's those that are for it."""

    kind, filters = ORDER_NOTES, ("order_id", "merchant")
