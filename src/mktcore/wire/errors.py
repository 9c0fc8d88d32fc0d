"""What the wire refuses: documents, with the path of each fault, and types it cannot carry."""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError, Refused
from mktcore.notice import Notice

__all__ = ["InvalidDocument", "TagConflict", "UnknownTag", "UnknownUpcast", "UnregisteredType", "UnsupportedType"]

MAX_PROBLEMS = 100
"""A hostile document can hold a fault in every byte; after this many the rest is not looked at."""


@attrs.define(eq=False, slots=False)
class InvalidDocument(Refused):
    """A document, or a value to be written, that is not what its type says; every fault with its path.

    >>> print(InvalidDocument.at("lines[2].quantity", "wire.wrong-type", "not an int: '5'"))
    1 problem
      - not an int: '5' @ lines[2].quantity
    """

    code: ClassVar[str] = "wire.invalid-document"

    @classmethod
    def at(cls, where: str, code: str, message: str) -> "InvalidDocument":
        """Build the refusal of one fault."""
        return cls((Notice(code, where, message),))

    def describe(self) -> str:
        """List every fault as `message @ path`."""
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        return "\n".join([head, *(f"  - {problem.message} @ {problem.where or '$'}" for problem in self.problems)])

    def __str__(self) -> str:
        return self.describe()


@attrs.define(eq=False, slots=False)
class UnsupportedType(MktcoreError):
    """An annotation that the wire cannot carry."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "wire.unsupported-type"
    remedy: ClassVar[str] = "annotate with frozen attrs classes and the types of docs/wire.md, or register hooks for it"
    annotation: object
    reason: str

    def describe(self) -> str:
        """Name the annotation and the reason."""
        return f"{self.annotation!r} cannot be carried: {self.reason}"


@attrs.define(eq=False, slots=False)
class UnregisteredType(MktcoreError):
    """A class that stands where a tag is needed, and has none."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "wire.unregistered-type"
    remedy: ClassVar[str] = "register_type(tag, version, cls) first"
    type: type

    def describe(self) -> str:
        """Name the class."""
        return f"{self.type.__module__}.{self.type.__qualname__} has no tag"


@attrs.define(eq=False, slots=False)
class UnknownTag(MktcoreError):
    """A tag, or a version of it, that nothing is registered for."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "wire.unknown-tag"
    remedy: ClassVar[str] = "register the type, or read with the release that wrote it"
    tag: str
    known: Sequence[str] = ()

    def describe(self) -> str:
        """Name the tag and the nearest that is known."""
        versions = f"; known: {', '.join(self.known)}" if self.known else ""
        return f"no type is registered as {self.tag[:80]!r}{versions}"


@attrs.define(eq=False, slots=False)
class UnknownUpcast(MktcoreError):
    """An up-caster for a type or version that is not there."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "wire.unknown-upcast"
    remedy: ClassVar[str] = "register the type with its present version first; an up-caster starts at an earlier one"
    tag: str
    from_version: int

    def describe(self) -> str:
        """Name the tag and version."""
        return f"{self.tag!r} has no version after {self.from_version}"


@attrs.define(eq=False, slots=False)
class TagConflict(MktcoreError):
    """A tag given to two classes, or two tags given to one."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "wire.tag-conflict"
    remedy: ClassVar[str] = "choose another tag; a tag names one type for ever"
    tag: str
    reason: str

    def describe(self) -> str:
        """Name the tag and what it collides with."""
        return f"{self.tag!r} cannot be registered: {self.reason}"
