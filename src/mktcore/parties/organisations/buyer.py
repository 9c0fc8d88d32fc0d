"""Buyers: the organisations and persons that buy."""

from enum import StrEnum

import attrs

from mktcore.access.show_extra import show_extra
from mktcore.extra import NO_EXTRA, Extra
from mktcore.ids import check_id
from mktcore.persistence import Kind, Scope
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["BUYERS", "Buyer", "BuyerKind"]


class BuyerKind(StrEnum):
    """What a buyer is."""

    PERSON = "person"
    ORGANISATION = "organisation"


@attrs.frozen
class Buyer:
    """A buying organisation or person; its users act for it.

    A buyer needs no record to buy: a host that keeps its customers elsewhere names them by id alone.

    Attributes:
        id: The marketplace's id of it.
        name: As merchants see it on their orders.
        kind: A person, or an organisation.
        version: How often it was stored.
        extra: The host's own data.
    """

    id: str
    name: str
    kind: BuyerKind = BuyerKind.PERSON
    version: int = attrs.field(default=0, kw_only=True)
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("buyer", self.id)

    def view_for(self, scope: Scope) -> "Buyer":
        """Return what the caller may see of the host's data."""
        return attrs.evolve(self, extra=show_extra(self.extra, scope, buyer=self.id))


BUYERS = Kind(
    "buyer",
    Buyer,
    columns={"buyer": lambda buyer: buyer.id, "kind": lambda buyer: buyer.kind},
    buyer="buyer",
    together=(("buyer", "kind"),),
    reads=EVERY_USER,
    view=Buyer.view_for,
)
