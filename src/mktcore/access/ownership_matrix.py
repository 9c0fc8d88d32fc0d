"""The ownership matrix: who may do what with records that parties own. Data; every rule reads it.

Ask `check_access` about one record; build the repository of an owned kind with `scope_rule`, so that the store applies
the same matrix to every read and write.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, TypedDict

import attrs

from mktcore.access.permissions import Permission
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.persistence import NotFound, Party, Scope
from mktcore.persistence.kinds import EVERY_USER

__all__ = [
    "OWNERSHIP",
    "PERMISSIONS",
    "Asker",
    "Owned",
    "RecordAction",
    "ScopeRule",
    "UndeclaredAccess",
    "check_access",
    "find_asker",
    "list_access",
    "may_access",
    "scope_rule",
    "to_markdown",
]


class Owned(StrEnum):
    """What merchants and the operator own."""

    CATALOG = "catalog"
    PRICE_SCHEDULE = "price schedule"
    PROMOTION = "promotion"
    PRODUCT = "product"
    SHIPMENT = "shipment"
    SPEC = "spec"


class RecordAction(StrEnum):
    """What can be done with a record."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    ASSIGN = "assign"
    """Say whom or what it is for: a price schedule for a buyer, a product for a catalog, goods for a shipment."""


class Asker(StrEnum):
    """How the one who asks stands to the record."""

    OPERATOR = "operator"
    OWNER = "owner"
    OTHER_MERCHANT = "other merchant"
    RELATED_BUYER = "related buyer"
    """A buyer who can order from the owner; for a shipment, the buyer it goes to."""
    UNRELATED_BUYER = "unrelated buyer"


Cells = Mapping[RecordAction, frozenset[Asker]]

_SELLER = frozenset({Asker.OPERATOR, Asker.OWNER})
_SHOWN = _SELLER | {Asker.RELATED_BUYER}
_KEPT: Cells = {
    RecordAction.CREATE: _SELLER,
    RecordAction.UPDATE: _SELLER,
    RecordAction.DELETE: _SELLER,
    RecordAction.ASSIGN: _SELLER,
}

OWNERSHIP: Mapping[Owned, Cells] = {
    Owned.CATALOG: {RecordAction.READ: _SHOWN, **_KEPT},
    # A buyer is shown the price that applies to it, never the schedule with everybody's prices.
    Owned.PRICE_SCHEDULE: {RecordAction.READ: _SELLER, **_KEPT},
    # A buyer is told which promotions its cart meets, never a condition with everybody's coupon codes.
    Owned.PROMOTION: {RecordAction.READ: _SELLER, **_KEPT},
    Owned.PRODUCT: {RecordAction.READ: _SHOWN, **_KEPT},
    Owned.SHIPMENT: {RecordAction.READ: _SHOWN, **_KEPT},
    Owned.SPEC: {RecordAction.READ: _SHOWN, **_KEPT},
}
"""For each kind of record and action: those who may. Every cell is declared; who is not listed may not."""

PERMISSIONS: Mapping[Owned, tuple[str, str]] = {
    # What is shown to buyers anyway, every user of its owner may look at.
    Owned.CATALOG: (EVERY_USER, Permission.CATALOG),
    Owned.PRICE_SCHEDULE: (Permission.PRICES, Permission.PRICES),
    Owned.PROMOTION: (Permission.PROMOTIONS, Permission.PROMOTIONS),
    Owned.PRODUCT: (EVERY_USER, Permission.CATALOG),
    Owned.SHIPMENT: (Permission.READ_ORDERS, Permission.FULFIL_ORDERS),
    Owned.SPEC: (EVERY_USER, Permission.CATALOG),
}
"""What a user of those who may needs, to read and to write; a party that asks for itself needs nothing."""

NAMES_ITS_BUYER = frozenset({Owned.SHIPMENT})
"""What goes to one buyer, who is named in the record: only this one counts as related."""


# Looking a member up on its class takes longer than the rest of a check.
_PARTY_OPERATOR, _PARTY_MERCHANT = Party.OPERATOR, Party.MERCHANT
_OPERATOR, _OWNER, _OTHER_MERCHANT, _RELATED_BUYER, _UNRELATED_BUYER = Asker


