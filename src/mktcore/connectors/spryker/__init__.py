"""Spryker: order and merchant processes from its XML, commission rules from its CSV."""

from mktcore.connectors.spryker.merchant_commissions import load_merchant_commissions
from mktcore.connectors.spryker.spryker_process import (
    MERCHANT_SEMANTICS,
    ORDER_SEMANTICS,
    Dialect,
    InvalidProcessFile,
    load_process,
)

__all__ = [
    "MERCHANT_SEMANTICS",
    "ORDER_SEMANTICS",
    "Dialect",
    "InvalidProcessFile",
    "load_merchant_commissions",
    "load_process",
]
