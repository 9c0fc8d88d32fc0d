"""Cancellations: by the buyer, by the merchant, asked for and refused."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.actions.reason_codes import ReasonedAction

__all__ = ["AskToCancel", "Cancel", "CancelByMerchant", "RefuseCancellation"]


@attrs.frozen
class Cancel(ReasonedAction):
    """The buyer cancels pieces that are still open for changes.

    Attributes:
        code: Why, in a word: `"found-cheaper"`.
    """

    event: ClassVar[str] = "cancel"


@attrs.frozen
class CancelByMerchant(BringsBack):
    """The merchant cannot or will not ship pieces, or gives up a shipment where its process lets it.

    Attributes:
        code: Why, in a word: `"damaged"`. Buyers see it; what only the merchant may read is the reason of the call.
        condition: In which condition pieces that had left come back; sellable where it is not told.
    """

    event: ClassVar[str] = "cancel by merchant"


@attrs.frozen
class AskToCancel(ReasonedAction):
    """The buyer asks the merchant to cancel pieces.

    Attributes:
        code: Why, in a word: `"ordered-twice"`.
    """

    event: ClassVar[str] = "ask to cancel"


@attrs.frozen
class RefuseCancellation(ReasonedAction):
    """The merchant does not cancel what the buyer asked to have canceled.

    Attributes:
        code: Why, in a word: `"already-packed"`.
    """

    event: ClassVar[str] = "refuse cancellation"
