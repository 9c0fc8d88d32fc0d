"""JSON text to plain Python values and back: bounded, and nothing guessed.

What JSON allows and this library does not (floats, NaN, duplicate keys, numbers of impractical length) becomes a
marker that no reader accepts, so that the refusal carries the path at which it stood.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, cast

import attrs

from mktcore.notice import Notice
from mktcore.wire.canonical_text import encode_canonical
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument

__all__ = ["MAX_BYTES", "Duplicates", "NotExact", "dump_json", "encode_text", "parse_json"]

MAX_BYTES = 4 * 2**20
MAX_NUMBER_DIGITS = 40
_HALF = "wire.half-a-pair"
_TOO_LONG = 10**MAX_NUMBER_DIGITS
_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TOO_MANY_ZEROS = b"0" * (MAX_NUMBER_DIGITS + 1)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@attrs.frozen
class NotExact:
    """A number as it was written, that is no exact int: a float, NaN, or one of too many digits."""

    text: str

    def __str__(self) -> str:
        return self.text if len(self.text) <= MAX_NUMBER_DIGITS else f"{len(self.text)} characters of number"


@attrs.frozen
class Duplicates:
    """An object with a key that was given twice."""

    key: str


def parse_json(data: bytes | str, *, max_bytes: int = MAX_BYTES) -> object:
    """Return the plain value of a JSON text: dict, list, str, int, bool, None, `NotExact` or `Duplicates`.

    Args:
        data: UTF-8 bytes, or text.
        max_bytes: Longer documents are refused unread.

    Raises:
        InvalidDocument: Too long, not UTF-8, not JSON, nested too deeply, or text with half a surrogate pair.
    """
    if len(data) > max_bytes:
        raise InvalidDocument.at("", "wire.too-long", f"more than {max_bytes} bytes")
    try:
        raw = data.encode() if isinstance(data, str) else bytes(data)
        text = data if isinstance(data, str) else raw.decode()
        # The parser's own ints are faster, and safe where no number is long.
        value: object = (_decode_bounded if _TOO_MANY_ZEROS in raw.translate(_TO_ZEROS) else _decode)(text)
    except UnicodeError:
        raise InvalidDocument.at("", "wire.not-utf8", "not UTF-8") from None
    except RecursionError:
        raise InvalidDocument.at("", "wire.too-deep", "nested too deeply") from None
    except json.JSONDecodeError as error:
        what = "Unexpected UTF-8 BOM (decode using utf-8-sig)" if error.doc.startswith("\ufeff") else error.msg
        raise InvalidDocument.at("", "wire.not-json", f"not JSON: {what}, character {error.pos}") from None
    # Half pairs come by escapes only, as UTF-8 has none: most documents are spared the walk.
    if b"\\u" in raw and _SURROGATE.search(raw):
        InvalidDocument.raise_if(islice(_find_surrogates(value), MAX_PROBLEMS))
    return value


def dump_json(value: object) -> bytes:
    """Return plain values as canonical JSON: no white space, UTF-8, keys in the order given.

    Raises:
        InvalidDocument: It holds what `parse_json` would refuse: half a surrogate pair, or a number of too many digits.
    """
    quick = encode_canonical(value)
    if quick is not None:
        return quick
    try:
        raw = encode_text(value).encode()
    except UnicodeEncodeError:
        raise InvalidDocument(tuple(islice(_find_surrogates(value), MAX_PROBLEMS))) from None
    except ValueError:  # more digits than Python itself writes
        raise InvalidDocument(tuple(islice(_find_long(value), MAX_PROBLEMS))) from None
    if _TOO_MANY_ZEROS in raw.translate(_TO_ZEROS):
        InvalidDocument.raise_if(islice(_find_long(value), MAX_PROBLEMS))
    return raw


# Frozen values hold no circles, so none is looked for.
encode_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False).encode
"""Return plain values as the text of `dump_json`, half pairs and long numbers unseen."""


def _to_object(pairs: list[tuple[str, object]]) -> object:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return Duplicates(key)
        seen.add(key)
    raise AssertionError


def _parse_int(text: str) -> int | NotExact:
    return int(text) if len(text) <= MAX_NUMBER_DIGITS else NotExact(text)


# Made once: making a decoder takes as long as reading a short document.
_HOOKS: dict[str, Any] = {"object_pairs_hook": _to_object, "parse_float": NotExact, "parse_constant": NotExact}
_decode: Callable[[str], object] = json.JSONDecoder(parse_int=int, **_HOOKS).decode
_decode_bounded: Callable[[str], object] = json.JSONDecoder(parse_int=_parse_int, **_HOOKS).decode


def _find_surrogates(value: object) -> Iterator[Notice]:
    """Yield the place of each text that cannot be encoded; in memory that grows with the depth alone."""
    if isinstance(value, str) and not _is_encodable(value):
        yield Notice(_HALF, "", "half a surrogate pair")
    branches = [_iterate(value)]
    steps = [""]
    while branches:
        step, item = next(branches[-1], (None, None))
        if step is None:
            branches.pop()
            steps.pop()
        elif isinstance(item, str):
            if not _is_encodable(item):
                yield Notice(_HALF, "".join([*steps, step]).removeprefix("."), "half a surrogate pair")
        else:
            branches.append(_iterate(item))
            steps.append(step)


def _find_long(value: object, path: str = "") -> Iterator[Notice]:
    """Yield the place of each number of too many digits, in a value of ours: it is flat."""
    if isinstance(value, int) and abs(value) >= _TOO_LONG:
        message = f"a number of more than {MAX_NUMBER_DIGITS} digits"
        yield Notice("wire.too-many-digits", path.removeprefix("."), message)
    for step, item in _iterate(value):
        yield from _find_long(item, f"{path}{step}") if not isinstance(item, str) else ()


def _iterate(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            step = f".{key[:40].encode(errors='replace').decode()}"
            yield step, key
            yield step, item
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield f"[{position}]", item


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
