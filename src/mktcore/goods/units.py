"""Measurement units, each an exact multiple of its dimension's smallest common one."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

__all__ = ["Dimension", "Unit", "find_unit"]


class Dimension(StrEnum):
    """What a unit measures; only units of one dimension convert into each other."""

    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"
    COUNT = "count"


class Unit(StrEnum):
    """A measurement unit. Units without a country are metric; pints, quarts, gallons and fluid ounces are the US ones.

    >>> Unit.LITRE.dimension, Unit.LITRE.factor
    (<Dimension.VOLUME: 'volume'>, Fraction(1000, 1))
    """

    MILLIGRAM = "mg"
    GRAM = "g"
    KILOGRAM = "kg"
    TONNE = "t"
    OUNCE = "oz"
    POUND = "lb"
    MILLILITRE = "ml"
    CENTILITRE = "cl"
    DECILITRE = "dl"
    LITRE = "l"
    CUBIC_CENTIMETRE = "cm3"
    CUBIC_METRE = "m3"
    FLUID_OUNCE = "fl oz"
    PINT = "pt"
    QUART = "qt"
    GALLON = "gal"
    MILLIMETRE = "mm"
    CENTIMETRE = "cm"
    METRE = "m"
    KILOMETRE = "km"
    INCH = "in"
    FOOT = "ft"
    YARD = "yd"
    SQUARE_MILLIMETRE = "mm2"
    SQUARE_CENTIMETRE = "cm2"
    SQUARE_METRE = "m2"
    HECTARE = "ha"
    SQUARE_INCH = "in2"
    SQUARE_FOOT = "ft2"
    PIECE = "pc"
    PAIR = "pair"
    DOZEN = "dozen"

    @property
    def dimension(self) -> Dimension:
        """What it measures."""
        return _SIZES[self][0]

    @property
    def factor(self) -> Fraction:
        """How many grams, millilitres, millimetres, square millimetres or pieces it is: an exact number."""
        return _SIZES[self][1]


_FACTORS: Mapping[Dimension, Mapping[Unit, int | str]] = {
    Dimension.MASS: {
        Unit.MILLIGRAM: "1/1000",
        Unit.GRAM: 1,
        Unit.KILOGRAM: 1000,
        Unit.TONNE: 1_000_000,
        Unit.OUNCE: "28.349523125",  # international yard and pound agreement, 1959
        Unit.POUND: "453.59237",
    },
    Dimension.VOLUME: {
        Unit.MILLILITRE: 1,
        Unit.CENTILITRE: 10,
        Unit.DECILITRE: 100,
        Unit.LITRE: 1000,
        Unit.CUBIC_CENTIMETRE: 1,
        Unit.CUBIC_METRE: 1_000_000,
        Unit.FLUID_OUNCE: "29.5735295625",  # of 128 to the gallon of 231 cubic inches
        Unit.PINT: "473.176473",
        Unit.QUART: "946.352946",
        Unit.GALLON: "3785.411784",
    },
    Dimension.LENGTH: {
        Unit.MILLIMETRE: 1,
        Unit.CENTIMETRE: 10,
        Unit.METRE: 1000,
        Unit.KILOMETRE: 1_000_000,
        Unit.INCH: "25.4",
        Unit.FOOT: "304.8",
        Unit.YARD: "914.4",
    },
    Dimension.AREA: {
        Unit.SQUARE_MILLIMETRE: 1,
        Unit.SQUARE_CENTIMETRE: 100,
        Unit.SQUARE_METRE: 1_000_000,
        Unit.HECTARE: 10_000_000_000,
        Unit.SQUARE_INCH: "645.16",
        Unit.SQUARE_FOOT: "92903.04",
    },
    Dimension.COUNT: {Unit.PIECE: 1, Unit.PAIR: 2, Unit.DOZEN: 12},
}
_SIZES = {
    unit: (dimension, Fraction(factor)) for dimension, factors in _FACTORS.items() for unit, factor in factors.items()
}

_OTHER_NAMES: Mapping[Unit, str] = {
    Unit.MILLIGRAM: "milligram,milligrams,milligramm",
    Unit.GRAM: "gr,gm,gram,grams,gramme,grammes,gramm",
    Unit.KILOGRAM: "kgs,kilo,kilos,kilogram,kilograms,kilogramm",
    Unit.TONNE: "tonne,tonnes",
    Unit.OUNCE: "ounce,ounces",
    Unit.POUND: "lbs,pound,pounds",
    Unit.MILLILITRE: "millilitre,millilitres,milliliter,milliliters,mls",
    Unit.CENTILITRE: "centilitre,centilitres,centiliter,centiliters",
    Unit.DECILITRE: "decilitre,decilitres,deciliter,deciliters",
    Unit.LITRE: "ltr,lt,litre,litres,liter,liters",
    Unit.CUBIC_CENTIMETRE: "cm³,cc,ccm",
    Unit.CUBIC_METRE: "m³,cbm",
    Unit.FLUID_OUNCE: "fl. oz,floz,fluid ounce,fluid ounces",
    Unit.PINT: "pint,pints",
    Unit.QUART: "quart,quarts",
    Unit.GALLON: "gallon,gallons",
    Unit.MILLIMETRE: "millimetre,millimetres,millimeter,millimeters",
    Unit.CENTIMETRE: "centimetre,centimetres,centimeter,centimeters",
    Unit.METRE: "mtr,metre,metres,meter,meters",
    Unit.KILOMETRE: "kilometre,kilometres,kilometer,kilometers",
    Unit.INCH: 'inch,inches,",″',
    Unit.FOOT: "foot,feet,′",  # noqa: RUF001 - the sign of feet
    Unit.YARD: "yds,yard,yards",
    Unit.SQUARE_MILLIMETRE: "mm²",
    Unit.SQUARE_CENTIMETRE: "cm²",
    Unit.SQUARE_METRE: "m²,sqm,qm",
    Unit.HECTARE: "hectare,hectares",
    Unit.SQUARE_INCH: "in²,sq in",
    Unit.SQUARE_FOOT: "ft²,sq ft,sqft",
    Unit.PIECE: "pcs,piece,pieces,un,unit,units,ea,each,ct,count,stk,stück",
    Unit.PAIR: "pairs,pr",
    Unit.DOZEN: "doz,dz,dozens",
}
UNIT_NAMES: Mapping[str, Unit] = {
    name.casefold(): unit for unit in Unit for name in (unit.value, *_OTHER_NAMES[unit].split(","))
}
"""Every name a unit is found by, in lower case."""


def find_unit(name: str) -> Unit | None:
    """Return the unit that a name, an abbreviation or a sign means, in capitals or not; None for another word.

    The point that ends an abbreviation may be there.

    >>> find_unit("Litres"), find_unit("FL. OZ"), find_unit("Stk."), find_unit("parsec")
    (<Unit.LITRE: 'l'>, <Unit.FLUID_OUNCE: 'fl oz'>, <Unit.PIECE: 'pc'>, None)
    """
    return UNIT_NAMES.get(" ".join(name.casefold().split()).removesuffix("."))
