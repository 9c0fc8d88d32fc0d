"""Offers: one merchant's terms for one SKU."""

from enum import StrEnum

import attrs

from mktcore.ids import check_id
from mktcore.periods import ALWAYS, Period
from mktcore.unit_of_work import Kind

__all__ = ["OFFERS", "Condition", "Offer"]


class Condition(StrEnum):
    """The state of the goods."""

    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"


@attrs.frozen
class Offer:
    """A merchant sells a SKU: at which price schedule, in which condition, when. Its stock item has the same id.

    Attributes:
        id: Its id.
        merchant: Who sells.
        sku: What.
        schedule: Id of a price schedule that the merchant owns; an offer holds no price of its own.
        condition: State of the goods.
        valid: When it can be bought.
        version: How often it was stored.
    """

    id: str
    merchant: str
    sku: str
    schedule: str
    condition: Condition = Condition.NEW
    valid: Period = ALWAYS
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("offer", self.id)


OFFERS = Kind(
    "offer",
    Offer,
    columns={"sku": lambda offer: offer.sku, "merchant": lambda offer: offer.merchant},
    public=True,
)
