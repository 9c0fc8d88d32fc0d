"""Who may write which record of the catalogue, and how it is stored: the ownership matrix, asked one way by all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from mktcore.access import Permission, check_access, check_operator, check_permission
from mktcore.access.ownership_matrix import Owned, RecordAction
from mktcore.catalog.assortment import CATALOGS, Catalog
from mktcore.catalog.category import CATEGORIES, Category
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.store_changes import (
    Signature,
    put_catalog,
    put_category,
    put_product,
    put_sku,
    put_spec,
    remove_kept,
)
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.persistence import Kind, Repositories, Scope, WritingUnit
from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.referrers import Referrer, check_unreferred, find_referrers
from mktcore.runtime import Runtime

__all__ = [
    "KEPT_CATALOGS",
    "KEPT_CATEGORIES",
    "KEPT_PRODUCTS",
    "KEPT_SKUS",
    "KEPT_SPECS",
    "WITH_HISTORY",
    "KeptKind",
    "check_writer",
    "remove_record",
    "save_record",
    "sign",
]

T = TypeVar("T", bound=Aggregate)


@attrs.frozen
class KeptKind(Generic[T]):
    """A kind of record of the catalogue.

    Attributes:
        kind: The kind.
        put: Stores a record of it, with its history and its event.
        subject: What the ownership matrix calls it; None for what is the operator's alone.
    """

    kind: Kind[T]
    put: Callable[[WritingUnit, T, Signature], T]
    subject: Owned | None = None


KEPT_CATEGORIES: KeptKind[Category] = KeptKind(CATEGORIES, put_category)
KEPT_PRODUCTS: KeptKind[Product] = KeptKind(PRODUCTS, put_product, Owned.PRODUCT)
KEPT_SKUS: KeptKind[Sku] = KeptKind(SKUS, put_sku, Owned.PRODUCT)
KEPT_SPECS: KeptKind[Spec] = KeptKind(SPECS, put_spec, Owned.SPEC)
KEPT_CATALOGS: KeptKind[Catalog] = KeptKind(CATALOGS, put_catalog, Owned.CATALOG)
WITH_HISTORY: Mapping[str, KeptKind[Any]] = {
    kept.kind.name: kept for kept in (KEPT_CATEGORIES, KEPT_PRODUCTS, KEPT_SKUS, KEPT_SPECS)
}
"""What can be rolled back, by the name of its kind. Catalogs have events and no history; their products have both."""


def save_record(runtime: Runtime[WritingUnit], kept: KeptKind[T], value: T, *, scope: Scope, note: str = "") -> T:
    """Store a record, new or changed, for whom the matrix lets.

    Raises:
        PermissionDenied: The caller's user may not, or it is the operator's alone.
        NotFound: It is another party's.
        ActivityRefused: The merchant may not in the present state of its life.
        StaleVersion: Somebody else changed it.
    """
    check_permission(scope, Permission.CATALOG)

    def write(unit: WritingUnit) -> T:
        signature = sign(runtime, scope, note)
        # The owner is taken from the stored record, never from the one that is sent.
        # A changed one that is not there is refused as another's is, before anything else is looked at.
        stored = unit.repository(kept.kind).get(value.id) if value.version else None
        check_writer(unit, kept, value, stored=stored, signature=signature)
        return kept.put(unit, value, signature)

    # A new SKU gets selling rights where there are none, and somebody may say at this moment who has them.
    return runtime.run(scope.to_operator(), write, contested=[SELLING_RIGHTS])


def remove_record(
    runtime: Runtime[WritingUnit],
    kept: KeptKind[T],
    value: T,
    *,
    scope: Scope,
    naming: Iterable[tuple[Kind[Any], str]],
    also: Callable[[WritingUnit, T], Iterable[Referrer]] = lambda _unit, _value: (),
) -> None:
    """Remove a record that nothing refers to, for whom the matrix lets.

    Whoever makes something refer to it at this very moment is not waited for: `verify` tells what then leads nowhere.

    Args:
        runtime: Where it is kept.
        kept: What kind of record it is.
        value: As the caller read it.
        scope: Who asks.
        naming: The columns, by kind, that may name it.
        also: Finds what refers to it and no column tells of.

    Raises:
        PermissionDenied: The caller's user may not, or it is the operator's alone.
        NotFound: It is another party's, or was removed.
        ActivityRefused: The merchant may not in the present state of its life.
        StillReferred: Something refers to it.
        StaleVersion: Somebody else changed it.
    """
    check_permission(scope, Permission.CATALOG)

    def write(unit: WritingUnit) -> None:
        signature = sign(runtime, scope)
        # The owner is taken from the stored record, never from the one that is sent.
        stored = unit.repository(kept.kind).get(value.id)
        check_writer(unit, kept, value, stored=stored, signature=signature)
        named = find_referrers(unit, value.id, naming, scope=scope)
        check_unreferred(kept.kind, value.id, (*named, *also(unit, stored)))
        remove_kept(unit, kept.kind, attrs.evolve(stored, version=value.version), signature=signature)  # type: ignore[misc]  # kinds are of attrs classes

    runtime.run(scope.to_operator(), write)


def check_writer(unit: Repositories, kept: KeptKind[T], value: T, *, stored: T | None, signature: Signature) -> None:
    """Let those write a record whom the matrix lets, while their life on the marketplace does.

    Args:
        unit: Under the operator's authority.
        kept: What kind of record it is.
        value: As it is to be.
        stored: As it is; None when it is new.
        signature: Who writes, and when.

    Raises:
        PermissionDenied: It is the operator's alone.
        NotFound: It is another party's.
        ActivityRefused: The merchant may not in the present state of its life.
    """
    scope = signature.by
    if kept.subject is None:
        check_operator(scope, Permission.CATALOG)
        return
    owner: str | None = getattr(value if stored is None else stored, "owner", None)
    action = RecordAction.CREATE if stored is None else RecordAction.UPDATE
    check_access(scope, action, kept.subject, id=value.id, owner=owner, kind=kept.kind.name)
    check_caller(unit, scope, Activity.EDIT, now=signature.at)


def sign(runtime: Runtime[WritingUnit], scope: Scope, note: str = "") -> Signature:
    """Return who changes something, now, and why."""
    return Signature(scope, runtime.now(), note)
