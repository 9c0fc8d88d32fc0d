"""Merchants: who owns offers and fulfils them."""

from collections.abc import Mapping

import attrs

from mktcore.access.show_extra import show_extra
from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.goods.attributes import copy_attributes
from mktcore.ids import check_id
from mktcore.persistence import Kind, Scope
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["MAX_MERCHANT_ID_LENGTH", "MERCHANTS", "Merchant"]

# Merchant orders, merchant items and relations hold it in ids of their own, which are bounded.
MAX_MERCHANT_ID_LENGTH = 60
"""Characters in a merchant's id: the ids of its orders and reservations begin with the order's and hold it too."""


@attrs.frozen
class Merchant:
    """A party that sells on the marketplace.

    Attributes:
        id: The marketplace's id of it, 60 characters at most; part of references such as `order-1--acme`.
        name: As buyers see it.
        version: How often it was stored.
        extra: The host's own data.
        attributes: What the operator sorts merchants by, such as `{"state": "SP"}`: commission rules may ask for it.
    """

    id: str
    name: str
    version: int = 0
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)
        if len(self.id) > MAX_MERCHANT_ID_LENGTH:
            raise InvalidValue("Merchant", "id", self.id, f"{MAX_MERCHANT_ID_LENGTH} characters at most")

    def view_for(self, scope: Scope) -> "Merchant":
        """Return what the caller may see of the host's data."""
        return attrs.evolve(self, extra=show_extra(self.extra, scope, merchant=self.id))


MERCHANTS = Kind("merchant", Merchant, public=True, reads=EVERY_USER, view=Merchant.view_for)
