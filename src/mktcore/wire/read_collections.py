"""Readers of arrays and objects of which one type says what stands in them."""

from collections.abc import Callable
from typing import Any, cast

from mktcore.notice import Notice
from mktcore.wire.error_places import locate_notices
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument
from mktcore.wire.refuse_value import refuse_type

__all__ = ["Reader", "read_items", "read_mapping", "read_pairs", "read_row", "read_set", "read_tuple"]

Reader = Callable[[Any], object]


def read_items(data: object, reader: Reader) -> list[object]:
    """Return the items of an array, each read; every fault is told with its position.

    Raises:
        InvalidDocument: It is no array, or an item is refused; reading ends once there are too many faults to tell.
    """
    if type(data) is not list:
        raise refuse_type(data, "an array")
    values: list[object] = []
    keep = values.append
    try:
        for item in data:
            keep(reader(item))
    except Exception as error:  # noqa: BLE001 - as in ClassReader
        # Those that were read are not read again: they are as good as the rest, and may be many.
        refusal = _refuse_items(data, reader, len(values), error=error)
    else:
        return values
    # Out here, so that no level of a document keeps what the levels below it raised, and all that they stood at.
    try:
        raise refusal
    finally:
        del refusal  # or it would hold the frame that holds it


def _refuse_items(data: list[Any], reader: Reader, refused: int, *, error: Exception) -> InvalidDocument:
    problems = locate_notices(error, f"[{refused}]")
    for position in range(refused + 1, len(data)):
        if len(problems) >= MAX_PROBLEMS:
            break
        try:
            reader(data[position])
        except Exception as found:  # noqa: BLE001 - as in ClassReader
            problems += locate_notices(found, f"[{position}]")
    return InvalidDocument(tuple(problems[:MAX_PROBLEMS]))


def read_tuple(reader: Reader) -> Reader:
    """Return the reader of an array of items that are alike."""

    def read(data: object) -> tuple[object, ...]:
        return tuple(read_items(data, reader))

    return read


def read_row(readers: tuple[Reader, ...]) -> Reader:
    """Return the reader of an array of so many items, each of its own type."""

    def read(data: object) -> tuple[object, ...]:
        if type(data) is not list or len(data) != len(readers):
            raise refuse_type(data, f"an array of {len(readers)}")
        positions = iter(readers)
        return tuple(read_items(data, lambda item: next(positions)(item)))  # noqa: PLW0108 - the next reader for each item

    return read


def read_set(reader: Reader) -> Reader:
    """Return the reader of a set: an array in which nothing stands twice."""

    def read(data: object) -> frozenset[object]:
        items = read_items(data, reader)
        found = frozenset(items)
        if len(found) != len(items):
            raise InvalidDocument.at("", "wire.duplicate-item", "an item stands twice")
        return found

    return read


def read_mapping(read_key: Reader, read_value: Reader) -> Reader:
    """Return the reader of a mapping with keys that are texts: an object."""

    def read(data: object) -> dict[object, object]:
        if type(data) is not dict:
            raise refuse_type(data, "an object")
        found: dict[object, object] = {}
        problems: list[Notice] = []
        for key, item in data.items():
            try:
                found[read_key(key)] = read_value(item)
            except Exception as error:  # noqa: BLE001 - as in ClassReader
                problems += locate_notices(error, str(key)[:80])
                if len(problems) >= MAX_PROBLEMS:
                    break
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return found

    return read


def read_pairs(read_key: Reader, read_value: Reader) -> Reader:
    """Return the reader of a mapping whose keys are no texts: an array of [key, value]."""
    read_pair = read_row((read_key, read_value))

    def read(data: object) -> dict[object, object]:
        pairs = read_items(data, read_pair)
        found = dict(cast("list[tuple[object, object]]", pairs))
        if len(found) != len(pairs):
            raise InvalidDocument.at("", "wire.duplicate-key", "a key stands twice")
        return found

    return read
