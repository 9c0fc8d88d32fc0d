"""What a store refuses, each with its operands and the remedy."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError

__all__ = [
    "AlreadyStored",
    "Busy",
    "ColumnFixed",
    "CommitUnknown",
    "Holder",
    "IdempotencyConflict",
    "InProgress",
    "InvalidColumn",
    "InvalidCursor",
    "InvalidLimit",
    "InvalidOrder",
    "KindNameTaken",
    "NoTransaction",
    "NotClaimed",
    "NotFound",
    "NotJoinable",
    "Retryable",
    "StaleVersion",
    "StoreError",
    "TransactionLost",
    "UniqueViolation",
    "UnitClosed",
    "UnknownKind",
]


@attrs.define(eq=False, slots=False)
class StoreError(MktcoreError):
    """Base of every refusal of a store."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.error"


@attrs.define(eq=False, slots=False)
class NotFound(StoreError):
    """No such record, as far as this scope can see."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.NOT_FOUND
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

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
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

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
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

    error_category: ClassVar[ErrorCategory] = ErrorCategory.RETRY
    code: ClassVar[str] = "store.retryable"
    remedy: ClassVar[str] = "run the whole unit again; retry_unit does"
    reason: str

    def describe(self) -> str:
        """Name the reason."""
        return f"the transaction was rolled back: {self.reason}"


@attrs.frozen
class Holder:
    """Who has what somebody waited for, as far as it is known.

    Attributes:
        name: The thread, or the database's session: its number, program and state.
        held: What it holds: a connection, the turn to write, locks on a table.
        seconds: For how long.
    """

    name: str
    held: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name} has {self.held} since {self.seconds:.1f} s"


@attrs.define(eq=False, slots=False)
class Busy(Retryable):
    """Waiting came to its end: others hold what this transaction needs. It left nothing behind.

    Attributes:
        waited: For how long, in seconds.
        holders: Who holds it, where that is known; the longest holder first.
    """

    code: ClassVar[str] = "store.busy"
    remedy: ClassVar[str] = (
        "try again later; where holders are slow, mend those before you allow more time; where your own transaction "
        "holds it, call market.joined() on that"
    )
    waited: float = 0.0
    holders: tuple[Holder, ...] = ()

    def describe(self) -> str:
        """Name the reason, the time, and the holders."""
        told = "".join(f"; {holder}" for holder in self.holders)
        return f"no luck within {self.waited:.1f} s: {self.reason}{told}"


@attrs.define(eq=False, slots=False)
class TransactionLost(Retryable):
    """The host's transaction, which a unit had joined, lost against another: trying again inside of it is of no use."""

    code: ClassVar[str] = "store.transaction-lost"
    remedy: ClassVar[str] = (
        "roll the host's transaction back and run all of it again; on SQLite begin it with BEGIN IMMEDIATE"
    )

    def describe(self) -> str:
        """Name the reason."""
        return f"the host's transaction cannot go on: {self.reason}"


@attrs.define(eq=False, slots=False)
class NoTransaction(StoreError):
    """A connection to join on which no transaction is open: what was written would be committed at once."""

    code: ClassVar[str] = "store.no-transaction"
    remedy: ClassVar[str] = (
        "begin one first: engine.begin() or session.begin() of SQLAlchemy, transaction.atomic() of Django, BEGIN "
        "IMMEDIATE on a connection of SQLite that commits by itself"
    )
    connection: str

    def describe(self) -> str:
        """Name the connection's class."""
        return f"the {self.connection} is in no transaction"


@attrs.define(eq=False, slots=False)
class NotJoinable(StoreError):
    """What cannot be done inside of a host's transaction."""

    code: ClassVar[str] = "store.not-joinable"
    remedy: ClassVar[str] = (
        "join a connection to the marketplace's own database; do on the marketplace itself what calls others or looks "
        "at what is committed"
    )
    what: str
    reason: str

    def describe(self) -> str:
        """Name what was asked, and why it cannot be."""
        return f"{self.what} cannot join a transaction: {self.reason}"


@attrs.define(eq=False, slots=False)
class IdempotencyConflict(StoreError):
    """A key that was used for a different request."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
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

    error_category: ClassVar[ErrorCategory] = ErrorCategory.RETRY
    code: ClassVar[str] = "store.in-progress"
    remedy: ClassVar[str] = "ask again later with the same key"
    key: str

    def describe(self) -> str:
        """Name the key."""
        return f"the first request with key {self.key!r} has not ended yet"


@attrs.define(eq=False, slots=False)
class AlreadyStored(StoreError):
    """A record to add that has a version, so it was stored before."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "store.already-stored"
    remedy: ClassVar[str] = "save a record that was stored; a new one has version 0"
    kind: str
    id: str
    version: int

    def describe(self) -> str:
        """Name the record and its version."""
        return f"{self.kind} {self.id!r} has version {self.version} and cannot be added"


