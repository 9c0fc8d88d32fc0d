"""What goods are, whoever sells them: numbers under bar codes, exact measures, units, media."""

from mktcore.goods.dimensions import Dimensions
from mktcore.goods.gtin import Gtin, InvalidGtin
from mktcore.goods.measure import InvalidMeasure, Measure
from mktcore.goods.media import Media, MediaKind
from mktcore.goods.units import Dimension, Unit, find_unit

__all__ = [
    "Dimension",
    "Dimensions",
    "Gtin",
    "InvalidGtin",
    "InvalidMeasure",
    "Measure",
    "Media",
    "MediaKind",
    "Unit",
    "find_unit",
]
