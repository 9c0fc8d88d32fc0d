"""Why an order was not placed."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.notice import Notice

__all__ = ["CartAlreadyPlaced", "PlacementRefusal", "PlacementRefused"]


@attrs.frozen
class PlacementRefusal:
    """The frozen answer to a placement that could not be had: every issue of its simulation."""

    issues: tuple[Notice, ...]


@attrs.define(eq=False, slots=False)
class PlacementRefused(MktcoreError):
    """The cart cannot be placed as it is; nothing was stored. `issues` lists everything that stands in the way."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "checkout.refused"
    remedy: ClassVar[str] = "mend every issue and place the changed cart with a new key"
    cart: str
    issues: tuple[Notice, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every issue."""
        return self.issues

    def describe(self) -> str:
        """List every issue, one to a line."""
        return "\n".join([f"cart {self.cart} cannot be placed:", *(f"  - {issue}" for issue in self.issues)])


@attrs.define(eq=False, slots=False)
class CartAlreadyPlaced(MktcoreError):
    """The cart became an order under another key (invariant I11)."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "checkout.cart-already-placed"
    remedy: ClassVar[str] = "use the order that exists, or a new cart"
    cart: str
    order: str

    def describe(self) -> str:
        """Name the cart and its order."""
        return f"cart {self.cart} is order {self.order} already"
