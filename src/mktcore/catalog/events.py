"""What is told of the catalogue: each event names the merchant that owns the record; the operator learns of all."""

from typing import ClassVar

import attrs

from mktcore.events import Event

__all__ = [
    "CatalogChanged",
    "CategoryChanged",
    "MerchantItemDecided",
    "MerchantItemReceived",
    "MerchantItemRemoved",
    "MerchantItemUnbound",
    "ProductChanged",
    "SkuChanged",
    "SpecChanged",
]


@attrs.frozen(kw_only=True)
class ProductChanged(Event):
    """A product was created or changed; `number` is its version, and that of its revision."""

    subject_kind: ClassVar[str] = "product"
    number: int


@attrs.frozen(kw_only=True)
class SkuChanged(Event):
    """A SKU was created or changed; whoever keeps an index of SKUs brings it up to date."""

    subject_kind: ClassVar[str] = "sku"
    number: int


@attrs.frozen(kw_only=True)
class SpecChanged(Event):
    """A spec was created or changed."""

    subject_kind: ClassVar[str] = "spec"
    number: int


@attrs.frozen(kw_only=True)
class CategoryChanged(Event):
    """A category was created, renamed or moved."""

    subject_kind: ClassVar[str] = "category"
    number: int


@attrs.frozen(kw_only=True)
class CatalogChanged(Event):
    """A catalog was created or renamed, got or lost products, or was assigned to a buyer or taken from one."""

    subject_kind: ClassVar[str] = "catalog"
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class MerchantItemReceived(Event):
    """A merchant sent an item, or sent it again changed.

    A bound one names its SKU: its price and stock are to be fetched anew.
    """

    subject_kind: ClassVar[str] = "merchant_item"
    item: str
    number: int
    sku: str | None = None


@attrs.frozen(kw_only=True)
class MerchantItemDecided(Event):
    """A merchant item was decided on: "bound", "denied" or "pending"."""

    subject_kind: ClassVar[str] = "merchant_item"
    item: str
    state: str
    sku: str | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class MerchantItemUnbound(Event):
    """A merchant item is no longer its SKU: price and stock of it are followed no more."""

    subject_kind: ClassVar[str] = "merchant_item"
    item: str
    sku: str


@attrs.frozen(kw_only=True)
class MerchantItemRemoved(Event):
    """A merchant no longer sells an item; the SKU that it was bound to, if any, is named."""

    subject_kind: ClassVar[str] = "merchant_item"
    item: str
    sku: str | None = None
