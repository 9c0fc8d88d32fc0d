"""Migrating open orders to the processes that new orders start on, after a dry run."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.orders.effects.append_history import RECORD_STEPS
from mktcore.orders.effects.apply_effects import apply_effects
from mktcore.orders.effects.effect import Effect
from mktcore.orders.effects.notices import PUBLISH_EVENTS
from mktcore.orders.effects.record_shipments import RECORD_SHIPMENTS
from mktcore.orders.effects.timeouts import SET_TIME_OUTS
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.order_migration import OrderMigration, PlannedOrder, PlannedOrders, migrate_order, plan_order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.order_stage import name_process
from mktcore.orders.queries import load_order
from mktcore.persistence import Page, Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["MigrateOrders"]

_EFFECTS: tuple[Effect, ...] = (SET_TIME_OUTS, RECORD_STEPS, PUBLISH_EVENTS, RECORD_SHIPMENTS)
"""Goods and money stay where they are: a migration that would change what they go by is refused."""


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class MigrateOrders:
    """Takes orders from an earlier pair of processes to the present one; the operator's.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        processes: The pair that new orders start on, and the earlier ones.
    """

    runtime: Runtime[MarketUnit]
    processes: OrderProcesses = attrs.field(kw_only=True)

    def plan_migration(
        self, migration: OrderMigration, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> PlannedOrders:
        """Return what `migrate` would do to a page of open orders, in the order of their ids: the dry run.

        Args:
            migration: From which pair, and how.
            scope: The operator.
            after: Where the page before ended.
            limit: Orders looked at, at most.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CHANGE_ORDERS)
        now = self.runtime.now()

        def plan(unit: MarketUnit) -> PlannedOrders:
            page = _page_open(unit, migration, after=after, limit=limit)
            orders = [load_order(unit, whole.id) for whole in page.items]
            here = [order for order in orders if migration.old.runs(order)]
            return PlannedOrders(
                tuple(plan_order(order, migration, self.processes, now=now) for order in here), page.next
            )

        return self.runtime.read(scope, plan)

    def migrate(
        self, migration: OrderMigration, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> PlannedOrders:
        """Migrate a page of open orders, each in a transaction of its own, and return what was done to each.

        One that cannot be migrated stays on its processes, and says why. Time-outs are set right, and the history says
        who migrated it. Doing it again, or in several places at once, changes nothing more.

        Args:
            migration: From which pair, and how.
            scope: The operator.
            after: Where the page before ended.
            limit: Orders looked at, at most.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CHANGE_ORDERS)
        page = self.runtime.read(scope, lambda unit: _page_open(unit, migration, after=after, limit=limit))
        done = [self._migrate(whole.id, migration, scope) for whole in page.items]
        return PlannedOrders(tuple(planned for planned in done if planned is not None), page.next)

    def _migrate(self, order: str, migration: OrderMigration, scope: Scope) -> PlannedOrder | None:
        def work(unit: MarketUnit) -> PlannedOrder | None:
            found, now = load_order(unit, order), self.runtime.now()
            # Whoever came first has done it; or it is on another pair that shares a process with this one.
            if not migration.old.runs(found):
                return None
            planned = plan_order(found, migration, self.processes, now=now)
            if not planned.problems and planned.subjects:
                self._store(unit, found, migration, scope=scope)
            return planned

        return self.runtime.run(scope, work)

    def _store(self, unit: MarketUnit, order: Order, migration: OrderMigration, *, scope: Scope) -> None:
        now, by = self.runtime.now(), scope.to_signature()
        apply_effects(unit, migrate_order(order, migration, self.processes, now=now, by=by), _EFFECTS)


def _page_open(unit: MarketUnit, migration: OrderMigration, *, after: str | None, limit: int) -> Page[MarketplaceOrder]:
    """Return a page of the orders that are open on the old marketplace's process."""
    process = migration.old.whole.process
    where = {"open_on": name_process(process.name, process.version)}
    return unit.repository(MARKETPLACE_ORDERS).page(where, after=after, limit=limit)
