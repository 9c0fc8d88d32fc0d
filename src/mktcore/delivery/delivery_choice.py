"""How a buyer wants goods delivered: by which method, and where they are fetched."""

import attrs

from mktcore.ids import check_id

__all__ = ["DeliveryChoice"]


@attrs.frozen
class DeliveryChoice:
    """A method, for one line, for one merchant's goods, or for all of a cart.

    Attributes:
        method: Id of the delivery method.
        point: Id of the pick-up point, for a pick-up.
        merchant: Whose goods; None for all, and on a line.
    """

    method: str
    point: str = ""
    merchant: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("delivery method", self.method)
        if self.point:
            check_id("pick-up point", self.point)
        if self.merchant is not None:
            check_id("merchant", self.merchant)
