"""A market that lives at random: carts become orders, whatever is allowed happens to them, time passes.

A host runs it on its own store, settings and effects:

    from mktcore.testing.market_machine import MarketMachine

    class ShopMachine(MarketMachine):
        def open_market(self, sample):
            return Marketplace(MyStore(), sample.currency, clock=self.clock, effects=(*EFFECTS, MINE))

    TestShop = ShopMachine.TestCase
"""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mktcore.checkout import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.persistence import Scope
from mktcore.processes.allowed_events import AllowedEvent, AllowedEvents
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.testing.market_sample import SAMPLE_DAY, MarketSample
from mktcore.testing.market_strategies import carts, market_samples

__all__ = ["MarketMachine"]

BUYERS = ("buyer-1", "buyer-2")


class MarketMachine(RuleBasedStateMachine):
    """A market under random use, for a host to subclass; `verify` finds nothing after any step.

    Attributes:
        clock: What time it is there.
        market: The market, once a sample was put into it.
        sample: What it held at first.
        orders: Ids of the orders that were placed.
        steps: How often something was tried, for keys that are new each time.
    """

    market: Marketplace
    sample: MarketSample

    def __init__(self) -> None:
        """Begin before there is a market."""
        super().__init__()
        self.clock = ManualClock(SAMPLE_DAY)
        self.orders: list[str] = []
        self.steps = 0

    def open_market(self, sample: MarketSample) -> Marketplace:
        """Return an empty market, in memory unless a subclass has a store of its own; `self.clock` is its clock."""
        return Marketplace.in_memory(sample.currency, clock=self.clock, ids=CountingIds())

    @initialize(sample=market_samples())
    def fill(self, sample: MarketSample) -> None:
        """Open a market, and put goods into it; a subclass with goods of its own draws them here."""
        self.sample, self.market = sample, self.open_market(sample)
        sample.fill(self.market)

    @rule(data=st.data(), buyer=st.sampled_from(BUYERS))
    def place(self, data: st.DataObject, buyer: str) -> None:
        """Simulate a cart, and place it; both agree whether it can be an order, and what it costs."""
        self.steps += 1
        cart = data.draw(carts(offers=self.sample.offers, name=f"cart-{self.steps}", buyer=buyer), label="cart")
        scope = self.market.as_buyer(buyer)
        simulation = self.market.simulate(cart, scope=scope)
        try:
            order = self.market.place(cart, key=cart.id, scope=scope)
        except PlacementRefused as refusal:
            if simulation.is_placeable():
                raise AssertionError(f"{cart.id} could be an order, and was refused") from refusal
            return
        self.orders.append(order.id)
        self.check_order(order)
        if order.totals != simulation.totals.order:
            raise AssertionError(f"{order.id} costs {order.totals.grand_total}, not what was simulated")

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """Let something happen that is allowed, on some of the pieces; it must not be refused."""
        allowed, scope = self._ask(data)
        possible = [one for one in allowed.events if one.is_allowed]
        if possible:
            event = data.draw(st.sampled_from(possible).map(lambda one: one.event), label="event")
            found = next(one for one in possible if one.event == event)
            self._fire(allowed, found, scope, lines=data.draw(_pieces(found), label="lines"))
            self.check_order(self.market.orders.get(self._find_whole(allowed), scope=self.market.as_operator()))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def fire_refused(self, data: st.DataObject) -> None:
        """Try what is not allowed: it is refused by what was told."""
        allowed, scope = self._ask(data)
        refused = [one for one in allowed.events if not one.is_allowed]
        if refused:
            one = data.draw(st.sampled_from(refused), label="refused")
            try:
                self._fire(allowed, one, scope, lines=None)
            except MktcoreError as error:
                codes = {notice.code for notice in error.notices} or {error.code}
                if not codes <= {notice.code for notice in one.refusals}:
                    raise AssertionError(f"{one.event} was refused by {codes}, which was not told") from error
            else:
                raise AssertionError(f"{one.event} was not allowed, and passed")

    @rule(hours=st.sampled_from([1, 24 * 31]))
    def wait(self, hours: int) -> None:
        """Let time pass, and what is due happen."""
        self.clock.advance(timedelta(hours=hours))
        while self.market.orders.expire():
            pass

    @invariant()
    def verify(self) -> None:
        """Nothing that must hold is broken."""
        if hasattr(self, "market"):
            found = self.market.verify()
            if found:
                raise AssertionError("\n".join(map(str, found)))

    def check_order(self, order: Order) -> None:
        """Look at an order after something happened to it; a subclass raises what it does not like to see.

        Args:
            order: As the operator or its buyer sees it.
        """

    def teardown(self) -> None:
        """Let go of the store."""
        if hasattr(self, "market"):
            self.market.close()

    def _ask(self, data: st.DataObject) -> tuple[AllowedEvents, Scope]:
        """Choose an order and a party, and return what that may do."""
        order = self.market.orders.get(data.draw(st.sampled_from(self.orders), label="order"), scope=Scope.operator())
        parts = {part.id: Scope.merchant(part.merchant) for part in order.merchant_orders}
        id_ = data.draw(st.sampled_from([*parts, order.id]), label="subject")
        scope = parts.get(id_) or Scope.buyer(order.buyer)
        return self.market.orders.allowed(id_, scope=scope), scope

    def _fire(self, allowed: AllowedEvents, one: AllowedEvent, scope: Scope, *, lines: dict[str, int] | None) -> None:
        self.steps += 1
        fire = self.market.fire if allowed.kind == "merchant_order" else self.market.orders.fire
        fire(allowed.id, one.event, key=f"step-{self.steps}", scope=scope, lines=lines)

    def _find_whole(self, allowed: AllowedEvents) -> str:
        """Return the id of the marketplace order."""
        if allowed.kind == "marketplace_order":
            return allowed.id
        return self.market.orders.get_merchant_order(allowed.id, scope=Scope.operator()).order


def _pieces(allowed: AllowedEvent) -> st.SearchStrategy[dict[str, int] | None]:
    """Draw everything, or so many pieces of one line."""
    some = [{line: count} for line, most in allowed.lines.items() for count in range(1, most + 1)]
    return st.sampled_from([None, *some])
