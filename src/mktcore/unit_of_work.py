"""The generic ports of persistence: who asks, one transaction, repositories, outbox, idempotency.

A use case loads what it needs, decides in a pure function, saves, and commits. Everything in between belongs to one
unit of work: either all of it is stored, with its events, or nothing is.

    with store.begin(scope) as unit:
        order = unit.repository(MERCHANT_ORDERS).get(order_id)
        changed, events = ship(order, ...)                 # pure
        unit.repository(MERCHANT_ORDERS).save(changed)
        unit.publish(events)
        unit.commit()                                      # without it, leaving the block changes nothing
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import ClassVar, Generic, Protocol, TypeVar

import attrs

from mktcore.errors import MktcoreError
from mktcore.events import Event

__all__ = [
    "Committing",
    "IdempotencyConflict",
    "IdempotencyRecord",
    "IdempotencyRecords",
    "InProgress",
    "Kind",
    "NotFound",
    "Outbox",
    "Page",
    "Party",
    "Repositories",
    "Repository",
    "Retryable",
    "Scope",
    "StaleVersion",
    "Store",
    "StoreError",
    "UniqueViolation",
    "retry_unit",
]


class Party(StrEnum):
    """The three kinds of party that can ask."""

    OPERATOR = "operator"
    MERCHANT = "merchant"
    BUYER = "buyer"


@attrs.frozen
class Scope:
    """Who is asking: the party on whose behalf a call is made, and its user.

    >>> Scope.merchant("acme", user="u1")
    Scope(party=<Party.MERCHANT: 'merchant'>, id='acme', user='u1', on_behalf_of=None)

    The operator sees every record; a merchant and a buyer see what their repositories' scope rules let through.
    What a party may not see does not exist for it.

    Attributes:
        party: The kind of party.
        id: The party's id; empty for the operator.
        user: The person or integration acting for it, where the host knows.
        on_behalf_of: Set when a use case works under the operator's authority for this caller.
    """

    party: Party
    id: str = ""
    user: str | None = None
    on_behalf_of: "Scope | None" = None

    @classmethod
    def operator(cls, *, user: str | None = None) -> "Scope":
        """Return the marketplace's own scope."""
        return cls(Party.OPERATOR, "", user)

    @classmethod
    def merchant(cls, merchant: str, *, user: str | None = None) -> "Scope":
        """Return a merchant's scope."""
        return cls(Party.MERCHANT, merchant, user)

    @classmethod
    def buyer(cls, buyer: str, *, user: str | None = None) -> "Scope":
        """Return a buyer's scope."""
        return cls(Party.BUYER, buyer, user)

    def to_operator(self) -> "Scope":
        """Return the operator's authority on behalf of this caller, for a use case that spans parties."""
        return self if self.party is Party.OPERATOR else Scope(Party.OPERATOR, "", self.user, self)

    @property
    def caller(self) -> "Scope":
        """Who asked in the first place."""
        return self.on_behalf_of or self

    def __str__(self) -> str:
        return f"{self.party}:{self.id}" if self.id else str(self.party)


@attrs.define(eq=False, slots=False)
class StoreError(MktcoreError):
    """Base of every refusal of a store."""

    code: ClassVar[str] = "store.error"


@attrs.define(eq=False, slots=False)
class NotFound(StoreError):
    """No such record, as far as this scope can see."""

    code: ClassVar[str] = "store.not-found"
    remedy: ClassVar[str] = "check the id, and that the caller may see it"
    kind: str
    id: str

    def describe(self) -> str:
        """Name the kind and the id."""
        return f"there is no {self.kind} {self.id!r}"


@attrs.define(eq=False, slots=False)
class StaleVersion(StoreError):
    """The record changed since it was read; nothing was written."""

    code: ClassVar[str] = "store.stale-version"
    remedy: ClassVar[str] = "read it again, decide again, save again"
    kind: str
    id: str
    version: int

    def describe(self) -> str:
        """Name the record and the version it was read at."""
        return f"{self.kind} {self.id!r} is no longer at version {self.version}"


@attrs.define(eq=False, slots=False)
class UniqueViolation(StoreError):
    """Another record has this id, or this value of a unique column; nothing was written."""

    code: ClassVar[str] = "store.unique-violation"
    remedy: ClassVar[str] = "choose another value, or load and change the record that has it"
    kind: str
    columns: tuple[str, ...]
    values: tuple[object, ...]

    def describe(self) -> str:
        """Name the columns and values."""
        pairs = ", ".join(f"{name}={value!r}" for name, value in zip(self.columns, self.values, strict=True))
        return f"there is a {self.kind} with {pairs} already"


