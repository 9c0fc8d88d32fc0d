"""Which pieces of the lines that are meant a promotion is for: some of them, or those that make up sets."""

from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.promotions.line_filter import ANY_LINE, LineFilter

__all__ = ["Pieces", "SetPart", "Sets", "Which"]

MAX_PARTS = 8
"""Parts of a set: which pieces serve which part is decided by looking at every choice of parts."""


class Which(StrEnum):
    """Which pieces come first, by what they cost after the promotions before; equal ones by their line's key."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


def _check_count(kind: str, field: str, value: object) -> None:
    # By type: True is an int too, and would count as one.
    if type(value) is not int or value < 1:
        raise InvalidValue(kind, field, value, "a whole number, 1 or more")


@attrs.frozen
class Pieces:
    """So many pieces at most of a part of the cart.

    Attributes:
        at_most: How many.
        which: Which come first.
    """

    at_most: int
    which: Which = Which.CHEAPEST

    def __attrs_post_init__(self) -> None:
        _check_count("Pieces", "at_most", self.at_most)


@attrs.frozen
class SetPart:
    """So many pieces in every set.

    Attributes:
        pieces: How many.
        of: Of which lines, among those that the promotion is for.
    """

    pieces: int
    of: LineFilter = ANY_LINE

    def __attrs_post_init__(self) -> None:
        _check_count("SetPart", "pieces", self.pieces)


@attrs.frozen
class Sets:
    """The pieces that make up whole sets: three of the same, or one of each; the dearest that can come first.

    A fixed price is then what a set costs, and an amount is taken off every set.

    >>> three = Sets((SetPart(3),))
    >>> camera_and_bag = Sets((SetPart(1, LineFilter(skus=("camera",))), SetPart(1, LineFilter(skus=("bag",)))))

    Attributes:
        parts: What a set is made of; a piece serves one part of one set.
        times: How many sets at most in a part of the cart; None for any number.
    """

    parts: tuple[SetPart, ...]
    times: int | None = None

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise InvalidValue("Sets", "parts", len(self.parts), f"1 to {MAX_PARTS} parts")
        if self.times is not None:
            _check_count("Sets", "times", self.times)
