"""Spryker: order and merchant processes from its XML."""

from mktcore.connectors.spryker.spryker_process import (
    MERCHANT_SEMANTICS,
    ORDER_SEMANTICS,
    Dialect,
    InvalidProcessFile,
    load_process,
)

__all__ = ["MERCHANT_SEMANTICS", "ORDER_SEMANTICS", "Dialect", "InvalidProcessFile", "load_process"]
