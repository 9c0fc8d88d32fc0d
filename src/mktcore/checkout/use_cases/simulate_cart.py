"""Simulating: what a cart would cost now, and what stands in the way of placing it."""

import attrs

from mktcore.access import Permission, check_buyer, check_granted, check_named_user
from mktcore.access.buyer_request_fields import check_decisions
from mktcore.carts import Cart, Simulation, gather_facts, simulate_cart
from mktcore.carts.deliver_lines import BY_RATES, DeliveryPolicy
from mktcore.carts.foreseen_reads import foresee_by_cart
from mktcore.carts.host_checks import CheckCart
from mktcore.market_policy import MarketPolicy
from mktcore.offers import CHEAPEST, BuyBoxPolicy
from mktcore.orders import has_ordered
from mktcore.orders.queries import foresee_first_order
from mktcore.payments import MixedPayment
from mktcore.persistence import Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["SimulateCart"]


@watched
@attrs.frozen
class SimulateCart:
    """Simulates carts.

    Attributes:
        runtime: Where the market is kept, and what time it is; it is read under the operator's authority.
        policy: How prices are stated and rounded.
        buy_box: How offers are chosen for lines that name none.
        checks: What the host finds wrong with carts, beside.
        delivery: What travels together, and who is asked what it costs: outside of any transaction.
        mixed: How orders of several merchants are paid.
    """

    runtime: Runtime[MarketUnit]
    policy: MarketPolicy
    buy_box: BuyBoxPolicy = attrs.field(default=CHEAPEST, kw_only=True)
    checks: tuple[CheckCart, ...] = attrs.field(default=(), kw_only=True)
    delivery: DeliveryPolicy = attrs.field(default=BY_RATES, kw_only=True)
    mixed: MixedPayment = attrs.field(default=MixedPayment.ALL_ACCEPT, kw_only=True)

    def simulate(self, cart: Cart, *, scope: Scope) -> Simulation:
        """Say what the cart would cost now, and every issue that stands in the way of placing it. Changes nothing.

        Raises:
            NotFound: The caller is neither the operator nor the cart's buyer, or is a user and the cart names another.
            PermissionDenied: The caller's user may not place orders.
            ExtraRefused: The cart holds host data that the caller is not shown.
            BuyerMayNotDecide: A buyer gives itself reductions, charges or groups.
            CheckAnswerRefused: A check of the host answered something that cannot be told.
        """
        check_buyer(scope, "cart", cart.id, buyer=cart.buyer)
        check_granted(scope, Permission.PLACE_ORDERS)
        check_decisions(scope, cart)
        cart.check_extra(scope)
        # Not all that decides a price is the buyer's to read; what is answered is cut to the caller below.
        now = self.runtime.now()
        with self.runtime.store.begin(scope.to_operator()) as unit:
            known = cart.for_user(check_named_user(unit, scope, cart.context.user))
            reads = unit.note_reads()
            reads.fetch([*foresee_by_cart(known, now), foresee_first_order(cart.buyer)])
            facts = gather_facts(
                unit, known, self.policy, now=now, is_first_order=lambda: not has_ordered(unit, cart.buyer), reads=reads
            )
        simulation = simulate_cart(
            cart,
            facts,
            self.policy,
            now=now,
            buy_box=self.buy_box,
            checks=self.checks,
            delivery=self.delivery,
            mixed=self.mixed,
        )
        return simulation.view_for(scope)
