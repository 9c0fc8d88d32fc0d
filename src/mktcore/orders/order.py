"""Marketplace orders and merchant orders: what was bought, of whom, at which figures."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.access.show_extra import show_extra
from mktcore.addresses import Address
from mktcore.explain import Explanation
from mktcore.extra import NO_EXTRA, Extra
from mktcore.market_policy import MarketPolicy
from mktcore.orders.discount_terms import DiscountTerms
from mktcore.orders.explain_order import explain_order
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order_line import OrderExpense
from mktcore.orders.order_revision import OrderRevision
from mktcore.orders.order_stage import OrderStage, name_open_process
from mktcore.orders.redact_moves import show_move
from mktcore.payments import Payment
from mktcore.persistence import Kind, NotFound, Party, Scope
from mktcore.persistence.kinds import Ordered, Several
from mktcore.postings.charge_refund_rule import GIVEN_BACK_WITH_LAST, ChargeRules
from mktcore.processes import Subject
from mktcore.processes.portions import Move
from mktcore.promotions.release_limits import PromotionUse
from mktcore.totals import OrderTotals, Reduction

__all__ = ["MARKETPLACE_ORDERS", "MarketplaceOrder", "Order"]


@attrs.frozen
class MarketplaceOrder:
    """A buyer's order as a whole; its merchant orders are records of their own.

    Attributes:
        id: Its id.
        cart: Id of the cart it was placed from; a cart becomes one order at most.
        buyer: Who bought.
        placed_at: When, UTC.
        policy: How its prices are stated and rounded, pinned at placement.
        merchants: Who fulfils parts of it, in the order of the cart.
        expenses: The marketplace's own charges; where it rounds to coins, the difference that this made is one of them.
        reductions: The reductions that were applied, in order.
        payments: How it was paid.
        sold_by: The merchant it was sold by; None for the operator.
        user: The user who bought for the buyer, where the host knew one.
        groups: The user groups that the user was in: prices may be for them only.
        channel: The sales channel.
        promotion_uses: What it took of promotions' limits; None in a buyer's view.
        totals: Its figures: the sum of its merchant orders and of the marketplace's own expenses.
        fulfilment: Which quantities of which lines are in which state of the marketplace's process.
        former_moves: Moves that a document of an earlier release still carries, as in `MerchantOrder`.
        version: How often it was stored.
        extra: The host's own data, as the cart had it.
        codes: The coupon codes that the buyer entered, whether or not they took something off.
        in_ledger: Its money is in the ledger; False for an order that was placed before there was one.
        stage: How far it is with all of its pieces.
        deliver_to: Where its lines go, but those that say otherwise.
        number: What people call it, by the market's `NumberSeries`; empty for an order of an earlier release.
        progress: How far it is, for people, as in `MerchantOrder`.
        reviews: The reasons that it is held for, each a word; nothing in the view of a buyer.
        skus: The SKUs of its lines, each once: its lines are in its merchant orders, and it is found by them itself.
        charge_rules: When its charges are given back, pinned at placement.
        told_by_steps: As in `MerchantOrder`.
        discount_terms: What its promotions were given for, where cancelling judges them anew; None in a buyer's view.
        revisions: What cancelling a part changed of the prices of the rest; nothing in a buyer's view.
    """

    id: str
    cart: str
    buyer: str
    placed_at: datetime
    policy: MarketPolicy
    merchants: tuple[str, ...]
    expenses: tuple[OrderExpense, ...]
    reductions: tuple[Reduction, ...]
    payments: tuple[Payment, ...]
    totals: OrderTotals
    fulfilment: Subject
    former_moves: tuple[Move, ...] = ()
    sold_by: str | None = None
    user: str | None = None
    groups: tuple[str, ...] = ()
    channel: str | None = None
    promotion_uses: tuple[PromotionUse, ...] | None = ()
    version: int = 0
    extra: Extra = NO_EXTRA
    codes: tuple[str, ...] = ()
    in_ledger: bool = False
    stage: OrderStage = OrderStage.OPEN
    deliver_to: Address | None = None
    number: str = ""
    progress: str = ""
    reviews: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    charge_rules: ChargeRules = GIVEN_BACK_WITH_LAST
    told_by_steps: bool = False
    discount_terms: DiscountTerms | None = attrs.field(default=None, metadata={"omitted": True})
    revisions: tuple[OrderRevision, ...] = attrs.field(default=(), metadata={"omitted": True})

    @property
    def reference(self) -> str:
        """What people call it: its number; its id where it has none."""
        return self.number or self.id

    @property
    def merchant_order_ids(self) -> tuple[str, ...]:
        """The ids of its merchant orders."""
        # Computed, so that whoever has the order's id finds its parts without a search.
        return tuple(f"{self.id}--{merchant}" for merchant in self.merchants)

    def without_bearers(self) -> "MarketplaceOrder":
        """Return it as a buyer is shown it: not who bears what of the discount."""
        return attrs.evolve(
            self,
            expenses=tuple(expense.without_bearers() for expense in self.expenses),
            reductions=tuple(attrs.evolve(one, merchant_share=None) for one in self.reductions),
            totals=self.totals.without_bearers(),
        )

    def view_for(self, scope: Scope) -> "MarketplaceOrder":
        """Return what the caller may see: a buyer, nothing of limits, bearers and others' people."""
        if scope.caller.party is not Party.BUYER:
            return self
        former = tuple(show_move(move, scope) for move in self.former_moves)
        shown = attrs.evolve(self, promotion_uses=None, discount_terms=None, revisions=(), reviews=())
        shown = attrs.evolve(shown, former_moves=former, extra=show_extra(self.extra, scope, buyer=self.buyer))
        return shown.without_bearers()


