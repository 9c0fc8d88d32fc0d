"""Every list of a marketplace, found on its face: what the documentation prints, and an administration walks."""

from collections.abc import Iterable, Iterator
from typing import Any

from mktcore.access.record_list import ShownList
from mktcore.marketplace.market import Marketplace
from mktcore.persistence.indexed_queries import list_served

__all__ = ["find_rooms", "iterate_lists", "to_markdown"]


def find_rooms(market: Marketplace) -> dict[str, Any]:
    """Return what a marketplace is made of by name, what is composed only when it is asked for among it."""
    late = [name for name, found in vars(type(market)).items() if isinstance(found, property)]
    return {**vars(market), **{name: getattr(market, name) for name in late}}


def iterate_lists(market: Marketplace) -> Iterator[tuple[str, ShownList[Any, Any, Any]]]:
    """Yield each list by the name that a caller writes: `"access.users"`, `"taxes"`.

    >>> lists = dict(iterate_lists(Marketplace.in_memory("EUR")))
    >>> lists["access.users"].filters
    ('merchant', 'buyer', 'party', 'state')
    """
    for face, room in find_rooms(market).items():
        if face.startswith("_"):
            continue
        if isinstance(room, ShownList):
            yield face, room
        properties = [name for name in dir(type(room)) if isinstance(getattr(type(room), name), property)]
        found = ((name, getattr(room, name)) for name in properties)
        yield from ((f"{face}.{name}", one) for name, one in found if isinstance(one, ShownList))


def to_markdown(market: Marketplace) -> str:
    """Return the table of lists: what each is asked by, and in which orders."""
    head = "| list | filters | together | orders, and what goes with them |\n|---|---|---|---|"
    return "\n".join([head, *(_tell_list(*one) for one in sorted(iterate_lists(market), key=lambda one: one[0]))])


def _tell_list(name: str, listed: ShownList[Any, Any, Any]) -> str:
    shown = [(order, names) for order, names in list_served(listed.kind) if {*names, order} <= {*listed.filters, "id"}]
    together = _join(" and ".join(names) for order, names in shown if order == "id" and len(names) > 1)
    orders = [name for name in listed.kind.ordered if name in listed.filters]
    beside = {order: _join(" and ".join(names) for by, names in shown if by == order) for order in orders}
    told = "; ".join(f"`{order}`: {names}" for order, names in beside.items())
    return f"| `{name}` | {_join(f'`{one}`' for one in listed.filters)} | {together} | {told or '-'} |"


def _join(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "-"
