"""Who reads and writes which kinds, told of the kinds themselves: what the documentation prints."""

from collections.abc import Iterable, Iterator
from typing import Any

from mktcore.caller_scope import Party
from mktcore.persistence.kinds import EVERY_USER, Kind

__all__ = ["list_readers", "list_writers", "to_markdown"]


def list_readers(kind: Kind[Any]) -> Iterator[str]:
    """Yield who reads records of a kind beside the operator."""
    if kind.public:
        yield "everybody"
        return
    if kind.merchant is not None:
        yield "its merchant"
    if kind.buyer is not None:
        yield "its buyer"
    if kind.related is not None:
        yield "related buyers"


def list_writers(kind: Kind[Any]) -> Iterator[str]:
    """Yield who writes records of a kind beside the operator."""
    if kind.merchant is not None and Party.MERCHANT in kind.writers:
        yield "its merchant"
    if kind.buyer is not None and Party.BUYER in kind.writers:
        yield "its buyer"


def to_markdown(kinds: Iterable[Kind[Any]]) -> str:
    """Return the table of kinds, in the order of their names."""
    rows = [
        f"| `{kind.name}` | {_join(list_readers(kind))} | {_tell(kind.reads)} "
        f"| {_join(list_writers(kind))} | {_tell(kind.writes)} | {'-' if kind.view is None else 'by party'} |"
        for kind in sorted(kinds, key=lambda kind: kind.name)
    ]
    head = "| kind | read by, beside the operator | a user needs | written by | a user needs | parts |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _join(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "-"


def _tell(permission: str | None) -> str:
    return {None: "for no user", EVERY_USER: "nothing"}.get(permission, f"`{permission}`")
