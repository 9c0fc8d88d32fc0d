"""`skus.csv`: what can be bought."""

from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Sku
from mktcore.loading.batches import split_batches
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row, find_stored
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.goods_fields import find_told, read_details, read_packing
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.persistence import Repositories
from mktcore.stock import MarketUnit

__all__ = ["SKUS_FILE"]


def _read_sku(fields: RowFields, reader: FolderReader) -> None:
    sku, name = reader.key(fields, "sku", "SKU"), fields.text("name")
    tax_category = reader.refer_optional(fields, "tax_category", "tax category")
    product = reader.refer_optional(fields, "product", "product") or None
    details, packing = read_details(fields), read_packing(fields)
    reader.define("SKU of category", str(details["category"]))
    reader.note_columns(fields, sku)
    made = fields.build(lambda: Sku(sku, name or sku, tax_category=tax_category, product=product, **details, **packing))
    reader.contents.keep(SKUS, made)


def _find_categories(unit: Repositories, categories: set[str]) -> set[str]:
    """Return which of some categories there are: in the tree, or of goods."""
    found = set(unit.repository(CATEGORIES).find_many(categories))
    # One SKU of each tells enough: a category may hold a million of them, and a folder names few categories.
    skus, products = unit.repository(SKUS), unit.repository(PRODUCTS)
    for category in categories - found:
        where = {"category": category}
        if skus.page(where, limit=1).items or products.page(where, limit=1).items:
            found.add(category)
    return found


def _check_products(unit: MarketUnit, contents: FolderContents, faults: LoadFaults) -> None:
    """Note each SKU that would become a variant of another party's product."""
    for batch in split_batches(sku for sku in contents.records(SKUS).values() if sku.product is not None):
        products = unit.repository(PRODUCTS).find_many({sku.product or "" for sku in batch})
        owners = {id: sku.owner for id, sku in unit.repository(SKUS).find_many([sku.id for sku in batch]).items()}  # noqa: A001 - the word of the field
        for sku in batch:
            product = products.get(sku.product or "")
            # What neither the store nor a row gives an owner is the operator's, as everything that a folder adds.
            if (None if product is None else product.owner) != owners.get(sku.id):
                reason = f"SKU {sku.id} and product {sku.product} have different owners"
                faults.add("skus.csv", 0, reason, column="product", remedy="name a product of the SKU's owner")


def _write_skus(writer: RecordWriter, contents: FolderContents) -> None:
    def find(id_: str) -> frozenset[str]:
        return find_told(contents.list_told("skus.csv", id_)) - {"sku"}

    writer.write_catalogued(SKUS, contents.records(SKUS).values(), find)


SKUS_FILE = MarketFile(
    name="skus.csv",
    columns=Columns(
        ("sku", "name", "tax_category"),
        (
            *("brand", "category", "product", "description", "attributes", "gtin", "mpn"),
            *("unit", "unit_multiplier", "weight", "dimensions", "media"),
        ),
    ),
    read=each_row(_read_sku),
    defines=(Definition("SKU", find_stored(SKUS)), Definition("SKU of category", _find_categories)),
    check=_check_products,
    write=_write_skus,
)
