"""What a buyer is to the tax authority, as the operator has checked it."""

from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.taxes.tax_rule import BuyerStatus

__all__ = ["BUYER_TAXES", "BuyerTax", "find_status"]


@attrs.frozen
class BuyerTax:
    """What a buyer is to the tax authority; who has no record is a consumer.

    Attributes:
        id: The buyer's id.
        status: Company or exempt.
        number: The tax number, or that of the certificate, as it was checked: `Identifier.parse` checks its digits.
        valid: How long the check holds; outside of it the buyer is a consumer.
        version: How often it was stored.
    """

    id: str
    status: BuyerStatus
    number: str = attrs.field(kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("buyer", self.id)
        # Without a number an audit of the authority finds a sale without tax and nothing that says why.
        if self.status is not BuyerStatus.CONSUMER and not self.number.strip():
            raise InvalidValue("BuyerTax", "number", self.number, "the number that was checked")


def find_status(known: BuyerTax | None, now: datetime) -> BuyerStatus:
    """Return what a buyer is now, by what was checked of it; None is of nobody."""
    return known.status if known is not None and known.valid.contains(now) else BuyerStatus.CONSUMER


BUYER_TAXES = Kind("buyer_tax", BuyerTax, columns={"buyer": lambda one: one.id}, buyer="buyer", reads=Permission.MARKET)
"""The operator's to write; a buyer reads its own."""
