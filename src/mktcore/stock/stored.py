"""What stock stores in tables of its own and publishes; its tags are older than its room, and stay."""

from mktcore.persistence.stored import Stored
from mktcore.stock.events import GoodsReturned, ReservationExpired, ShortageRecorded, StockCounted
from mktcore.stock.level import StockCount, StockLevel
from mktcore.stock.reservation import Reservation
from mktcore.stock.shortage import Shortage
from mktcore.stock.use_cases import ChangedStock

__all__ = ["STORED"]

STORED = (
    Stored("offers.stock-count", 1, StockCount),
    Stored("offers.stock-level", 1, StockLevel),
    Stored("offers.reservation", 1, Reservation),
    Stored("offers.shortage", 1, Shortage),
    Stored("offers.shortage-recorded", 1, ShortageRecorded),
    Stored("offers.reservation-expired", 1, ReservationExpired),
    Stored("stock.goods-returned", 1, GoodsReturned),
    Stored("stock.changed-stock", 1, ChangedStock),
    Stored("stock.counted", 1, StockCounted),
)
