"""Verifying a whole marketplace: its orders, and its store where that can be inspected."""

from collections.abc import Callable
from importlib import import_module

import attrs

from mktcore.notice import Notice
from mktcore.orders import OrderProcesses
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.effect import Effect
from mktcore.orders.order_numbers import StoredNumbers
from mktcore.orders.ports import NumberSeries
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
        effects: What followed from all that happened to them.
        numbers: What orders have their numbers from; None where that is the marketplace's own series.
    """

    runtime: Runtime[MarketUnit]
    store: Store[MarketUnit]
    processes: OrderProcesses
    effects: tuple[Effect, ...] = attrs.field(default=EFFECTS, kw_only=True)
    numbers: NumberSeries | None = attrs.field(default=None, kw_only=True)

    def verify(self, *, progress: Callable[[int], None] | None = None) -> tuple[Notice, ...]:
        """Return a finding for each invariant that does not hold; see `Marketplace.verify`."""
        # Only who verifies pays for importing what does: it is a twentieth of what a market takes to import.
        audit, store, effects = import_module("mktcore.audit"), self.store, self.effects
        if isinstance(store, Inspected):
            series = self.numbers or StoredNumbers()
            # Of a host's own series nothing is kept but the numbers.
            numbers = series if isinstance(series, StoredNumbers) else None
            found: tuple[Notice, ...] = audit.verify_market(
                store, self.processes, effects=effects, numbers=numbers, progress=progress
            )
            return found
        orders = audit.verify_orders(store, self.processes, effects=effects, progress=progress)
        return (*orders, *audit.verify_ledger(store))
