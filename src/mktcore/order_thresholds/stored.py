"""What order thresholds store."""

from mktcore.order_thresholds.order_threshold import ORDER_THRESHOLDS, OrderThreshold
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("order-thresholds.order-threshold", 1, OrderThreshold, kind=ORDER_THRESHOLDS),)
