"""`categories.csv`: the tree in which products stand."""

from mktcore.catalog import CATEGORIES, Category, CategoryTree
from mktcore.errors import MktcoreError
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.stock import MarketUnit

__all__ = ["CATEGORIES_FILE"]

_TOLD = ("name", "parent")


def _read_category(fields: RowFields, reader: FolderReader) -> None:
    category, name = reader.key(fields, "category", "category"), fields.text("name")
    reader.define("SKU of category", category)  # a rule may name any category that goods can lie in
    # A parent may stand in a later row, so it is no reference: the tree is checked as a whole, with the store's.
    parent = fields.name("parent", "category") if fields.read("parent") else None
    reader.contents.keep(CATEGORIES, fields.build(lambda: Category(category, name or category, parent)))


def _check_tree(unit: MarketUnit, contents: FolderContents, faults: LoadFaults) -> None:
    """Note when the categories of a folder, with those of the store, are no tree."""
    told = contents.records(CATEGORIES)
    stored = {category.id: category for category in unit.repository(CATEGORIES).stream()} if told else {}
    try:
        CategoryTree({**stored, **told}.values())
    except MktcoreError as error:
        faults.add("categories.csv", 0, error.describe(), column="parent", remedy=error.remedy)


def _write_categories(writer: RecordWriter, contents: FolderContents) -> None:
    writer.write_catalogued(CATEGORIES, contents.records(CATEGORIES).values(), lambda _: _TOLD)


CATEGORIES_FILE = MarketFile(
    name="categories.csv",
    columns=Columns(("category", "name"), ("parent",)),
    read=each_row(_read_category),
    check=_check_tree,
    write=_write_categories,
)
