"""What is told of merchant items: the merchant that sent one learns of it; the operator learns of all."""

from typing import ClassVar

import attrs

from mktcore.events import Event

__all__ = ["MerchantItemDecided", "MerchantItemReceived", "MerchantItemRemoved", "MerchantItemUnbound"]


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