@attrs.frozen
class Order:
    """A marketplace order together with its merchant orders, as one caller may see them."""

    marketplace_order: MarketplaceOrder
    merchant_orders: tuple[MerchantOrder, ...]

    @property
    def id(self) -> str:
        """The marketplace order's id."""
        return self.marketplace_order.id

    @property
    def totals(self) -> OrderTotals:
        """The marketplace order's figures."""
        return self.marketplace_order.totals

    @property
    def buyer(self) -> str:
        """Who bought."""
        return self.marketplace_order.buyer

    def explain(self, path: str = "order.grand_total") -> Explanation:
        """Return why a figure is what it is, `"merchants.acme.canceled_total"`: see `explain_order`."""
        return explain_order(self.marketplace_order, self.merchant_orders, path)

    def subjects(self) -> dict[str, Subject]:
        """Return what goes through processes, by id: the marketplace order first, then its merchant orders."""
        return {self.id: self.marketplace_order.fulfilment, **{one.id: one.fulfilment for one in self.merchant_orders}}

    def find_part(self, merchant_order: str) -> MerchantOrder | None:
        """Return the merchant order with this id; None for any other id."""
        return next((part for part in self.merchant_orders if part.id == merchant_order), None)

    def get_part(self, merchant_order: str) -> MerchantOrder:
        """Return the merchant order with this id.

        Raises:
            NotFound: It has no such part.
        """
        part = self.find_part(merchant_order)
        if part is None:
            raise NotFound("merchant_order", merchant_order)
        return part

    def move_subjects(self, subjects: Mapping[str, Subject]) -> "Order":
        """Return the order with these subjects in place of those of the same ids."""
        whole = self.marketplace_order
        if whole.id in subjects:
            whole = attrs.evolve(whole, fulfilment=subjects[whole.id])
        parts = [
            attrs.evolve(part, fulfilment=subjects[part.id]) if part.id in subjects else part
            for part in self.merchant_orders
        ]
        return Order(whole, tuple(parts))

    def view_for(self, scope: Scope) -> "Order":
        """Return what the caller may see.

        Raises:
            NotFound: The caller is a merchant, who sees merchant orders only.
        """
        if scope.caller.party is Party.MERCHANT:
            # The whole would show a merchant what others sold; its own part is a record of its own.
            raise NotFound("marketplace_order", self.id)
        return Order(self.marketplace_order.view_for(scope), tuple(one.view_for(scope) for one in self.merchant_orders))


MARKETPLACE_ORDERS = Kind(
    "marketplace_order",
    MarketplaceOrder,
    columns={
        "buyer": lambda order: order.buyer,
        "cart": lambda order: order.cart,
        # Whose order it is, unless it is cancelled whole: whether a buyer ever ordered is one look.
        "standing": lambda order: None if order.stage is OrderStage.CANCELED else order.buyer,
        "stage": lambda order: order.stage,
        # None and not nothing: those that have no number are unlike each other.
        "number": lambda order: order.number or None,
        "progress": lambda order: order.progress or None,
    },
    ordered={
        "placed_at": Ordered(
            lambda order: order.placed_at,
            datetime,
            within=("stage", ("buyer", "stage"), "progress", ("buyer", "progress")),
        ),
        "open_on": Ordered(lambda order: name_open_process(order.stage, order.fulfilment), str),
    },
    several={"sku": Several(lambda order: order.skus, order="placed_at")},
    # Of two placements of one cart the later breaks here (invariant I11).
    unique=(("buyer", "cart"), ("number",)),
    buyer="buyer",
    reads=Permission.READ_ORDERS,
    view=MarketplaceOrder.view_for,
)
