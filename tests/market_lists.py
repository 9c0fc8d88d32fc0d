"""The lists of a market, found on its face as a user would find them."""

from collections.abc import Iterator
from typing import Any

from mktcore.access.record_list import ShownList
from mktcore.marketplace import Marketplace

__all__ = ["find_list", "iterate_lists"]


def iterate_lists(market: Marketplace) -> Iterator[tuple[str, ShownList[Any, Any, Any]]]:
    """Yield each list by the name that a caller writes: `"access.users"`, `"taxes"`."""
    for face, room in vars(market).items():
        if face.startswith("_"):
            continue
        if isinstance(room, ShownList):
            yield face, room
        for name in dir(type(room)):
            if isinstance(getattr(type(room), name), property):
                found = getattr(room, name)
                if isinstance(found, ShownList):
                    yield f"{face}.{name}", found


def find_list(market: Marketplace, name: str) -> ShownList[Any, Any, Any]:
    """Return the list of a name."""
    return dict(iterate_lists(market))[name]
