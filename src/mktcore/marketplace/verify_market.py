"""Verifying a whole marketplace: its orders, and its store where that can be inspected."""

from collections.abc import Callable
from functools import partial

import attrs

from mktcore.audit import verify_ledger, verify_orders, verify_store
from mktcore.errors import Notice
from mktcore.orders import OrderProcesses
from mktcore.persistence import Store
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.store_inspection import Inspected
from mktcore.telemetry import watched

__all__ = ["VerifyMarket"]


@watched
@attrs.frozen
class VerifyMarket:
    """Recomputes what must hold.

    Attributes:
        runtime: Whose observer is told.
        store: The store itself: what inspects it is not asked through ports.
        processes: The processes of orders.
        is_posted: The money of orders is posted: the effect that does so is among those of the marketplace.
    """

    runtime: Runtime[MarketUnit]
    store: Store[MarketUnit]
    processes: OrderProcesses
    is_posted: bool = attrs.field(default=True, kw_only=True)

    def verify(self, *, progress: Callable[[int], None] | None = None) -> tuple[Notice, ...]:
        """Return a finding for each invariant that does not hold; see `Marketplace.verify`."""
        orders = partial(verify_orders, self.store, self.processes, is_posted=self.is_posted, progress=progress)
        ledger = partial(verify_ledger, self.store)
        if isinstance(self.store, Inspected):
            return verify_store(self.store, [orders, ledger])
        return (*orders(), *ledger())
