"""Saying why a JSON value is refused, in a few words, whatever its size."""

from mktcore.wire.errors import InvalidDocument
from mktcore.wire.json_text import Duplicates, NotExact

__all__ = ["describe_json", "refuse_text", "refuse_type"]

_TEXTS: dict[type, str] = {str: "a text", int: "an int", bool: "a boolean", list: "an array", dict: "an object"}


def describe_json(value: object) -> str:
    """Say what a JSON value is, in a few words, whatever its size."""
    if value is None:
        return "null"
    if isinstance(value, NotExact):
        return f"the inexact number {value}"
    if isinstance(value, Duplicates):
        return f"an object with the key {value.key[:40]!r} twice"
    if isinstance(value, (dict, list)):
        return f"{_TEXTS[type(value)]} of {len(value)}" if type(value) in _TEXTS else type(value).__name__
    if isinstance(value, int) and value.bit_length() > 256:  # noqa: PLR2004 - beyond it, repr costs quadratic time
        return f"an int of {value.bit_length()} bits"
    text = repr(value[:40]) if isinstance(value, str) else repr(value)[:80]
    return f"the {type(value).__name__} {text}"


def refuse_type(value: object, expected: str) -> InvalidDocument:
    """Return the refusal of a value of another JSON type."""
    if isinstance(value, Duplicates):
        return InvalidDocument.at("", "wire.duplicate-key", f"the key {value.key[:40]!r} stands twice")
    return InvalidDocument.at("", "wire.wrong-type", f"expected {expected}, not {describe_json(value)}")


def refuse_text(value: object, expected: str) -> InvalidDocument:
    """Return the refusal of a text, or a number, that is not the canonical one."""
    return InvalidDocument.at("", "wire.wrong-text", f"expected {expected}, not {describe_json(value)}")
