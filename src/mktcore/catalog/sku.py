"""SKUs: what of the marketplace's own catalogue can be bought."""

import attrs

from mktcore.ids import check_id
from mktcore.unit_of_work import Kind

__all__ = ["SKUS", "Sku"]


@attrs.frozen
class Sku:
    """One thing that can be bought, whoever sells it.

    Attributes:
        id: The marketplace's id of it.
        name: As buyers see it; order lines copy it.
        brand: Brand, empty where there is none.
        category: Category, empty where there is none; commission rules may name it.
        tax_category: Names the tax rates that apply (`"standard"`, `"reduced"`); empty for goods that are not taxed.
        version: How often it was stored.
    """

    id: str
    name: str
    brand: str = ""
    category: str = ""
    tax_category: str = ""
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("SKU", self.id)


SKUS = Kind("sku", Sku, columns={"category": lambda sku: sku.category}, public=True)
