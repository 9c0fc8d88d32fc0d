"""What a folder may hold, as data, and what one says."""

from collections.abc import Mapping

import attrs

from mktcore.catalog import Category, Product, Sku
from mktcore.commissions import CommissionRule
from mktcore.delivery import ShippingFee
from mktcore.loading.csv_rows import Columns
from mktcore.loading.goods_fields import TOLD
from mktcore.loading.stored_references import Ownership, References
from mktcore.money import Money
from mktcore.offers import Offer
from mktcore.parties import Merchant
from mktcore.periods import Period
from mktcore.pricing import Assignment, PriceSchedule
from mktcore.promotions import Promotion
from mktcore.taxes import TaxRule

__all__ = ["FILES", "SETTINGS", "MarketFiles", "RecordOwner", "Sale"]

SETTINGS = (
    "merchant",
    "per",
    "valid_from",
    "valid_until",
    "sale_from",
    "sale_until",
    "minimum",
    "maximum",
    "restricted",
    "cumulative",
    "recurs",
    "first_day",
    "opens",
    "minutes",
    "time_zone",
)
"""The columns of `price_schedules.csv` that speak of a whole schedule; its first row gives them."""
PROMOTION_COLUMNS = (
    "title",
    "merchant",
    *("percent", "amount", "buy", "get", "times"),
    *("level", "priority", "group", "exclusive", "combines_with", "merchant_share", "valid_from", "valid_until"),
    *("skus", "categories", "brands", "merchants"),
    *("codes", "user_groups", "channels", "first_order", "from_amount", "from_quantity", "condition"),
    *("uses", "uses_per_buyer", "budget", "order_cap", "line_cap", "price_floor"),
)

FILES: Mapping[str, Columns] = {
    "merchants.csv": Columns(("merchant", "name")),
    "tax_rates.csv": Columns(("tax_category", "name", "rate")),
    "categories.csv": Columns(("category", "name"), ("parent",)),
    "products.csv": Columns(
        ("product", "name"), ("brand", "category", "description", "tax_category", "attributes", "media")
    ),
    "skus.csv": Columns(
        ("sku", "name", "tax_category"),
        (
            *("brand", "category", "product", "description", "attributes", "gtin", "mpn"),
            *("unit", "unit_multiplier", "weight", "dimensions", "media"),
        ),
    ),
    "offers.csv": Columns(
        ("offer", "merchant", "sku", "price", "stock"),
        ("currency", "condition", "valid_from", "valid_until", "sale_price", "sale_from", "sale_until"),
    ),
    "price_breaks.csv": Columns(("offer", "quantity", "price"), ("sale_price",)),
    "price_schedules.csv": Columns(("schedule", "price"), ("quantity", "sale_price", *SETTINGS)),
    "price_assignments.csv": Columns(
        ("assignment", "sku", "schedule"), ("merchant", "offer", "user", "group", "buyer", "channel")
    ),
    "promotions.csv": Columns(("promotion", "effect"), PROMOTION_COLUMNS),
    "shipping_fees.csv": Columns(("merchant", "fee"), ("free_from", "tax_category")),
    "commission_rules.csv": Columns(
        ("rule",), ("group", "priority", "merchant", "category", "rate", "fixed", "valid_from", "valid_until")
    ),
}
"""The files a folder may hold, and their columns."""


@attrs.frozen
class Sale:
    """What `offers.csv` says of the sale of an offer: its price, None for no sale, and when it is."""

    price: Money | None
    window: Period


@attrs.frozen
class RecordOwner:
    """A row says whose record it is (None for the operator's); the store must not say otherwise."""

    kind: str
    id: str
    owner: str | None
    file: str
    line: int


@attrs.frozen
class MarketFiles:
    """What a folder says, by id; its parts about offers are by offer.

    Attributes:
        names: The files that are there.
        columns: The columns that each file with rows has: what it does not tell of a known record stays.
        prices: Price of one piece, of each row of `offers.csv`.
        breaks: Prices from 2 pieces on, by quantity, of each offer that `price_breaks.csv` names.
        sales: Of each row of `offers.csv`, when it has a column for sale prices.
        break_sales: Sale prices from 2 pieces on, when `price_breaks.csv` has a column for them.
        stock: Pieces on hand, of each row of `offers.csv`.
        schedules: Of `price_schedules.csv`; an offer's own has the offer's id, and is not among them.
        references: What the store must have.
        ownerships: What must not be another merchant's in the store.
        owners: The same of records that the operator may own too.
    """

    names: set[str] = attrs.field(factory=set)
    columns: dict[str, frozenset[str]] = attrs.field(factory=dict)
    merchants: dict[str, Merchant] = attrs.field(factory=dict)
    tax_rules: dict[str, TaxRule] = attrs.field(factory=dict)
    categories: dict[str, Category] = attrs.field(factory=dict)
    products: dict[str, Product] = attrs.field(factory=dict)
    skus: dict[str, Sku] = attrs.field(factory=dict)
    offers: dict[str, Offer] = attrs.field(factory=dict)
    prices: dict[str, Money] = attrs.field(factory=dict)
    breaks: dict[str, dict[int, Money]] = attrs.field(factory=dict)
    sales: dict[str, Sale] = attrs.field(factory=dict)
    break_sales: dict[str, dict[int, Money]] = attrs.field(factory=dict)
    stock: dict[str, int] = attrs.field(factory=dict)
    schedules: dict[str, PriceSchedule] = attrs.field(factory=dict)
    assignments: dict[str, Assignment] = attrs.field(factory=dict)
    promotions: dict[str, Promotion] = attrs.field(factory=dict)
    shipping_fees: dict[str, ShippingFee] = attrs.field(factory=dict)
    commission_rules: dict[str, CommissionRule] = attrs.field(factory=dict)
    references: dict[tuple[str, str], References] = attrs.field(factory=dict)
    ownerships: list[Ownership] = attrs.field(factory=list)
    owners: list[RecordOwner] = attrs.field(factory=list)

    def refer(self, kind: str, id: str, place: tuple[str, str], line: int) -> None:  # noqa: A002 - the word of the field
        """Note that a line names, in this place (file and column), a record that no file of the folder defines."""
        references = self.references.get(place)
        if references is None:
            references = self.references[place] = References(kind, *place)
        references.add(id, line)

    def find_told(self, file: str) -> frozenset[str]:
        """Return the fields of products or SKUs that a file tells."""
        return (TOLD & self.columns.get(file, frozenset())) - {FILES[file].required[0]}

    def count(self) -> int:
        """Return how many records there are besides offers and what belongs to them."""
        catalogue = (self.categories, self.products, self.skus)
        kept = (self.merchants, self.tax_rules, *catalogue, self.shipping_fees, self.commission_rules)
        return sum([len(records) for records in (*kept, self.schedules, self.assignments, self.promotions)])
