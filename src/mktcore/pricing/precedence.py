"""Precedence: the order of rules by which one of several prices applies. A value, so that a host can replace it."""

from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue

__all__ = ["PRECEDENCE", "Competition", "OnQuantity", "Precedence", "PriceRule", "TieBreak"]


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


class Competition(StrEnum):
    """What decides where several prices could apply: sales, breaks, assignments and defaults."""

    BY_RANK = "by-rank"
    """The first by steps and tie-breaks, and of its breaks the one with the highest quantity reached."""
    CHEAPEST = "cheapest"
    """Whatever costs least, of all that accept the quantity and all their breaks that it reaches; steps and tie-breaks
    only decide between equal prices."""


@attrs.frozen
class Precedence:
    """The order of steps, the order of tie-breaks inside a step, and what a refused quantity means.

    A step that is left out is never a candidate; a tie-break that is left out decides nothing.

    Attributes:
        steps: The order of rules.
        tie_breaks: What decides inside of a step, in order.
        on_quantity: What a refused quantity means; where the cheapest wins, a schedule that refuses is no candidate.
        competition: Whether rank decides, or the price.
    """

    steps: tuple[PriceRule, ...] = tuple(PriceRule)
    tie_breaks: tuple[TieBreak, ...] = tuple(TieBreak)
    on_quantity: OnQuantity = OnQuantity.REFUSE
    competition: Competition = attrs.field(default=Competition.BY_RANK, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for name, values in (("steps", self.steps), ("tie_breaks", self.tie_breaks)):
            if len(set(values)) < len(values):
                raise InvalidValue("Precedence", name, values, "each once")

    @property
    def is_cheapest(self) -> bool:
        """Tell whether the price decides."""
        return self.competition is Competition.CHEAPEST

    @property
    def tries_all(self) -> bool:
        """Tell whether a schedule may apply although another ranks before it: where that refuses, or costs more."""
        return self.is_cheapest or self.on_quantity is OnQuantity.FALL_THROUGH


PRECEDENCE = Precedence()
"""The order of rules where a host gives no other."""
