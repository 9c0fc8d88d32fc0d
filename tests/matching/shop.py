"""A small catalogue that the tests of matching share."""

from mktcore.goods import Gtin, Measure
from mktcore.matching import MatchRecord

__all__ = ["ALPHA", "SHOP", "make_item"]

ALPHA = Gtin.parse("4548736133730")
EUROS = "EUR"
SHOP = [
    MatchRecord(
        "alpha-4", "Sony Alpha 7 IV body", "Sony", gtins=[ALPHA], mpn="ILCE-7M4", price=249_900, currency=EUROS
    ),
    MatchRecord("alpha-3", "Sony Alpha 7 III body", "Sony", mpn="ILCE-7M3", price=179_900, currency=EUROS),
    MatchRecord("bag", "Lowepro photo backpack 200 black", "Lowepro", price=12_900, currency=EUROS),
    MatchRecord("water-6", "Spring water 6 x 500 ml", "Aqua", size=Measure.parse("6 x 500 ml"), price=399),
    MatchRecord("water-1", "Spring water 500 ml", "Aqua", size=Measure.parse("500 ml"), price=79, currency=EUROS),
    MatchRecord("toner", "HP LaserJet toner Q6511A black", "HP", mpn="Q6511A", host_ids={"asin": "B0000511A1"}),
]


def make_item(name: str, **fields: object) -> MatchRecord:
    return MatchRecord("item", name, **fields)  # type: ignore[arg-type]  # what a test says is what the record takes
