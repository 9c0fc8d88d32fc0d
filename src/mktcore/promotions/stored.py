"""What promotions store and publish, and the conditions and effects that are stored inside them."""

from mktcore.persistence.stored import Stored
from mktcore.pricing.stored import name_operator_by_nobody
from mktcore.promotions.conditions import (
    AllOf,
    Amount,
    AnyOf,
    During,
    FirstOrder,
    InChannel,
    InGroup,
    Not,
    Quantity,
    WithCode,
    WithPoolCode,
)
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, Gift, PercentOff, ShippingOff
from mktcore.promotions.events import PromotionChanged
from mktcore.promotions.piece_selection import Pieces, Sets
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.promotions.promotion import PROMOTIONS, Promotion

__all__ = ["STORED"]

STORED = (
    Stored("promotions.promotion", 2, Promotion, kind=PROMOTIONS, upcasters={1: name_operator_by_nobody}),
    Stored("promotions.promotion-changed", 1, PromotionChanged),
    Stored("promotions.all-of", 1, AllOf),
    Stored("promotions.any-of", 1, AnyOf),
    Stored("promotions.not", 1, Not),
    Stored("promotions.amount", 1, Amount),
    Stored("promotions.quantity", 1, Quantity),
    Stored("promotions.in-channel", 1, InChannel),
    Stored("promotions.in-group", 1, InGroup),
    Stored("promotions.first-order", 1, FirstOrder),
    Stored("promotions.during", 1, During),
    Stored("promotions.with-code", 1, WithCode),
    Stored("promotions.with-pool-code", 1, WithPoolCode),
    Stored("promotions.pool-code", 1, PoolCode, kind=POOL_CODES),
    Stored("promotions.pieces", 1, Pieces),
    Stored("promotions.sets", 1, Sets),
    Stored("promotions.gift", 1, Gift),
    Stored("promotions.percent-off", 1, PercentOff),
    Stored("promotions.amount-off", 1, AmountOff),
    Stored("promotions.fixed-price", 1, FixedPrice),
    Stored("promotions.buy-x-get-y", 1, BuyXGetY),
    Stored("promotions.cheapest-free", 1, CheapestFree),
    Stored("promotions.shipping-off", 1, ShippingOff),
)
