"""Storing what the catalogue is made of: checked against the rest, kept in the history, told in an event."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import attrs

from mktcore.catalog.assortment import CATALOGS, Catalog
from mktcore.catalog.category import (
    CATEGORIES,
    CATEGORY_TREES,
    MAX_DEPTH,
    Category,
    CategoryCycle,
    TreeGuard,
    UnknownCategory,
)
from mktcore.catalog.events import CatalogChanged, CategoryChanged, ProductChanged, SkuChanged, SpecChanged
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.revision import REVISIONS, record_changes
from mktcore.catalog.sku import SKUS, Sku
from mktcore.errors import Refused
from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.parties import SellingRights
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.persistence import Kind, Retryable, Scope, UniqueViolation, WritingUnit, put
from mktcore.persistence.kinds import Aggregate

__all__ = [
    "CatalogRefused",
    "Signature",
    "find_guard",
    "put_catalog",
    "put_category",
    "put_many",
    "put_product",
    "put_sku",
    "put_spec",
    "remove_kept",
    "save_guard",
]

T = TypeVar("T", bound=Aggregate)
_EVENTS: Mapping[str, Callable[..., Event]] = {
    PRODUCTS.name: ProductChanged,
    SKUS.name: SkuChanged,
    SPECS.name: SpecChanged,
    CATEGORIES.name: CategoryChanged,
}


@attrs.define(eq=False, slots=False)
class CatalogRefused(Refused):
    """A record that does not fit what the catalogue has: `problems` lists every reference that leads nowhere."""

    code: ClassVar[str] = "catalog.refused"


@attrs.frozen
class Signature:
    """Who changes something, when, and why: what every revision says.

    Attributes:
        by: Who asks.
        at: The present instant, UTC.
        note: Why, if somebody says.
        restored: The number that a record is rolled back to; None for any other change.
    """

    by: Scope
    at: datetime
    note: str = ""
    restored: int | None = attrs.field(default=None, kw_only=True)


def put_category(unit: WritingUnit, category: Category, signature: Signature) -> Category:
    """Store a category.

    Raises:
        UnknownCategory: Its parent is none.
        CategoryCycle: It would lie beneath itself, or too deep.
    """
    before = unit.repository(CATEGORIES).find(category.id)
    if category.parent is not None:
        # Before the tree is walked: what another move changes after this read makes `save_guard` fail, and look again.
        guard = find_guard(unit)
        _check_path(unit, category, category.parent)
        if before is not None and before.parent != category.parent:
            save_guard(unit, guard)
    return _put(unit, CATEGORIES, category, before=before, signature=signature)


def find_guard(unit: WritingUnit) -> TreeGuard:
    """Return what guards the tree; to be read before the tree is, and saved with every move."""
    return unit.repository(CATEGORY_TREES).find(TreeGuard().id) or TreeGuard()


def save_guard(unit: WritingUnit, guard: TreeGuard) -> None:
    """See to it that no category was moved since the guard was read.

    Raises:
        Retryable, StaleVersion: One was; look at the tree again.
    """
    try:
        put(unit, CATEGORY_TREES, guard)
    except UniqueViolation as error:  # two were the first to move a category
        raise Retryable(error.describe()) from error


def _check_path(unit: WritingUnit, category: Category, parent: str) -> None:
    # Upwards one by one and not from the whole tree: a save reads no more than the path to the top.
    above: str | None = parent
    for _ in range(MAX_DEPTH - 1):
        if above is None:
            return
        if above == category.id:
            break
        found = unit.repository(CATEGORIES).find(above)
        if found is None:
            raise UnknownCategory(above)
        above = found.parent
    raise CategoryCycle(category.id, parent)


def put_spec(unit: WritingUnit, spec: Spec, signature: Signature) -> Spec:
    """Store a spec."""
    return _put(unit, SPECS, spec, before=unit.repository(SPECS).find(spec.id), signature=signature)


def put_product(unit: WritingUnit, product: Product, signature: Signature) -> Product:
    """Store a product.

    Raises:
        CatalogRefused: It names specs that are not there, or another party's.
    """
    specs = unit.repository(SPECS).find_many(product.specs) if product.specs else {}
    CatalogRefused.raise_if(_check_specs(product, specs))
    return _put(unit, PRODUCTS, product, before=unit.repository(PRODUCTS).find(product.id), signature=signature)


def _check_specs(product: Product, specs: dict[str, Spec]) -> Iterator[Notice]:
    for position, name in enumerate(product.specs):
        spec = specs.get(name)
        if spec is None or spec.owner not in {None, product.owner}:
            message = f"there is no spec {name!r} for products of {product.owner or 'the operator'}"
            yield Notice("catalog.unknown-spec", f"specs[{position}]", message, remedy="save the spec first")


def put_sku(unit: WritingUnit, sku: Sku, signature: Signature) -> Sku:
    """Store a SKU.

    Raises:
        CatalogRefused: It names a product that is not there, or another party's.
    """
    before = unit.repository(SKUS).find(sku.id)
    if sku.product is not None:
        product = unit.repository(PRODUCTS).find(sku.product)
        # A variant belongs to whom its product belongs: nobody puts goods into another's product.
        if product is None or product.owner != sku.owner:
            message = f"there is no product {sku.product!r} of {sku.owner or 'the operator'}"
            raise CatalogRefused(
                (Notice("catalog.unknown-product", "product", message, remedy="save the product first"),)
            )
    # Once only: who was let in later must not be shut out by the next change.
    if sku.owner is not None and before is None:
        _reserve_for_owner(unit, sku.id, sku.owner, at=signature.at)
    return _put(unit, SKUS, _date(sku, before, signature), before=before, signature=signature)


def _date(value: T, before: T | None, signature: Signature) -> T:
    """Return a record with the instant at which it came into the catalogue, where its kind keeps that."""
    if not isinstance(value, Sku):
        return value
    # Whatever the caller says: it is when the record was first stored.
    return attrs.evolve(value, added_at=signature.at if before is None else getattr(before, "added_at", None))


def _reserve_for_owner(unit: WritingUnit, sku: str, owner: str, *, at: datetime) -> None:
    """See to it that nobody else sells what a merchant owns; without selling rights, anybody may."""
    if unit.repository(SELLING_RIGHTS).find(sku) is None:
        rights = unit.repository(SELLING_RIGHTS).add(SellingRights(sku, owner))
        unit.publish([SellingRightsChanged.of(rights, at)])


def put_many(unit: WritingUnit, kind: Kind[T], changes: Sequence[tuple[T | None, T]], *, signature: Signature) -> None:
    """Store many categories, products or SKUs as a feed has them, in a constant number of round trips.

    Who calls has checked what they refer to.

    Args:
        unit: Under the operator's authority.
        kind: Of the records.
        changes: Each record before (None for a new one) and as it is to be.
        signature: Who, when, why.
    """
    if not changes:
        return
    repository = unit.repository(kind)
    dated = [(before, _date(after, before, signature)) for before, after in changes]
    repository.add_many([after for before, after in dated if before is None])
    repository.save_many([after for before, after in dated if before is not None])
    _record(unit, kind, [(before, kind.to_changed(after)) for before, after in dated], signature=signature)


def remove_kept(unit: WritingUnit, kind: Kind[T], value: T, *, signature: Signature) -> None:
    """Remove a record with its history, and tell; its id is as free afterwards as if it had never been.

    Raises:
        NotFound: It was removed.
        StaleVersion: Somebody changed it meanwhile.
    """
    revisions = unit.repository(REVISIONS)
    unit.repository(kind).remove(value)
    # With its history: a record of the same id would begin at revision 1 again, and find it taken.
    for revision in revisions.find_where("subject", [f"{kind.name}/{value.id}"]):
        revisions.remove(revision)
    event = _EVENTS[kind.name]
    unit.publish([event(subject=value.id, at=signature.at, merchant=getattr(value, "owner", None), number=0)])


def put_catalog(unit: WritingUnit, catalog: Catalog, signature: Signature) -> Catalog:
    """Store a catalog; its history is told by its events."""
    stored = put(unit, CATALOGS, catalog)
    unit.publish([CatalogChanged.of(catalog, signature.at)])
    return stored


def _put(
    unit: WritingUnit,
    kind: Kind[T],
    value: T,
    *,
    before: T | None,
    signature: Signature,
) -> T:
    """Add a record that was never stored, save one that was; keep the revision; tell."""
    stored = put(unit, kind, value)
    _record(unit, kind, [(before, stored)], signature=signature)
    return stored


def _record(
    unit: WritingUnit,
    kind: Kind[T],
    changes: Sequence[tuple[T | None, T]],
    *,
    signature: Signature,
) -> None:
    by, at = signature.by, signature.at
    record_changes(unit, kind, changes, by=by, at=at, note=signature.note, restored=signature.restored)
    event = _EVENTS[kind.name]
    stored: list[Any] = [after for _, after in changes]
    unit.publish(
        event(subject=one.id, at=at, merchant=getattr(one, "owner", None), number=one.version) for one in stored
    )
