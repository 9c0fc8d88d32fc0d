"""The quick way of JSON that this library wrote itself, by orjson where it is installed; all else goes the strict way.

orjson reads a number of too many digits as a float, and of a key that stands twice the last: so what it read counts
only if, written again, it is the very text. A text that was changed by hand is either still canonical, and means what
it says, or is read by `json_text`, which tells what is wrong with it.
"""

from typing import Final

__all__ = ["STRANGE", "encode_canonical", "parse_canonical"]

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]  # the extra "fast" is not installed


class _Strange:
    """Nothing that stands in JSON."""

    __slots__ = ()


STRANGE: Final = _Strange()
"""What is answered of a text that has to go the strict way."""

# What only orjson takes for JSON is left to the strict encoder, which refuses it.
_AS_JSON = (
    0
    if orjson is None
    else (orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
)


def parse_canonical(text: str | bytes) -> object:
    """Return the plain value of a text as `encode_canonical` writes it, or `STRANGE`; a float in it is one still.

    Whoever reads the value must refuse floats, and then ask `parse_json`, which keeps them exact.
    """
    if orjson is None:
        return STRANGE
    try:
        value: object = orjson.loads(text)
        again = orjson.dumps(value)
    except (ValueError, TypeError):  # no JSON, half a pair, nested too deeply
        return STRANGE
    return value if again == (text.encode() if isinstance(text, str) else text) else STRANGE


def encode_canonical(value: object) -> bytes | None:
    """Return plain values as canonical JSON, or None where the strict encoder has to write or refuse them."""
    if orjson is None:
        return None
    try:
        return orjson.dumps(value, option=_AS_JSON)
    except (ValueError, TypeError):  # half a pair, an int of more than 64 bits, a key that is no text
        return None
