"""Recomputing the invariants over a live store: what is found is returned, never raised one at a time."""

from mktcore.adapters.inspection import Inspected, Inspection, StockState, StreamState
from mktcore.audit.findings import Finding
from mktcore.audit.verifying import Check, verify_store

__all__ = ["Check", "Finding", "Inspected", "Inspection", "StockState", "StreamState", "verify_store"]
