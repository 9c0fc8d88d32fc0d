"""What the ledger refuses, each with its operands and the remedy. What an account lacks is a value: `Shortfall`."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.money import Money

__all__ = ["HoldConflict", "HoldEnded", "HoldExceeded", "LinkMissing", "TransactionConflict"]


@attrs.define(eq=False, slots=False)
class TransactionConflict(MktcoreError):
    """A key under which another transaction was posted; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "ledger.transaction-conflict"
    remedy: ClassVar[str] = "post it under a key of its own, or repeat the first one unchanged"
    key: str
    fields: tuple[str, ...]

    def describe(self) -> str:
        """Name the key and what differs."""
        return f"another transaction was posted under {self.key!r}; different: {', '.join(self.fields)}"


@attrs.define(eq=False, slots=False)
class LinkMissing(MktcoreError):
    """A transaction linked to one that is neither posted nor to be posted with it; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "ledger.link-missing"
    remedy: ClassVar[str] = "post both in one call"
    key: str
    linked: str

    def describe(self) -> str:
        """Name both."""
        return f"transaction {self.key!r} is linked to {self.linked!r}, which is not posted"


@attrs.define(eq=False, slots=False)
class HoldConflict(MktcoreError):
    """An id that another hold has; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "ledger.hold-conflict"
    remedy: ClassVar[str] = "give it an id of its own, or repeat the first one unchanged"
    id: str
    fields: tuple[str, ...]

    def describe(self) -> str:
        """Name the hold and what differs."""
        return f"there is another hold {self.id!r}; different: {', '.join(self.fields)}"


@attrs.define(eq=False, slots=False)
class HoldEnded(MktcoreError):
    """A hold to settle that has ended, or does not exist for this scope; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "ledger.hold-ended"
    remedy: ClassVar[str] = "hold again, or post without a hold"
    id: str

    def describe(self) -> str:
        """Name the hold."""
        return f"there is no live hold {self.id!r}"


@attrs.define(eq=False, slots=False)
class HoldExceeded(MktcoreError):
    """A transaction that does not move what was held, or more of it; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "ledger.hold-exceeded"
    remedy: ClassVar[str] = "debit and credit the hold's two accounts with its amount at most, and nothing else"
    id: str
    amount: Money
    key: str

    def describe(self) -> str:
        """Name the hold, its amount and the transaction."""
        return f"transaction {self.key!r} is not a part of the {self.amount} that {self.id!r} holds"
