"""Placing an order: simulate, reserve, split, store; all of it, or nothing."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.access import Permission, check_buyer, check_granted, check_named_user
from mktcore.access.buyer_request_fields import check_decisions
from mktcore.carts import Cart, MarketFacts, Simulation, gather_facts, simulate_cart
from mktcore.carts.deliver_lines import BY_RATES, DeliveryPolicy
from mktcore.carts.foreseen_reads import foresee_by_cart
from mktcore.carts.host_checks import CheckCart
from mktcore.carts.shown_issues import show_issue
from mktcore.checkout.errors import CartAlreadyPlaced, PlacementRefusal, PlacementRefused
from mktcore.checkout.used_facts import narrow_facts
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.load_facts import CommissionFacts, foresee_commission, gather_commission_facts
from mktcore.commissions.volumes import SoldVolumes, add_volumes, return_volumes
from mktcore.delivery.ports import leave_unquoted
from mktcore.delivery.remembered_quotes import RememberedQuotes
from mktcore.market_policy import MarketPolicy
from mktcore.notice import Notice
from mktcore.offers import CHEAPEST, BackOrders, BuyBoxPolicy
from mktcore.offers.choose_stock_places import list_safety
from mktcore.orders import MARKETPLACE_ORDERS, Order, OrderProcesses, has_ordered, split_order
from mktcore.orders.cancellation_policy import KeptDiscounts
from mktcore.orders.customer_data_policy import ALL_CUSTOMER_DATA, CustomerData
from mktcore.orders.discount_terms import DiscountTerms
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.apply_effects import apply_effects
from mktcore.orders.effects.effect import Effect
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.list_commissionable_lines import list_commission_lines
from mktcore.orders.order_numbers import NumberRefused, StoredNumbers, number_order
from mktcore.orders.ports import NumberSeries
from mktcore.orders.queries import foresee_first_order
from mktcore.payments import MixedPayment
from mktcore.persistence import Retryable, Scope, UniqueViolation, answer_once
from mktcore.persistence.kinds import Column
from mktcore.persistence.noted_reads import Existence, NotedReads
from mktcore.promotions.limit_counters import claim_all, release_all
from mktcore.promotions.outcome import Claim
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit, ReservationRequest, Shortage
from mktcore.telemetry import watched

__all__ = ["PlaceOrder"]


@watched
@attrs.frozen
class PlaceOrder:
    """Places carts.

    Attributes:
        runtime: Where orders are kept, when they are placed, how they are called; placing works under the operator's
            authority on behalf of the caller.
        policy: How prices are stated and rounded.
        processes: The processes that new orders start on.
        buy_box: How offers are chosen for lines that name none.
        checks: What the host finds wrong with carts, beside.
        effects: What follows from a placement, as from everything that happens to an order later.
        commissions: What holds for all commission.
        numbers: The numbers that orders get.
        customer_data: What merchants see of where orders go.
        delivery: What travels together, and who is asked what it costs: before the transaction begins.
        mixed: How orders of several merchants are paid.
    """

    runtime: Runtime[MarketUnit]
    policy: MarketPolicy
    processes: OrderProcesses
    buy_box: BuyBoxPolicy = attrs.field(default=CHEAPEST, kw_only=True)
    checks: tuple[CheckCart, ...] = attrs.field(default=(), kw_only=True)
    effects: tuple[Effect, ...] = attrs.field(default=EFFECTS, kw_only=True)
    commissions: CommissionPolicy = attrs.field(default=CommissionPolicy(), kw_only=True)
    numbers: NumberSeries = attrs.field(factory=StoredNumbers, kw_only=True)
    customer_data: CustomerData = attrs.field(default=ALL_CUSTOMER_DATA, kw_only=True)
    delivery: DeliveryPolicy = attrs.field(default=BY_RATES, kw_only=True)
    mixed: MixedPayment = attrs.field(default=MixedPayment.ALL_ACCEPT, kw_only=True)

    def place(self, cart: Cart, *, key: str, scope: Scope) -> Order:
        """Place the cart and return its order as the caller sees it; the same key and cart again return the same order.

        Everything happens in one transaction: stock is reserved, the order is split, stored and told of, or nothing
        is. A refusal is remembered under its key like a success (invariant I13).

        Args:
            cart: What is wanted.
            key: The caller's idempotency key, such as the checkout's id.
            scope: Who asks: the operator, or the cart's buyer.

        Raises:
            PlacementRefused: It cannot be placed now; every issue is listed.
            CartAlreadyPlaced: The cart became an order under another key.
            IdempotencyConflict: The key was used for another cart.
            NotFound: The caller is another buyer or a merchant, for whom this cart does not exist; or it is a user and
                the cart names another.
            PermissionDenied: The caller's user may not place orders.
            ExtraRefused: The cart holds host data that the caller is not shown.
            BuyerMayNotDecide: A buyer gives itself reductions, charges or groups.
            CheckAnswerRefused: A check of the host answered something that cannot be told.
            NumberRefused: The host's series gave the order a number that cannot be one.
        """
        check_buyer(scope, "cart", cart.id, buyer=cart.buyer)
        check_granted(scope, Permission.PLACE_ORDERS)
        cart.check_extra(scope)
        quoted = attrs.evolve(self, delivery=self._quote(cart, key, scope))
        answer = self.runtime.retry(lambda: quoted._answer(cart, key, scope))  # noqa: SLF001 - of this very class
        if isinstance(answer, PlacementRefusal):
            raise PlacementRefused(cart.id, answer.issues)
        return answer.view_for(scope)

    def place_inside(self, unit: MarketUnit, cart: Cart, *, scope: Scope) -> Order:
        """Place a cart inside of a unit of the caller's, which commits it with all else, and return its order.

        Who may place it the caller asked before; no key is looked at or kept.

        Args:
            unit: Under the operator's authority; nothing is written before it.
            cart: What is wanted.
            scope: Who places it.

        Raises:
            PlacementRefused: It cannot be placed now; nothing was written.
            CartAlreadyPlaced: The cart is an order already.
            Retryable: Something changed while the order was computed: the unit starts again.
        """
        answer = self._decide(unit, cart, cart, scope=scope)
        if isinstance(answer, PlacementRefusal):
            raise PlacementRefused(cart.id, answer.issues)
        return answer

    def _quote(self, cart: Cart, key: str, scope: Scope) -> DeliveryPolicy:
        """Ask what the chosen ways to travel cost, before any transaction; what is placed is charged just that."""
        if self.delivery.ask is leave_unquoted or not cart.chooses_delivery():
            return self.delivery
        now = self.runtime.now()
        with self.runtime.store.begin(scope.to_operator()) as unit:
            if unit.find_record(str(scope.caller), key) is not None:
                return attrs.evolve(self.delivery, ask=leave_unquoted)
            known = cart.for_user(check_named_user(unit, scope, cart.context.user))
            facts = self._gather(unit, known, NotedReads(), now=now)
        answers = RememberedQuotes(self.delivery.ask)
        asking = attrs.evolve(self.delivery, ask=answers.ask)
        simulate_cart(known, facts, self.policy, now=now, buy_box=self.buy_box, delivery=asking)
        return attrs.evolve(self.delivery, ask=answers.answer)

    def _answer(self, cart: Cart, key: str, scope: Scope) -> Order | PlacementRefusal:
        try:
            with self.runtime.store.begin(scope.to_operator()) as unit:
                known = cart.for_user(check_named_user(unit, scope, cart.context.user))
                return answer_once(
                    unit,
                    lambda: self._decide(unit, cart, known, scope=scope),
                    answers=(Order, PlacementRefusal),
                    scope=scope,
                    key=key,
                    operation="place",
                    request={"cart": cart},
                    at=self.runtime.now(),
                )
        except UniqueViolation as race:
            if race.columns == ("number",):
                raise NumberRefused(str(race.values[0]), "another order has it") from race
            # Another unit placed this cart meanwhile: read what came of it.
            raise Retryable(race.describe()) from race
        except CartAlreadyPlaced as refusal:
            # Reads before the first write may be of different moments: the order may be the one of this very key.
            with self.runtime.store.begin(scope.to_operator()) as unit:
                if unit.find_record(str(scope.caller), key) is not None:
                    raise Retryable(refusal.describe()) from refusal
            raise

    def _decide(self, unit: MarketUnit, cart: Cart, known: Cart, *, scope: Scope) -> Order | PlacementRefusal:
        """Decide, and write what was decided; a refusal leaves nothing written.

        Args:
            unit: Under the operator's authority.
            cart: The cart.
            known: The cart without a user for whom the caller does not speak: what is stored for it stays unread.
            scope: Who asks.
        """
        # Here and not before: what was answered under its key is answered again, whoever may decide what by now.
        check_decisions(scope, cart)
        reads, now = unit.note_reads(), self.runtime.now()
        ordered = (Existence(MARKETPLACE_ORDERS, _to_key(cart)), foresee_first_order(cart.buyer))
        reads.fetch([*ordered, *foresee_by_cart(known, now)])
        self._check_cart_is_new(unit, cart)
        facts = self._gather(unit, known, reads, now=now)
        simulation = self._simulate(cart, facts, now=now)
        if simulation.issues:
            return _refuse(simulation.issues, scope)
        commission = self._gather_commission(unit, simulation, facts, now=now)
        # Counters before stock, as everywhere, and by name: units that take both never wait in a circle.
        volumes = _add_volumes(unit, simulation, commission, now=now)
        commission = attrs.evolve(commission, volumes=volumes.before)
        placed = split_order(
            simulation,
            self.runtime.ids.new_id("order"),
            commission=commission,
            processes=self.processes,
            now=now,
            by=scope,
        )
        claims = simulation.promotions.claims
        refused = claim_all(unit.counters, claims)
        if refused is not None:
            return_volumes(unit.counters, volumes)
            return _refuse((_to_exhausted(refused),), scope)
        # What was ordered is kept until it is shipped or cancelled: it never expires.
        shortages = unit.stock.reserve(_list_requests(simulation, placed.after, facts), expires_at=None, at=now)
        alone = {line.offer.id for line in simulation.lines if not line.offer.stock.parts}
        if any(shortage.item not in alone for shortage in shortages):
            raise Retryable("a location or a part ran short: others may serve")
        if shortages:
            release_all(unit.counters, claims)  # a refusal is committed, so it must leave no claim
            return_volumes(unit.counters, volumes)
            return PlacementRefusal(tuple(_to_issue(shortage) for shortage in shortages))
        # Under the stock's locks, and not before: see "The life of a place".
        if not reads.still_hold():
            self._check_terms(unit, known, _Read(facts, commission), simulation=simulation, placed=placed, scope=scope)
        # Last of all that is locked, and of all counters: everybody who places wants it, and nothing refuses any more.
        placed = _pin_customer_data(number_order(unit, self.numbers, placed), self.customer_data)
        placed = _pin_discount_terms(placed, simulation, facts)
        # The party's view, not the user's: another user of the party may ask again under the same key.
        return apply_effects(unit, placed, self.effects).view_for(scope.to_party())

    def _check_terms(
        self,
        unit: MarketUnit,
        cart: Cart,
        read: "_Read",
        *,
        simulation: Simulation,
        placed: OrderTransition,
        scope: Scope,
    ) -> None:
        """Read everything again: it must be the same, or come to the same order.

        Raises:
            Retryable: It does not.
        """
        facts = self._gather(unit, cart, NotedReads(), now=placed.now)
        again = _Read(facts, self._gather_commission(unit, simulation, read.facts, now=placed.now))
        if not again.has_same_terms(read) and not self._decides_alike(
            simulation, placed, read, again=again, scope=scope
        ):
            raise Retryable("prices, taxes, fees or commission changed while the order was computed")

    def _decides_alike(
        self, simulation: Simulation, placed: OrderTransition, read: "_Read", *, again: "_Read", scope: Scope
    ) -> bool:
        """Tell whether an order stands although something of what was read for it changed since.

        What it used must be the very same: reading that twice proves that there was one instant at which all of it
        held. Whatever else was read must come to the same order both times. So who changes what loses anyway, such as a
        schedule or an offer that others beat, keeps nobody from placing.
        """
        facts = again.facts.keep_guarded(read.facts)
        if narrow_facts(facts, simulation) != narrow_facts(read.facts, simulation):
            return False
        now = placed.now
        repeated = self._simulate(simulation.cart, facts, now=now)
        if repeated.issues or repeated.promotions.claims != simulation.promotions.claims:
            return False
        commission = attrs.evolve(again.commission, volumes=read.commission.volumes)
        order = split_order(
            repeated, placed.after.id, commission=commission, processes=self.processes, now=now, by=scope
        )
        return order.after == placed.after

    def _simulate(self, cart: Cart, facts: MarketFacts, *, now: datetime) -> Simulation:
        return simulate_cart(
            cart,
            facts,
            self.policy,
            now=now,
            buy_box=self.buy_box,
            checks=self.checks,
            delivery=self.delivery,
            mixed=self.mixed,
        )

    def _gather(self, unit: MarketUnit, cart: Cart, reads: NotedReads, *, now: datetime) -> MarketFacts:
        return gather_facts(
            unit,
            cart,
            self.policy,
            now=now,
            is_first_order=lambda: not has_ordered(unit, cart.buyer),
            reads=reads,
            foresee=foresee_commission,
            is_final=True,
        )

    def _gather_commission(
        self, unit: MarketUnit, simulation: Simulation, facts: MarketFacts, *, now: datetime
    ) -> CommissionFacts:
        agreements = {merchant: facts.terms.agreements.get(merchant, ()) for merchant in simulation.totals.merchants}
        ancestors = facts.natures.ancestors
        return gather_commission_facts(unit, agreements, policy=self.commissions, ancestors=ancestors, now=now)

    def _check_cart_is_new(self, unit: MarketUnit, cart: Cart) -> None:
        orders, key = unit.repository(MARKETPLACE_ORDERS), _to_key(cart)
        if orders.has(key):
            raise CartAlreadyPlaced(cart.id, orders.page(key, limit=1).items[0].id)


def _pin_customer_data(placed: OrderTransition, policy: CustomerData) -> OrderTransition:
    """Return a placement whose parts say what their merchants see of the customer, whatever the market says later."""
    parts = tuple(attrs.evolve(part, customer_data=policy) for part in placed.after.merchant_orders)
    return attrs.evolve(placed, after=Order(placed.after.marketplace_order, parts))


def _pin_discount_terms(placed: OrderTransition, simulation: Simulation, facts: MarketFacts) -> OrderTransition:
    """Return a placement that keeps what its promotions were given for, where its policy asks for it."""
    if placed.processes.cancellation.discounts is KeptDiscounts.FROZEN:
        return placed
    terms = DiscountTerms.of(simulation, is_first_order=facts.is_first_order, pooled=facts.pooled)
    whole = attrs.evolve(placed.after.marketplace_order, discount_terms=terms)
    return attrs.evolve(placed, after=Order(whole, placed.after.merchant_orders))


def _to_key(cart: Cart) -> dict[str, Column]:
    """Return the columns that no two orders share."""
    return {"buyer": cart.buyer, "cart": cart.id}


def _refuse(issues: Iterable[Notice], scope: Scope) -> PlacementRefusal:
    """Return the refusal as the caller's party may see it, and as it is remembered."""
    return PlacementRefusal(tuple(show_issue(issue, scope) for issue in issues))