@attrs.define(eq=False, slots=False)
class Retryable(StoreError):
    """The transaction lost against another one (deadlock, serialization, a busy database) and left nothing behind."""

    code: ClassVar[str] = "store.retryable"
    remedy: ClassVar[str] = "run the whole unit again; retry_unit does"
    reason: str

    def describe(self) -> str:
        """Name the reason."""
        return f"the transaction was rolled back: {self.reason}"


@attrs.define(eq=False, slots=False)
class IdempotencyConflict(StoreError):
    """A key that was used for a different request."""

    code: ClassVar[str] = "store.idempotency-conflict"
    remedy: ClassVar[str] = "use a new key for a new request, or repeat the first request unchanged"
    key: str
    fields: tuple[str, ...]

    def describe(self) -> str:
        """Name the key and the fields that differ."""
        return f"key {self.key!r} was used for another request; different: {', '.join(self.fields)}"


@attrs.define(eq=False, slots=False)
class InProgress(StoreError):
    """A key whose first request has not ended yet."""

    code: ClassVar[str] = "store.in-progress"
    remedy: ClassVar[str] = "ask again later with the same key"
    key: str

    def describe(self) -> str:
        """Name the key."""
        return f"the first request with key {self.key!r} has not ended yet"


class Aggregate(Protocol):
    """What a repository keeps: a frozen attrs value with an id and a version (0 while it was never stored)."""

    @property
    def id(self) -> str:
        """Its id, unique within its kind."""
        ...

    @property
    def version(self) -> int:
        """How often it was stored."""
        ...


T = TypeVar("T", bound=Aggregate)
Column = str | int | None


