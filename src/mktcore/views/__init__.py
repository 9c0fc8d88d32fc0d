"""What a host's screens show: every answer as a plain JSON value, its JSON Schema, and texts in the host's words."""

from mktcore.views.asked_cart import CART_SCHEMA, read_cart
from mktcore.views.texts import ENGLISH, Texts, TextsRefused, find_missing_texts
from mktcore.views.view import UnknownView, list_codes, schema_of, schemas, view

__all__ = [
    "CART_SCHEMA",
    "ENGLISH",
    "Texts",
    "TextsRefused",
    "UnknownView",
    "find_missing_texts",
    "list_codes",
    "read_cart",
    "schema_of",
    "schemas",
    "view",
]
