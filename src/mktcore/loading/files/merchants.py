"""`merchants.csv`: who sells."""

from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row, find_stored, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.goods_fields import read_attributes
from mktcore.loading.row_fields import RowFields
from mktcore.parties import MERCHANTS, Merchant
from mktcore.parties.organisations.merchant import MAX_MERCHANT_ID_LENGTH

__all__ = ["MERCHANTS_FILE"]


def _read_merchant(fields: RowFields, reader: FolderReader) -> None:
    merchant = reader.key(fields, "merchant", "merchant", longest=MAX_MERCHANT_ID_LENGTH)
    name, attributes = fields.text("name"), read_attributes(fields, "attributes")
    reader.contents.keep(MERCHANTS, fields.build(lambda: Merchant(merchant, name or merchant, attributes=attributes)))


MERCHANTS_FILE = MarketFile(
    name="merchants.csv",
    columns=Columns(("merchant", "name"), ("attributes",)),
    read=each_row(_read_merchant),
    defines=(Definition("merchant", find_stored(MERCHANTS)),),
    write=write_records(MERCHANTS),
)
