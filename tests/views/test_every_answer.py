"""Everything that a call of a market answers has a view, or is named here with its reason."""

import inspect
import types
import typing
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import attrs
import pytest

from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists
from mktcore.offers.stock_list import StockOfOffer
from mktcore.persistence import Page
from mktcore.views import UnknownView, schema_of

REASONS = {
    "NoneType": "nothing is answered",
    "int": "a count",
    "str": "a key or an id",
    "Money": "an amount: `balance` answers nothing else, and `find_funds` has a view",
    "Marketplace": "not an answer, but the market itself",
    "Scope": "who asks; it is never shown",
    "TypeVar": "a record of a kind that has a view by itself",
}
"""By the name of the type."""
OTHERS = {
    "Projection": "what feeds a search engine",
    "MarketplaceOrderList": "a list, whose pages have views",
    "MerchantOrderList": "a list, whose pages have views",
    "Product": "goods",
    "Sku": "goods",
    "Category": "goods",
    "CategoryTree": "goods",
    "SellerView": "the storefront",
    "ViewPage": "the storefront",
}
"""What views of its own area show."""


def list_answers() -> Iterator[tuple[str, Any]]:
    """Yield every public call of a market and of its rooms, with what its annotation says that it answers."""
    with Marketplace.in_memory("EUR") as market:
        rooms = {name: room for name, room in vars(market).items() if not name.startswith("_")}
        for name, room in {"": market, **rooms}.items():
            if name in {"store", "clock", "policy"}:
                continue  # what it was opened with
            for method, found in inspect.getmembers(type(room), inspect.isroutine):
                if not method.startswith("_"):
                    called = inspect.unwrap(getattr(found, "__func__", found))
                    yield f"{name}.{method}".lstrip("."), get_type_hints(called)["return"]


def take_apart(answer: Any) -> Iterator[Any]:
    """Yield what a caller holds in its hands: the items of a page or tuple, each side of a union."""
    if get_origin(answer) in {tuple, Page, Iterator, types.UnionType, typing.Union}:
        for one in get_args(answer):
            if one is not Ellipsis:
                yield from take_apart(one)
    else:
        yield answer


def name_type(answer: Any) -> str:
    if isinstance(answer, typing.TypeVar):
        return "TypeVar"
    return "Marketplace" if answer is typing.Self else answer.__name__


def has_view(answer: Any) -> bool:
    try:
        schema_of(answer)
    except UnknownView:
        return False
    return True


ANSWERS = sorted(
    {(call, name_type(part), part) for call, answer in list_answers() for part in take_apart(answer)},
    key=lambda one: one[:2],
)


def test_every_answer_has_a_view_or_a_reason() -> None:
    assert len(ANSWERS) > 100
    missing = [
        f"{call} -> {name}"
        for call, name, part in ANSWERS
        if name not in REASONS | OTHERS and not (attrs.has(part) and has_view(part))
    ]
    assert missing == []


def test_every_list_holds_what_has_a_view() -> None:
    lists = dict(iterate_lists(Marketplace.in_memory("EUR")))
    held = {name: StockOfOffer if name == "stock.levels" else listed.kind.type for name, listed in lists.items()}
    assert sorted(name for name, type_ in held.items() if not has_view(Page[type_])) == []  # type: ignore[valid-type]


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_is_needed(name: str) -> None:
    parts = [part for _, found, part in ANSWERS if found == name]
    assert parts
    assert not any(has_view(part) for part in parts)
