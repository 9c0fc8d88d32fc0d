"""Categories: the operator's tree, which everybody sees."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.catalog.category import CATEGORIES, Category, CategoryTree
from mktcore.catalog.lists import CategoryList
from mktcore.catalog.product import PRODUCTS
from mktcore.catalog.sku import SKUS
from mktcore.catalog.store_changes import put_category
from mktcore.catalog.use_cases.kept_records import KEPT_CATEGORIES, remove_record, sign
from mktcore.persistence import Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Categories"]


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Categories:
    """The categories of the catalogue."""

    runtime: Runtime[WritingUnit]

    @property
    def categories(self) -> CategoryList:
        """The categories, as a list."""
        return CategoryList(self.runtime)

    def save_category(self, category: Category, *, scope: Scope, note: str = "") -> Category:
        """Store a category, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            UnknownCategory: Its parent is none.
            CategoryCycle: It would lie beneath itself.
            StaleVersion: Somebody else changed it.
        """
        check_operator(scope, Permission.CATALOG)
        return self.runtime.run(
            scope.to_operator(), lambda unit: put_category(unit, category, sign(self.runtime, scope, note))
        )

    def remove_category(self, category: Category, *, scope: Scope) -> None:
        """Remove a category without goods and without categories beneath it; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: It was removed.
            StillReferred: Categories, products or SKUs name it.
            StaleVersion: Somebody else changed it.
        """
        check_operator(scope, Permission.CATALOG)
        naming = ((CATEGORIES, "parent"), (PRODUCTS, "category"), (SKUS, "category"))
        remove_record(self.runtime, KEPT_CATEGORIES, category, scope=scope, naming=naming)

    def get_tree(self) -> CategoryTree:
        """Return all categories as a tree."""
        return self.runtime.read(Scope.operator(), lambda unit: CategoryTree(unit.repository(CATEGORIES).stream()))
