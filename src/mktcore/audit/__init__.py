"""Recomputing the invariants over a live store: what is found is returned, never raised one at a time."""

from mktcore.adapters.inspection import Inspected, Inspection, StockState, StreamState
from mktcore.audit.findings import Finding
from mktcore.audit.orders import audit_order, recompute_totals
from mktcore.audit.verifying import Check, verify_store
from mktcore.audit.walking import AuditUnit, verify_orders

__all__ = [
    "AuditUnit",
    "Check",
    "Finding",
    "Inspected",
    "Inspection",
    "StockState",
    "StreamState",
    "audit_order",
    "recompute_totals",
    "verify_orders",
    "verify_store",
]
