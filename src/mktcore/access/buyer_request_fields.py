"""What a buyer decides of a request, and what only the operator does on its behalf. Data; every check reads it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.persistence import Party, Scope

__all__ = ["DECISIONS", "BuyerMayNotDecide", "Decider", "check_decisions", "find_undecided", "to_markdown"]


class Decider(StrEnum):
    """Whose word counts for a field."""

    BUYER = "buyer"
    """The buyer's; where it names what is not for everybody, that is looked up."""
    OPERATOR = "operator"
    """The operator's alone: it grants something, or says what is charged."""


_BUYER, _OPERATOR = Decider.BUYER, Decider.OPERATOR

DECISIONS: Mapping[str, Mapping[str, tuple[Decider, str]]] = {
    "SalesContext": {
        "buyer": (_BUYER, "itself only"),
        "user": (_BUYER, "its own users, and those that only its host knows"),
        "groups": (_OPERATOR, "a group grants prices and promotions"),
        "channel": (_BUYER, "where one shops is no right: whoever reaches a channel may buy there"),
    },
    "Cart": {
        "id": (_BUYER, "a cart is one order at most"),
        "context": (_BUYER, "as below"),
        "lines": (_BUYER, "as below"),
        "shipping": (_OPERATOR, "it takes the place of the merchant's fee"),
        "expenses": (_OPERATOR, "what is charged beside the goods"),
        "reductions": (_OPERATOR, "what is given, and who bears it"),
        "payments": (_BUYER, "they have to sum to the grand total"),
        "sold_by": (_BUYER, "a merchant that the buyer can order from"),
        "codes": (_BUYER, "what takes them decides"),
        "agreed_total": (_BUYER, "it can refuse an order, never lower one"),
        "extra": (_BUYER, "the parts that a buyer is shown"),
        "deliver_to": (_BUYER, "where it wants its goods"),
        "delivery": (_BUYER, "methods that are offered to it"),
    },
    "CartLine": {
        "key": (_BUYER, "names the line"),
        "sku": (_BUYER, "one that it is shown"),
        "quantity": (_BUYER, "within the bounds of offer and price"),
        "offer": (_BUYER, "one that it may take"),
        "options": (_BUYER, "those that specs and prices know"),
        "agreed": (_BUYER, "it can refuse a price, never lower one"),
        "extra": (_BUYER, "the parts that a buyer is shown"),
        "deliver_to": (_BUYER, "where it wants its goods"),
        "delivery": (_BUYER, "a method that is offered to it"),
    },
    "ViewRequest": {
        "merchant": (_BUYER, "one that the buyer can order from"),
        "context": (_BUYER, "as above"),
        "quantity": (_BUYER, "any"),
        "catalog": (_BUYER, "one that is assigned to the buyer, or to all"),
        "owner": (_BUYER, "it narrows what is shown"),
        "operators": (_BUYER, "it narrows what is shown"),
    },
}
"""For each request of a buyer and each of its fields: whose word counts, and why. Every field is declared."""


@attrs.define(eq=False, slots=False)
class BuyerMayNotDecide(MktcoreError):
    """A buyer's request says what only the operator decides: a reduction, a charge, a group."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FORBIDDEN
    code: ClassVar[str] = "access.buyer-may-not-decide"
    remedy: ClassVar[str] = "leave them out, or let the operator ask on the buyer's behalf"
    request: str
    fields: tuple[str, ...]

    def describe(self) -> str:
        """Name the fields."""
        return f"a buyer does not decide on {', '.join(self.fields)} of a {self.request}"


def check_decisions(scope: Scope, request: object) -> None:
    """Let the operator and merchants pass, and a buyer whose request leaves out what is not its to decide.

    Args:
        scope: Who asks.
        request: A cart, or a request for a view, with the sales context in it.

    Raises:
        BuyerMayNotDecide: It names every such field that is set.
    """
    if scope.caller.party is Party.BUYER:
        beyond = tuple(_list_beyond(request))
        if beyond:
            raise BuyerMayNotDecide(type(request).__name__, beyond)


def _list_beyond(request: object) -> Iterator[str]:
    for field, (decider, _) in DECISIONS[type(request).__name__].items():
        value = getattr(request, field)
        if field == "context":
            yield from _list_beyond(value)
        elif decider is Decider.OPERATOR and value:
            yield field


def find_undecided(kind: type[attrs.AttrsInstance]) -> frozenset[str]:
    """Return the fields of a request that the table does not tell of, or tells of in vain."""
    return frozenset({field.name for field in attrs.fields(kind)} ^ DECISIONS[kind.__name__].keys())


def to_markdown() -> str:
    """Return the table as the documentation prints it."""
    rows = [
        f"| `{request}.{field}` | {decider} | {why} |"
        for request, fields in DECISIONS.items()
        for field, (decider, why) in fields.items()
    ]
    return "\n".join(["| field | whose word counts | why |", "|---|---|---|", *rows])
