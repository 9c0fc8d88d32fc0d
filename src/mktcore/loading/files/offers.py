"""`offers.csv`: who sells what, at which price of one piece, and how many there are."""

import attrs

from mktcore.loading.batches import split_batches
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row, find_stored
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents, OfferSale, Ownership
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.offer_stock import OFFER_COLUMNS, check_parts, read_multiple, read_stock, read_stock_terms
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.money import Money
from mktcore.offers import OFFERS, Condition, Offer
from mktcore.offers.stock_terms import OWN_STOCK
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.stock import MarketUnit, StockCount

__all__ = ["OFFERS_FILE", "count_stock"]

_CONDITIONS = frozenset(Condition)
_INHERITED = "inherited"
"""In place of a price: it is sold at what is assigned to its SKU, or to the product."""


def _read_offer(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "offer", "offer")
    merchant, sku = reader.refer(fields, "merchant", "merchant"), reader.refer(fields, "sku", "SKU")
    if fields.is_sound("offer", "merchant"):
        reader.contents.ownerships.append(Ownership(key, merchant, fields.row.line))
    fields.check_currency("currency", reader.currency)
    is_inheriting = fields.read("price") == _INHERITED
    price = None if is_inheriting else fields.money("price", reader.currency)
    terms, is_with_tax = read_stock_terms(fields), fields.optional_flag("includes_tax")
    stock = read_stock(fields, terms)
    condition = fields.read("condition", Condition.NEW)
    if condition not in _CONDITIONS:
        fields.fault("condition", f"{condition[:40]!r} is no condition", f"one of {', '.join(Condition)}")
    valid, sale = fields.window("valid_from", "valid_until"), _read_sale(fields, reader)
    least = fields.optional_money("least_price", reader.currency)
    _name_schedule(fields, reader, key, sale=sale, is_inheriting=is_inheriting)
    multiple = read_multiple(fields)
    reader.note_columns(fields, key)
    offer = fields.build(
        lambda: Offer(
            key,
            merchant,
            sku,
            schedule="" if is_inheriting else key,
            condition=Condition(condition),
            valid=valid,
            multiple=multiple,
            least_price=least,
            stock=terms or OWN_STOCK,
        )
    )
    if offer is not None and (price is not None or is_inheriting):
        _keep_offer(fields, reader, offer, told=_Told(price, stock=stock, sale=sale, is_with_tax=is_with_tax))


def _name_schedule(
    fields: RowFields, reader: FolderReader, key: str, *, sale: OfferSale | None, is_inheriting: bool
) -> None:
    if not is_inheriting:
        reader.define("price schedule", key)  # the offer's own has the offer's id
    elif sale is not None and sale.price is not None:
        fields.fault("sale_price", "what has no price of its own is on sale", "leave it empty, or give it a price")


@attrs.frozen
class _Told:
    """What a row says beside the offer's own terms."""

    price: Money | None
    stock: int | None
    sale: OfferSale | None
    is_with_tax: bool | None


def _keep_offer(fields: RowFields, reader: FolderReader, offer: Offer, *, told: _Told) -> None:
    reader.contents.keep(OFFERS, offer)
    if told.stock is not None:
        reader.contents.stock[offer.id] = told.stock
    if told.price is None:
        reader.contents.inheriting.add(offer.id)
        return
    reader.contents.prices[offer.id] = told.price
    if told.sale is not None:
        reader.contents.sales[offer.id] = told.sale
    if "includes_tax" in fields.row.texts:
        reader.contents.stated[offer.id] = told.is_with_tax


def _read_sale(fields: RowFields, reader: FolderReader) -> OfferSale | None:
    """Return what a row says of the offer's sale; None when the file has no column for it."""
    if "sale_price" not in fields.row.texts:
        return None
    price = fields.optional_money("sale_price", reader.currency)
    return OfferSale(price, fields.window("sale_from", "sale_until"))


def _check_ownerships(unit: MarketUnit, contents: FolderContents, faults: LoadFaults) -> None:
    """Note each row that gives an offer, its stock or a part of it to another merchant than the store does."""
    for batch in split_batches(contents.ownerships):
        ids = {row.offer for row in batch}
        # Stock is counted for a merchant even where its offer is gone; where both are there, the offer's word counts.
        owners = {item: level.merchant for item, level in unit.stock.find_levels(ids).items()}
        owners |= {id: offer.merchant for id, offer in unit.repository(OFFERS).find_many(ids).items()}  # noqa: A001
        for row in batch:
            owner = owners.get(row.offer, row.merchant)
            if owner != row.merchant:
                reason = f"offer {row.offer} is of merchant {owner}, not {row.merchant}"
                remedy = f"give the offer of {row.merchant} its own id"
                faults.add("offers.csv", row.line, reason, column="merchant", remedy=remedy)
    check_parts(unit, contents, faults)


def _write_offers(writer: RecordWriter, contents: FolderContents) -> None:
    """Write price schedules, those of `price_schedules.csv` too, then the offers, which name them."""
    schedules = contents.records(PRICE_SCHEDULES).values()
    offers = contents.records(OFFERS).values()
    writer.write(PRICE_SCHEDULES, writer.hold_schedules([*contents.offer_schedules.values(), *schedules], offers))
    writer.write(OFFERS, offers)


def count_stock(writer: RecordWriter, contents: FolderContents) -> None:
    """Record how many pieces of each offer the rows tell."""
    offers = contents.records(OFFERS)
    writer.count_stock([StockCount(id, offers[id].merchant, pieces) for id, pieces in contents.stock.items()])  # noqa: A001 - the word of the field


OFFERS_FILE = MarketFile(
    name="offers.csv",
    columns=Columns(
        ("offer", "merchant", "sku", "price", "stock"),
        (
            "currency",
            "condition",
            "valid_from",
            "valid_until",
            "sale_price",
            "sale_from",
            "sale_until",
            "includes_tax",
            *OFFER_COLUMNS,
        ),
    ),
    read=each_row(_read_offer),
    defines=(Definition("offer", find_stored(OFFERS)),),
    check=_check_ownerships,
    write=_write_offers,
)
