"""`channels.csv`: where a marketplace sells; once one is kept, carts name one of them."""

from mktcore.channels import CHANNELS, Channel
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row, find_stored, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields

__all__ = ["CHANNELS_FILE"]


def _read_channel(fields: RowFields, reader: FolderReader) -> None:
    channel = reader.key(fields, "channel", "channel")
    merchants = fields.ids("merchants", "merchant")
    for merchant in merchants if fields.is_sound("merchants") else ():
        reader.expect(fields, "merchant", merchant, column="merchants")
    catalogs = fields.ids("catalogs", "catalog")
    delivery, payment = (
        fields.ids("delivery_methods", "delivery method"),
        fields.ids("payment_methods", "payment method"),
    )
    zone = fields.text("time_zone", fields.zone_name)
    countries, languages = fields.texts("countries"), fields.texts("languages")
    name, valid = fields.title("name", "channel"), fields.window("valid_from", "valid_until")
    included = fields.optional_flag("prices_include_tax")
    made = fields.build(
        lambda: Channel(
            channel,
            name,
            reader.currency,
            time_zone=zone,
            countries=countries,
            languages=languages,
            prices_include_tax=included,
            # An empty cell names nobody in particular: everything takes part.
            merchants=merchants or None,
            catalogs=catalogs or None,
            delivery_methods=delivery or None,
            payment_methods=payment or None,
            valid=valid,
        )
    )
    reader.contents.keep(CHANNELS, made)


CHANNELS_FILE = MarketFile(
    name="channels.csv",
    columns=Columns(
        ("channel", "name"),
        (
            *("time_zone", "countries", "languages", "prices_include_tax", "merchants", "catalogs"),
            *("delivery_methods", "payment_methods", "valid_from", "valid_until"),
        ),
    ),
    read=each_row(_read_channel),
    defines=(Definition("channel", find_stored(CHANNELS)),),
    write=write_records(CHANNELS),
)
