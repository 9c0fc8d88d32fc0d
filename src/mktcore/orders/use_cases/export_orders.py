"""Exporting orders: row by row as they are read, each party its own."""

from collections.abc import Callable, Mapping

import attrs

from mktcore.orders.lists import MerchantOrderList
from mktcore.orders.order_export import ExportForm, OrderRows
from mktcore.persistence import Scope
from mktcore.persistence.kinds import Wanted
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ExportOrders"]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class ExportOrders:
    """Orders for other systems.

    Attributes:
        runtime: Where orders are kept.
    """

    runtime: Runtime[MarketUnit]

    def export(
        self,
        write: Callable[[str], object],
        *,
        scope: Scope,
        form: ExportForm = ExportForm.CSV,
        where: Mapping[str, Wanted] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Write a row for each line of the merchant orders that the caller may see, and return how many orders it were.

        They are read page by page and written as they are read: in constant memory, and nobody waits meanwhile. What
        others change in between is met as it then is. Columns are those of `mktcore.orders.order_export.COLUMNS`.

        Args:
            write: Takes texts, one after the other, as the `write` of a file does.
            scope: Who asks: the operator all, a merchant and a buyer their own.
            form: CSV, in which no cell is a formula, or JSON lines.
            where: Which orders, as `merchant_orders.page` is asked.
            progress: Called with the number of orders written so far, after each hundred.

        Raises:
            PermissionDenied: The caller's user may not read orders.
            UnservedQuery: No index carries what is asked.
        """
        rows, count = OrderRows(form), 0
        # Asked before the header is written: who may not read orders makes no file.
        orders = MerchantOrderList(self.runtime).iterate(scope=scope, where=where)
        write(rows.begin())
        for count, order in enumerate(orders, 1):
            for row in rows.write(order):
                write(row)
            if progress is not None and count % 100 == 0:
                progress(count)
        if progress is not None:
            progress(count)
        return count
