"""Shipments with their parcels, as people are shown them."""

from collections.abc import Iterable

from mktcore.orders.parcel import Parcel
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment, ShippedPieces
from mktcore.orders.shipments.shipment_to_come import ShipmentToCome
from mktcore.views.figure_forms import ADDRESS
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.shapes import DATE, INSTANT, STATE_LABEL, TEXT, WHOLE, Listed, Mapped, NamedState

__all__ = ["SHIPMENT", "SHIPMENT_TO_COME"]


def _show_weight(shown: Parcel | Shipment) -> str | None:
    return None if shown.weight is None else str(shown.weight)


def _list_undone(shipment: Shipment) -> Iterable[ShippedPieces] | None:
    return shipment.undone or None


_PIECES = Form(
    "ShippedPieces",
    ShippedPieces,
    (
        field("line", TEXT, "Key of the line."),
        field(
            "state",
            STATE_LABEL,
            "Where the pieces are; of those that were undone, where they were.",
            read=lambda one: NamedState("", one.state),
        ),
        field("quantity", WHOLE, "Pieces."),
        maybe("parcel", TEXT, "The parcel they are in.", read=lambda one: one.parcel or None),
    ),
    about="Pieces of one line that left together and are in one state.",
)
_PARCEL = Form(
    "Parcel",
    Parcel,
    (
        *plain_fields(Parcel, "key", "carrier", "tracking"),
        maybe("weight", TEXT, "How much it weighs: 1.2 kg.", read=_show_weight),
        maybe("holds", Mapped(WHOLE), "Pieces by line; absent where nobody says."),
    ),
    about="What a carrier is handed.",
)
SHIPMENT = Form(
    "Shipment",
    Shipment,
    (
        *plain_fields(Shipment, "id", "merchant_order", "order", "merchant", "buyer"),
        field("shipped_at", INSTANT, "When it left."),
        field("pieces", Listed(_PIECES), "Where its pieces are."),
        maybe("undone", Listed(_PIECES), "Pieces that never left after all.", read=_list_undone),
        field("parcels", Listed(_PARCEL), "What the carrier was handed."),
        *plain_fields(Shipment, "carrier", "tracking", "invoice"),
        maybe("weight", TEXT, "How much all of it weighs: 1.2 kg.", read=_show_weight),
    ),
    about="Pieces of a merchant order that left together.",
    show=show_record(SHIPMENTS),
)
SHIPMENT_TO_COME = Form(
    "ShipmentToCome",
    ShipmentToCome,
    (
        *plain_fields(ShipmentToCome, "merchant_order", "merchant", "buyer"),
        maybe("deliver_to", ADDRESS, "Where it goes."),
        maybe("location", TEXT, "Where the pieces lie.", read=lambda one: one.location or None),
        field("readiness", TEXT, "Whether the pieces can leave: ready, back-ordered or blocked."),
        maybe("expected", DATE, "When pieces on back-order are expected; absent where nobody knows."),
        field("lines", Mapped(WHOLE), "Pieces by line."),
    ),
    about="Pieces of a merchant order that are still to leave together.",
    show=ShipmentToCome.view_for,
)