@attrs.frozen(eq=False)
class Kind(Generic[T]):
    """A repository, declared as data: adapters read this and need no code per kind.

    Attributes:
        name: Name of the kind, singular, also of its table: `"merchant_order"`.
        type: The attrs class of its values.
        columns: What queries filter by: a name and a function from the value to text, an int or None. Each is indexed.
        unique: Sets of columns whose values together belong to one record at most.
        merchant: Column that names the merchant a record belongs to; a merchant's scope sees only its own.
        buyer: Column that names the buyer a record belongs to; a buyer's scope sees only its own.
        public: Every party may read it. A kind that is not public and names no column of a party is the operator's.
    """

    name: str
    type: type[T]
    columns: Mapping[str, Callable[[T], Column]] = attrs.field(factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    merchant: str | None = None
    buyer: str | None = None
    public: bool = False

    def __attrs_post_init__(self) -> None:
        named = {name for columns in self.unique for name in columns} | {self.merchant, self.buyer}
        unknown = named - self.columns.keys() - {None}
        if unknown:
            message = f"kind {self.name!r} names columns it does not declare: {sorted(map(str, unknown))}"
            raise ValueError(message)


def column(path: str) -> Callable[[object], Column]:
    """Return a column that reads the attribute at `path`: `column("merchant")`."""
    return attrgetter(path)


@attrs.frozen
class Page(Generic[T]):
    """A page of records in the order of their ids, and where the next one starts (None after the last)."""

    items: tuple[T, ...]
    next: str | None


class Repository(Protocol[T]):
    """Keeps whole aggregates of one kind, each with a version. Reads see this unit's own writes.

    Every read is filtered by the scope the unit was begun with: another party's record is absent here, and saving or
    removing it raises `NotFound`.
    """

    def find(self, id: str) -> T | None:  # noqa: A002 - the word of the field
        """Return the record, or None."""
        ...

    def get(self, id: str) -> T:  # noqa: A002
        """Return the record.

        Raises:
            NotFound: There is none that this scope can see.
        """
        ...

    def find_many(self, ids: Iterable[str]) -> dict[str, T]:
        """Return the records that exist, by id, in one round trip."""
        ...

    def find_where(self, column: str, values: Iterable[Column]) -> tuple[T, ...]:
        """Return every record whose column has one of the values, in the order of ids, in one round trip."""
        ...

    def page(self, where: Mapping[str, Column] | None = None, *, after: str | None = None, limit: int = 100) -> Page[T]:
        """Return up to `limit` records that match every column, after the id `after`; flat in the size of the table."""
        ...

    def stream(self, where: Mapping[str, Column] | None = None) -> Iterator[T]:
        """Yield every record that matches, in the order of ids, in constant memory."""
        ...

    def count(self, where: Mapping[str, Column] | None = None) -> int:
        """Return how many records match."""
        ...

    def add(self, value: T) -> T:
        """Store a new record (its version is 0) and return it as stored, with version 1.

        Raises:
            UniqueViolation: Its id or a unique column is taken.
        """
        ...

    def add_many(self, values: Sequence[T]) -> None:
        """Store new records in batches; all or, by the unit's rollback, none."""
        ...

    def save(self, value: T) -> T:
        """Store a changed record and return it as stored, its version one higher.

        Raises:
            StaleVersion: The stored version is no longer `value.version`.
            UniqueViolation: A unique column is taken.
            NotFound: There is no such record in this scope.
        """
        ...

    def save_many(self, values: Sequence[T]) -> None:
        """Store changed records in batches, each guarded by its version, like `save`."""
        ...

    def remove(self, value: T) -> None:
        """Remove a record, guarded by its version, like `save`."""
        ...


class Repositories(Protocol):
    """Access to the repositories, by kind."""

    def repository(self, kind: Kind[T]) -> Repository[T]:
        """Return the repository of a kind that the store was opened with."""
        ...


class Outbox(Protocol):
    """Where events go."""

    def publish(self, events: Iterable[Event]) -> None:
        """Write events to the outbox of this transaction, numbered without gaps per subject (invariant I14)."""
        ...


@attrs.frozen
class IdempotencyRecord:
    """What a key was first used for, and what came of it.

    Attributes:
        owner: Who used the key: `str(scope.caller)`. The same key of another party is another key.
        key: The caller's key.
        operation: The use case: `"place"`.
        request: The canonical request, plain JSON values; compared field by field with a repeated one.
        result: The frozen answer: a type that `mktcore.wire` knows, or None while in progress.
        at: When it was recorded, UTC.
    """

    owner: str
    key: str
    operation: str
    request: Mapping[str, object]
    result: object
    at: datetime


class IdempotencyRecords(Protocol):
    """Remembers what came of a key (invariant I13)."""

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        """Return what this owner's key was used for, or None."""
        ...

    def record(self, record: IdempotencyRecord) -> None:
        """Remember it in this transaction.

        Raises:
            Retryable: Another transaction used the key in the meantime: run the unit again and find its record.
        """
        ...


class Committing(Protocol):
    """The end of a unit of work."""

    def commit(self) -> None:
        """Make everything of this unit durable, with its events; it can be called once.

        Raises:
            Retryable: The transaction lost against another; nothing was written.
        """
        ...


U_co = TypeVar("U_co", covariant=True)


class Store(Protocol[U_co]):
    """Opens units of work. A use case declares the narrow unit it needs; an adapter's unit has every part."""

    def begin(self, scope: Scope) -> AbstractContextManager[U_co]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        ...


R = TypeVar("R")


def retry_unit(work: Callable[[], R], *, attempts: int = 10, pause: Callable[[int], None] | None = None) -> R:
    """Run a whole unit of work, again when it lost against another transaction.

    Args:
        work: Opens a unit, decides, commits, returns; it must be safe to run again after a rollback.
        attempts: How often at most.
        pause: Called with the number of the failed attempt before the next one; adapters pass a jittered sleep.

    Raises:
        Retryable, StaleVersion: The last attempt's error.
    """
    for attempt in range(1, attempts):
        try:
            return work()
        except (Retryable, StaleVersion):
            if pause is not None:
                pause(attempt)
    return work()


def check_same_request(record: IdempotencyRecord, operation: str, request: Mapping[str, object]) -> None:
    """Refuse a key that was used for something else (invariant I13).

    Raises:
        IdempotencyConflict: It names every field that differs.
        InProgress: The first request has not ended yet.
    """
    fields = [] if record.operation == operation else ["operation"]
    names = sorted(record.request.keys() | request.keys())
    fields += [name for name in names if record.request.get(name) != request.get(name)]
    if fields:
        raise IdempotencyConflict(record.key, tuple(fields))
    if record.result is None:
        raise InProgress(record.key)
