"""Returns: asked for by the buyer, received or refused by the merchant."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.actions.reason_codes import ReasonedAction

__all__ = ["AskToReturn", "ReceiveReturn", "RefuseReturn"]


@attrs.frozen
class AskToReturn(ReasonedAction):
    """The buyer asks to send delivered pieces back.

    Attributes:
        code: Why, in a word: `"wrong-item"`.
    """

    event: ClassVar[str] = "ask to return"


@attrs.frozen
class ReceiveReturn(BringsBack):
    """Pieces came back to the merchant.

    >>> from mktcore.stock import ReturnCondition
    >>> ReceiveReturn("worn", ReturnCondition.DAMAGED).event
    'receive return'

    Attributes:
        code: What is to be said of them, in a word: `"worn"`.
        condition: In which condition they are; sellable, and on hand again, where it is not told.
    """

    event: ClassVar[str] = "receive return"


@attrs.frozen
class RefuseReturn(ReasonedAction):
    """The merchant does not take pieces back.

    Attributes:
        code: Why, in a word: `"worn"`.
    """

    event: ClassVar[str] = "refuse return"
