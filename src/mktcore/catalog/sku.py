"""SKUs: what of the marketplace's own catalogue can be bought."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.catalog.category import to_aisle
from mktcore.errors import InvalidValue
from mktcore.goods import Dimensions, Gtin, Measure, Media, Unit
from mktcore.goods.attributes import check_attributes, copy_attributes
from mktcore.goods.dimensions import check_weight
from mktcore.goods.gtin import to_gtin, to_gtins
from mktcore.goods.media import to_media
from mktcore.goods.safe_text import MAX_DESCRIPTION, MAX_NAME, check_text
from mktcore.goods.sold_steps import to_steps
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.persistence import Kind
from mktcore.persistence.declared_columns import MAX_ORDERED_TEXT
from mktcore.persistence.kinds import Ordered

__all__ = ["SKUS", "Sku"]


@attrs.frozen
class Sku:
    """One thing that can be bought, whoever sells it.

    >>> milk = Sku("milk-6", "Milk, 6 x 1 l", gtin="4006381333931", unit=Unit.LITRE, unit_multiplier=6)
    >>> str(milk.content), milk.gtins[0].digits
    ('6 l', '04006381333931')

    Attributes:
        id: The marketplace's id of it.
        name: As buyers see it; order lines copy it.
        brand: Brand, empty where there is none.
        category: Id of its category, empty where there is none; commission rules may name it.
        tax_category: Names the tax rates that apply (`"standard"`, `"reduced"`); empty for goods that are not taxed.
        version: How often it was stored.
        product: Id of the product it is a variant of; None for goods that come in one variant.
        owner: The merchant that owns it; None when the operator does. Set at creation only.
        description: Text for buyers.
        attributes: What it is like, by name: what tells it from the product's other SKUs, and anything else.
        gtin: Its Global Trade Item Number; text is parsed.
        other_gtins: Further ones: a new package, another market.
        mpn: The maker's own part number.
        host_ids: The host's own numbers for it, by system: `{"erp": "4711"}`.
        dimensions: As packed.
        weight: As packed.
        unit: What it is measured in.
        unit_multiplier: How much of the unit one piece is: `Decimal("0.35")` for pieces of 0.35 kg. Of what is cut or
            weighed, a piece is the least step that is sold: `Decimal("0.1")` for cable by the decimetre.
        price: What it usually costs, to judge what merchants send by; it is never sold at that.
        media: References, the first one leading.
        added_at: When it came into the catalogue, UTC; None for what release 0.1.0 stored. Use cases set it, and no two
            SKUs are compared by it.

    Raises:
        InvalidGtin: A text is no GTIN.
        InvalidValue: A text is too long, a weight is no mass, a multiplier is not above zero.
    """

    id: str
    name: str
    brand: str = ""
    category: str = attrs.field(default="", kw_only=True)
    tax_category: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    product: str | None = attrs.field(default=None, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    description: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False, kw_only=True)
    gtin: Gtin | None = attrs.field(default=None, converter=to_gtin, kw_only=True)
    other_gtins: tuple[Gtin, ...] = attrs.field(default=(), converter=to_gtins, kw_only=True)
    mpn: str = attrs.field(default="", kw_only=True)
    host_ids: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False, kw_only=True)
    dimensions: Dimensions | None = attrs.field(default=None, kw_only=True)
    weight: Measure | None = attrs.field(default=None, kw_only=True)
    unit: Unit = attrs.field(default=Unit.PIECE, kw_only=True)
    unit_multiplier: int | Decimal | Fraction = attrs.field(default=1, kw_only=True)
    price: Money | None = attrs.field(default=None, kw_only=True)
    media: tuple[Media, ...] = attrs.field(default=(), converter=to_media, kw_only=True)
    added_at: datetime | None = attrs.field(default=None, kw_only=True, eq=False)

    def __attrs_post_init__(self) -> None:
        check_id("SKU", self.id)
        check_text("Sku", "name", self.name, longest=MAX_NAME)
        # Checked only where there is something: a catalogue of a million SKUs is built one by one.
        for field in ("brand", "mpn"):
            text: str = getattr(self, field)
            if text:
                check_text("Sku", field, text, longest=MAX_NAME)
        if self.unit_multiplier != 1:
            Measure(self.unit_multiplier, self.unit)
        if self.description:
            check_text("Sku", "description", self.description, longest=MAX_DESCRIPTION)
        if self.attributes:
            check_attributes("Sku", "attributes", self.attributes)
        if self.host_ids:
            check_attributes("Sku", "host_ids", self.host_ids)
        check_weight("Sku", self.weight)
        if self.price is not None and self.price.is_negative():
            raise InvalidValue("Sku", "price", self.price, "zero or more")

    @property
    def gtins(self) -> tuple[Gtin, ...]:
        """All its GTINs, each once."""
        found = self.other_gtins if self.gtin is None else (self.gtin, *self.other_gtins)
        return tuple(dict.fromkeys(found))

    @property
    def content(self) -> Measure:
        """How much one piece is."""
        return Measure(self.unit_multiplier, self.unit)

    def count_pieces(self, amount: Measure) -> int:
        """Return how many pieces an amount is: of cable by the decimetre, 13 are 1.3 m.

        Raises:
            NotInSteps: It is no whole number of pieces.
            DimensionMismatch: It measures something else than the SKU's content.
        """
        return to_steps(amount, self.content)

    def measure(self, pieces: int) -> Measure | None:
        """Return how much so many pieces are, in the SKU's unit; None where pieces are only counted."""
        return None if self.unit is Unit.PIECE and self.unit_multiplier == 1 else self.content * pieces

    @property
    def product_id(self) -> str:
        """Id of its product; its own where it has none, so that it can be in a catalog like one."""
        return self.id if self.product is None else self.product


SKUS = Kind(
    "sku",
    Sku,
    columns={
        "category": lambda sku: sku.category,
        "product": lambda sku: sku.product,
        "owner": lambda sku: sku.owner,
        # The main one only, as a column holds one value.
        "gtin": lambda sku: None if sku.gtin is None else sku.gtin.digits,
    },
    ordered={
        "name": Ordered(lambda sku: sku.name.casefold()[:MAX_ORDERED_TEXT], str),
        "added": Ordered(lambda sku: sku.added_at, datetime),
        "aisle": Ordered(lambda sku: to_aisle(sku.category), str),
    },
    together=(("owner", "category"), ("owner", "product"), ("owner", "gtin")),
    **scope_rule(Owned.PRODUCT),
)
