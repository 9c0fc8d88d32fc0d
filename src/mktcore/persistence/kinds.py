"""Repositories declared as data, so that an adapter is written once and not per kind."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

import attrs

from mktcore.caller_scope import EVERY_MERCHANT, Party, Scope
from mktcore.ids import check_id
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.declared_columns import (
    Column,
    Held,
    Ordered,
    Several,
    check_one_text,
    check_ordered,
    check_plain,
)
from mktcore.persistence.errors import AlreadyStored, ColumnFixed, InvalidColumn, KindNameTaken
from mktcore.persistence.lasting_records import Lasting
from mktcore.persistence.ranges import Bounds, Range
from mktcore.persistence.system_tables import SYSTEM_TABLES

__all__ = [
    "EVERY_USER",
    "Aggregate",
    "Column",
    "Condition",
    "Held",
    "Kind",
    "Ordered",
    "Several",
    "Wanted",
    "column",
    "holds",
    "index_kinds",
    "name_values",
]

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
Condition = Column | frozenset[Column]
"""What a column must hold: this value, or one of these."""
Wanted = Column | Range
"""What a query asks of a column: this value, or one within a range."""
EVERY_USER = "*"
"""Of a kind whose records every user of a party reads, or writes, that does; no permission is a star."""


@attrs.frozen(eq=False)
class Kind(Generic[T]):
    """A repository, declared as data: adapters read this and need no code per kind.

    What nobody declared, nobody may but the operator itself: a kind without `merchant`, `buyer`, `related` and `public`
    is read by no party, one without `writers` written by none, and one without `reads` and `writes` by no user.

    Attributes:
        name: Name of the kind, singular, also of its table: `"merchant_order"`.
        type: The attrs class of its values.
        columns: What queries filter by: a name and a function from the value to text, an int or None; a column holds
            text or ints, never both. Each is indexed. Two that are always asked together are best declared as one:
            `{"merchant_state": lambda order: f"{order.merchant}/{order.state}"}`.
        ordered: What queries also ask ranges of, and pages go by; see `Ordered`. Names are unlike those of `columns`.
        several: Columns that hold several texts each, of which a query asks one; see `Several`. Names of their own too.
        together: Sets of columns of which queries ask one value each at once, in the order of ids, as cheap as of one.
        unique: Sets of columns whose values together belong to one record at most; a None is unlike any other None.
        merchant: Column that names the merchant a record belongs to; a merchant's scope sees only its own.
        buyer: Column that names the buyer a record belongs to; a buyer's scope sees only its own.
        public: Every party may read it. A kind that is not public and names no column of a party is the operator's.
        related: Column that names the merchant to whose related buyers a record is shown; a record without one is the
            operator's, and shown to every buyer who knows whom it can order from.
        writers: Which of the parties that a record names write it, beside the operator; the others only read it.
        fixed: Columns that nobody changes once a record is stored, such as its owner.
        reads: The permission that a user needs to read it, whoever's user it is; `EVERY_USER` where it needs none. None
            keeps it to parties that ask for themselves.
        writes: The permission that a user of a writer needs to write it, likewise.
        view: Returns what a scope may see of a record's parts; stores apply it to all that they return, but to the
            operator itself. Only the operator writes such a kind: who sees a part could not save the whole. Columns are
            not hidden by it, as queries ask of them: what a party is not to know stands in none.
        marks: Returns the texts under which a record is found, each with its period; see `Repository.find_marked`.
        lasting: Which other record ends the marks, where one does; see `Repository.find_lasting`.
    """

    name: str
    type: type[T]
    columns: Mapping[str, Callable[[T], Column]] = attrs.field(factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    merchant: str | None = None
    buyer: str | None = None
    public: bool = False
    related: str | None = None
    writers: frozenset[Party] = frozenset()
    fixed: tuple[str, ...] = ()
    ordered: Mapping[str, Ordered] = attrs.field(factory=dict, kw_only=True)
    several: Mapping[str, Several] = attrs.field(factory=dict, kw_only=True)
    together: tuple[tuple[str, ...], ...] = attrs.field(default=(), kw_only=True)
    reads: str | None = attrs.field(default=None, kw_only=True)
    writes: str | None = attrs.field(default=None, kw_only=True)
    view: Callable[[T, Scope], T] | None = attrs.field(default=None, kw_only=True)
    marks: Callable[[T], Iterable[Mark]] | None = attrs.field(default=None, kw_only=True)
    lasting: Lasting | None = attrs.field(default=None, kw_only=True)
    readers: Mapping[str, Callable[[T], Column]] = attrs.field(init=False, repr=False)
    """Every column of one value, of both sorts."""

    @readers.default
    def _join_columns(self) -> dict[str, Callable[[T], Column]]:
        return {**self.columns, **{name: declared.read for name, declared in self.ordered.items()}}

    def __attrs_post_init__(self) -> None:
        names = [*self.columns, *self.ordered, *self.several]
        malformed = [name for name in (self.name, *names) if not _NAME.fullmatch(name) or name in _OWN_COLUMNS]
        malformed += {name for name in names if names.count(name) > 1}
        if malformed:
            message = f"kind {self.name!r}: not a name in lower case, or taken: {malformed}"
            raise ValueError(message)
        self._check_declarations()

    def _check_declarations(self) -> None:
        wrong = [name for name, declared in self.ordered.items() if declared.type not in _ORDERED_TYPES]
        if wrong:
            message = f"kind {self.name!r}: an ordered column is of int, datetime or str: {wrong}"
            raise ValueError(message)
        partners = [*map(self.find_partners, self.ordered), *map(self.find_value_partners, self.several)]
        named: set[str | None] = {name for sets in partners for partner in sets for name in partner}
        named |= {name for columns in (*self.unique, *self.together, self.fixed) for name in columns}
        named |= {self.merchant, self.buyer, self.related}
        named |= set() if self.lasting is None else {self.lasting.column, self.lasting.named_in}
        orders = {declared.order for declared in self.several.values()}
        unknown = (named - self.columns.keys() | orders - self.ordered.keys()) - {None}
        if unknown:
            message = f"kind {self.name!r} names columns it does not declare: {sorted(map(str, unknown))}"
            raise ValueError(message)
        if self.view is not None and self.writers - {Party.OPERATOR}:
            message = f"kind {self.name!r}: who is shown a part of a record would save it without the rest"
            raise ValueError(message)

    def read_columns(self, value: T) -> dict[str, Column]:
        """Return what the columns of `value` hold.

        Raises:
            InvalidColumn: A function returned something that no column can hold.
        """
        return {name: self.check_column(name, read(value)) for name, read in self.readers.items()}

    def read_several(self, value: T) -> dict[str, frozenset[str]]:
        """Return what the columns of several values hold of `value`.

        Raises:
            InvalidColumn: A function returned something that is no such text.
        """
        return {
            name: frozenset([check_one_text((self.name, name), text) for text in declared.read(value)])
            for name, declared in self.several.items()
        }

    def read_held(self, name: str, value: T) -> Held:
        """Return what a column of `value` holds, whether it is of one value or of several.

        Raises:
            InvalidColumn: The function returned something that no column can hold.
        """
        if name in self.several:
            return frozenset([check_one_text((self.name, name), text) for text in self.several[name].read(value)])
        return self.read_column(name, value)

    def read_column(self, name: str, value: T) -> Column:
        """Return what one column of `value` holds.

        Raises:
            InvalidColumn: The function returned something that no column can hold.
        """
        return self.check_column(name, self.readers[name](value))

    def read_marks(self, value: T) -> frozenset[Mark]:
        """Return the marks of `value`; none where the kind declares none."""
        return frozenset() if self.marks is None else frozenset(self.marks(value))

    def find_partners(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return the columns within one value of which pages go by the ordered column `name`, each set of them once.

        >>> numbers = {"no": Ordered(column("no"), int, within=(("shop", "state"),))}
        >>> columns = {"shop": column("shop"), "state": column("state")}
        >>> Kind("order", object, columns, merchant="shop", ordered=numbers).find_partners("no")
        (('shop',), ('shop', 'state'))
        """
        return self._list_partners(self.ordered[name].within)

    def find_value_partners(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return the columns within one value of which pages of one text of `name` are asked, each set of them once."""
        return self._list_partners(self.several[name].within)

    def _list_partners(self, within: tuple[str | tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        given = (self.merchant, self.buyer, *within)
        sets = [(one,) if isinstance(one, str) else one for one in given if one is not None]
        return tuple(dict.fromkeys(sets))

    def list_beside(self, name: str) -> tuple[str, ...]:
        """Return the columns that a store keeps beside each text of a column of several values.

        >>> skus = {"sku": Several(lambda order: order.skus, order="no", within=("state",))}
        >>> columns = {"shop": column("shop"), "state": column("state")}
        >>> order = Kind(
        ...     "order", object, columns, merchant="shop", ordered={"no": Ordered(column("no"), int)}, several=skus
        ... )
        >>> order.list_beside("sku")
        ('shop', 'state', 'no')
        """
        order = self.several[name].order
        partners = [one for partner in self.find_value_partners(name) for one in partner]
        return tuple(dict.fromkeys([*partners, *([order] if order is not None else [])]))

    def list_walks(self) -> tuple[tuple[str, ...], ...]:
        """Return the columns of each index that a store keeps, every one of them followed by the id.

        >>> Kind(
        ...     "order", object, {"shop": column("shop"), "state": column("state")}, together=(("shop", "state"),)
        ... ).list_walks()
        (('shop',), ('state',), ('shop', 'state'))
        """
        ordered = [(*partner, name) for name in self.ordered for partner in self.find_partners(name)]
        return tuple(dict.fromkeys([*((name,) for name in self.readers), *self.together, *ordered]))

    def check_range(self, name: str, wanted: Range) -> Bounds:
        """Return the ends of a range, as the column holds them.

        Raises:
            InvalidColumn: The kind declares no such ordered column, or an end does not fit it.
        """
        if name not in self.ordered:
            is_there = name in self.columns or name in self.several
            reason = "it is not ordered, and has no ranges" if is_there else "there is none"
            raise InvalidColumn(self.name, name, reason)
        if None in attrs.astuple(wanted):
            raise InvalidColumn(self.name, name, "a range has no end at None")
        bounds = wanted.to_bounds()
        low, high = self.check_column(name, bounds.low), self.check_column(name, bounds.high)
        return attrs.evolve(bounds, low=low, high=high)

    def check_column(self, name: str, value: object) -> Column:
        """Return `value` as the column holds it: an enum by its value, everything else unchanged.

        Raises:
            InvalidColumn: The kind declares no such column, or the value fits none.
        """
        of = (self.name, name)
        found, declared = value.value if isinstance(value, Enum) else value, self.ordered.get(name)
        if name in self.several:
            return check_one_text(of, found)
        if declared is None and name not in self.columns:
            raise InvalidColumn(*of, "there is none")
        return check_plain(of, found) if declared is None or found is None else check_ordered(of, declared.type, found)

    def matches(self, value: T | None, where: Mapping[str, Condition | Bounds] | None) -> bool:
        """Tell whether a record is there and its columns hold what is asked; conditions of None match nothing."""
        if value is None or where is None:
            return False
        return not where or all(holds(self.read_held(name, value), where[name]) for name in where)

    def check_fixed(self, stored: T, changed: T) -> None:
        """Refuse a change of a column that is fixed.

        Raises:
            ColumnFixed: The two differ in one.
        """
        for name in self.fixed:
            before, after = (self.read_column(name, value) for value in (stored, changed))
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
        self.read_marks(value)  # refused here where no store can hold one
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
        if not _reaches(scope, self.reads):
            return None
        if self.public or scope.party is Party.OPERATOR:
            return {}
        owner = self.merchant if scope.party is Party.MERCHANT else self.buyer
        # Ownership comes before relation: a party that has a column of its own sees just its own.
        if owner is not None:
            return {owner: scope.id}
        if self.related is None or scope.party is Party.MERCHANT or not scope.merchants:
            return None
        # None among the merchants: the operator's own goods are for everybody.
        return {} if scope.merchants == EVERY_MERCHANT else {self.related: frozenset[Column]({*scope.merchants, None})}

    def filter_writes(self, scope: Scope) -> dict[str, Condition] | None:
        """Return the columns that a record this scope may write must match; None when it may write none."""
        if not _reaches(scope, self.writes):
            return None
        if scope.party is Party.OPERATOR:
            return {}
        owner = self.merchant if scope.party is Party.MERCHANT else self.buyer
        # What all may read is not theirs to write: `public` says nothing here.
        return None if owner is None or scope.party not in self.writers else {owner: scope.id}

    def find_refused(self, scope: Scope) -> str | None:
        """Return the permission that a scope's user lacks to read this kind; None when it may, as parties themselves.

        An empty text is the lack of any: no user reads it. Stores refuse such a user (`check_reader` of
        `mktcore.access`), rather than show it an empty list, which would be a false answer.
        """
        return None if _reaches(scope, self.reads) else self.reads or ""

    def find_view(self, scope: Scope) -> Callable[[T], T] | None:
        """Return what shows a record to a scope as that may see it; None when it sees all of it."""
        view = self.view
        return None if view is None or scope.is_authority else lambda value: view(value, scope)


_ORDERED_TYPES = (int, datetime, str)


def _reaches(scope: Scope, permission: str | None) -> bool:
    # The unit's own scope, not the caller's: a use case that asked already works under authority, as no user.
    held = scope.permissions
    return held is None or permission == EVERY_USER or permission in held


def index_kinds(kinds: Iterable[Kind[Any]]) -> dict[str, Kind[Any]]:
    """Return the kinds of a store by name; every adapter does this first.

    Raises:
        KindNameTaken: Two kinds bear one name, or one that of a table which every store, or a column of several, has.
    """
    found: dict[str, Kind[Any]] = {}
    for kind in kinds:
        # The same kind twice is harmless: a host may list one of ours.
        if kind.name in SYSTEM_TABLES or found.setdefault(kind.name, kind) is not kind:
            raise KindNameTaken(kind.name)
    tables = [name_values(kind, name) for kind in found.values() for name in kind.several]
    for table in tables:
        if table in SYSTEM_TABLES or table in found or tables.count(table) > 1:
            raise KindNameTaken(table)
    return found


def name_values(kind: Kind[Any], name: str) -> str:
    """Return the name of the table of a column of several values, as kinds are named: `merchant_order_sku`."""
    return f"{kind.name}_{name}"


def holds(found: object, wanted: Condition | Bounds) -> bool:
    """Tell whether a column that holds `found`, one value or several, meets a condition."""
    if isinstance(found, frozenset):
        return not found.isdisjoint(wanted) if isinstance(wanted, frozenset) else wanted in found
    if isinstance(wanted, Bounds):
        return wanted.hold(found)
    return found in wanted if isinstance(wanted, frozenset) else found == wanted


def column(path: str) -> Callable[[object], Column]:
    """Return a column that reads the attribute at `path`: `column("merchant")`, `column("totals.currency")`."""
    return attrgetter(path)
