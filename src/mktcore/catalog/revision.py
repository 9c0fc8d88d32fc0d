"""Revisions: what a record was after each change, who made it, when and why. One mechanism for every kind."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import ClassVar, TypeVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.persistence import Kind, NotFound, Page, Party, Repositories, Scope
from mktcore.persistence.kinds import EVERY_USER, Aggregate

__all__ = [
    "REVISIONS",
    "FieldChange",
    "NoSuchRevision",
    "RecordChange",
    "Revision",
    "compare_values",
    "find_as_of",
    "get_revision",
    "page_revisions",
    "record_changes",
    "to_revision_id",
    "view_value",
]

T = TypeVar("T", bound=Aggregate)
V = TypeVar("V")
MAX_NUMBER = 999_999_999
"""Nine digits, in which the numbers of revisions sort."""


class RecordChange(StrEnum):
    """How a record came to be as a revision has it."""

    FOUND = "found"
    """It was stored before anybody kept its history."""
    CREATED = "created"
    CHANGED = "changed"
    RESTORED = "restored"
    """It was rolled back to an earlier revision."""


@attrs.define(eq=False, slots=False)
class NoSuchRevision(MktcoreError):
    """A number that a record never had."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.NOT_FOUND
    code: ClassVar[str] = "catalog.no-such-revision"
    remedy: ClassVar[str] = "choose a number that the record's history lists"
    kind: str
    id: str
    number: int

    def describe(self) -> str:
        """Name the record and the number."""
        return f"the history of {self.kind} {self.id!r} has no revision {self.number}"


