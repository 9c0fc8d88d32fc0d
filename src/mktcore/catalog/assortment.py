"""Catalogs: owned sets of products, assigned to buyers; and what a buyer is shown of them."""

from collections.abc import Collection, Iterable, Mapping

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned, RecordAction, ScopeRule
from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id, link_ids
from mktcore.persistence import Kind, Repositories

__all__ = [
    "CATALOGS",
    "CATALOG_ASSIGNMENTS",
    "CATALOG_PRODUCTS",
    "Assortment",
    "Catalog",
    "CatalogAssignment",
    "CatalogProduct",
    "gather_assortment",
    "to_link_id",
]

MAX_PART = 55
"""Characters in the id of a catalog."""


def to_link_id(catalog: str, other: str) -> str:
    """Return the id of the link between a catalog and something else, unlike that of any other two.

    >>> to_link_id("summer", "camera")
    '6:summer:camera'
    """
    return link_ids(catalog, other)


@attrs.frozen
class Catalog:
    """A set of products that somebody owns and shows to some buyers.

    Attributes:
        id: Its id, 55 characters at most.
        name: As people see it.
        owner: The merchant that owns it; None when the operator does. Set at creation only.
        version: How often it was stored.
    """

    id: str
    name: str
    owner: str | None = None
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("catalog", self.id)
        check_text("Catalog", "name", self.name, longest=MAX_NAME, required=True)
        if len(self.id) > MAX_PART:
            raise InvalidValue("Catalog", "id", self.id, f"{MAX_PART} characters at most")


@attrs.frozen
class CatalogProduct:
    """This product is in this catalog.

    Attributes:
        id: Made of both, see `of`.
        catalog: The catalog.
        product: The product; a SKU without one stands for itself.
        owner: The catalog's owner.
        version: How often it was stored.
    """

    id: str
    catalog: str
    product: str
    owner: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def of(cls, catalog: Catalog, product: str) -> "CatalogProduct":
        """Put a product into a catalog.

        Raises:
            InvalidId: It cannot be an id.
        """
        check_id("product", product)
        return cls(to_link_id(catalog.id, product), catalog.id, product, owner=catalog.owner)


@attrs.frozen
class CatalogAssignment:
    """This catalog is shown to this buyer.

    Attributes:
        id: Made of both, see `of`.
        catalog: The catalog.
        owner: The catalog's owner.
        buyer: To whom; None for everybody.
        version: How often it was stored.
    """

    id: str
    catalog: str
    owner: str | None = None
    buyer: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def of(cls, catalog: Catalog, buyer: str | None) -> "CatalogAssignment":
        """Assign a catalog to a buyer, or to everybody.

        Raises:
            InvalidId: It cannot be an id.
        """
        if buyer is not None:
            check_id("buyer", buyer)
        # No buyer is called by an empty name: it stands for everybody.
        return cls(to_link_id(catalog.id, buyer or ""), catalog.id, catalog.owner, buyer=buyer)


CATALOGS = Kind("catalog", Catalog, columns={"owner": lambda found: found.owner}, **scope_rule(Owned.CATALOG))
_ASSIGNING = scope_rule(Owned.CATALOG, RecordAction.ASSIGN)
CATALOG_PRODUCTS = Kind(
    "catalog_product",
    CatalogProduct,
    columns={
        "catalog": lambda link: link.catalog,
        "product": lambda link: link.product,
        "owner": lambda link: link.owner,
    },
    together=(("owner", "catalog"), ("owner", "product"), ("catalog", "product")),
    **_ASSIGNING,
)
CATALOG_ASSIGNMENTS = Kind(
    "catalog_assignment",
    CatalogAssignment,
    columns={
        "catalog": lambda link: link.catalog,
        "buyer": lambda link: link.buyer,
        "owner": lambda link: link.owner,
    },
    together=(("owner", "catalog"), ("owner", "buyer"), ("catalog", "buyer")),
    # A related buyer is shown the catalog, and which of its assignments are its own; not to whom else it goes.
    **ScopeRule(
        merchant="owner",
        buyer="buyer",
        writers=_ASSIGNING["writers"],
        fixed=_ASSIGNING["fixed"],
        reads=_ASSIGNING["reads"],
        writes=_ASSIGNING["writes"],
    ),
)


@attrs.frozen
class Assortment:
    """What a buyer is shown: products that are in no catalog, and those of the catalogs assigned to it.

    >>> assortment = Assortment({"camera": frozenset({"vip"}), "tripod": frozenset({"vip", "all"})}, frozenset({"all"}))
    >>> assortment.shows("camera"), assortment.shows("tripod"), assortment.shows("bag")
    (False, True, True)

    Attributes:
        catalogs: The catalogs that each product is in; a product without an entry is in none.
        assigned: Catalogs assigned to the buyer, or to everybody.
    """

    catalogs: Mapping[str, Collection[str]] = attrs.field(factory=dict, hash=False)
    assigned: Collection[str] = frozenset()

    def shows(self, product: str) -> bool:
        """Tell whether the buyer is shown a product."""
        found = self.catalogs.get(product)
        return not found or any(catalog in self.assigned for catalog in found)


def gather_assortment(unit: Repositories, buyer: str | None, products: Iterable[str]) -> Assortment:
    """Load what tells whether a buyer is shown these products, in two round trips.

    Args:
        unit: Under the operator's authority.
        buyer: Who looks; None for somebody who is no buyer yet.
        products: Ids of products, or of SKUs without one (`Sku.product_id`).
    """
    catalogs: dict[str, set[str]] = {}
    for link in unit.repository(CATALOG_PRODUCTS).find_where("product", set(products)):
        catalogs.setdefault(link.product, set()).add(link.catalog)
    # Products that are in no catalog are shown to everybody, and need no second round trip.
    if not catalogs:
        return Assortment()
    whose = [None] if buyer is None else [None, buyer]
    assigned = unit.repository(CATALOG_ASSIGNMENTS).find_where("buyer", whose)
    return Assortment(catalogs, frozenset(link.catalog for link in assigned))
