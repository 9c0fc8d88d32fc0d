"""Reading orders and their history, each caller its own."""

import attrs

from mktcore.access import Permission, check_granted
from mktcore.errors import InvalidValue
from mktcore.orders.history import ORDER_STEPS, OrderStep, list_former_steps
from mktcore.orders.lists import MarketplaceOrderList, MerchantOrderList, OrderDirection
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.queries import load_order
from mktcore.persistence import Page, Party, Repositories, Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ReadOrders"]


# Without slots, because `Orders` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class ReadOrders:
    """What a caller may read of orders; every call takes the scope of who asks, and checks its permission."""

    runtime: Runtime[MarketUnit]

    @property
    def marketplace_orders(self) -> MarketplaceOrderList:
        """The orders that buyers placed, as a list."""
        return MarketplaceOrderList(self.runtime)

    @property
    def merchant_orders(self) -> MerchantOrderList:
        """What merchants fulfil, as a list."""
        return MerchantOrderList(self.runtime)

    def find_list(self, direction: OrderDirection, *, scope: Scope) -> MarketplaceOrderList | MerchantOrderList:
        """Return the list of the orders that come in to the caller's party, or go out from it.

        To the marketplace come buyers' orders, and from it go merchant orders; a merchant's come in, and a buyer's go
        out.

        Raises:
            InvalidValue: No order goes this way for such a party.
        """
        lists: dict[tuple[Party, OrderDirection], MarketplaceOrderList | MerchantOrderList] = {
            (Party.OPERATOR, OrderDirection.INCOMING): self.marketplace_orders,
            (Party.OPERATOR, OrderDirection.OUTGOING): self.merchant_orders,
            (Party.MERCHANT, OrderDirection.INCOMING): self.merchant_orders,
            (Party.BUYER, OrderDirection.OUTGOING): self.marketplace_orders,
        }
        found = lists.get((scope.party, direction))
        if found is None:
            ways = " or ".join(str(way) for party, way in lists if party is scope.party)
            raise InvalidValue("Orders", "direction", direction, f"{ways}, for a {scope.party}")
        return found

    def get(self, order: str, *, scope: Scope) -> Order:
        """Return a marketplace order with its merchant orders, as the caller may see them.

        Raises:
            NotFound: There is none for this caller; a merchant sees its merchant orders only.
        """
        check_granted(scope, Permission.READ_ORDERS)
        return self.runtime.read(scope, lambda unit: load_order(unit, order)).view_for(scope)

    def get_merchant_order(self, merchant_order: str, *, scope: Scope) -> MerchantOrder:
        """Return a merchant order, as the caller may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        check_granted(scope, Permission.READ_ORDERS)
        return self.runtime.read(scope, lambda unit: unit.repository(MERCHANT_ORDERS).get(merchant_order)).view_for(
            scope
        )

    def page_history(self, order: str, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[OrderStep]:
        """Return a page of what happened to a marketplace order as a whole, the earliest first.

        Raises:
            NotFound: There is no such order for this caller; a merchant reads the history of its merchant orders.
        """
        check_granted(scope, Permission.READ_ORDERS)
        with self.runtime.store.begin(scope) as unit:
            found = unit.repository(MARKETPLACE_ORDERS).get(order)
            return _page_steps(unit, found, scope, after=after, limit=limit)

    def page_merchant_order_history(
        self, merchant_order: str, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> Page[OrderStep]:
        """Return a page of what happened to a merchant order, the earliest first, as the caller may see it.

        Raises:
            NotFound: There is no such merchant order for this caller.
        """
        check_granted(scope, Permission.READ_ORDERS)
        with self.runtime.store.begin(scope) as unit:
            found = unit.repository(MERCHANT_ORDERS).get(merchant_order)
            return _page_steps(unit, found, scope, after=after, limit=limit)


def _page_steps(
    unit: Repositories, order: MarketplaceOrder | MerchantOrder, scope: Scope, *, after: str | None, limit: int
) -> Page[OrderStep]:
    """Return a page of what is stored, after what a document of an earlier release still carries.

    The ids of the latter are those they get when they become records, so a cursor stays good across that change.
    """
    # In memory: a document of an earlier release carries few, and no store could page them.
    former = [step for step in list_former_steps(order) if after is None or step.id > after]
    stored = unit.repository(ORDER_STEPS).page({"subject": order.id}, after=after, limit=limit)
    steps = (*former, *stored.items)
    shown = tuple(step.view_for(scope) for step in steps[:limit])
    return Page(shown, shown[-1].id if len(steps) > limit or stored.next is not None else None)
