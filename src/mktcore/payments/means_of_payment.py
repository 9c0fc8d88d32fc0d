"""How a buyer pays for an order."""

from collections.abc import Mapping

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Money

__all__ = ["Payment"]


@attrs.frozen
class Payment:
    """One means of payment and the part of the order it covers.

    Attributes:
        method: `"card"`, `"invoice"`, `"voucher"`: the host's word.
        amount: What it covers, above zero.
        reference: The payment provider's id, where there is one.
        merchant: Whose part it covers, where merchants are paid by themselves; None for the whole order, or for what
            is the marketplace's own.
    """

    method: str
    amount: Money
    reference: str = ""
    merchant: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.amount.is_positive():
            raise InvalidValue("Payment", "amount", self.amount, "above zero")
        if self.merchant is not None:
            check_id("merchant", self.merchant)

    def to_request(self) -> Mapping[str, object]:
        """Return it as placing was always asked with it: a merchant came later, and is told of where there is one."""
        parts = attrs.asdict(self, recurse=False)
        return {name: part for name, part in parts.items() if name != "merchant" or part is not None}
