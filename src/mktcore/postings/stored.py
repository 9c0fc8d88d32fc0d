"""What postings keep: the money of orders."""

from mktcore.persistence.stored import Stored
from mktcore.postings.order_funds import ORDER_FUNDS, OrderFunds

__all__ = ["STORED"]

STORED = (Stored("postings.order-funds", 1, OrderFunds, kind=ORDER_FUNDS),)
