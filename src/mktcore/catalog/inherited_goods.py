"""What goods are, as far as their SKUs leave it to their product and the category tree to say."""

from collections.abc import Collection, Iterable, Mapping

import attrs

from mktcore.catalog.category import CATEGORIES, Category
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import Sku
from mktcore.persistence import Repositories

__all__ = ["GoodsNature", "GoodsNatures", "gather_natures"]


@attrs.frozen
class GoodsNature:
    """What the goods of one SKU are.

    Attributes:
        category: The SKU's category, or its product's where it has none.
        brand: Its brand, or its product's.
        attributes: Its attributes over those of its product.
        ancestors: The categories that the category lies in.
    """

    category: str
    brand: str
    attributes: Mapping[str, str] = attrs.field(hash=False)
    ancestors: tuple[str, ...]


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

        >>> cameras = Product("cameras", "Cameras", brand="Orlik", category="photo")
        >>> nature = GoodsNatures({"cameras": cameras}).find(Sku("camera", "Camera", product="cameras"))
        >>> nature.category, nature.brand
        ('photo', 'Orlik')
        """
        category, brand, attributes = sku.category, sku.brand, sku.attributes
        product = None if sku.product is None else self.products.get(sku.product)
        if product is not None:
            category, brand = category or product.category, brand or product.brand
            attributes = {**product.attributes, **attributes}
        return GoodsNature(category, brand, attributes=attributes, ancestors=self.ancestors.get(category, ()))


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
