"""`products.csv`: what variants have in common."""

from mktcore.catalog import PRODUCTS, Product
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row, find_stored
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.goods_fields import find_told, read_details
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields

__all__ = ["PRODUCTS_FILE"]


def _read_product(fields: RowFields, reader: FolderReader) -> None:
    product, name = reader.key(fields, "product", "product"), fields.text("name")
    details = read_details(fields)
    reader.define("SKU of category", str(details["category"]))  # its SKUs are of it, unless they say otherwise
    tax_category = reader.refer_optional(fields, "tax_category", "tax category")
    reader.note_columns(fields, product)
    made = fields.build(lambda: Product(product, name or product, tax_category=tax_category, **details))
    reader.contents.keep(PRODUCTS, made)


def _write_products(writer: RecordWriter, contents: FolderContents) -> None:
    def find(id_: str) -> frozenset[str]:
        return find_told(contents.list_told("products.csv", id_)) - {"product"}

    writer.write_catalogued(PRODUCTS, contents.records(PRODUCTS).values(), find)


PRODUCTS_FILE = MarketFile(
    name="products.csv",
    columns=Columns(("product", "name"), ("brand", "category", "description", "tax_category", "attributes", "media")),
    read=each_row(_read_product),
    defines=(Definition("product", find_stored(PRODUCTS)),),
    write=_write_products,
)
