"""Products and specs: what several SKUs have in common, and what a buyer chooses when ordering one."""

import attrs

from mktcore.catalog.order_choices import Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.use_cases.kept_records import KEPT_PRODUCTS, KEPT_SPECS, save_record
from mktcore.persistence import Page, Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Products"]


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Products:
    """The products of the catalogue."""

    runtime: Runtime[WritingUnit]

    def save_product(self, product: Product, *, scope: Scope, note: str = "") -> Product:
        """Store a product, new or changed; its owner's, or the operator's.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's.
            CatalogRefused: It names specs that are not there.
            StaleVersion: Somebody else changed it.
        """
        return save_record(self.runtime, KEPT_PRODUCTS, product, scope=scope, note=note)

    def save_spec(self, spec: Spec, *, scope: Scope, note: str = "") -> Spec:
        """Store a spec, new or changed. Raises like `save_product`."""
        return save_record(self.runtime, KEPT_SPECS, spec, scope=scope, note=note)

    def get_product(self, product: str, *, scope: Scope) -> Product:
        """Return a product, as the operator, its owner, or a buyer related to its owner may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        return self.runtime.read(scope, lambda unit: unit.repository(PRODUCTS).get(product))

    def page_products(
        self, *, scope: Scope, category: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Product]:
        """Return a page of the products that the caller may see, of one category or of all."""
        where = {} if category is None else {"category": category}
        return self.runtime.read(scope, lambda unit: unit.repository(PRODUCTS).page(where, after=after, limit=limit))
