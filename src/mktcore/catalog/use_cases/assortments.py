"""Catalogs: which products are in which, and which buyers they are shown to."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.access import Permission, check_access, check_permission
from mktcore.access.ownership_matrix import Owned, RecordAction
from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
    to_link_id,
)
from mktcore.catalog.events import CatalogChanged
from mktcore.catalog.lists import CatalogAssignmentList, CatalogList, CatalogProductList
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.use_cases.kept_records import KEPT_CATALOGS, save_record
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Repositories, Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Assortments"]


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Assortments:
    """The catalogs that products are put into and buyers are shown."""

    runtime: Runtime[WritingUnit]

    @property
    def catalogs(self) -> CatalogList:
        """The catalogs that the caller may see, as a list."""
        return CatalogList(self.runtime)

    @property
    def catalog_products(self) -> CatalogProductList:
        """Which products are in which catalogs, as a list."""
        return CatalogProductList(self.runtime)

    @property
    def catalog_assignments(self) -> CatalogAssignmentList:
        """Which catalogs are shown to whom, as a list."""
        return CatalogAssignmentList(self.runtime)

    def save_catalog(self, catalog: Catalog, *, scope: Scope) -> Catalog:
        """Store a catalog, new or renamed. Raises like `save_product`."""
        return save_record(self.runtime, KEPT_CATALOGS, catalog, scope=scope)

    def add_products(self, catalog: str, products: Iterable[str], *, scope: Scope) -> None:
        """Put products into a catalog; those that are in it stay. A SKU without a product is named by its own id.

        Raises:
            NotFound: There is no such catalog or product, or it is not the caller's to assign.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        wanted = tuple(dict.fromkeys(products))

        def write(unit: WritingUnit) -> None:
            found = _get_assignable(unit, catalog, scope, now=self.runtime.now())
            known = unit.repository(CATALOG_PRODUCTS).find_many([to_link_id(catalog, product) for product in wanted])
            _check_products(unit, wanted, scope)
            links = [CatalogProduct.of(found, product) for product in wanted]
            # By id, as all who put several in or take them out: two of them never wait in a circle.
            new = sorted((link for link in links if link.id not in known), key=lambda link: link.id)
            unit.repository(CATALOG_PRODUCTS).add_many(new)
            self._publish(unit, found, added=[link.product for link in new])

        self.runtime.run(scope.to_operator(), write, contested=[CATALOG_PRODUCTS])

    def remove_products(self, catalog: str, products: Iterable[str], *, scope: Scope) -> None:
        """Take products out of a catalog; those that are not in it are passed over.

        Raises:
            NotFound: There is no such catalog, or it is not the caller's.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        ids = sorted({to_link_id(catalog, product) for product in products})

        def write(unit: WritingUnit) -> None:
            found = _get_assignable(unit, catalog, scope, now=self.runtime.now())
            known = unit.repository(CATALOG_PRODUCTS).find_many(ids)
            links = [known[link] for link in ids if link in known]
            for link in links:
                unit.repository(CATALOG_PRODUCTS).remove(link)
            self._publish(unit, found, removed=[link.product for link in links])

        self.runtime.run(scope.to_operator(), write, contested=[CATALOG_PRODUCTS])

    def assign(self, catalog: str, *, buyer: str | None, scope: Scope) -> CatalogAssignment:
        """Show a catalog to a buyer, or to everybody (None); doing it twice is harmless.

        Raises:
            NotFound: There is no such catalog, or it is not the caller's.
            PermissionDenied, ActivityRefused: The caller may not.
        """

        def write(unit: WritingUnit) -> CatalogAssignment:
            found = _get_assignable(unit, catalog, scope, now=self.runtime.now())
            link = CatalogAssignment.of(found, buyer)
            known = unit.repository(CATALOG_ASSIGNMENTS).find(link.id)
            if known is not None:
                return known
            self._publish(unit, found)
            return unit.repository(CATALOG_ASSIGNMENTS).add(link)

        return self.runtime.run(scope.to_operator(), write, contested=[CATALOG_ASSIGNMENTS])

    def unassign(self, catalog: str, *, buyer: str | None, scope: Scope) -> None:
        """Show a catalog no more to a buyer, or to everybody; what is not there is passed over. Raises as above."""

        def write(unit: WritingUnit) -> None:
            found = _get_assignable(unit, catalog, scope, now=self.runtime.now())
            known = unit.repository(CATALOG_ASSIGNMENTS).find(to_link_id(catalog, buyer or ""))
            if known is not None:
                unit.repository(CATALOG_ASSIGNMENTS).remove(known)
                self._publish(unit, found)

        self.runtime.run(scope.to_operator(), write, contested=[CATALOG_ASSIGNMENTS])

    def _publish(
        self, unit: WritingUnit, catalog: Catalog, *, added: Iterable[str] = (), removed: Iterable[str] = ()
    ) -> None:
        unit.publish([CatalogChanged.of(catalog, self.runtime.now(), added=added, removed=removed)])


def _get_assignable(unit: Repositories, catalog: str, scope: Scope, *, now: datetime) -> Catalog:
    check_permission(scope, Permission.CATALOG)
    found = unit.repository(CATALOGS).get(catalog)
    check_access(scope, RecordAction.ASSIGN, Owned.CATALOG, id=catalog, owner=found.owner)
    check_caller(unit, scope, Activity.EDIT, now=now)
    return found


def _check_products(unit: Repositories, products: Iterable[str], scope: Scope) -> None:
    """Let the caller assign products, and SKUs without one, that are its own; the operator any."""
    wanted = list(products)
    found: dict[str, Product | Sku] = {**unit.repository(SKUS).find_many(wanted)}
    # Of a product and a SKU with one id the product is meant.
    found |= unit.repository(PRODUCTS).find_many(wanted)
    for name in wanted:
        one = found.get(name)
        # A SKU that has a product is in a catalog by its product alone.
        if one is None or (isinstance(one, Sku) and one.product is not None):
            raise NotFound(PRODUCTS.name, name)
        check_access(scope, RecordAction.ASSIGN, Owned.PRODUCT, id=name, owner=one.owner)
