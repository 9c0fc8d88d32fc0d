"""Which class a tag names, in which version, and how older documents become present ones."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import attrs

from mktcore.wire.errors import InvalidDocument, TagConflict, UnknownTag, UnknownUpcast, UnregisteredType

__all__ = ["Registration", "Registry", "Upcaster"]

MAX_VERSION_DIGITS = 6
C = TypeVar("C", bound=type)
Upcaster = Callable[[dict[str, object]], dict[str, object]]
"""From the fields of a document of one version to those of the next; plain JSON values in and out."""


@attrs.frozen
class Registration:
    """A class and the name it is stored and published under.

    Attributes:
        tag: Lives on when the class is renamed: `"orders.merchant-order"`.
        version: Of its present shape, 1 or more.
        type: The class.
    """

    tag: str
    version: int
    type: type

    @property
    def name(self) -> str:
        """Tag and version as documents carry them: `"orders.merchant-order.v1"`."""
        return f"{self.tag}.v{self.version}"


class Registry:
    """Tags, versions and up-casters.

    >>> import attrs
    >>> @attrs.frozen
    ... class Parcel:
    ...     weight_g: int
    >>> registry = Registry()
    >>> registry.register_type("host.parcel", 2, Parcel).name
    'host.parcel.v2'
    >>> registry.register_upcaster("host.parcel", 1, lambda old: {"weight_g": old["weight_kg"] * 1000})
    >>> registry.upcast("host.parcel.v1", {"weight_kg": 2})
    (Registration(tag='host.parcel', version=2, type=<class 'mktcore.wire.registry.Parcel'>), {'weight_g': 2000})
    """

    def __init__(self, registrations: Iterable[Registration] = ()) -> None:
        """Start with some registrations; more may follow."""
        self._by_tag: dict[str, Registration] = {}
        self._by_type: dict[type, Registration] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}
        for registration in registrations:
            self.add(registration)

    def register_type(self, tag: str, version: int, cls: type) -> Registration:
        """Give a class its tag and the version of its present shape; doing it again with the same is harmless.

        Raises:
            TagConflict: The tag names another class or version, or the class has another tag.
        """
        return self.add(Registration(tag, version, cls))

    def add(self, registration: Registration) -> Registration:
        """Register one entry of a table."""
        known = self._by_tag.get(registration.tag) or self._by_type.get(registration.type)
        if known == registration:
            return known
        if known is not None:
            raise TagConflict(registration.name, f"{known.type.__qualname__} is {known.name}")
        if not attrs.has(registration.type):
            raise TagConflict(registration.name, f"{registration.type.__qualname__} is no attrs class")
        self._by_tag[registration.tag] = self._by_type[registration.type] = registration
        return registration

    def register_upcaster(self, tag: str, from_version: int, upcast: Upcaster) -> None:
        """Say how a document of an earlier version becomes one of the next.

        Raises:
            UnknownUpcast: The tag is not registered with a later version.
        """
        known = self._by_tag.get(tag)
        if known is None or not 1 <= from_version < known.version:
            raise UnknownUpcast(tag, from_version)
        self._upcasters[tag, from_version] = upcast

    def __iter__(self) -> Iterator[Registration]:
        return iter(self._by_tag.values())

    def find_type(self, cls: type) -> Registration | None:
        """Return the registration of a class, or None."""
        return self._by_type.get(cls)

    def get_type(self, cls: type) -> Registration:
        """Return the registration of a class.

        Raises:
            UnregisteredType: It has none.
        """
        found = self._by_type.get(cls)
        if found is None:
            raise UnregisteredType(cls)
        return found

    def list_members(self, cls: type) -> tuple[Registration, ...]:
        """Return the registered classes that a base stands for: its own has neither a tag nor fields.

        A field of such a base holds any of them, each with its tag, and hosts register more. Any other class stands for
        itself alone, and has none.
        """
        if cls in self._by_type or attrs.fields(cls):
            return ()
        return tuple(known for known in self._by_tag.values() if issubclass(known.type, cls))

    def get_missing_upcasters(self) -> tuple[str, ...]:
        """Return the tags and versions that could not be read any more, such as `"orders.placed.v1"`."""
        return tuple(
            f"{known.tag}.v{version}"
            for known in self._by_tag.values()
            for version in range(1, known.version)
            if (known.tag, version) not in self._upcasters
        )

    def find_tag(self, name: str) -> tuple[Registration, int]:
        """Return the registration that a document's tag names, and the version it was written in.

        Raises:
            UnknownTag: No such tag, a later version, or an earlier one without an up-caster.
        """
        tag, _, text = name.rpartition(".v")
        known = self._by_tag.get(tag)
        if known is None or not text.isascii() or not text.isdigit() or len(text) > MAX_VERSION_DIGITS:
            raise UnknownTag(name)
        version = int(text)
        readable = known.version == version or (tag, version) in self._upcasters
        if not readable or str(version) != text:
            raise UnknownTag(name, (known.name,))
        return known, version

    def upcast(self, name: str, fields: dict[str, object]) -> tuple[Registration, dict[str, object]]:
        """Return the registration of a document, and its fields in the present version.

        Raises:
            UnknownTag: Nothing can read it.
            InvalidDocument: An up-caster found something else than its version's fields.
        """
        known, version = self.find_tag(name)
        for earlier in range(version, known.version):
            upcast = self._upcasters.get((known.tag, earlier))
            if upcast is None:
                raise UnknownTag(f"{known.tag}.v{earlier}", (known.name,))
            fields = _apply(upcast, fields, f"{known.tag}.v{earlier}")
        return known, fields


def _apply(upcast: Upcaster, fields: dict[str, object], name: str) -> dict[str, object]:
    try:
        return upcast(dict(fields))
    except Exception as error:
        # An up-caster indexes fields by name; on a damaged document that fails in ways only it knows.
        message = f"not the fields of {name}: {type(error).__name__}: {error}"
        raise InvalidDocument.at("", "wire.not-upcastable", message[:300]) from error
