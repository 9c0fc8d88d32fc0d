"""Products and specs: what several SKUs have in common, and what a buyer chooses when ordering one."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from mktcore.catalog.assortment import CATALOG_PRODUCTS
from mktcore.catalog.lists import ProductList, SpecList
from mktcore.catalog.order_choices import Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import SKUS
from mktcore.catalog.use_cases.kept_records import KEPT_PRODUCTS, KEPT_SPECS, remove_record, save_record
from mktcore.persistence import Kind, Scope, WritingUnit
from mktcore.persistence.referrers import MAX_TOLD, Referrer
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Products"]


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Products:
    """The products of the catalogue.

    Attributes:
        runtime: Where they are kept.
        naming_products: The columns of rooms above, by kind, that name a product: what is priced is not removed.
    """

    runtime: Runtime[WritingUnit]
    naming_products: tuple[tuple[Kind[Any], str], ...] = attrs.field(default=(), kw_only=True)

    @property
    def products(self) -> ProductList:
        """The products that the caller may see, as a list."""
        return ProductList(self.runtime)

    @property
    def specs(self) -> SpecList:
        """The specs that the caller may see, as a list."""
        return SpecList(self.runtime)

    def save_product(self, product: Product, *, scope: Scope, note: str = "") -> Product:
        """Store a product, new or changed; its owner's, or the operator's.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's.
            CatalogRefused: It names specs that are not there.
            StaleVersion: Somebody else changed it.
        """
        return save_record(self.runtime, KEPT_PRODUCTS, product, scope=scope, note=note)

    def remove_product(self, product: Product, *, scope: Scope) -> None:
        """Remove a product without SKUs that is in no catalog; its owner's, or the operator's.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's, or was removed.
            ActivityRefused: The merchant may not in the present state of its life.
            StillReferred: SKUs are of it, assignments of prices name it, or catalogs hold it.
            StaleVersion: Somebody else changed it.
        """
        naming: tuple[tuple[Kind[Any], str], ...] = ((SKUS, "product"), (CATALOG_PRODUCTS, "product"))
        remove_record(self.runtime, KEPT_PRODUCTS, product, scope=scope, naming=(*naming, *self.naming_products))

    def remove_spec(self, spec: Spec, *, scope: Scope) -> None:
        """Remove a spec that no product has. Raises like `remove_product`.

        It reads the products of its owner once, or all for the operator's: a product has any number of specs.
        """
        remove_record(self.runtime, KEPT_SPECS, spec, scope=scope, naming=(), also=_find_products_with)

    def save_spec(self, spec: Spec, *, scope: Scope, note: str = "") -> Spec:
        """Store a spec, new or changed. Raises like `save_product`."""
        return save_record(self.runtime, KEPT_SPECS, spec, scope=scope, note=note)

    def get_product(self, product: str, *, scope: Scope) -> Product:
        """Return a product, as the operator, its owner, or a buyer related to its owner may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        return self.runtime.read(scope, lambda unit: unit.repository(PRODUCTS).get(product))


def _find_products_with(unit: WritingUnit, spec: Spec) -> Iterator[Referrer]:
    # A merchant's spec is for its own products alone.
    where = {} if spec.owner is None else {"owner": spec.owner}
    found = (one.id for one in unit.repository(PRODUCTS).stream(where) if spec.id in one.specs)
    return (Referrer(PRODUCTS.name, one) for one in islice(found, MAX_TOLD))
