"""Cancellations: by the buyer, by the merchant, asked for and refused."""

from typing import ClassVar

import attrs

from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.orders.actions.reason_codes import check_code
from mktcore.persistence import Party

__all__ = ["AskToCancel", "Cancel", "CancelByMerchant", "RefuseCancellation"]


@attrs.frozen
class Cancel(Action):
    """The buyer cancels pieces that are still open for changes.

    Attributes:
        code: Why, in a word: `"found-cheaper"`.
    """

    event: ClassVar[str] = "cancel"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)


@attrs.frozen
class CancelByMerchant(Action):
    """The merchant cannot or will not ship pieces.

    Attributes:
        code: Why, in a word: `"damaged"`. Buyers see it; what only the merchant may read is the reason of the call.
    """

    event: ClassVar[str] = "cancel by merchant"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)


@attrs.frozen
class AskToCancel(Action):
    """The buyer asks the merchant to cancel pieces.

    Attributes:
        code: Why, in a word: `"ordered-twice"`.
    """

    event: ClassVar[str] = "ask to cancel"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)


@attrs.frozen
class RefuseCancellation(Action):
    """The merchant does not cancel what the buyer asked to have canceled.

    Attributes:
        code: Why, in a word: `"already-packed"`.
    """

    event: ClassVar[str] = "refuse cancellation"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)
