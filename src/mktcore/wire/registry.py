"""Which class a tag names, in which version, and how older documents become present ones."""

from collections.abc import Iterable, Iterator

import attrs

from mktcore.persistence.stored import Stored, Upcaster
from mktcore.wire.errors import InvalidDocument, TagConflict, UnknownTag, UnknownUpcast, UnregisteredType

__all__ = ["Registry"]

MAX_VERSION_DIGITS = 6


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
    >>> known, fields = registry.upcast("host.parcel.v1", {"weight_kg": 2})
    >>> known.name, fields
    ('host.parcel.v2', {'weight_g': 2000})
    """

    def __init__(self, declared: Iterable[Stored] = ()) -> None:
        """Start with some declarations; more may follow."""
        self._by_tag: dict[str, Stored] = {}
        self._by_type: dict[type, Stored] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}
        self._found: dict[str, tuple[Stored, int]] = {}
        for one in declared:
            self.add(one)

    def join(self, declared: Iterable[Stored]) -> "Registry":
        """Return a registry of what this one holds now and of other declarations; this one stays as it is.

        Raises:
            TagConflict: A tag or a class has another meaning already.
        """
        joined = Registry(self)
        # Those that were registered by themselves stand in no declaration.
        joined._upcasters |= self._upcasters
        for one in declared:
            joined.add(one)
        return joined

    def register_type(self, tag: str, version: int, cls: type) -> Stored:
        """Give a class its tag and the version of its present shape; doing it again with the same is harmless.

        Raises:
            TagConflict: The tag names another class or version, or the class has another tag.
        """
        return self.add(Stored(tag, version, cls))

    def add(self, declared: Stored) -> Stored:
        """Register one declaration, its up-casters included.

        Raises:
            TagConflict: The tag names another class or version, or the class has another tag or is no attrs class.
        """
        known = self._by_tag.get(declared.tag) or self._by_type.get(declared.type)
        if known is not None and (known.name, known.type) != (declared.name, declared.type):
            raise TagConflict(declared.name, f"{known.type.__qualname__} is {known.name}")
        if not attrs.has(declared.type):
            raise TagConflict(declared.name, f"{declared.type.__qualname__} is no attrs class")
        if known is None:
            self._by_tag[declared.tag] = self._by_type[declared.type] = declared
        for version, upcast in declared.upcasters.items():
            self._upcasters[declared.tag, version] = upcast
        return known or declared

    def register_upcaster(self, tag: str, from_version: int, upcast: Upcaster) -> None:
        """Say how a document of an earlier version becomes one of the next.

        Raises:
            UnknownUpcast: The tag is not registered with a later version.
        """
        known = self._by_tag.get(tag)
        if known is None or not 1 <= from_version < known.version:
            raise UnknownUpcast(tag, from_version)
        self._upcasters[tag, from_version] = upcast

    def __iter__(self) -> Iterator[Stored]:
        return iter(self._by_tag.values())

    def find_type(self, cls: type) -> Stored | None:
        """Return the declaration of a class, or None."""
        return self._by_type.get(cls)

    def get_type(self, cls: type) -> Stored:
        """Return the declaration of a class.

        Raises:
            UnregisteredType: It has none.
        """
        found = self._by_type.get(cls)
        if found is None:
            raise UnregisteredType(cls)
        return found

    def list_members(self, cls: type) -> tuple[Stored, ...]:
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

    def find_tag(self, name: str) -> tuple[Stored, int]:
        """Return the declaration that a document's tag names, and the version it was written in.

        Raises:
            UnknownTag: No such tag, a later version, or an earlier one without an up-caster.
        """
        found = self._found.get(name)
        if found is not None:
            return found
        tag, _, text = name.rpartition(".v")
        known = self._by_tag.get(tag)
        if known is None or not text.isascii() or not text.isdigit() or len(text) > MAX_VERSION_DIGITS:
            raise UnknownTag(name)
        version = int(text)
        readable = known.version == version or (tag, version) in self._upcasters
        # Written one way only: v01 is not v1.
        if not readable or str(version) != text:
            raise UnknownTag(name, (known.name,))
        # Kept of what is registered only, and a registration is never taken back: so it stays as small as the registry.
        self._found[name] = (known, version)
        return known, version

    def upcast(self, name: str, fields: dict[str, object]) -> tuple[Stored, dict[str, object]]:
        """Return the declaration of a document, and its fields in the present version.

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
