"""Merchants: who owns offers and fulfils them."""

import attrs

from mktcore.ids import check_id
from mktcore.unit_of_work import Kind

__all__ = ["MERCHANTS", "Merchant"]


@attrs.frozen
class Merchant:
    """A party that sells on the marketplace.

    Attributes:
        id: The marketplace's id of it, used in references such as `order-1--acme`.
        name: As buyers see it.
        version: How often it was stored.
    """

    id: str
    name: str
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)


MERCHANTS = Kind("merchant", Merchant, public=True)
