"""The context of the ledger: the unit that has the books in, use cases out."""

from mktcore.ledger.use_cases import MarketLedger
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_ledger"]


def compose_ledger(runtime: Runtime[MarketUnit]) -> MarketLedger:
    """Return the use cases of the books."""
    return MarketLedger(runtime)
