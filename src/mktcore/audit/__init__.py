"""Recomputing the invariants over a live store: what is found is returned, never raised one at a time.

A finding is a `Notice` whose code is the invariant it breaks, such as `I10`, and whose place is the record.
"""

from mktcore.audit.audit_ledger import verify_ledger
from mktcore.audit.audit_market import verify_market
from mktcore.audit.audit_orders import verify_orders
from mktcore.audit.audit_store import verify_store

__all__ = ["verify_ledger", "verify_market", "verify_orders", "verify_store"]
