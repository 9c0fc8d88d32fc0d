"""Texts as merchants and feeds write them: bounded, and hiding nothing."""

import re

from mktcore.errors import InvalidValue

__all__ = ["MAX_CATEGORY", "MAX_DESCRIPTION", "MAX_NAME", "check_text", "show_hidden"]

# Feeds hold megabytes where a name is meant; what no screen can show is not stored.
MAX_NAME = 1_000
MAX_DESCRIPTION = 20_000
MAX_CATEGORY = 500
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line ends, marks that turn the direction of what follows, halves of characters."""


def check_text(type: str, field: str, text: str, *, longest: int, required: bool = False) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse a text that is too long, empty where it must not be, or hides what is written.

    Raises:
        InvalidValue: It is, or does.
    """
    if len(text) > longest:
        raise InvalidValue(type, field, text, f"{longest} characters at most")
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        raise InvalidValue(type, field, ascii(text), f"no control character such as {hidden[0]!a}")
    if required and not text.strip():
        raise InvalidValue(type, field, text, "not empty")


def show_hidden(text: str) -> str:
    """Return a text with a blank for each character that `check_text` refuses as hidden."""
    return _HIDDEN.sub(" ", text)
