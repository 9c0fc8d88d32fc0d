"""What is told of the right to sell: the merchant that owns the product learns of it."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.parties.selling_rights.rights import SellingRights

__all__ = ["SellingRightsChanged"]


@attrs.frozen(kw_only=True)
class SellingRightsChanged(Event):
    """Who may sell a product was changed; told to its owner."""

    subject_kind: ClassVar[str] = "selling_rights"

    @classmethod
    def of(cls, rights: SellingRights, at: datetime) -> Self:
        """Tell of the rights to sell a product; not who has them, which is the operator's and the owner's to read."""
        return cls(subject=rights.id, at=at, merchant=rights.owner)
