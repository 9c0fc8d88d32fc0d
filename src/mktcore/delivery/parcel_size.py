"""How large a parcel is: what rates and carriers go by, as exact numbers."""

from collections.abc import Iterable
from fractions import Fraction

import attrs

from mktcore.goods import Dimensions, Measure
from mktcore.money import Money

__all__ = ["ParcelSize", "measure_piece"]


@attrs.frozen
class ParcelSize:
    """The size of some goods as they are packed, piece by piece.

    Attributes:
        pieces: How many.
        value: What they cost before reductions.
        grams: What they weigh; None where that is not known of some of them.
        cubic_centimetres: The room that they take; None where that is not known of some of them.
    """

    pieces: int
    value: Money
    grams: Fraction | None = None
    cubic_centimetres: Fraction | None = None

    @classmethod
    def sum(cls, sizes: Iterable["ParcelSize"]) -> "ParcelSize":
        """Return the size of at least one of them together; what is not known of one is not known of all."""
        found = tuple(sizes)
        if len(found) == 1:
            return found[0]
        return cls(
            sum(one.pieces for one in found),
            Money.sum([one.value for one in found]),
            grams=_sum([one.grams for one in found]),
            cubic_centimetres=_sum([one.cubic_centimetres for one in found]),
        )


def measure_piece(weight: Measure | None, dimensions: Dimensions | None) -> tuple[Fraction | None, Fraction | None]:
    """Return the grams and cubic centimetres of a piece as it is packed; None for what is not known.

    >>> measure_piece(Measure.parse("1.5 kg"), None)
    (Fraction(1500, 1), None)
    """
    sides = None if dimensions is None else (dimensions.length, dimensions.width, dimensions.height)
    # Lengths have their size in millimetres.
    volume = None if sides is None else sides[0].size * sides[1].size * sides[2].size / 1000
    return None if weight is None else weight.size, volume


def _sum(numbers: Iterable[Fraction | None]) -> Fraction | None:
    known = tuple(numbers)
    found = [one for one in known if one is not None]
    return sum(found, Fraction()) if len(found) == len(known) else None