@attrs.frozen
class Revision:
    """A record as one change left it.

    Attributes:
        id: Made of the kind, the record and the number, so that revisions of one record follow each other.
        kind: Name of the record's kind: `"product"`.
        record: The record's id.
        number: The version that the record got by this change: 1, 2, 3, ...
        value: The whole record.
        change: How it came to be so.
        by: Who changed it; None where that is not known, or not the reader's to know.
        at: When, UTC; never before the revision before.
        note: Why, if somebody said.
        restored: The number it was rolled back to; None for any other change.
        owner: The merchant that owns the record; None when the operator does.
        version: How often it was stored: once.
    """

    id: str
    kind: str
    record: str
    number: int = attrs.field(kw_only=True)
    value: object = attrs.field(kw_only=True)
    change: RecordChange = attrs.field(kw_only=True)
    by: Scope | None = attrs.field(kw_only=True)
    at: datetime = attrs.field(converter=to_utc, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
    restored: int | None = attrs.field(default=None, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def view_for(self, scope: Scope) -> "Revision":
        """Return it as the caller may see it: another party's users are not named."""
        if scope.party is Party.OPERATOR:
            return self
        by = None if self.by is None else self.by.view_for(scope)
        return attrs.evolve(self, by=by, value=view_value(self.value, scope))


def view_value(value: V, scope: Scope) -> V:
    """Return a record as the caller may see it, where its kind shows less to some."""
    view: Callable[[Scope], V] | None = getattr(value, "view_for", None)
    return value if view is None else view(scope)


REVISIONS = Kind(
    "revision",
    Revision,
    columns={"subject": lambda found: f"{found.kind}/{found.record}", "owner": lambda found: found.owner},
    merchant="owner",
    fixed=("owner", "subject"),
    reads=EVERY_USER,
    view=Revision.view_for,
)


@attrs.frozen
class FieldChange:
    """A field that differs between two revisions."""

    field: str
    before: object
    after: object


def to_revision_id(kind: str, record: str, number: int) -> str:
    """Return the id of a revision: those of one record sort by their number."""
    # A digest, since the record's id may take up all that an id may have; nine digits sort as numbers do.
    digest = blake2b(f"{kind}/{record}".encode(), digest_size=16).hexdigest()
    return f"{kind}/{digest}/{number:09d}"


def record_changes(
    unit: Repositories,
    kind: Kind[T],
    changes: Sequence[tuple[T | None, T]],
    *,
    by: Scope,
    at: datetime,
    note: str = "",
    restored: int | None = None,
) -> None:
    """Keep a revision of each change, in the transaction that makes it; a constant number of round trips.

    A record that was stored before its history was kept gets a revision of what it was.

    Args:
        unit: Under the operator's authority.
        kind: Of the records.
        changes: Each record before (None for a new one) and after its change, as stored.
        by: Who changed them.
        at: The present instant.
        note: Why.
        restored: The number they were rolled back to.
    """
    repository = unit.repository(REVISIONS)
    former = [to_revision_id(kind.name, before.id, before.version) for before, _ in changes if before is not None]
    known = repository.find_many(former)
    found: list[Revision] = []
    for before, after in changes:
        last = None if before is None else known.get(to_revision_id(kind.name, before.id, before.version))
        if before is not None and last is None:
            last = _make(kind, before, RecordChange.FOUND, by=None, at=at)
            found.append(last)
        change = (
            RecordChange.CREATED
            if before is None
            else RecordChange.CHANGED
            if restored is None
            else RecordChange.RESTORED
        )
        # Clocks jump back, and `find_as_of` searches for instants that never fall.
        made = _make(kind, after, change, by=by.to_signature(), at=at if last is None else max(at, last.at))
        found.append(attrs.evolve(made, note=note, restored=restored))
    repository.add_many(found)


def _make(kind: Kind[T], value: T, change: RecordChange, *, by: Scope | None, at: datetime) -> Revision:
    number = value.version
    owner = kind.columns[kind.merchant](value) if kind.merchant else None
    key = to_revision_id(kind.name, value.id, number)
    return Revision(
        key,
        kind.name,
        value.id,
        number=number,
        value=value,
        change=change,
        by=by,
        at=at,
        owner=owner if isinstance(owner, str) else None,
    )


def page_revisions(
    unit: Repositories, kind: Kind[T], record: str, *, after: str | None = None, limit: int = 100
) -> Page[Revision]:
    """Return up to `limit` revisions of a record, the oldest first, after the revision with the id `after`."""
    return unit.repository(REVISIONS).page({"subject": f"{kind.name}/{record}"}, after=after, limit=limit)


def get_revision(unit: Repositories, kind: Kind[T], record: str, *, number: int) -> Revision:
    """Return one revision of a record.

    Raises:
        NotFound: There is no such record for this scope.
        NoSuchRevision: It has no such revision.
    """
    is_number = type(number) is int and 1 <= number <= MAX_NUMBER
    found = unit.repository(REVISIONS).find(to_revision_id(kind.name, record, number)) if is_number else None
    if found is not None:
        return found
    # Whoever may not see a record is told of no history either.
    if not page_revisions(unit, kind, record, limit=1).items:
        raise NotFound(kind.name, record)
    raise NoSuchRevision(kind.name, record, number)


def find_as_of(unit: Repositories, kind: Kind[T], record: str, *, instant: datetime) -> T | None:
    """Return a record as it was at an instant (aware); None when it was not there yet.

    It asks for as many revisions as the number of changes has bits.
    """
    found = _find_from(unit, kind, record, number=1, instant=instant)
    if found is None:
        return None
    step = 1
    # Steps that double until one is too late, then halve: a history of a million changes costs some forty reads.
    while (later := _find_from(unit, kind, record, number=found.number + step, instant=instant)) is not None:
        found, step = later, step * 2
    while step > 1:
        step //= 2
        found = _find_from(unit, kind, record, number=found.number + step, instant=instant) or found
    return found.value if isinstance(found.value, kind.type) else None


def _find_from(unit: Repositories, kind: Kind[T], record: str, *, number: int, instant: datetime) -> Revision | None:
    """Return the first revision from a number on, if it was there at the instant."""
    before = to_revision_id(kind.name, record, number - 1)
    found = page_revisions(unit, kind, record, after=before, limit=1).items
    return found[0] if found and found[0].at <= to_utc(instant) else None


def compare_values(before: object, after: object) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two states of a record, its version aside.

    >>> from mktcore.catalog.sku import Sku
    >>> compare_values(Sku("camera", "Camera"), Sku("camera", "Camera II", version=2))
    (FieldChange(field='name', before='Camera', after='Camera II'),)
    """
    return tuple(_list_differences(before, after))


def _list_differences(before: object, after: object) -> Iterator[FieldChange]:
    for field in attrs.fields_dict(type(after)):  # type: ignore[arg-type]  # records are attrs values
        old, new = getattr(before, field, None), getattr(after, field)
        if old != new and field != "version":
            yield FieldChange(field, old, new)
