"""What goods are, as far as their SKUs leave it to their product and the category tree to say."""

from collections.abc import Collection, Iterable, Mapping

import attrs

from mktcore.catalog.category import CATEGORIES, Category
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import Sku
from mktcore.parties.selling_rights.orderable_offers import list_gates
from mktcore.persistence import Repositories

__all__ = ["GoodsNature", "GoodsNatures", "gather_natures"]


@attrs.frozen
class GoodsNature:
    """What the goods of one SKU are.

    Attributes:
        category: The SKU's category, or its product's where it has none.
        brand: Its brand, or its product's.
        attributes: Its attributes over those of its product.
        ancestors: The categories that the category lies in, the nearest first: what is true of one is true of the
            goods. A category that is a path in text (`photo/cameras`) lies in what the path begins with.
        tax_category: Its tax category, or its product's.
        specs: Ids of what a buyer chooses from, as its product says.
    """

    category: str
    brand: str
    attributes: Mapping[str, str] = attrs.field(hash=False)
    ancestors: tuple[str, ...]
    tax_category: str = attrs.field(default="", kw_only=True)
    specs: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def list_gates(self) -> tuple[str, ...]:
        """Return the ids of the rights that may gate the goods: of their brand and of every category they lie in."""
        return list_gates(self.brand, (self.category, *self.ancestors))

    def lies_in(self, category: str) -> bool:
        """Tell whether the goods are of a category, or of one below it."""
        return category == self.category or category in self.ancestors


@attrs.frozen
class GoodsNatures:
    """What goods are, beyond what their SKUs say of themselves.

    Attributes:
        products: By id.
        ancestors: The categories that a category lies in, by category.
    """

    products: Mapping[str, Product] = attrs.field(factory=dict)
    ancestors: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    def find(self, sku: Sku) -> GoodsNature:
        """Return what a SKU's goods are: what it does not say itself, its product says.

        >>> cameras = Product("cameras", "Cameras", brand="Orlik", category="photo", tax_category="standard")
        >>> nature = GoodsNatures({"cameras": cameras}).find(Sku("camera", "Camera", product="cameras"))
        >>> nature.category, nature.brand, nature.tax_category
        ('photo', 'Orlik', 'standard')
        """
        product = None if sku.product is None else self.products.get(sku.product)
        if product is None:
            ancestors = self._find_ancestors(sku.category)
            # positional: one for every line of a cart, and for every candidate of a view
            return GoodsNature(sku.category, sku.brand, sku.attributes, ancestors, tax_category=sku.tax_category)
        category = sku.category or product.category
        return GoodsNature(
            category,
            sku.brand or product.brand,
            attributes={**product.attributes, **sku.attributes},
            ancestors=self._find_ancestors(category),
            tax_category=sku.tax_category or product.tax_category,
            specs=product.specs,
        )

    def adds_nothing(self) -> bool:
        """Tell whether all goods are what their SKUs say of themselves."""
        return not self.products and not any(self.ancestors.values())

    def fill_in(self, sku: Sku) -> Sku:
        """Return a SKU that says itself what its product says of it."""
        if sku.product not in self.products:
            return sku
        nature = self.find(sku)
        return attrs.evolve(
            sku,
            category=nature.category,
            brand=nature.brand,
            attributes=nature.attributes,
            tax_category=nature.tax_category,
        )

    def _find_ancestors(self, category: str) -> tuple[str, ...]:
        above = self.ancestors.get(category, ())
        named = (category, *above)
        if not any("/" in one for one in named):
            return above
        paths = [part for one in named for part in _list_parents(one)]
        return tuple(dict.fromkeys([*above, *paths]))


def _list_parents(path: str) -> list[str]:
    """Return what a path in text lies in: `a/b` and `a` for `a/b/c`."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def gather_natures(unit: Repositories, skus: Collection[Sku]) -> GoodsNatures:
    """Load what tells the nature of goods: a round trip for products, and one for each level of the category tree."""
    named = {sku.product for sku in skus if sku.product is not None}
    products = unit.repository(PRODUCTS).find_many(named) if named else {}
    return GoodsNatures(products, _gather_ancestors(unit, [*skus, *products.values()]))


def _gather_ancestors(unit: Repositories, goods: Iterable[Sku | Product]) -> dict[str, tuple[str, ...]]:
    """Return the categories that those of the goods lie in."""
    known: dict[str, Category] = {}
    wanted = {one.category for one in goods if one.category}
    while wanted:
        found = unit.repository(CATEGORIES).find_many(wanted)
        known |= found
        wanted = {one.parent for one in found.values() if one.parent is not None} - known.keys()
    return {category: _list_ancestors(category, known) for category in known}


def _list_ancestors(category: str, known: Mapping[str, Category]) -> tuple[str, ...]:
    path: list[str] = []
    # The tree is guarded against circles; a store that somebody wrote by hand must not hang a checkout all the same.
    while (found := known.get(category)) is not None and found.parent is not None and found.parent not in path:
        category = found.parent
        path.append(category)
    return tuple(path)
