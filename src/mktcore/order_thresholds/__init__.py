"""Minimums and maximums of orders, and what missing one costs, as the marketplace keeps them."""

from mktcore.order_thresholds.order_threshold import ORDER_THRESHOLDS, OrderThreshold
from mktcore.order_thresholds.use_cases import OrderThresholds

__all__ = ["ORDER_THRESHOLDS", "OrderThreshold", "OrderThresholds"]
