"""What keeping offers fresh asks of others: merchants' own systems, whoever waits for them, and what is bound."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.ids import is_own_id, to_own_id
from mktcore.money import Money
from mktcore.offers.stock_item_id import LOCATED
from mktcore.persistence import Repositories
from mktcore.stock.quantity import check_quantity

__all__ = ["CallWithin", "FindBindings", "ItemAnswer", "ItemTerms", "MerchantGateway"]

R = TypeVar("R")


def _to_places(on_hand: int | Mapping[str, int]) -> Mapping[str, int]:
    return dict(on_hand) if isinstance(on_hand, Mapping) else {"": on_hand}


@attrs.frozen
class ItemTerms:
    """What a merchant says of one of its items.

    Attributes:
        item: The merchant's own id of the item.
        as_of: The instant it is of, UTC: an answer of an earlier instant than one already applied is stale.
        price: What one piece costs.
        on_hand: Pieces on hand by location, those included that are reserved here and not shipped yet; an int where
            locations have no names.
        list_price: What it costs elsewhere; None for nothing to show.
        includes_tax: Whether the price contains its tax; None for as it did before, and at first as the marketplace
            states its prices.
    """

    item: str = attrs.field(converter=to_own_id)
    as_of: datetime = attrs.field(converter=to_utc)
    price: Money
    on_hand: Mapping[str, int] = attrs.field(converter=_to_places, hash=False)
    list_price: Money | None = None
    includes_tax: bool | None = None

    def __attrs_post_init__(self) -> None:
        if self.price.is_negative():
            raise InvalidValue("ItemTerms", "price", self.price, "zero or more")
        if not self.on_hand or ("" in self.on_hand and len(self.on_hand) > 1):
            raise InvalidValue("ItemTerms", "on_hand", dict(self.on_hand), "one count, or one by named location")
        for place, pieces in self.on_hand.items():
            check_quantity(f"on_hand[{place}]", pieces)
            if place and (LOCATED in place or not is_own_id(place)):
                raise InvalidValue("ItemTerms", "on_hand", place, "locations of printable characters without @")


ItemAnswer = Succeeded[ItemTerms] | Declined | Unknown


class MerchantGateway(Protocol):
    """Asks merchants for price and stock. Asking changes nothing there, so it may be repeated."""

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, ItemAnswer]:
        """Return what the merchant says of its items, by item.

        `Declined` says that the merchant does not sell the item; `Unknown`, like an item that is left out, and like
        anything raised, that nobody knows. Their reasons are shown to the merchant; the text of what is raised is not.
        Items nobody asked for are ignored.

        Args:
            merchant: Whose items.
            items: The merchant's own ids, each once.
            deadline: In what time the answer is of use; a later one is dropped.
        """
        ...


class CallWithin(Protocol):
    """Waits for a call until its deadline."""

    def __call__(self, call: Callable[[], R], deadline: timedelta, *, whom: str) -> R:
        """Return what the call returns, or raise what it raises.

        Args:
            call: What is called.
            deadline: How long it may take.
            whom: Who is called by it, so that whoever hangs is not called again and again.

        Raises:
            TimeoutError: It was not done in time, and what comes of it is dropped; or who is called is late already.
        """
        ...


class FindBindings(Protocol):
    """Tells which SKU each of a merchant's items is bound to, in a constant number of round trips."""

    def __call__(self, unit: Repositories, merchant: str, items: Iterable[str]) -> Mapping[str, str]:
        """Return SKUs by item; an item that is not bound is left out.

        Args:
            unit: Under the operator's authority.
            merchant: Whose items.
            items: The merchant's own ids of them.
        """
        ...
