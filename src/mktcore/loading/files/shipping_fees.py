"""`shipping_fees.csv`: what a merchant takes for shipping an order."""

from mktcore.delivery import SHIPPING_FEES, ShippingFee
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields

__all__ = ["SHIPPING_FEES_FILE"]


def _read_shipping_fee(fields: RowFields, reader: FolderReader) -> None:
    merchant = reader.refer(fields, "merchant", "merchant")
    reader.once(fields, "shipping fee", merchant, column="merchant")
    fee = fields.money("fee", reader.currency)
    free_from = fields.optional_money("free_from", reader.currency)
    tax_category = reader.refer_optional(fields, "tax_category", "tax category")
    after = fields.flag("free_from_what_is_left")
    if fee is not None:
        made = fields.build(
            lambda: ShippingFee(merchant, fee, free_from, tax_category=tax_category, after_promotions=after)
        )
        reader.contents.keep(SHIPPING_FEES, made)


SHIPPING_FEES_FILE = MarketFile(
    name="shipping_fees.csv",
    columns=Columns(("merchant", "fee"), ("free_from", "tax_category", "free_from_what_is_left")),
    read=each_row(_read_shipping_fee),
    write=write_records(SHIPPING_FEES),
)
