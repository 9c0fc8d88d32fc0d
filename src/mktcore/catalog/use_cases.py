"""Keeping the catalogue: categories, products, SKUs, specs, catalogs, and the history of each."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

import attrs

from mktcore.access import Permission, PermissionDenied, check_access, check_permission
from mktcore.access.ownership import Action, Owned
from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
    to_link_id,
)
from mktcore.catalog.category import CATEGORIES, Category, CategoryTree
from mktcore.catalog.events import CatalogChanged
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.revision import Revision, find_as_of, get_revision, page_revisions, view_value
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.spec import SPECS, Spec
from mktcore.catalog.store_changes import (
    Signature,
    WritingUnit,
    put_catalog,
    put_category,
    put_product,
    put_sku,
    put_spec,
)
from mktcore.clock import Clock
from mktcore.errors import InvalidValue
from mktcore.parties import MEMBERSHIPS, Activity, check_activity
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, find_rule
from mktcore.persistence import Committing, Kind, NotFound, Page, Party, Pause, Scope, Store, run_unit
from mktcore.persistence.kinds import Aggregate

__all__ = ["Cataloguing", "CataloguingUnit"]

T = TypeVar("T", bound=Aggregate)
R = TypeVar("R")


class CataloguingUnit(WritingUnit, Committing, Protocol):
    """What keeping the catalogue needs of a unit of work."""


StoreRecord = Callable[[WritingUnit, Any, Signature], Any]
_OWNED: Mapping[str, tuple[Owned, StoreRecord]] = {
    PRODUCTS.name: (Owned.PRODUCT, put_product),
    SKUS.name: (Owned.PRODUCT, put_sku),
    SPECS.name: (Owned.SPEC, put_spec),
    CATALOGS.name: (Owned.CATALOG, put_catalog),
}
"""What the ownership matrix says of each kind, and how a record of it is stored."""
_WITH_HISTORY = frozenset({PRODUCTS.name, SKUS.name, SPECS.name, CATEGORIES.name})


@attrs.frozen
class Cataloguing:
    """The catalogue of the operator and its merchants. Every call takes the scope of who asks.

    Who may write, and who sees what, is the ownership matrix's; categories are the operator's, and everybody sees them.

    Attributes:
        store: Where it is kept.
        clock: Tells the time.
        pause: Waits before a unit that lost against another transaction is tried again.
    """

    store: Store[CataloguingUnit]
    clock: Clock
    pause: Pause | None = None

    def save_category(self, category: Category, *, scope: Scope, note: str = "") -> Category:
        """Store a category, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            UnknownCategory: Its parent is none.
            CategoryCycle: It would lie beneath itself.
            StaleVersion: Somebody else changed it.
        """
        _check_operator(scope)
        return self._do(scope, lambda unit: put_category(unit, category, self._sign(scope, note)))

    def get_tree(self) -> CategoryTree:
        """Return all categories as a tree."""
        with self.store.begin(Scope.operator()) as unit:
            return CategoryTree(unit.repository(CATEGORIES).stream())

    def save_product(self, product: Product, *, scope: Scope, note: str = "") -> Product:
        """Store a product, new or changed; its owner's, or the operator's.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's.
            CatalogRefused: It names specs that are not there.
            StaleVersion: Somebody else changed it.
        """
        return self._save(PRODUCTS, product, scope, note)

    def save_sku(self, sku: Sku, *, scope: Scope, note: str = "") -> Sku:
        """Store a SKU, new or changed; its owner's, or the operator's. Nobody else sells what a merchant owns.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's.
            CatalogRefused: It names a product that is not there, or another party's.
            StaleVersion: Somebody else changed it.
        """
        return self._save(SKUS, sku, scope, note)

    def save_spec(self, spec: Spec, *, scope: Scope, note: str = "") -> Spec:
        """Store a spec, new or changed. Raises like `save_product`."""
        return self._save(SPECS, spec, scope, note)

    def save_catalog(self, catalog: Catalog, *, scope: Scope) -> Catalog:
        """Store a catalog, new or renamed. Raises like `save_product`."""
        return self._save(CATALOGS, catalog, scope, "")

    def get_product(self, product: str, *, scope: Scope) -> Product:
        """Return a product, as the operator, its owner, or a buyer related to its owner may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        with self.store.begin(scope) as unit:
            return unit.repository(PRODUCTS).get(product)

    def get_sku(self, sku: str, *, scope: Scope) -> Sku:
        """Return a SKU, as those may see it who see its product; a merchant also sees the operator's that it may sell.

        Raises:
            NotFound: There is none for this caller.
        """
        with self.store.begin(scope) as unit:
            found = unit.repository(SKUS).find(sku)
        if found is None and scope.party is Party.MERCHANT:
            with self.store.begin(scope.to_operator()) as unit:
                found = next(iter(_find_sellable(unit, [unit.repository(SKUS).get(sku)], scope.id)), None)
        if found is None:
            raise NotFound(SKUS.name, sku)
        return found

    def find_skus(self, product: str, *, scope: Scope) -> tuple[Sku, ...]:
        """Return the SKUs of a product, as far as the caller may see them."""
        with self.store.begin(scope) as unit:
            return unit.repository(SKUS).find_where("product", [product])

    def page_products(
        self, *, scope: Scope, category: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Product]:
        """Return a page of the products that the caller may see, of one category or of all."""
        where = {} if category is None else {"category": category}
        with self.store.begin(scope) as unit:
            return unit.repository(PRODUCTS).page(where, after=after, limit=limit)

    def page_skus(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[Sku]:
        """Return a page of the SKUs that the caller may see; a merchant's own."""
        with self.store.begin(scope) as unit:
            return unit.repository(SKUS).page(after=after, limit=limit)

    def page_sellable(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[Sku]:
        """Return a page of the operator's SKUs that the calling merchant may sell; those it may not are left out.

        Raises:
            NotFound: The caller is a buyer.
        """
        if scope.party is Party.BUYER:
            raise NotFound("merchant", scope.id)
        with self.store.begin(scope.to_operator()) as unit:
            page = unit.repository(SKUS).page({"owner": None}, after=after, limit=limit)
            items = page.items if scope.party is Party.OPERATOR else _find_sellable(unit, page.items, scope.id)
        return Page(tuple(items), page.next)

    def add_products(self, catalog: str, products: Iterable[str], *, scope: Scope) -> None:
        """Put products into a catalog; those that are in it stay. A SKU without a product is named by its own id.

        Raises:
            NotFound: There is no such catalog or product, or it is not the caller's to assign.
            PermissionDenied: The caller's user may not.
        """
        wanted = tuple(dict.fromkeys(products))

        def write(unit: CataloguingUnit) -> None:
            found = self._get_assignable(unit, catalog, scope)
            known = unit.repository(CATALOG_PRODUCTS).find_many([to_link_id(catalog, product) for product in wanted])
            _check_products(unit, wanted, scope)
            links = [CatalogProduct.of(found, product) for product in wanted]
            new = [link for link in links if link.id not in known]
            unit.repository(CATALOG_PRODUCTS).add_many(new)
            self._tell(unit, found, added=[link.product for link in new])

        self._do(scope, write)

    def remove_products(self, catalog: str, products: Iterable[str], *, scope: Scope) -> None:
        """Take products out of a catalog; those that are not in it are passed over.

        Raises:
            NotFound: There is no such catalog, or it is not the caller's.
            PermissionDenied: The caller's user may not.
        """
        ids = [to_link_id(catalog, product) for product in products]

        def write(unit: CataloguingUnit) -> None:
            found = self._get_assignable(unit, catalog, scope)
            links = unit.repository(CATALOG_PRODUCTS).find_many(ids).values()
            for link in links:
                unit.repository(CATALOG_PRODUCTS).remove(link)
            self._tell(unit, found, removed=[link.product for link in links])

        self._do(scope, write)

    def assign(self, catalog: str, *, buyer: str | None, scope: Scope) -> CatalogAssignment:
        """Show a catalog to a buyer, or to everybody (None); doing it twice is harmless.

        Raises:
            NotFound: There is no such catalog, or it is not the caller's.
            PermissionDenied: The caller's user may not.
        """

        def write(unit: CataloguingUnit) -> CatalogAssignment:
            found = self._get_assignable(unit, catalog, scope)
            link = CatalogAssignment.of(found, buyer)
            known = unit.repository(CATALOG_ASSIGNMENTS).find(link.id)
            if known is not None:
                return known
            self._tell(unit, found)
            return unit.repository(CATALOG_ASSIGNMENTS).add(link)

        return self._do(scope, write)

    def unassign(self, catalog: str, *, buyer: str | None, scope: Scope) -> None:
        """Show a catalog no more to a buyer, or to everybody; what is not there is passed over. Raises as above."""

        def write(unit: CataloguingUnit) -> None:
            found = self._get_assignable(unit, catalog, scope)
            known = unit.repository(CATALOG_ASSIGNMENTS).find(to_link_id(catalog, buyer or ""))
            if known is not None:
                unit.repository(CATALOG_ASSIGNMENTS).remove(known)
                self._tell(unit, found)

        self._do(scope, write)

    def page_history(
        self, kind: Kind[T], record: str, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> Page[Revision]:
        """Return a page of what a record was after each change, the oldest first; the owner's and the operator's.

        Args:
            kind: `PRODUCTS`, `SKUS`, `SPECS`, `CATEGORIES` or `MERCHANT_ITEMS`.
            record: The record's id.
            scope: Who asks.
            after: Where the page before ended.
            limit: How many at most.
        """
        with self.store.begin(scope) as unit:
            page = page_revisions(unit, kind, record, after=after, limit=limit)
        return Page(tuple(revision.view_for(scope) for revision in page.items), page.next)

    def find_as_of(self, kind: Kind[T], record: str, instant: datetime, *, scope: Scope) -> T | None:
        """Return a record as it was at an instant (aware); None when it was not there for this caller."""
        with self.store.begin(scope) as unit:
            return view_value(find_as_of(unit, kind, record, instant), scope)

    def roll_back(self, kind: Kind[T], record: str, *, to: int, scope: Scope, note: str = "") -> T:
        """Make a record again what a revision of it was. That is a change like any other, checked and kept in history.

        Args:
            kind: `PRODUCTS`, `SKUS`, `SPECS` or `CATEGORIES`.
            record: Its id.
            to: The revision's number.
            scope: Who asks.
            note: Why.

        Raises:
            NotFound: There is no such record, or it is another party's.
            NoSuchRevision: It has no revision of this number.
            PermissionDenied: The caller's user may not.
            InvalidValue: Records of this kind are not rolled back.
            CatalogRefused, UnknownCategory, CategoryCycle: It no longer fits what the catalogue has.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: CataloguingUnit) -> T:
            if kind.name not in _WITH_HISTORY:
                raise InvalidValue("roll_back", "kind", kind.name, "products, SKUs, specs or categories")
            current = unit.repository(kind).get(record)
            self._check(unit, kind, current, current, scope)
            value = get_revision(unit, kind, record, to).value
            restored = attrs.evolve(cast("Any", value), version=current.version)
            put = put_category if kind.name == CATEGORIES.name else _OWNED[kind.name][1]
            return cast("T", put(unit, restored, attrs.evolve(self._sign(scope, note), restored=to)))

        return self._do(scope, write)

    def _save(self, kind: Kind[T], value: T, scope: Scope, note: str) -> T:
        check_permission(scope, Permission.CATALOG)

        def write(unit: CataloguingUnit) -> T:
            stored = unit.repository(kind).find(value.id) if value.version else None
            self._check(unit, kind, value, stored, scope)
            return cast("T", _OWNED[kind.name][1](unit, value, self._sign(scope, note)))

        return self._do(scope, write)

    def _check(self, unit: CataloguingUnit, kind: Kind[T], value: T, stored: T | None, scope: Scope) -> None:
        """Let those write whom the matrix lets, while their life on the marketplace does."""
        if kind.name == CATEGORIES.name:
            _check_operator(scope)
            return
        owner: str | None = (value if stored is None else stored).owner  # type: ignore[attr-defined]  # owned records name one
        action = Action.CREATE if stored is None else Action.UPDATE
        check_access(scope, action, _OWNED[kind.name][0], value.id, owner)
        if scope.party is Party.MERCHANT:
            check_activity(unit.repository(MEMBERSHIPS).find(scope.id), Activity.EDIT, self.clock.now())

    def _get_assignable(self, unit: CataloguingUnit, catalog: str, scope: Scope) -> Catalog:
        check_permission(scope, Permission.CATALOG)
        found = unit.repository(CATALOGS).get(catalog)
        check_access(scope, Action.ASSIGN, Owned.CATALOG, catalog, found.owner)
        return found

    def _tell(
        self, unit: CataloguingUnit, catalog: Catalog, added: Iterable[str] = (), removed: Iterable[str] = ()
    ) -> None:
        told = CatalogChanged(
            subject=catalog.id,
            at=self.clock.now(),
            merchant=catalog.owner,
            added=tuple(added),
            removed=tuple(removed),
        )
        unit.publish([told])

    def _sign(self, scope: Scope, note: str) -> Signature:
        return Signature(scope, self.clock.now(), note)

    def _do(self, scope: Scope, write: Callable[[CataloguingUnit], R]) -> R:
        return run_unit(self.store, scope.to_operator(), write, pause=self.pause)


def _check_operator(scope: Scope) -> None:
    check_permission(scope, Permission.CATALOG)
    if scope.party is not Party.OPERATOR:
        raise PermissionDenied(str(scope.caller), scope.caller.user, str(Permission.CATALOG))


def _find_sellable(unit: CataloguingUnit, skus: Iterable[Sku], merchant: str) -> list[Sku]:
    """Return those of the operator's SKUs that a merchant may sell."""
    found = [sku for sku in skus if sku.owner is None]
    rights = unit.repository(SELLING_RIGHTS).find_many([sku.id for sku in found])
    return [sku for sku in found if find_rule(rights.get(sku.id), merchant) is not None]


def _check_products(unit: CataloguingUnit, products: Iterable[str], scope: Scope) -> None:
    """Let the caller assign products, and SKUs without one, that are its own; the operator any."""
    wanted = list(products)
    found: dict[str, Product | Sku] = {**unit.repository(SKUS).find_many(wanted)}
    found |= unit.repository(PRODUCTS).find_many(wanted)
    for name in wanted:
        one = found.get(name)
        if one is None or (isinstance(one, Sku) and one.product is not None):
            raise NotFound(PRODUCTS.name, name)
        check_access(scope, Action.ASSIGN, Owned.PRODUCT, name, one.owner)
