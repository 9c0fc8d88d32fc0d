"""`pool_codes.csv`: coupon codes of pools, one row for each."""

from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields
from mktcore.promotions.pool_code import POOL_CODES, PoolCode

__all__ = ["POOL_CODES_FILE"]


def _read_code(fields: RowFields, reader: FolderReader) -> None:
    pool, code = fields.name("pool", "pool"), fields.text("code")
    owner = reader.refer_optional(fields, "merchant", "merchant") or None
    made = fields.build(lambda: PoolCode(pool, code, owner), "code")
    if made is not None:
        reader.once(fields, "code of this pool", made.id, column="code")
        reader.contents.keep(POOL_CODES, made)


POOL_CODES_FILE = MarketFile(
    name="pool_codes.csv",
    columns=Columns(("pool", "code"), ("merchant",)),
    read=each_row(_read_code),
    write=write_records(POOL_CODES),
)
