"""What the storefront asks of others: where a projection puts its listings, and who knows which SKUs an event is of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from mktcore.events import Event
from mktcore.persistence import Repositories
from mktcore.storefront.search_engine_listing import Listing

__all__ = ["EventReaders", "ListingSink"]


class ListingSink(Protocol):
    """A search engine, or a table, that a projection feeds. Every call may come again, and must do the same then."""

    def put(self, listings: Sequence[Listing]) -> None:
        """Keep these listings, each in the place of the one with its id."""
        ...

    def remove(self, skus: Sequence[str]) -> None:
        """Forget the listings of these SKUs, where there are any."""
        ...

    def clear(self) -> None:
        """Forget all listings."""
        ...


EventReaders = Mapping[type[Event], Callable[[Repositories, Any], Iterable[str]]]
"""By type of event: returns the SKUs whose listings it may change, under the operator's authority."""