@attrs.define(eq=False, slots=False)
class UndeclaredAccess(MktcoreError):
    """A cell that the ownership matrix does not declare: nobody is let through by silence."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "parties.undeclared-access"
    remedy: ClassVar[str] = "declare in mktcore.access.ownership_matrix who may"
    subject: str
    action: str

    def describe(self) -> str:
        """Name the cell."""
        return f"the ownership matrix does not say who may {self.action} a {self.subject}"


def find_asker(scope: Scope, owner: str | None, buyer: str | None = None) -> Asker:
    """Return how a scope stands to a record.

    >>> find_asker(Scope.merchant("bolt"), "acme")
    <Asker.OTHER_MERCHANT: 'other merchant'>

    Args:
        scope: Who asks.
        owner: The merchant that owns the record; None when the operator does.
        buyer: The buyer whom the record names, if it names one.
    """
    party = scope.party
    if party is _PARTY_OPERATOR:
        return _OPERATOR
    if party is _PARTY_MERCHANT:
        return _OWNER if scope.id == owner else _OTHER_MERCHANT
    is_related = scope.is_related_to(owner) if buyer is None else scope.id == buyer
    return _RELATED_BUYER if is_related else _UNRELATED_BUYER


def may_access(asker: Asker, action: RecordAction, subject: Owned) -> bool:
    """Tell whether the matrix lets someone do something.

    Raises:
        UndeclaredAccess: The matrix has no such cell.
    """
    try:
        return asker in OWNERSHIP[subject][action]
    except KeyError:
        raise UndeclaredAccess(str(subject), str(action)) from None


def check_access(
    scope: Scope,
    action: RecordAction,
    subject: Owned,
    *,
    id: str,  # noqa: A002 - the field's name
    owner: str | None,
    buyer: str | None = None,
    kind: str = "",
) -> None:
    """Let a caller pass who may do this with the record; for anybody else the record does not exist.

    >>> check_access(Scope.merchant("acme"), RecordAction.UPDATE, Owned.PRODUCT, id="camera", owner="acme")
    >>> check_access(Scope.merchant("bolt"), RecordAction.READ, Owned.PRODUCT, id="camera", owner="acme")
    Traceback (most recent call last):
    mktcore.persistence.errors.NotFound: there is no product 'camera' (check the id, and that the caller may see it)

    Args:
        scope: Who asks.
        action: What for.
        subject: What kind of record it is.
        id: The record's id.
        owner: The merchant that owns it, from the stored record; None when the operator does.
        buyer: The buyer whom the stored record names, if any.
        kind: What a record that is not there is called, where that is not the subject's name: a refusal reads alike.

    Raises:
        NotFound: The matrix does not let this caller do this.
        UndeclaredAccess: The matrix has no such cell.
    """
    if not may_access(find_asker(scope.caller, owner, buyer), action, subject):
        raise NotFound(kind or str(subject), id)


class ScopeRule(TypedDict, total=False):
    """The part of a `Kind` that says who reads and writes."""

    merchant: str | None
    buyer: str | None
    related: str | None
    writers: frozenset[Party]
    fixed: tuple[str, ...]
    reads: str | None
    writes: str | None


def scope_rule(
    subject: Owned, action: RecordAction = RecordAction.UPDATE, *, only_by_use_cases: bool = False
) -> ScopeRule:
    """Return what the kind of an owned record declares, so that every store applies the matrix.

    The kind has a column `owner` (None for the operator's) and, for a shipment, a column `buyer`:
    `Kind("product", Product, columns={"owner": column("owner")}, **scope_rule(Owned.PRODUCT))`.

    Args:
        subject: What the kind keeps.
        action: `ASSIGN` for the kind of its assignments, whose writes are assigning.
        only_by_use_cases: Whoever may write it does so by use cases, which ask what no store does: under a unit of
            its own a merchant writes none.
    """
    is_shown = may_access(Asker.RELATED_BUYER, RecordAction.READ, subject)
    names_buyer = subject in NAMES_ITS_BUYER
    reads, writes = PERMISSIONS[subject]
    is_written = not only_by_use_cases
    return ScopeRule(
        merchant="owner",
        buyer="buyer" if is_shown and names_buyer else None,
        related="owner" if is_shown and not names_buyer else None,
        writers=frozenset({Party.MERCHANT} if is_written and may_access(Asker.OWNER, action, subject) else ()),
        fixed=("owner",),
        reads=reads,
        writes=writes if is_written else None,
    )


def list_access() -> tuple[tuple[Owned, RecordAction, Asker, bool], ...]:
    """Return every cell of the matrix, and whether it lets the asker through.

    >>> len(list_access())
    150

    Raises:
        UndeclaredAccess: A cell is missing.
    """
    return tuple(
        (subject, action, asker, may_access(asker, action, subject))
        for subject in Owned
        for action in RecordAction
        for asker in Asker
    )


def to_markdown() -> str:
    """Return the matrix as the table that the documentation prints: who may do what."""
    head = f"| | {' | '.join(Asker)} |\n|---|{'---|' * len(Asker)}"
    rows = []
    for subject in Owned:
        allowed = {asker: [action for action in RecordAction if may_access(asker, action, subject)] for asker in Asker}
        rows.append(f"| {subject} | {' | '.join(', '.join(allowed[asker]) or '-' for asker in Asker)} |")
    return "\n".join([head, *rows])
