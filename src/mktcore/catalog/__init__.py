"""The marketplace's own catalogue."""

from mktcore.catalog.gtin import Gtin, InvalidGtin
from mktcore.catalog.measures import InvalidMeasure, Measure
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.units import Dimension, Unit, find_unit

__all__ = ["SKUS", "Dimension", "Gtin", "InvalidGtin", "InvalidMeasure", "Measure", "Sku", "Unit", "find_unit"]