@attrs.define(eq=False, slots=False)
class CommitUnknown(StoreError):
    """The connection broke while committing: the unit was stored whole, or not at all."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.RETRY
    code: ClassVar[str] = "store.commit-unknown"
    remedy: ClassVar[str] = "ask again with the same idempotency key: it answers with the result, or does the work once"
    reason: str

    def describe(self) -> str:
        """Name the reason."""
        return f"whether the transaction was committed is not known: {self.reason}"


@attrs.define(eq=False, slots=False)
class UnknownKind(StoreError):
    """A kind that the store was not opened with."""

    code: ClassVar[str] = "store.unknown-kind"
    remedy: ClassVar[str] = "list it in kinds=[...] when opening the store"
    kind: str

    def describe(self) -> str:
        """Name the kind."""
        return f"this store was opened without the kind {self.kind!r}"


@attrs.define(eq=False, slots=False)
class InvalidColumn(StoreError):
    """A query for a column that the kind does not declare, or a value that no column can hold."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "store.invalid-column"
    remedy: ClassVar[str] = (
        "declare it in the kind's columns, for ranges as an ordered one; a value is text without NUL, an int or None, "
        "in an ordered column of its type"
    )
    kind: str
    column: str
    reason: str

    def describe(self) -> str:
        """Name the column and what is wrong with it."""
        return f"column {self.column!r} of {self.kind}: {self.reason}"


@attrs.define(eq=False, slots=False)
class InvalidOrder(StoreError):
    """An order that the kind does not declare."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "store.invalid-order"
    remedy: ClassVar[str] = "name one of the kind's ordered columns, with - in front for the other direction"
    kind: str
    order: str

    def describe(self) -> str:
        """Name the kind and the order."""
        return f"{self.kind} has no order {self.order!r}"


@attrs.define(eq=False, slots=False)
class InvalidCursor(StoreError):
    """A cursor of another kind or order, or one that no page gave."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "store.invalid-cursor"
    remedy: ClassVar[str] = "pass the `next` of a page in the same order as it is, or None to begin again"
    kind: str
    cursor: str

    def describe(self) -> str:
        """Name the kind and the cursor."""
        return f"{self.cursor!r} is no cursor of this order of {self.kind}"


@attrs.define(eq=False, slots=False)
class InvalidLimit(StoreError):
    """A number of records that no page can have."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "store.invalid-limit"
    remedy: ClassVar[str] = "ask for 1 to 1,000,000 records, and for the rest with the page's `next`"
    limit: str

    def describe(self) -> str:
        """Show the limit."""
        return f"a page cannot have {self.limit} records"


@attrs.define(eq=False, slots=False)
class KindNameTaken(StoreError):
    """Two kinds of one name, or one with the name of a table that every store has."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.kind-name-taken"
    remedy: ClassVar[str] = "give every kind of a store a name of its own"
    kind: str

    def describe(self) -> str:
        """Name it."""
        return f"the name {self.kind!r} is taken"


@attrs.define(eq=False, slots=False)
class ColumnFixed(StoreError):
    """A change of what is set once, when a record is created: its owner."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "store.column-fixed"
    remedy: ClassVar[str] = "keep it as it was stored, or store another record"
    kind: str
    id: str
    column: str

    def describe(self) -> str:
        """Name the record and the column."""
        return f"the {self.column} of {self.kind} {self.id!r} is set at its creation only"


@attrs.define(eq=False, slots=False)
class UnitClosed(StoreError):
    """A unit of work that was used after its end."""

    code: ClassVar[str] = "store.unit-closed"
    remedy: ClassVar[str] = "begin another unit"

    def describe(self) -> str:
        """Say that it is over."""
        return "this unit of work was committed or left"


@attrs.define(eq=False, slots=False)
class NotClaimed(StoreError):
    """A counter that holds less than what is to be given back; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "store.not-claimed"
    remedy: ClassVar[str] = "release what was claimed, once"
    counter: str
    amount: int

    def describe(self) -> str:
        """Name the counter and the amount."""
        return f"{self.amount} cannot be given back to {self.counter!r}: less than that is claimed"
