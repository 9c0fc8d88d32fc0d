"""A list of a market by the name that a caller writes."""

from typing import Any

from mktcore.access.record_list import ShownList
from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists

__all__ = ["find_list"]


def find_list(market: Marketplace, name: str) -> ShownList[Any, Any, Any]:
    return dict(iterate_lists(market))[name]
