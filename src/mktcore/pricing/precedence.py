"""Precedence: the order of rules by which one of several prices applies. A value, so that a host can replace it."""

from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue

__all__ = ["PRECEDENCE", "OnQuantity", "Precedence", "PriceRule", "TieBreak"]


class PriceRule(StrEnum):
    """Under which step a schedule is a candidate."""

    MERCHANT_ASSIGNMENT = "merchant-assignment"
    """An explicit assignment of the merchant."""
    MERCHANT_DEFAULT = "merchant-default"
    """The schedule that the merchant's offer names."""
    PRODUCT_DEFAULT = "product-default"
    """An assignment for the product, whoever sells it."""


class TieBreak(StrEnum):
    """What decides between candidates of one step."""

    AUDIENCE = "audience"
    """The most specific audience: a user, then a group, a buyer, everyone."""
    OFFER = "offer"
    """One for this offer, before one for every offer of the SKU."""
    CHANNEL = "channel"
    """One for this sales channel, before one for every channel."""
    DATED = "dated"
    """One with a period or recurring window, before one without."""
    NARROWER = "narrower"
    """The shorter period or window."""
    LATER = "later"
    """The one that started later."""


class OnQuantity(StrEnum):
    """What happens when the schedule that precedence picks does not accept the quantity."""

    REFUSE = "refuse"
    """It is refused, with the quantities that would be accepted."""
    FALL_THROUGH = "fall-through"
    """The next schedule is tried."""


@attrs.frozen
class Precedence:
    """The order of steps, the order of tie-breaks inside a step, and what a refused quantity means.

    A step that is left out is never a candidate; a tie-break that is left out decides nothing.
    """

    steps: tuple[PriceRule, ...] = tuple(PriceRule)
    tie_breaks: tuple[TieBreak, ...] = tuple(TieBreak)
    on_quantity: OnQuantity = OnQuantity.REFUSE

    def __attrs_post_init__(self) -> None:
        for name, values in (("steps", self.steps), ("tie_breaks", self.tie_breaks)):
            if len(set(values)) < len(values):
                raise InvalidValue("Precedence", name, values, "each once")


PRECEDENCE = Precedence()
"""The order of rules where a host gives no other."""
