"""Holds: the operator looks at an order before anything of it is shipped."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.reason_codes import ReasonedAction
from mktcore.persistence import Party

__all__ = ["HoldPieces", "Release"]

_NOT_THE_BUYER = frozenset({Party.OPERATOR, Party.MERCHANT})


@attrs.frozen
class HoldPieces(ReasonedAction):
    """Pieces are not shipped until they are released; a buyer is not told why.

    Attributes:
        code: Why, in a word: `"address-review"`.
    """

    event: ClassVar[str] = "hold"
    shown_to: ClassVar[frozenset[Party]] = _NOT_THE_BUYER


@attrs.frozen
class Release(ReasonedAction):
    """Pieces that were held may be shipped.

    Attributes:
        code: Why, in a word: `"address-confirmed"`.
    """

    event: ClassVar[str] = "release"
    shown_to: ClassVar[frozenset[Party]] = _NOT_THE_BUYER
