"""Stock: what is on hand, what of it is reserved, and from where an order takes it."""

from mktcore.stock.ports import MarketUnit, Stock, StockUnit
from mktcore.stock.stock import Reservation, ReservationRequest, Shortage, StockCount, StockLevel

__all__ = [
    "MarketUnit",
    "Reservation",
    "ReservationRequest",
    "Shortage",
    "Stock",
    "StockCount",
    "StockLevel",
    "StockUnit",
]
