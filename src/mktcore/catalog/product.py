"""Products: goods that come in one or several SKUs."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.catalog.category import to_aisle
from mktcore.errors import InvalidValue
from mktcore.goods import Media
from mktcore.goods.attributes import check_attributes, copy_attributes
from mktcore.goods.media import to_media
from mktcore.goods.safe_text import MAX_CATEGORY, MAX_DESCRIPTION, MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Ordered

__all__ = ["PRODUCTS", "Product"]


def _to_ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(ids)


@attrs.frozen
class Product:
    """What several SKUs have in common: the shirt that comes in three sizes.

    Attributes:
        id: The marketplace's id of it.
        name: As buyers see it.
        owner: The merchant that owns it; None when the operator does. Set at creation only.
        brand: Brand, empty where there is none.
        category: Id of its category, empty where there is none.
        description: Text for buyers.
        attributes: What all its SKUs are like, by name.
        tax_category: Of its SKUs, unless one says otherwise.
        specs: Ids of the specs that a buyer chooses from, in the order they are asked.
        media: References, the first one leading.
        version: How often it was stored.
    """

    id: str
    name: str
    owner: str | None = None
    brand: str = attrs.field(default="", kw_only=True)
    category: str = attrs.field(default="", kw_only=True)
    description: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False, kw_only=True)
    tax_category: str = attrs.field(default="", kw_only=True)
    specs: tuple[str, ...] = attrs.field(default=(), converter=_to_ids, kw_only=True)
    media: tuple[Media, ...] = attrs.field(default=(), converter=to_media, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("product", self.id)
        check_text("Product", "name", self.name, longest=MAX_NAME, required=True)
        check_text("Product", "brand", self.brand, longest=MAX_NAME)
        check_text("Product", "category", self.category, longest=MAX_CATEGORY)
        check_text("Product", "description", self.description, longest=MAX_DESCRIPTION)
        check_attributes("Product", "attributes", self.attributes)
        if len(set(self.specs)) < len(self.specs):
            raise InvalidValue("Product", "specs", self.specs, "each spec once")


PRODUCTS = Kind(
    "product",
    Product,
    columns={"owner": lambda product: product.owner, "category": lambda product: product.category},
    ordered={"aisle": Ordered(lambda product: to_aisle(product.category), str)},
    together=(("owner", "category"),),
    **scope_rule(Owned.PRODUCT),
)
