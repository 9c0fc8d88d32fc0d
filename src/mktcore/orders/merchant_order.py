"""A merchant's part of an order."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.access.show_extra import show_extra
from mktcore.addresses import Address
from mktcore.commissions import Commission, CommissionReversal
from mktcore.delivery import ExpectedShipment
from mktcore.explain import Explanation
from mktcore.extra import NO_EXTRA, Extra
from mktcore.money import Money
from mktcore.orders.customer_data_policy import ALL_CUSTOMER_DATA, CustomerData
from mktcore.orders.explain_order import explain_merchant_order
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.orders.order_stage import OrderStage, name_open_process
from mktcore.orders.redact_moves import show_move
from mktcore.persistence import Kind, Party, Scope
from mktcore.persistence.kinds import Ordered, Several
from mktcore.processes import Subject
from mktcore.processes.portions import Move
from mktcore.totals import PartTotals

__all__ = ["MERCHANT_ORDERS", "MerchantOrder"]


@attrs.frozen
class MerchantOrder:
    """The part of an order that one merchant fulfils.

    Attributes:
        id: The order's id and the merchant's: `order-1--acme`.
        order: Id of the marketplace order.
        merchant: Who fulfils it.
        buyer: Who bought.
        placed_at: When, UTC.
        lines: The merchant's lines.
        expenses: The merchant's charges.
        totals: Its figures: the sum of its lines and expenses.
        commissions: What the marketplace takes, per line and rule group, frozen at placement; None in the view of a
            buyer, and of a user who may not see figures.
        fulfilment: Which quantities of which lines are in which state of which process.
        former_moves: Moves that a document of an earlier release still carries; since then steps are records of their
            own, see `mktcore.orders.history`.
        version: How often it was stored.
        extra: The host's own data that the cart had for everyone and for merchants.
        commission_reversals: What was given back of the commissions since, step by step; None where they are not shown.
        stage: How far it is with all of its pieces.
        deliver_to: Where its lines go, but those that say otherwise.
        number: The marketplace order's number; empty where it has none.
        progress: How far it is, for people; empty for an order of an earlier release until something happens to it.
        is_held: The marketplace reviews the order, and nothing of it may leave; False in the view of a buyer.
        customer_data: What its merchant sees of where it goes, pinned at placement.
        shipments: Ids of its shipments, the first to leave first; what left by an earlier release is in none.
        told_by_steps: Its steps tell all that it ever was, see `mktcore.orders.rebuild_order`; of 0.1.0, they do not.
        expected: How its goods were to travel when it was placed: what each shipment holds, costs, and when it comes.
    """

    id: str
    order: str
    merchant: str
    buyer: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    expenses: tuple[OrderExpense, ...]
    totals: PartTotals
    commissions: tuple[Commission, ...] | None
    fulfilment: Subject
    former_moves: tuple[Move, ...] = ()
    version: int = 0
    extra: Extra = NO_EXTRA
    commission_reversals: tuple[CommissionReversal, ...] | None = ()
    stage: OrderStage = OrderStage.OPEN
    deliver_to: Address | None = None
    number: str = ""
    progress: str = ""
    is_held: bool = False
    customer_data: CustomerData = ALL_CUSTOMER_DATA
    shipments: tuple[str, ...] = ()
    told_by_steps: bool = False
    expected: tuple[ExpectedShipment, ...] = ()

    @property
    def reference(self) -> str:
        """What people call it: the order's number and the merchant, `100001--acme`; its id where there is no number."""
        return f"{self.number}--{self.merchant}" if self.number else self.id

    @property
    def commission(self) -> Money | None:
        """What the marketplace takes of this merchant order, less what it gave back; None where it is not shown."""
        if self.commissions is None or self.commission_reversals is None:
            return None
        taken = sum([entry.amount.minor for entry in self.commissions])
        returned = sum([step.amount.minor for step in self.commission_reversals])
        return Money.from_minor(taken - returned, self.totals.currency)

    def explain(self, path: str) -> Explanation:
        """Return why a figure is what it is, `"lines.1.canceled_total"`: see `explain_merchant_order`."""
        return explain_merchant_order(self, path)

    def list_reversals(self) -> tuple[CommissionReversal, ...]:
        """Return what was given back of the commissions, as far as it is shown."""
        return self.commission_reversals or ()

    @property
    def states(self) -> Mapping[str, Mapping[str, int]]:
        """The quantity of each line in each state, by line and then by state."""
        return self.fulfilment.states()

    def view_for(self, scope: Scope) -> "MerchantOrder":
        """Return what the caller may see.

        Commission is a matter between the marketplace and the merchant, and of those of their users who may see
        figures (`Permission.FINANCE`); the merchant's people, reasons and locations are no matter of the buyer, nor is
        who bears what of a discount, and nobody but the operator is told other parties' people. Host data is shown by
        party.
        """
        shown = self._show_extra(scope)
        if self.former_moves:
            shown = attrs.evolve(shown, former_moves=tuple(show_move(move, scope) for move in self.former_moves))
        if scope.caller.party is Party.MERCHANT:
            shown = shown.hide_customer()
        if scope.caller.party is not Party.BUYER:
            return shown if scope.allows(Permission.FINANCE) else shown._hide_commission()  # noqa: SLF001 - its own class
        return attrs.evolve(
            shown._hide_commission(),  # noqa: SLF001 - its own class
            lines=tuple(attrs.evolve(line, sources=None) for line in shown.lines),
            is_held=False,
        ).without_bearers()

    def hide_customer(self, stage: OrderStage | None = None) -> "MerchantOrder":
        """Return it as its merchant is shown it at a stage, or its own: the policy says how much of where it goes."""
        policy, is_closed = self.customer_data, (stage or self.stage) is not OrderStage.OPEN
        if policy.shows_all(is_closed=is_closed):
            return self
        lines = policy.show_lines(self.lines, is_closed=is_closed)
        return attrs.evolve(self, deliver_to=policy.show(self.deliver_to, is_closed=is_closed), lines=lines)

    def without_bearers(self) -> "MerchantOrder":
        """Return it as a buyer is shown it: not who bears what of the discount."""
        return attrs.evolve(
            self,
            lines=tuple(attrs.evolve(line, totals=line.totals.without_bearers()) for line in self.lines),
            expenses=tuple(expense.without_bearers() for expense in self.expenses),
            totals=self.totals.without_bearers(),
        )

    def _hide_commission(self) -> "MerchantOrder":
        # None and not nothing: who may not see a figure must not read a zero.
        return attrs.evolve(self, commissions=None, commission_reversals=None)

    def _show_extra(self, scope: Scope) -> "MerchantOrder":
        def show(extra: Extra) -> Extra:
            return show_extra(extra, scope, merchant=self.merchant, buyer=self.buyer)

        if self.extra.is_empty() and all(line.extra.is_empty() for line in self.lines):
            return self  # as nearly all are: reading a page of them builds none anew
        lines = tuple(
            line if line.extra.is_empty() else attrs.evolve(line, extra=show(line.extra)) for line in self.lines
        )
        return attrs.evolve(self, lines=lines, extra=show(self.extra))


MERCHANT_ORDERS = Kind(
    "merchant_order",
    MerchantOrder,
    columns={
        "order_id": lambda order: order.order,
        "merchant": lambda order: order.merchant,
        "buyer": lambda order: order.buyer,
        "stage": lambda order: order.stage,
        "number": lambda order: order.number or None,
        "progress": lambda order: order.progress or None,
    },
    ordered={
        "placed_at": Ordered(
            lambda order: order.placed_at,
            datetime,
            within=(
                "stage",
                ("merchant", "stage"),
                ("buyer", "stage"),
                ("merchant", "buyer"),
                ("merchant", "progress"),
                ("buyer", "progress"),
            ),
        ),
        "open_on": Ordered(lambda order: name_open_process(order.stage, order.fulfilment), str),
    },
    several={"sku": Several(lambda order: (line.sku for line in order.lines), order="placed_at")},
    together=(("merchant", "order_id"), ("buyer", "order_id"), ("merchant", "number"), ("buyer", "number")),
    merchant="merchant",
    buyer="buyer",
    reads=Permission.READ_ORDERS,
    view=MerchantOrder.view_for,
)
