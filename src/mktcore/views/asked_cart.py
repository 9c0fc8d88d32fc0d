"""A cart as a browser sends it: what is wanted, and nothing that is the host's to say, such as charges or who buys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

import attrs

from mktcore.carts import Cart, CartLine
from mktcore.carts.cart import MAX_CODES, MAX_LINE_KEY, MAX_OPTIONS, MAX_QUANTITY
from mktcore.errors import ErrorCategory, MktcoreError, Refused
from mktcore.ids import MAX_ID_LENGTH
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.persistence import Party, Scope

__all__ = ["CART_SCHEMA", "CartDocumentRefused", "read_cart"]

_ID = {"type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH}
_MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
_LINE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "key": {**_ID, "maxLength": MAX_LINE_KEY, "description": "Names the line; the order's lines carry it."},
        "sku": {**_ID, "description": "What is wanted."},
        "quantity": {"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY, "default": 1},
        "offer": {**_ID, "description": "Whose; absent lets the marketplace choose."},
        "options": {"type": "array", "items": {"type": "string"}, "maxItems": MAX_OPTIONS},
    },
    "required": ["key", "sku"],
    "additionalProperties": False,
}
CART_SCHEMA: Mapping[str, Any] = {
    "title": "AskedCart",
    "description": "What a buyer wants; who buys, the session says.",
    "type": "object",
    "properties": {
        "id": {**_ID, "description": "The cart's id; a cart becomes one order at most."},
        "lines": {"type": "array", "items": _LINE},
        "codes": {"type": "array", "items": {"type": "string"}, "maxItems": MAX_CODES},
        "channel": {**_ID, "description": "The sales channel."},
        "agreed_total": {**_MONEY, "description": "The most that is agreed to in all, as a simulation showed it."},
    },
    "required": ["id", "lines"],
    "additionalProperties": False,
}
"""The JSON Schema of what `read_cart` reads, for the description of an API."""


_MOST_PROBLEMS = 100


@attrs.define(eq=False, slots=False)
class CartDocumentRefused(Refused):
    """A cart that cannot be read, with everything that is wrong with it."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "views.cart-document-refused"


def read_cart(document: object, *, scope: Scope) -> Cart:
    """Return a cart of the calling buyer, read from plain JSON as `CART_SCHEMA` describes it.

    >>> wanted = {"id": "cart-1", "lines": [{"key": "l1", "sku": "camera", "quantity": 2}]}
    >>> read_cart(wanted, scope=Scope.buyer("buyer-1")).lines[0].quantity
    2

    Args:
        document: What was sent, decoded.
        scope: The buyer; of a user, the cart is that user's.

    Raises:
        CartDocumentRefused: It is something else, or no buyer asks; every problem is told, a hundred at most.
    """
    caller = scope.caller
    problems = [*islice(_check_object(document, CART_SCHEMA, ""), _MOST_PROBLEMS)]
    if caller.party is not Party.BUYER or caller.is_visitor:
        message, remedy = "a cart is a buyer's", "let whoever asks be a buyer first: Scope.buyer(id)"
        problems.insert(0, Notice("no-buyer", "", message, remedy=remedy))
    CartDocumentRefused.raise_if(problems)
    given: Any = document
    try:
        return _to_cart(given, scope)
    # What no schema says: an id with a blank, two lines of one key, an amount of no currency.
    except MktcoreError as error:
        raise CartDocumentRefused.of(_tell(error)) from error


def _to_cart(given: Mapping[str, Any], scope: Scope) -> Cart:
    agreed = given.get("agreed_total")
    return Cart.of(
        given["id"],
        buyer=scope.caller.id,
        user=scope.caller.user,
        lines=[
            CartLine(
                line["key"],
                line["sku"],
                line.get("quantity", 1),
                offer=line.get("offer"),
                options=tuple(line.get("options", ())),
            )
            for line in given["lines"]
        ],
        codes=given.get("codes", ()),
        channel=given.get("channel"),
        agreed_total=None if agreed is None else Money.of(agreed["amount"], agreed["currency"]),
    )


def _tell(error: MktcoreError) -> Sequence[Notice]:
    notices = error.notices if isinstance(error, Refused) else ()
    return notices or [Notice(error.code, "", error.describe(), remedy=error.remedy)]


def _check(value: object, schema: Mapping[str, Any], where: str) -> Iterator[Notice]:
    yield from _CHECKS[schema["type"]](value, schema, where)


def _check_object(value: object, schema: Mapping[str, Any], where: str) -> Iterator[Notice]:
    if not isinstance(value, Mapping):
        yield _expect("an object", value, where)
        return
    properties = schema["properties"]
    for name in schema["required"]:
        if name not in value:
            yield Notice("missing-field", _join(where, name), "it is missing", remedy="send it")
    for name, found in value.items():
        if name not in properties:
            yield Notice("unknown-field", _join(where, str(name)), "it means nothing here", remedy="leave it out")
        else:
            yield from _check(found, properties[name], _join(where, name))


def _check_list(value: object, schema: Mapping[str, Any], where: str) -> Iterator[Notice]:
    if not isinstance(value, list):
        yield _expect("a list", value, where)
    elif len(value) > schema.get("maxItems", len(value)):
        yield _expect(f"{schema['maxItems']} at most", len(value), where)
    else:
        for place, one in enumerate(value):
            yield from _check(one, schema["items"], f"{where}[{place}]")


def _check_text(value: object, schema: Mapping[str, Any], where: str) -> Iterator[Notice]:
    most = schema.get("maxLength")
    if not isinstance(value, str) or len(value) < schema.get("minLength", 0) or (most and len(value) > most):
        yield _expect("a text" if most is None else f"a text of 1 to {most} characters", value, where)


def _check_whole(value: object, schema: Mapping[str, Any], where: str) -> Iterator[Notice]:
    # To Python, true is a number too.
    if type(value) is not int or not schema["minimum"] <= value <= schema["maximum"]:
        yield _expect(f"a whole number from {schema['minimum']} to {schema['maximum']}", value, where)


def _expect(expected: str, value: object, where: str) -> Notice:
    # Of what a browser sends, however much it is, a line's worth is told.
    is_short = value is None or isinstance(value, bool | int | float)
    shown = repr(value[:40]) if isinstance(value, str) else repr(value) if is_short else f"a {type(value).__name__}"
    return Notice("wrong-value", where, f"{shown} is not {expected}", remedy=f"send {expected}")


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


_CHECKS: Mapping[str, Callable[[object, Mapping[str, Any], str], Iterator[Notice]]] = {
    "object": _check_object,
    "array": _check_list,
    "string": _check_text,
    "integer": _check_whole,
}
