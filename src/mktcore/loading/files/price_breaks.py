"""`price_breaks.csv`: the prices of an offer from two pieces on; they are stored with the offer's own schedule."""

from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields

__all__ = ["PRICE_BREAKS_FILE"]


def _read_break(fields: RowFields, reader: FolderReader) -> None:
    offer, quantity = reader.refer(fields, "offer", "offer"), fields.whole("quantity")
    price = fields.money("price", reader.currency)
    if fields.is_sound("quantity") and quantity < 2:  # noqa: PLR2004 - offers.csv has the price of one
        fields.fault("quantity", f"a break from {quantity}", "2 or more; the price of one is in offers.csv")
    if fields.is_sound("offer", "quantity"):
        reader.once(fields, "price break", f"{offer} from {quantity}", column="quantity")
    sale = fields.optional_money("sale_price", reader.currency)
    if fields.is_sound() and price is not None:
        reader.contents.breaks.setdefault(offer, {})[quantity] = price
        # With the column, an offer whose fields are all empty has no sale; without it, the stored one stays.
        if "sale_price" in fields.row.texts:
            reader.contents.break_sales.setdefault(offer, {})
        if sale is not None:
            reader.contents.break_sales[offer][quantity] = sale


PRICE_BREAKS_FILE = MarketFile(
    name="price_breaks.csv",
    columns=Columns(("offer", "quantity", "price"), ("sale_price",)),
    read=each_row(_read_break),
)
