"""What is stored or published, declared as data: the name a class lives on under, its version, and its repository."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

import attrs

from mktcore.errors import ErrorCategory, InvalidValue, Refused
from mktcore.notice import Notice
from mktcore.persistence.kinds import Kind

__all__ = ["Stored", "StoredRefused", "Upcaster", "join_stored", "list_kinds"]

RESERVED = "mktcore"
"""Tables of this name are every store's own, whatever the kinds; tags of this name are kept for what is to come."""
_TAG = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")

Upcaster = Callable[[dict[str, object]], dict[str, object]]
"""From the fields of a document of one version to those of the next; plain JSON values in and out."""


@attrs.frozen
class Stored:
    """A class that is stored, published, or part of what is: its tag, its version, and its repository if it has one.

    A room lists its own in `stored.py`, beside its nouns; `mktcore.ports` collects them, and the wire reads and writes
    by them. A host declares its own likewise: see `Marketplace.open`.

    >>> @attrs.frozen
    ... class Parcel:
    ...     id: str
    ...     weight_g: int
    ...     version: int = 0
    >>> Stored("my-shop.parcel", 2, Parcel, upcasters={1: lambda old: {**old, "weight_g": 0}}).name
    'my-shop.parcel.v2'

    Attributes:
        tag: Lives on when the class is renamed: `"orders.merchant-order"`. Its first word is the room, or the host.
        version: Of the class's present shape, 1 or more.
        type: The class.
        kind: Its repository, which says who reads and writes it; None for events and parts.
        upcasters: By an earlier version, how its documents become those of the next.
    """

    tag: str
    version: int
    type: type
    kind: Kind[Any] | None = attrs.field(default=None, kw_only=True, repr=False)
    upcasters: Mapping[int, Upcaster] = attrs.field(factory=dict, kw_only=True, hash=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if type(self.tag) is not str or not _TAG.fullmatch(self.tag):
            raise InvalidValue("Stored", "tag", self.tag, "words in lower case, joined by dots: my-shop.parcel")
        if type(self.version) is not int or self.version < 1:
            raise InvalidValue("Stored", "version", self.version, "a whole number from 1 up")
        if self.kind is not None and self.kind.type is not self.type:
            raise InvalidValue("Stored", "kind", self.kind.name, f"the kind of {self.type.__qualname__}")
        later = sorted(version for version in self.upcasters if not 1 <= version < self.version)
        if later:
            raise InvalidValue("Stored", "upcasters", later, f"versions before {self.version}")

    @property
    def name(self) -> str:
        """Tag and version as documents carry them: `"orders.merchant-order.v1"`."""
        return f"{self.tag}.v{self.version}"


@attrs.define(eq=False, slots=False)
class StoredRefused(Refused):
    """Declarations that cannot stand beside those there are; every reason is listed, and nothing was opened."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "stored.refused"


def join_stored(ours: Iterable[Stored], theirs: Iterable[Stored]) -> tuple[Stored, ...]:
    """Return our declarations and a host's as one list, in this order.

    A tag belongs to one class for ever, in every database and every log of events. So the first words of our tags are
    all taken: what a room of ours declares tomorrow must not meet what a host stores today.

    Args:
        ours: What the library declares.
        theirs: What a host declares.

    Raises:
        StoredRefused: A tag, a class or a kind's name of theirs is taken or reserved, or no attrs class.
    """
    known = tuple(ours)
    rooms = {one.tag.partition(".")[0] for one in known} | {RESERVED}
    added: list[Stored] = []
    problems: list[Notice] = []
    for position, one in enumerate(theirs):
        found = [*_check_own(one, rooms), *_check_apart(one, (*known, *added))]
        problems += [attrs.evolve(problem, where=f"stored[{position}].{problem.where}") for problem in found]
        # A refused one too: what clashes with it is told in the same answer.
        added.append(one)
    StoredRefused.raise_if(problems)
    return (*known, *added)


def list_kinds(declared: Iterable[Stored]) -> tuple[Kind[Any], ...]:
    """Return the repositories among declarations, in their order."""
    return tuple(one.kind for one in declared if one.kind is not None)


def _check_own(one: Stored, rooms: set[str]) -> Iterator[Notice]:
    room, remedy = one.tag.partition(".")[0], "begin it with a name of your own: my-shop.parcel"
    if room in rooms:
        message = f"the tag {one.tag!r} begins with {room!r}, which is the library's"
        yield Notice("stored.tag-reserved", "tag", message, remedy=remedy, operands={"tag": one.tag, "reserved": room})
    if one.kind is not None and one.kind.name.startswith(RESERVED):
        message = f"the kind {one.kind.name!r} begins with {RESERVED!r}, as the stores' own tables do"
        yield Notice(
            "stored.kind-reserved", "kind", message, remedy="give it another name", operands={"kind": one.kind.name}
        )
    if not attrs.has(one.type):
        message = f"{one.type.__qualname__} is no attrs class"
        yield Notice(
            "stored.no-attrs-class", "type", message, remedy="decorate it with attrs.frozen", operands={"tag": one.tag}
        )


def _check_apart(one: Stored, others: Iterable[Stored]) -> Iterator[Notice]:
    for other in others:
        if one.tag == other.tag:
            message = f"the tag {one.tag!r} is that of {other.type.__qualname__}"
            yield Notice("stored.tag-taken", "tag", message, remedy="choose another tag", operands={"tag": one.tag})
        if one.type is other.type:
            message = f"{one.type.__qualname__} is stored as {other.name} already"
            yield Notice(
                "stored.type-taken", "type", message, remedy="declare a class once", operands={"tag": other.tag}
            )
        if one.kind is not None and other.kind is not None and one.kind.name == other.kind.name:
            message = f"the kind {one.kind.name!r} is that of {other.type.__qualname__}"
            yield Notice(
                "stored.kind-taken", "kind", message, remedy="give it another name", operands={"kind": one.kind.name}
            )