@attrs.frozen
class _Read:
    """What was read for an order at one time."""

    facts: MarketFacts
    commission: CommissionFacts

    def has_same_terms(self, other: "_Read") -> bool:
        return self.facts.has_same_terms(other.facts) and self.commission.has_same_terms(other.commission)


def _list_requests(simulation: Simulation, order: Order, facts: MarketFacts) -> list[ReservationRequest]:
    kept = list_safety(facts.list_stocked().values())
    bounded = {line.line.key for line in simulation.lines if line.offer.backorders is BackOrders.REFUSED}
    return [
        ReservationRequest(
            source.reservation,
            source.item,
            source.quantity,
            on_hand_only=line.key in bounded,
            keep=kept.get(source.item, 0),
        )
        for part in order.merchant_orders
        for line in part.lines
        for source in line.list_sources()
    ]


def _add_volumes(
    unit: MarketUnit, simulation: Simulation, commission: CommissionFacts, *, now: datetime
) -> SoldVolumes:
    """Count what merchants sell by this order, where some rule goes by it: most marketplaces have none."""
    if not any(rule.counts_volume() for rule in commission.rules):
        return SoldVolumes()
    book, lines = commission.to_book(), list_commission_lines(simulation, commission)
    sold = [
        (merchant, entry)
        for merchant in simulation.totals.merchants
        for entry in book.calculate([line for line in lines if line.merchant == merchant], now=now)
    ]
    return add_volumes(unit.counters, commission.rules, sold, now=now)


def _to_exhausted(claim: Claim) -> Notice:
    """A limit that others reached between reading the counter and claiming."""
    message = f"promotion {claim.promotion} was just used up"
    operands = {"promotion": claim.promotion, "limit": claim.limit}
    return Notice(
        "promotion-exhausted", "", message, remedy="simulate again: the order costs more without it", operands=operands
    )


def _to_issue(shortage: Shortage) -> Notice:
    """A shortage that arose between reading the levels and reserving."""
    message = f"{shortage.requested} of offer {shortage.item} wanted, {shortage.available} available"
    operands = {
        "offer": shortage.item,
        "wanted": shortage.requested,
        "available": shortage.available,
    }
    return Notice(
        "out-of-stock", "", message, remedy=f"take {shortage.available}, or choose another offer", operands=operands
    )
