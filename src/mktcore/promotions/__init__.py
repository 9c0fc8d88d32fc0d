"""Promotions: eligibility, effects, stacking, limits, and who bears the cost."""

from mktcore.promotions.conditions import AllOf, Amount, AnyOf, Not, WithCode
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, PercentOff, ShippingOff
from mktcore.promotions.line_filter import LineFilter
from mktcore.promotions.outcome import PromotionOutcome
from mktcore.promotions.promotion import PROMOTIONS, Limits, Promotion
from mktcore.promotions.promotion_selection import BY_PRIORITY, PromotionPolicy, apply_promotions
from mktcore.promotions.use_cases import Promotions

__all__ = [
    "BY_PRIORITY",
    "PROMOTIONS",
    "AllOf",
    "Amount",
    "AmountOff",
    "AnyOf",
    "BuyXGetY",
    "CheapestFree",
    "FixedPrice",
    "Limits",
    "LineFilter",
    "Not",
    "PercentOff",
    "Promotion",
    "PromotionOutcome",
    "PromotionPolicy",
    "Promotions",
    "ShippingOff",
    "WithCode",
    "apply_promotions",
]
