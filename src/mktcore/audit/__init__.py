"""Recomputing the invariants over a live store: what is found is returned, never raised one at a time."""

from mktcore.audit.finding import Finding
from mktcore.audit.order_verification import verify_orders
from mktcore.audit.store_verification import verify_store

__all__ = ["Finding", "verify_orders", "verify_store"]
