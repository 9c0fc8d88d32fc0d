"""What `offers.csv` says of packs, and of the stock behind an offer: whether it is counted, what is kept, kits."""

import re
from collections.abc import Collection, Iterator

import attrs

from mktcore.errors import InvalidValue
from mktcore.loading.batches import split_batches
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.row_fields import RowFields
from mktcore.offers import OFFERS, Offer
from mktcore.offers.stock_terms import OfferPart, Sourcing, StockTerms
from mktcore.stock import MarketUnit

__all__ = ["OFFER_COLUMNS", "check_parts", "lay_told", "read_multiple", "read_stock", "read_stock_terms"]

_FIELDS = {"counted": "counted", "issued": "issued", "safety_stock": "safety", "sourcing": "sourcing", "parts": "parts"}
OFFER_COLUMNS = ("least_price", "multiple", *_FIELDS)
"""Columns that `offers.csv` may have: one that it lacks tells nothing."""
_PIECES = re.compile(r"[1-9][0-9]{0,6}")


def read_stock_terms(fields: RowFields) -> StockTerms | None:
    """Return what a row says of how its stock is drawn on; None after a fault."""
    counted = fields.choice("counted", ("yes", "no"), "yes") == "yes"
    issued = fields.flag("issued")
    safety = fields.optional_whole("safety_stock") or 0
    sourcing = fields.choice("sourcing", Sourcing, Sourcing.FEWEST)
    parts = _read_parts(fields)
    if not fields.is_sound(*_FIELDS):
        return None
    return fields.join(
        ("parts",),
        lambda: StockTerms(
            counted=counted, issued=issued, safety=safety, sourcing=Sourcing(sourcing), parts=parts or ()
        ),
    )


def _read_parts(fields: RowFields) -> tuple[OfferPart, ...] | None:
    """Return the parts that a row lists: `acme-bottle:6; acme-box`."""

    def read(text: str) -> OfferPart:
        # From the right: an id may hold colons, and what comes after the last is no number then.
        offer, colon, pieces = text.rpartition(":")
        if not colon:
            return OfferPart(text)
        if not _PIECES.fullmatch(pieces):
            raise InvalidValue("OfferPart", "quantity", pieces, "pieces after the last colon: acme-bottle:6")
        return OfferPart(offer, int(pieces))

    texts = fields.texts("parts")
    return fields.join(("parts",), lambda: tuple(read(text) for text in texts))


def read_stock(fields: RowFields, terms: StockTerms | None) -> int | None:
    """Return the pieces on hand that a row tells; None where there are none to tell, as nobody counts them."""
    # Whether any are to be told, faulty terms do not say.
    if not fields.read("stock") and (terms is None or terms.parts or not terms.counted):
        return None
    return fields.whole("stock")


def read_multiple(fields: RowFields) -> int:
    """Return the pieces in a pack, one unless a row tells more."""
    found = fields.optional_whole("multiple")
    if found == 0:
        fields.fault("multiple", "0 pieces in a pack", "1 or more")
    return found or 1


def lay_told(stored: Offer, told: Offer, columns: Collection[str]) -> Offer:
    """Return a stored offer with the terms that a file tells by these columns."""
    named = {field: getattr(told.stock, field) for column, field in _FIELDS.items() if column in columns}
    stock = attrs.evolve(stored.stock, **named) if named else stored.stock
    whole = {name: getattr(told, name) for name in ("multiple", "least_price") if name in columns}
    return attrs.evolve(stored, stock=stock, **whole)


def check_parts(unit: MarketUnit, contents: FolderContents, faults: LoadFaults) -> None:
    """Note each row of a kit with a part that is none of its merchant's offers, here or in the store."""
    offers = contents.records(OFFERS)
    kits = [offer for offer in offers.values() if offer.stock.parts]
    lines = {row.offer: row.line for row in contents.ownerships} if kits else {}
    for batch in split_batches(kits):
        named = {part.offer for kit in batch for part in kit.stock.parts}
        known = {**unit.repository(OFFERS).find_many(named - offers.keys()), **offers}
        for kit in batch:
            for part in _list_foreign(kit, known):
                reason = f"merchant {kit.merchant} has no offer {part}"
                faults.add("offers.csv", lines[kit.id], reason, column="parts", remedy="define it, or correct the name")


def _list_foreign(kit: Offer, known: dict[str, Offer]) -> Iterator[str]:
    for part in kit.stock.parts:
        if part.offer not in known or known[part.offer].merchant != kit.merchant:
            yield part.offer
