"""Whole documents: values to JSON bytes and back, with their tags."""

from functools import cache
from typing import Any, TypeVar, overload

from cattrs import BaseConverter

from mktcore.persistence.stored import Stored, Upcaster
from mktcore.wire.canonical_text import STRANGE, parse_canonical
from mktcore.wire.cattrs_converter import make_converter
from mktcore.wire.direct_hook import call_hook
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.json_text import MAX_BYTES, dump_json, parse_json
from mktcore.wire.read_values import TAG, read_any, split_tag
from mktcore.wire.refuse_value import refuse_type
from mktcore.wire.registered_types import REGISTRY
from mktcore.wire.registry import Registry
from mktcore.wire.write_values import write_any

__all__ = ["Codec", "from_json", "register_type", "register_upcaster", "to_json"]

T = TypeVar("T")
MAX_STORED_BYTES = 2**28
"""What a store wrote itself may be longer than what a stranger sends."""


class Codec:
    """Reads and writes documents with one converter and one registry. The functions of this module use a shared one.

    Attributes:
        converter: The cattrs converter.
        registry: Tags, versions and up-casters.
    """

    def __init__(self, registry: Registry = REGISTRY, converter: BaseConverter | None = None) -> None:
        """Use the host's converter, once `configure_converter` has taught it, or a new one."""
        self.registry = registry
        self.converter = converter or make_converter(registry=registry)

    def to_json(self, value: object) -> bytes:
        """Return a registered value as a JSON document with its tag, or plain JSON values as they are.

        Raises:
            InvalidDocument: The value, or a part of it, could not be read back.
        """
        return dump_json(write_any(value, self.converter, self.registry))

    @overload
    def from_json(self, data: bytes | str, cls: type[T], *, max_bytes: int = MAX_BYTES) -> T: ...
    @overload
    def from_json(self, data: bytes | str, cls: None = None, *, max_bytes: int = MAX_BYTES) -> object: ...
    def from_json(self, data: bytes | str, cls: type[T] | None = None, *, max_bytes: int = MAX_BYTES) -> object:
        """Return the value of a document, upgraded to the present version of its type.

        Args:
            data: What `to_json` wrote, or a host sent.
            cls: The type expected; without it any registered type, and plain JSON, is read.
            max_bytes: Longer documents are refused unread.

        Raises:
            InvalidDocument: Every fault, with its path.
        """
        plain = parse_json(data, max_bytes=max_bytes)
        if cls is None:
            return read_any(plain, self.converter, self.registry)
        if type(plain) is not dict or TAG not in plain:
            raise InvalidDocument.at(TAG, "wire.missing-tag", f"expected an object that says its type in {TAG}")
        registration, fields = split_tag(plain, self.registry)
        if registration.type is not cls:
            expected = self.registry.get_type(cls).name
            raise InvalidDocument.at(TAG, "wire.wrong-tag", f"expected {expected}, not {registration.name}")
        return self.converter.get_structure_hook(cls)(fields, cls)

    def read_plain(self, plain: object, cls: type[T]) -> T:
        """Return a value of a class, of plain JSON without a tag, as it stands in a row or a form.

        Raises:
            InvalidDocument: Every fault, with its path.
        """
        value: T = self.converter.get_structure_hook(cls)(plain, cls)
        return value

    def write_fields(self, value: object) -> tuple[str, str]:
        """Return the tag and the JSON text of a registered value, for stores that keep the two apart.

        Raises:
            UnregisteredType: Its class has no tag.
            InvalidDocument: A part of it could not be read back.
        """
        cls = type(value)
        name = self.registry.get_type(cls).name
        return name, dump_json(self.converter.get_unstructure_hook(cls)(value)).decode()

    def read_fields(self, name: str, text: str | bytes) -> Any:
        """Return the value of a tag and a JSON text, upgraded to the present version.

        Raises:
            UnknownTag: Nothing can read it.
            InvalidDocument: Every fault, with its path.
        """
        plain = parse_canonical(text) if len(text) <= MAX_STORED_BYTES else STRANGE
        if type(plain) is dict:
            try:
                return self._read_plain_fields(name, plain)
            except InvalidDocument:
                pass  # told below: of what that parser found, which keeps what is inexact as it was written
        plain = parse_json(text, max_bytes=MAX_STORED_BYTES)
        if type(plain) is not dict:
            raise refuse_type(plain, "an object")
        return self._read_plain_fields(name, plain)

    def _read_plain_fields(self, name: str, plain: dict[str, object]) -> Any:
        registration, fields = self.registry.upcast(name, plain)
        return call_hook(self.converter.get_structure_hook(registration.type), registration.type, fields)


@cache
def shared_codec() -> Codec:
    """Return the codec of the shared registry."""
    # Made when it is first asked for, so that importing the wire stays cheap.
    return Codec()


def to_json(value: object) -> bytes:
    """Return a registered value as a JSON document with its tag.

    >>> from mktcore.stock import StockCount
    >>> to_json(StockCount("acme-camera", "acme", 5)).decode()
    '{"$type":"offers.stock-count.v1","item":"acme-camera","merchant":"acme","on_hand":5,"backorder":0}'

    Raises:
        InvalidDocument: The value, or a part of it, could not be read back.
    """
    return shared_codec().to_json(value)


@overload
def from_json(data: bytes | str, cls: type[T], *, max_bytes: int = MAX_BYTES) -> T: ...
@overload
def from_json(data: bytes | str, cls: None = None, *, max_bytes: int = MAX_BYTES) -> object: ...
def from_json(data: bytes | str, cls: type[T] | None = None, *, max_bytes: int = MAX_BYTES) -> object:
    """Return the value of a document, upgraded to the present version of its type.

    >>> from mktcore.stock import StockCount
    >>> from_json('{"$type":"offers.stock-count.v1","item":"acme-camera","merchant":"acme","on_hand":"5"}', StockCount)
    Traceback (most recent call last):
        ...
    mktcore.wire.errors.InvalidDocument: 1 problem
      - expected an int, not the str '5' @ on_hand

    Raises:
        InvalidDocument: Every fault, with its path.
    """
    if cls is None:
        return shared_codec().from_json(data, max_bytes=max_bytes)
    return shared_codec().from_json(data, cls, max_bytes=max_bytes)


def register_type(tag: str, version: int, cls: type) -> Stored:
    """Give a host's class its tag and version in the shared registry; see `Registry.register_type`."""
    return REGISTRY.register_type(tag, version, cls)


def register_upcaster(tag: str, from_version: int, upcast: Upcaster) -> None:
    """Say how an older document of a host's class becomes one of the next version; see `Registry.register_upcaster`."""
    REGISTRY.register_upcaster(tag, from_version, upcast)
