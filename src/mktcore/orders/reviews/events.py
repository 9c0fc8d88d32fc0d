"""What is told of reviews: to the operator why, to a merchant that."""

from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.persistence import Party, Scope

__all__ = ["MerchantOrderHeld", "OrderReviewed"]


@attrs.frozen(kw_only=True)
class OrderReviewed(Event):
    """The marketplace holds an order for a reason, or holds it for that reason no more; it alone is told.

    Attributes:
        reason: Why, in a word.
        is_open: Whether it is held for it from now on.
    """

    subject_kind: ClassVar[str] = "marketplace_order"
    reason: str
    is_open: bool

    def view_for(self, scope: Scope) -> Self:
        """Return what the caller may see: it names no party, and tells its reason to the operator alone anyway."""
        return self if scope.caller.party is Party.OPERATOR else attrs.evolve(self, reason="")


@attrs.frozen(kw_only=True)
class MerchantOrderHeld(Event):
    """Nothing of a merchant order may leave from now on, or all of it may again; its merchant is told.

    Attributes:
        is_held: Whether it is held.
    """

    subject_kind: ClassVar[str] = "merchant_order"
    is_held: bool
