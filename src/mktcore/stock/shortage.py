"""Shortages: what cannot be reserved in the quantity asked, found for a whole call at once."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.stock.level import StockChange, StockLevel
from mktcore.stock.reservation import ReservationRequest

__all__ = ["Shortage", "find_shortages", "sum_requests", "sum_stock_changes"]


@attrs.frozen
class Shortage:
    """An item that cannot be reserved in the quantity asked.

    Attributes:
        item: Id of the stock item; one that does not exist for the caller has nothing available.
        requested: Pieces asked, summed over the requests for this item.
        available: Pieces that could have been reserved.
    """

    item: str
    requested: int
    available: int


def sum_requests(requests: Iterable[ReservationRequest]) -> dict[str, int]:
    """Return the pieces asked per item, in the order of item ids, which is the order of locks.

    >>> sum_requests(
    ...     [
    ...         ReservationRequest("r1", "tripod", 2),
    ...         ReservationRequest("r2", "camera", 1),
    ...         ReservationRequest("r3", "tripod", 3),
    ...     ]
    ... )
    {'camera': 1, 'tripod': 5}
    """
    totals: dict[str, int] = {}
    for request in requests:
        totals[request.item] = totals.get(request.item, 0) + request.quantity
    return dict(sorted(totals.items()))


def find_shortages(levels: Mapping[str, StockLevel], requests: Iterable[ReservationRequest]) -> tuple[Shortage, ...]:
    """Return every item of the requests that has too little, in the order of ids; one without a level has nothing.

    One request that may not use the back-order allowance forbids it to all of the call for its item, and the one that
    keeps most pieces free keeps them for all.

    >>> find_shortages(
    ...     {"camera": StockLevel("camera", "acme", 3)},
    ...     [ReservationRequest("r1", "camera", 2), ReservationRequest("r2", "camera", 2)],
    ... )
    (Shortage(item='camera', requested=4, available=3),)
    """
    asked = tuple(requests)
    # One pool of pieces serves all requests for an item, so that the strictest of them bounds what the call may take.
    bounded = {request.item for request in asked if request.on_hand_only}
    kept: dict[str, int] = {}
    for request in asked:
        kept[request.item] = max(request.keep, kept.get(request.item, 0))
    available = {
        item: max(0, (level.on_hand_free if item in bounded else level.available) - kept.get(item, 0))
        for item, level in levels.items()
    }
    return tuple(
        Shortage(item, quantity, available.get(item, 0))
        for item, quantity in sum_requests(asked).items()
        if available.get(item, 0) < quantity
    )


def sum_stock_changes(changes: Iterable[StockChange]) -> dict[str, int]:
    """Return the pieces that come in per item, in the order of item ids, which is the order of locks.

    >>> sum_stock_changes([StockChange("tripod", "acme", 5), StockChange("tripod", "acme", -1)])
    {'tripod': 4}
    """
    totals: dict[str, int] = {}
    for change in changes:
        totals[change.item] = totals.get(change.item, 0) + change.pieces
    return dict(sorted(totals.items()))
