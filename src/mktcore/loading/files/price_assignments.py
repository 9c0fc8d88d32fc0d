"""`price_assignments.csv`: which schedule prices a SKU, and for whom."""

from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.pricing import ASSIGNMENTS, Assignment

__all__ = ["PRICE_ASSIGNMENTS_FILE"]


def _read_assignment(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "assignment", "price assignment")
    product = reader.refer_optional(fields, "product", "product") or None
    # One of the two: without a product the SKU is asked for, as a required column is.
    sku = reader.refer(fields, "sku", "SKU") if product is None else fields.read("sku")
    schedule = reader.refer(fields, "schedule", "price schedule")
    merchant = reader.refer_optional(fields, "merchant", "merchant") or None
    offer = reader.refer_optional(fields, "offer", "offer") or None
    # Buyers, users and groups are the host's: no file defines them, and a price may wait for one to come.
    user, group, buyer = (fields.name(kind, kind) if fields.read(kind) else None for kind in ("user", "group", "buyer"))
    channel = fields.text("channel") or None
    made = fields.build(
        lambda: Assignment(
            key,
            sku,
            schedule=schedule,
            merchant=merchant,
            user=user,
            group=group,
            buyer=buyer,
            offer=offer,
            channel=channel,
            product=product,
        ),
        "group" if product is None else "sku",
    )
    if made is not None:
        reader.contents.keep(ASSIGNMENTS, made)
        reader.own(fields, ASSIGNMENTS, key, word="price assignment", owner=merchant)


def _write_assignments(writer: RecordWriter, contents: FolderContents) -> None:
    writer.write(ASSIGNMENTS, writer.hold_assignments(contents.records(ASSIGNMENTS).values()))


PRICE_ASSIGNMENTS_FILE = MarketFile(
    name="price_assignments.csv",
    columns=Columns(
        ("assignment", "schedule"), ("sku", "product", "merchant", "offer", "user", "group", "buyer", "channel")
    ),
    read=each_row(_read_assignment),
    write=_write_assignments,
)
