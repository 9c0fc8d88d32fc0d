"""What can be decided on a merchant item."""

from typing import Union

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id

__all__ = ["Bind", "Deny", "NewProduct", "NewSku", "Pend", "Unbind", "Verdict"]

MAX_REASON = 1_000


def _check_reason(verdict: str, reason: str) -> None:
    if len(reason) > MAX_REASON:
        raise InvalidValue(verdict, "reason", reason, f"{MAX_REASON} characters at most")


@attrs.frozen
class Bind:
    """It is this SKU. The SKU stays as it is: what the merchant says of it is kept with the item alone."""

    sku: str

    def __attrs_post_init__(self) -> None:
        check_id("SKU", self.sku)


@attrs.frozen
class NewSku:
    """It is a variant of this product that the catalogue does not have: a SKU is made of what the merchant sent.

    Attributes:
        product: The product.
        sku: Id of the new SKU; None for a fresh one.
    """

    product: str
    sku: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("product", self.product)


@attrs.frozen
class NewProduct:
    """The catalogue has nothing like it: a product of the operator's, with one SKU, is made of what the merchant sent.

    Attributes:
        product: Id of the new product; None for a fresh one.
        sku: Id of the new SKU; None for a fresh one.
        category: Its category in the marketplace's own tree.
        tax_category: Names its tax rates.
    """

    product: str | None = None
    sku: str | None = None
    category: str = ""
    tax_category: str = attrs.field(default="", kw_only=True)


@attrs.frozen
class Pend:
    """A person is to decide."""

    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _check_reason("Pend", self.reason)


@attrs.frozen
class Deny:
    """The marketplace does not want it."""

    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _check_reason("Deny", self.reason)


@attrs.frozen
class Unbind:
    """It is not, or no longer, the SKU that it was bound to."""

    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _check_reason("Unbind", self.reason)


Verdict = Union[Bind, NewSku, NewProduct, Pend, Deny, Unbind]  # noqa: UP007 - used at run time, by the wire
"""Any of these."""
