"""Recomputes the invariants over a store and says what does not hold."""

from mktcore.audit.orders import audit_order, recompute_totals
from mktcore.audit.verifying import AuditUnit, verify_market

__all__ = ["AuditUnit", "audit_order", "recompute_totals", "verify_market"]
