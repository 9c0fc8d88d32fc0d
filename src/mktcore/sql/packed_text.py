"""Long texts that are read rarely, kept packed: answers under keys repeat whole orders, and were half of all bytes."""

import zlib
from base64 import b85decode, b85encode

from mktcore.wire.errors import InvalidDocument

__all__ = ["pack_text", "unpack_text"]

_PACKED = "z1:"
"""Begins what is packed; no JSON begins so, so that answers of older releases are read as they are."""
_SHORT = 500
"""Characters that are not worth it: refusals are shorter than this, and stay legible."""


def pack_text(text: str) -> str:
    """Return a text as it is kept: as text still, for the column is one, and hosts copy it as such.

    >>> unpack_text(pack_text("order " * 1000), max_bytes=10_000) == "order " * 1000
    True
    >>> pack_text("refused")
    'refused'
    """
    return text if len(text) < _SHORT else _PACKED + b85encode(zlib.compress(text.encode())).decode()


def unpack_text(kept: str, *, max_bytes: int) -> str:
    """Return a text that was packed, or never was.

    Args:
        kept: What is kept.
        max_bytes: How long it may become: what somebody else put there must not fill the memory.

    Raises:
        InvalidDocument: It was packed, and changed since; or it is longer.
    """
    if not kept.startswith(_PACKED):
        return kept
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(b85decode(kept.removeprefix(_PACKED)), max_bytes).decode()
    except (ValueError, zlib.error):
        raise _refuse("it was changed") from None
    if not reader.eof or reader.unused_data:
        raise _refuse(f"it is cut off, goes on after its end, or has more than {max_bytes} bytes")
    return text


def _refuse(why: str) -> InvalidDocument:
    return InvalidDocument.at("", "wire.not-json", f"a packed text cannot be read: {why}")
