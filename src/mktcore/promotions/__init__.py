"""Promotions: eligibility, effects, stacking, limits, and who bears the cost."""

from mktcore.promotions.administering import PromotingUnit, Promotions
from mktcore.promotions.applying import BY_PRIORITY, PromotionPolicy, apply_promotions
from mktcore.promotions.conditions import (
    AllOf,
    Amount,
    AnyOf,
    Condition,
    During,
    FirstOrder,
    InChannel,
    InGroup,
    Not,
    Quantity,
    WithCode,
)
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, Effect, FixedPrice, PercentOff, ShippingOff
from mktcore.promotions.limiting import claim_all, list_counters, release_all
from mktcore.promotions.lines import LineFilter, PromotionCart, PromotionLine
from mktcore.promotions.outcome import NO_PROMOTIONS, AppliedPromotion, Claim, PassedPromotion, PromotionOutcome
from mktcore.promotions.promotion import PROMOTIONS, Caps, Level, Limits, Promotion
from mktcore.promotions.returning import PromotionUse, UsedPart, find_returns, list_uses

__all__ = [
    "BY_PRIORITY",
    "NO_PROMOTIONS",
    "PROMOTIONS",
    "AllOf",
    "Amount",
    "AmountOff",
    "AnyOf",
    "AppliedPromotion",
    "BuyXGetY",
    "Caps",
    "CheapestFree",
    "Claim",
    "Condition",
    "During",
    "Effect",
    "FirstOrder",
    "FixedPrice",
    "InChannel",
    "InGroup",
    "Level",
    "Limits",
    "LineFilter",
    "Not",
    "PassedPromotion",
    "PercentOff",
    "PromotingUnit",
    "Promotion",
    "PromotionCart",
    "PromotionLine",
    "PromotionOutcome",
    "PromotionPolicy",
    "PromotionUse",
    "Promotions",
    "Quantity",
    "ShippingOff",
    "UsedPart",
    "WithCode",
    "apply_promotions",
    "claim_all",
    "find_returns",
    "list_counters",
    "list_uses",
    "release_all",
]
