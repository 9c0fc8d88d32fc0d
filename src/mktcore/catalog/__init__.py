"""The marketplace's own catalogue."""

from mktcore.catalog.sku import SKUS, Sku

__all__ = ["SKUS", "Sku"]
