"""Goods on their way: what a merchant tells when they leave and when they arrive."""

from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.persistence import Party

__all__ = ["Deliver", "Ship"]


@attrs.frozen
class Ship(Action):
    """Pieces left the merchant.

    >>> Ship(carrier="DHL", tracking="00340434161094042557").event
    'ship'

    Attributes:
        carrier: Who carries them.
        tracking: Where the carrier finds them.
    """

    event: ClassVar[str] = "ship"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    carrier: str | None = None
    tracking: str | None = None


@attrs.frozen
class Deliver(Action):
    """Pieces reached the buyer.

    Attributes:
        received_by: Who took them.
        delivered_at: When, UTC; it may be told later than it happened.
    """

    event: ClassVar[str] = "deliver"
    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    received_by: str | None = None
    delivered_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(to_utc))
