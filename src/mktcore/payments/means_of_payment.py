"""How a buyer pays for an order."""

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Money

__all__ = ["Payment"]


@attrs.frozen
class Payment:
    """One means of payment and the part of the order it covers.

    Attributes:
        method: `"card"`, `"invoice"`, `"voucher"`: the host's word.
        amount: What it covers, above zero.
        reference: The payment provider's id, where there is one.
    """

    method: str
    amount: Money
    reference: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.amount.is_positive():
            raise InvalidValue("Payment", "amount", self.amount, "above zero")
