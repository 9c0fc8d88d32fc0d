"""Repositories declared as data, so that an adapter is written once and not per kind."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

import attrs

from mktcore.ids import check_id
from mktcore.persistence.errors import AlreadyStored, ColumnFixed, InvalidColumn
from mktcore.persistence.scope import EVERY_MERCHANT, Party, Scope

__all__ = ["Aggregate", "Column", "Condition", "Kind", "column", "holds", "is_storable"]

MAX_COLUMN_TEXT = 500
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OWN_COLUMNS = {"id", "version", "type", "document"}


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
Condition = Column | frozenset[Column]
"""What a column must hold: this value, or one of these."""


@attrs.frozen(eq=False)
class Kind(Generic[T]):
    """A repository, declared as data: adapters read this and need no code per kind.

    Attributes:
        name: Name of the kind, singular, also of its table: `"merchant_order"`.
        type: The attrs class of its values.
        columns: What queries filter by: a name and a function from the value to text, an int or None; a column holds
            text or ints, never both. Each is indexed. Two that are always asked together are best declared as one:
            `{"merchant_state": lambda order: f"{order.merchant}/{order.state}"}`.
        unique: Sets of columns whose values together belong to one record at most; a None is unlike any other None.
        merchant: Column that names the merchant a record belongs to; a merchant's scope sees only its own.
        buyer: Column that names the buyer a record belongs to; a buyer's scope sees only its own.
        public: Every party may read it. A kind that is not public and names no column of a party is the operator's.
        related: Column that names the merchant to whose related buyers a record is shown; a record without one is the
            operator's, and shown to every buyer who knows whom it can order from.
        writers: Which of the parties that a record names write it, beside the operator; the others only read it.
        fixed: Columns that nobody changes once a record is stored, such as its owner.
    """

    name: str
    type: type[T]
    columns: Mapping[str, Callable[[T], Column]] = attrs.field(factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    merchant: str | None = None
    buyer: str | None = None
    public: bool = False
    related: str | None = None
    writers: frozenset[Party] = frozenset(Party)
    fixed: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        malformed = [name for name in (self.name, *self.columns) if not _NAME.fullmatch(name) or name in _OWN_COLUMNS]
        if malformed:
            message = f"kind {self.name!r}: not a name in lower case, or taken: {malformed}"
            raise ValueError(message)
        named = {name for columns in self.unique for name in columns} | {self.merchant, self.buyer, self.related}
        named |= set(self.fixed)
        unknown = named - self.columns.keys() - {None}
        if unknown:
            message = f"kind {self.name!r} names columns it does not declare: {sorted(map(str, unknown))}"
            raise ValueError(message)

    def read_columns(self, value: T) -> dict[str, Column]:
        """Return what the columns of `value` hold.

        Raises:
            InvalidColumn: A function returned something that no column can hold.
        """
        return {name: self.check_column(name, read(value)) for name, read in self.columns.items()}

    def check_columns(self, where: Mapping[str, Column] | None) -> dict[str, Column]:
        """Return the conditions of a query, checked.

        Raises:
            InvalidColumn: The kind declares no such column, or the value fits none.
        """
        return {name: self.check_column(name, value) for name, value in (where or {}).items()}

    def check_column(self, name: str, value: object) -> Column:
        """Return `value` as the column holds it: an enum by its value, everything else unchanged.

        Raises:
            InvalidColumn: The kind declares no such column, or the value fits none.
        """
        if name not in self.columns:
            raise InvalidColumn(self.name, name, "there is none")
        found = value.value if isinstance(value, Enum) else value
        if found is None or type(found) is int:
            return found
        if not isinstance(found, str):
            raise InvalidColumn(self.name, name, f"it cannot hold a {type(found).__name__}")
        if len(found) > MAX_COLUMN_TEXT or not is_storable(found):
            raise InvalidColumn(self.name, name, f"not {MAX_COLUMN_TEXT} characters of storable text at most")
        return str(found)

    def matches(self, value: T | None, where: Mapping[str, Condition] | None) -> bool:
        """Tell whether a record is there and its columns hold what is asked; conditions of None match nothing."""
        if value is None or where is None:
            return False
        return all(holds(self.check_column(name, self.columns[name](value)), where[name]) for name in where)

    def check_fixed(self, stored: T, changed: T) -> None:
        """Refuse a change of a column that is fixed.

        Raises:
            ColumnFixed: The two differ in one.
        """
        for name in self.fixed:
            before, after = (self.check_column(name, self.columns[name](value)) for value in (stored, changed))
            if before != after:
                raise ColumnFixed(self.name, changed.id, name)

    def to_new(self, value: T) -> T:
        """Return a record as it is stored for the first time: with version 1.

        Raises:
            InvalidId: Its id cannot be one.
            AlreadyStored: It has a version.
        """
        check_id(self.name, value.id)
        if value.version:
            raise AlreadyStored(self.name, value.id, value.version)
        return self.to_changed(value)

    def to_changed(self, value: T) -> T:
        """Return a record as it is stored after a change: its version one higher."""
        changed: T = attrs.evolve(value, version=value.version + 1)  # type: ignore[misc]  # kinds are of attrs classes
        return changed

    def filter_reads(self, scope: Scope) -> dict[str, Condition] | None:
        """Return the columns that a record this scope may read must match; None when it may read none.

        >>> order = Kind("order", object, {"merchant": column("merchant")}, merchant="merchant")
        >>> order.filter_reads(Scope.operator()), order.filter_reads(Scope.merchant("acme"))
        ({}, {'merchant': 'acme'})
        >>> order.filter_reads(Scope.buyer("b1")) is None
        True
        """
        if self.public or scope.party is Party.OPERATOR:
            return {}
        owner = self.merchant if scope.party is Party.MERCHANT else self.buyer
        if owner is not None:
            return {owner: scope.id}
        if self.related is None or scope.party is Party.MERCHANT or not scope.merchants:
            return None
        return {} if scope.merchants == EVERY_MERCHANT else {self.related: frozenset[Column]({*scope.merchants, None})}

    def filter_writes(self, scope: Scope) -> dict[str, Condition] | None:
        """Return the columns that a record this scope may write must match; None when it may write none."""
        if scope.party is Party.OPERATOR:
            return {}
        owner = self.merchant if scope.party is Party.MERCHANT else self.buyer
        return None if owner is None or scope.party not in self.writers else {owner: scope.id}


def holds(found: object, wanted: Condition) -> bool:
    """Tell whether a column that holds `found` meets a condition."""
    return found in wanted if isinstance(wanted, frozenset) else found == wanted


def is_storable(text: str) -> bool:
    """Tell whether every store can hold a text: no NUL, no half of a surrogate pair. No record has another id."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def column(path: str) -> Callable[[object], Column]:
    """Return a column that reads the attribute at `path`: `column("merchant")`, `column("totals.currency")`."""
    return attrgetter(path)
