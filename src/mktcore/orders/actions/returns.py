"""Returns: asked for by the buyer, refused by the merchant."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.orders.actions.reason_codes import check_code
from mktcore.persistence import Party

__all__ = ["AskToReturn", "RefuseReturn"]


@attrs.frozen
class AskToReturn(Action):
    """The buyer asks to send delivered pieces back.

    Attributes:
        code: Why, in a word: `"wrong-item"`.
    """

    event: ClassVar[str] = "ask to return"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)


@attrs.frozen
class RefuseReturn(Action):
    """The merchant does not take pieces back.

    Attributes:
        code: Why, in a word: `"worn"`.
    """

    event: ClassVar[str] = "refuse return"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)
