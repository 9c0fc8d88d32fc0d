"""What merchant items need of others: somebody who proposes SKUs, and somebody who stops what a binding kept going."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from mktcore.merchant_items.merchant_item import MerchantItem
from mktcore.persistence import WritingUnit

__all__ = ["CandidateFinder", "DoubtedCandidate", "EndBinding", "ItemCandidate"]


class ItemCandidate(Protocol):
    """A SKU that an item may be, as a matcher proposes it."""

    @property
    def sku(self) -> str:
        """The SKU's id."""
        ...

    @property
    def score(self) -> float:
        """How sure the matcher is, 0 to 100."""
        ...

    @property
    def reasons(self) -> Sequence[object]:
        """Why; each reads well as text."""
        ...


@runtime_checkable
class DoubtedCandidate(Protocol):
    """A candidate of a finder that knows when its scores are not to be trusted; others need not have this."""

    @property
    def doubts(self) -> Sequence[str]:
        """Why a person is to look, whatever the scores are; none where nothing is in doubt."""
        ...


class CandidateFinder(Protocol):
    """What proposes SKUs for an item: a matcher, or the host's own."""

    def find(self, item: MerchantItem) -> Sequence[ItemCandidate]:
        """Return the SKUs that it may be, the likeliest first; none when nothing is like it."""
        ...


class EndBinding(Protocol):
    """Does what has to happen with the end of a binding: nobody may be sold what is followed no more.

    It works in the transaction in which the binding ends, and may raise `Retryable`; the whole is then run again.
    """

    def __call__(self, unit: WritingUnit, merchant: str, item: str, *, at: datetime) -> None:
        """Stop what follows the item.

        Args:
            unit: Under the operator's authority.
            merchant: Whose item.
            item: The merchant's own id of it.
            at: The present instant.
        """
        ...
