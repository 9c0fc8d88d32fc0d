"""Numbers of pieces: whole, and within bounds that every store can hold."""

from typing import ClassVar

import attrs

from mktcore.errors import MktcoreError, show_value

__all__ = ["MAX_QUANTITY", "InvalidQuantity", "check_quantity"]

# Far within 64 bits, so that the sum over many reservations is, too.
MAX_QUANTITY = 10**12


@attrs.define(eq=False, slots=False)
class InvalidQuantity(MktcoreError):
    """A number of pieces that cannot be counted, reserved or consumed."""

    code: ClassVar[str] = "stock.invalid-quantity"
    remedy: ClassVar[str] = "give a whole number of pieces within the bounds"
    field: str
    quantity: object
    lowest: int

    def describe(self) -> str:
        """Name the field, the value and the bounds."""
        shown = show_value(self.quantity, repr)
        return f"{self.field} is {shown}, not a whole number from {self.lowest} to {MAX_QUANTITY}"


def check_quantity(field: str, quantity: object, lowest: int = 0) -> None:
    """Refuse what is no whole number of pieces from `lowest` up.

    Raises:
        InvalidQuantity: It is not.
    """
    # By the very type: True would count as one piece.
    if type(quantity) is not int or not lowest <= quantity <= MAX_QUANTITY:
        raise InvalidQuantity(field, quantity, lowest)
