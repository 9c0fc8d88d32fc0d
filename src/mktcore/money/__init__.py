"""Money that cannot drift: whole minor units, exact rationals between them, rounding that is always chosen."""

from mktcore.money.allocation import Allocation, allocate
from mktcore.money.amount import ExactMoney, Money
from mktcore.money.currency import Currency, register_currency
from mktcore.money.errors import (
    CapsTooSmall,
    CurrencyConflict,
    CurrencyMismatch,
    InvalidAmount,
    InvalidNumber,
    InvalidWeights,
    MoneyError,
    NothingToSum,
    UnknownCurrency,
)
from mktcore.money.rounding import Rounding, round_ratio

__all__ = [
    "Allocation",
    "CapsTooSmall",
    "Currency",
    "CurrencyConflict",
    "CurrencyMismatch",
    "ExactMoney",
    "InvalidAmount",
    "InvalidNumber",
    "InvalidWeights",
    "Money",
    "MoneyError",
    "NothingToSum",
    "Rounding",
    "UnknownCurrency",
    "allocate",
    "register_currency",
    "round_ratio",
]
