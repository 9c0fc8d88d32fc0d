"""What is asked to be canceled, what that would do, and why it may not be."""

from collections.abc import Mapping
from typing import ClassVar

import attrs

from mktcore.access import Permission
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError, Refused
from mktcore.money import Money
from mktcore.orders.actions.reason_codes import check_code
from mktcore.persistence import Party, Scope
from mktcore.processes.portions.choose_portions import MAX_UNITS

__all__ = [
    "CanceledAmount",
    "Cancellation",
    "CancellationChanged",
    "CancellationPreview",
    "CancellationRefused",
    "ConsentNeeded",
    "RaisedAmount",
]

MAX_REASON = 1_000


@attrs.frozen
class Cancellation:
    """What is asked: which pieces of an order are to be canceled, and why.

    Attributes:
        order: Id of the marketplace order, or of a merchant order.
        lines: Pieces by line key, at least one line; None for all that the caller may cancel.
        code: Why, in a word that buyer and merchant see: `"found-cheaper"`.
        reason: Why, for the history; 1,000 characters at most.
    """

    order: str
    lines: Mapping[str, int] | None = attrs.field(default=None, kw_only=True)
    code: str | None = attrs.field(default=None, kw_only=True, validator=check_code)
    reason: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        # As for any action: an empty mapping that meant all would cancel an order by mistake.
        if self.lines is not None and not self.lines:
            raise InvalidValue("Cancellation", "lines", "{}", "at least one line, or None for all that can be")
        for line, pieces in (self.lines or {}).items():
            if type(pieces) is not int or not 1 <= pieces <= MAX_UNITS:
                raise InvalidValue("Cancellation", f"lines.{line}", pieces, f"a whole number from 1 to {MAX_UNITS}")
        if not isinstance(self.reason, str) or len(self.reason) > MAX_REASON:
            raise InvalidValue("Cancellation", "reason", self.reason, f"text of {MAX_REASON} characters at most")


@attrs.frozen
class CanceledAmount:
    """What canceling takes off one line or charge; its share of every reduction goes with it.

    Attributes:
        key: Key of the line, or of the charge.
        merchant: Whose it is; None for the marketplace's own charge.
        is_charge: It is a charge beside the lines, which goes with the last of its pieces.
        amount: What the buyer no longer pays, or gets back; tax contained.
        tax: The tax in it.
    """

    key: str
    merchant: str | None
    is_charge: bool
    amount: Money
    tax: Money


@attrs.frozen
class RaisedAmount:
    """What the rest of a line costs more, as it no longer earns a discount.

    Attributes:
        line: Key of the line.
        merchant: Whose it is.
        pieces: How many pieces of it are left and have not left the merchant.
        amount: What all of them cost more; tax contained.
        tax: The tax in it.
        promotions: The promotions that take less off them, or nothing.
    """

    line: str
    merchant: str
    pieces: int
    amount: Money
    tax: Money
    promotions: tuple[str, ...]


@attrs.frozen
class CancellationPreview:
    """What canceling pieces would do, decided on one version of the order; nothing was changed.

    Attributes:
        order: Id of the marketplace order.
        order_version: The version of the order that it was decided on.
        canceled: Pieces that are canceled for good, by line.
        asked: Pieces whose merchant is asked, and answers, by line.
        amounts: What is taken off each line and charge.
        grand_before: What the buyer pays before, of what the caller sees: the order, or the merchant's part.
        grand_after: What the buyer pays after.
        tax_after: The tax in that.
        commission_back: What the marketplace gives back of commission; None where it is not shown.
        raised: What the rest costs more, once all of it is canceled that is asked for: who cancels agrees to it.
    """

    order: str
    order_version: int
    canceled: Mapping[str, int]
    asked: Mapping[str, int]
    amounts: tuple[CanceledAmount, ...]
    grand_before: Money
    grand_after: Money
    tax_after: Money
    commission_back: Money | None
    raised: tuple[RaisedAmount, ...] = ()

    @property
    def amount(self) -> Money:
        """What the buyer no longer pays, or gets back, less what the rest costs more at once; tax contained."""
        return self.grand_before - self.grand_after

    def view_for(self, scope: Scope) -> "CancellationPreview":
        """Return what the caller may see: commission is no matter of the buyer, nor of users who see no figures."""
        is_shown = scope.caller.party is not Party.BUYER and scope.allows(Permission.FINANCE)
        return self if is_shown else attrs.evolve(self, commission_back=None)

    def is_same(self, other: "CancellationPreview") -> bool:
        """Tell whether another preview comes to the same, perhaps on another version of the order."""
        return _to_agreed(self) == _to_agreed(other)


def _to_agreed(preview: CancellationPreview) -> tuple[object, ...]:
    return preview.order, dict(preview.canceled), dict(preview.asked), preview.amounts, preview.amount, preview.raised


@attrs.define(eq=False, slots=False)
class CancellationRefused(Refused):
    """Pieces that cannot be canceled by this party now; every line is listed, and nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "orders.cancellation-refused"


@attrs.define(eq=False, slots=False)
class CancellationChanged(MktcoreError):
    """Canceling would no longer do what was agreed to; nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "orders.cancellation-changed"
    remedy: ClassVar[str] = "preview it again, and cancel with what that says"
    order: str
    agreed: Money
    now: Money

    def describe(self) -> str:
        """Name the order, and what it comes to then and now."""
        return f"canceling pieces of {self.order} was agreed to at {self.agreed}, and comes to {self.now} now"


@attrs.define(eq=False, slots=False)
class ConsentNeeded(MktcoreError):
    """Canceling pieces makes the rest of an order dearer, and nobody agreed to that; nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "orders.consent-needed"
    remedy: ClassVar[str] = "show `market.orders.preview_cancel(...)`, and cancel with it: `agreed=preview`"
    order: str
    raised: Money

    def describe(self) -> str:
        """Name the order, and what rises."""
        return f"what is left of {self.order} would cost {self.raised} more, as it no longer earns its discounts"
