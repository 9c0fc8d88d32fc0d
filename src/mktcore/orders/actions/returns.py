"""Returns: asked for by the buyer, refused by the merchant."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.reason_codes import ReasonedAction

__all__ = ["AskToReturn", "RefuseReturn"]


@attrs.frozen
class AskToReturn(ReasonedAction):
    """The buyer asks to send delivered pieces back.

    Attributes:
        code: Why, in a word: `"wrong-item"`.
    """

    event: ClassVar[str] = "ask to return"


@attrs.frozen
class RefuseReturn(ReasonedAction):
    """The merchant does not take pieces back.

    Attributes:
        code: Why, in a word: `"worn"`.
    """

    event: ClassVar[str] = "refuse return"
