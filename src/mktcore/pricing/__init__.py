"""Prices: schedules, and which one applies."""

from mktcore.pricing.resolving import PriceResolution, resolve_price
from mktcore.pricing.schedule import PRICE_SCHEDULES, PriceBreak, PriceSchedule

__all__ = ["PRICE_SCHEDULES", "PriceBreak", "PriceResolution", "PriceSchedule", "resolve_price"]
