"""Stock: what is on hand, what of it is reserved, and from where an order takes it."""

from mktcore.stock.goods_return import GoodsReturn, ReturnCondition
from mktcore.stock.level import StockChange, StockCount, StockLevel
from mktcore.stock.ports import MarketUnit, Stock, StockUnit
from mktcore.stock.reservation import Reservation, ReservationRequest
from mktcore.stock.shortage import Shortage
from mktcore.stock.use_cases import MerchantStock

__all__ = [
    "GoodsReturn",
    "MarketUnit",
    "MerchantStock",
    "Reservation",
    "ReservationRequest",
    "ReturnCondition",
    "Shortage",
    "Stock",
    "StockChange",
    "StockCount",
    "StockLevel",
    "StockUnit",
]
