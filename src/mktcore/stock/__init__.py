"""Stock: what is on hand, what of it is reserved, and from where an order takes it."""

from mktcore.stock.ports import Stock, StockUnit
from mktcore.stock.stock import Reservation, ReservationRequest, Shortage, StockCount, StockLevel

__all__ = ["Reservation", "ReservationRequest", "Shortage", "Stock", "StockCount", "StockLevel", "StockUnit"]
