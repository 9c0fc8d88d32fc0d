"""Shipments: what left together, in which parcels, and what became of it."""

from mktcore.orders.parcel import Parcel
from mktcore.orders.shipments.errors import ShipmentRefused
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment, ShippedPieces

__all__ = ["SHIPMENTS", "Parcel", "Shipment", "ShipmentRefused", "ShippedPieces"]
