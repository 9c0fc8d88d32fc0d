"""What is told of the catalogue: each event names the merchant that owns the record; the operator learns of all."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.catalog.assortment import Catalog
from mktcore.events import Event

__all__ = [
    "CatalogChanged",
    "CategoryChanged",
    "ProductChanged",
    "SkuChanged",
    "SpecChanged",
]


@attrs.frozen(kw_only=True)
class ProductChanged(Event):
    """A product was created, changed or removed; `number` is its version, and that of its revision; 0 once removed."""

    subject_kind: ClassVar[str] = "product"
    number: int


@attrs.frozen(kw_only=True)
class SkuChanged(Event):
    """A SKU was created, changed or removed (`number` is 0): whoever keeps an index of SKUs brings it up to date."""

    subject_kind: ClassVar[str] = "sku"
    number: int


@attrs.frozen(kw_only=True)
class SpecChanged(Event):
    """A spec was created, changed or removed; `number` is 0 once it is."""

    subject_kind: ClassVar[str] = "spec"
    number: int


@attrs.frozen(kw_only=True)
class CategoryChanged(Event):
    """A category was created, renamed, moved or removed; `number` is 0 once it is."""

    subject_kind: ClassVar[str] = "category"
    number: int


@attrs.frozen(kw_only=True)
class CatalogChanged(Event):
    """A catalog was created or renamed, got or lost products, or was assigned to a buyer or taken from one."""

    subject_kind: ClassVar[str] = "catalog"
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @classmethod
    def of(cls, catalog: Catalog, at: datetime, *, added: Iterable[str] = (), removed: Iterable[str] = ()) -> Self:
        """Tell of a catalog, to its owner; a buyer is not told what was taken from it."""
        return cls(subject=catalog.id, at=at, merchant=catalog.owner, added=tuple(added), removed=tuple(removed))
