"""A merchant's look at an order's price: compared with its own current one, and let pass, refused, or handed on."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_named_user, check_party, check_permission
from mktcore.catalog import SKUS
from mktcore.errors import InvalidValue
from mktcore.market_policy import find_price_terms
from mktcore.money import Money
from mktcore.offers import OFFERS
from mktcore.orders.lists import DivergenceRuleList, PriceApprovalList
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalState,
    PriceApproval,
    PriceApprovalChanged,
    cast_vote,
    list_time_outs,
    open_approval,
)
from mktcore.orders.price_approvals.refuse_order import refuse_order
from mktcore.orders.use_cases import FireAction
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import (
    Party,
    Retryable,
    Scope,
    UniqueViolation,
    WritingUnit,
    put,
)
from mktcore.pricing import (
    DIVERGENCE_RULES,
    DivergenceRule,
    OnDivergence,
    PriceQuery,
    PriceResolution,
    Unpriced,
    gather_prices,
)
from mktcore.pricing.price_divergence import DivergenceDecision, decide_divergence
from mktcore.pricing.price_mode import PriceMode
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOuts
from mktcore.runtime import Runtime
from mktcore.sales_context import SalesContext
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched
from mktcore.totals import Line, compute_totals

__all__ = ["PriceApprovals", "answer_price", "compare_prices"]

R = TypeVar("R")


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class PriceApprovals:
    """What merchants do with orders whose price is not their current one.

    Attributes:
        runtime: Where orders and rules are kept, and what time it is.
        firing: Cancels what is refused.
        default: What a merchant without a rule does: authorise or deny.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction
    default: OnDivergence = OnDivergence.AUTHORISE

    def __attrs_post_init__(self) -> None:
        if self.default is OnDivergence.TASK:
            raise InvalidValue("PriceApprovals", "default", self.default, "authorise or deny: a task needs approvers")

    @property
    def price_approvals(self) -> PriceApprovalList:
        """What became of prices that were compared, as a list."""
        return PriceApprovalList(self.runtime)

    @property
    def divergence_rules(self) -> DivergenceRuleList:
        """What merchants do with prices that diverge, as a list."""
        return DivergenceRuleList(self.runtime)

    def save_divergence_rule(self, rule: DivergenceRule, *, scope: Scope) -> DivergenceRule:
        """Store a merchant's rule, new or changed.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is another merchant's.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.PRICES)

        def write(unit: WritingUnit) -> DivergenceRule:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            return put(unit, DIVERGENCE_RULES, rule)

        # A merchant under its own scope, which holds nobody else's rule; the operator's user as the operator.
        return self._do(scope if scope.party is Party.MERCHANT else scope.to_operator(), write)

    def remove_divergence_rule(self, rule: DivergenceRule, *, scope: Scope) -> None:
        """Remove a merchant's rule: what the marketplace does by default holds for it.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write prices.
            NotFound: It is another merchant's, or was removed.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.PRICES)

        def write(unit: WritingUnit) -> None:
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            unit.repository(DIVERGENCE_RULES).remove(rule)

        self._do(scope if scope.party is Party.MERCHANT else scope.to_operator(), write)

    def check_price(self, merchant_order: str, *, scope: Scope) -> PriceApproval:
        """Compare a merchant order's price with the merchant's current one, by its rule; once.

        Asking again returns what was decided, however prices move. A price that is refused cancels the merchant's
        part of the order, as far as it is not shipped, in the same commit. While it waits for approvers, what is
        ordered is kept at its price and none of it leaves; when the rule's time is up, it is refused.

        Args:
            merchant_order: Its id.
            scope: Who asks: the operator, or the merchant.

        Raises:
            NotFound: There is no such merchant order for this caller.
            PermissionDenied, ActivityRefused: The caller may not fulfil orders.
            EventRefused: It is refused, and can no longer be cancelled; nothing was stored.
        """
        check_permission(scope, Permission.FULFIL_ORDERS)

        def decide(unit: MarketUnit) -> PriceApproval:
            order = _load_order(unit, merchant_order, scope)
            check_caller(unit, scope, Activity.FULFIL, now=self.runtime.now())
            known = unit.repository(PRICE_APPROVALS).find(merchant_order)
            return known or self._open(unit, order, scope)

        # The whole order, whose buyer and policy decide the price, is not the merchant's to read.
        return self._do(scope.to_operator(), decide)

    def approve_price(self, merchant_order: str, *, scope: Scope, reason: str = "") -> PriceApproval:
        """Approve a price as the user whose turn it is.

        Raises:
            NotFound: The caller is no user of the merchant, or the price was not compared.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            NotTheirTurn: Another approver is waited for.
            ApprovalClosed: It is decided already.
        """
        return self._vote(merchant_order, scope, reason, approves=True)

    def deny_price(self, merchant_order: str, *, scope: Scope, reason: str = "") -> PriceApproval:
        """Refuse a price as the user whose turn it is, and cancel the merchant's part of the order, in one commit.

        Raises:
            NotFound: The caller is no user of the merchant, or the price was not compared.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            NotTheirTurn: Another approver is waited for.
            ApprovalClosed: It is decided already.
            EventRefused: It can no longer be cancelled; the vote is not stored.
        """
        return self._vote(merchant_order, scope, reason, approves=False)

    def _vote(self, merchant_order: str, scope: Scope, reason: str, *, approves: bool) -> PriceApproval:
        check_permission(scope, Permission.FULFIL_ORDERS)

        def write(unit: MarketUnit) -> PriceApproval:
            known = unit.repository(PRICE_APPROVALS).get(merchant_order)
            check_party(scope, PRICE_APPROVALS.name, merchant_order, merchant=known.merchant, buyer=None)
            now = self.runtime.now()
            check_caller(unit, scope, Activity.FULFIL, now=now)
            voted = answer_price(known, scope, approves=approves, now=now, reason=reason)
            stored = unit.repository(PRICE_APPROVALS).save(voted)
            unit.publish([PriceApprovalChanged.of(stored, now)])
            if stored.state is not ApprovalState.WAITING:
                StoredTimeOuts(unit.repository(TIMEOUTS)).cancel([stored.timeout])
            if stored.state is ApprovalState.DENIED:
                refuse_order(self.firing, unit, stored, scope=scope, why=reason or f"denied by {voted.votes[-1].user}")
            return stored

        # Whoever fulfils orders need not read them all: a vote is written under authority.
        return self._do(scope.to_operator(), write)

    def _open(self, unit: MarketUnit, order: MerchantOrder, scope: Scope) -> PriceApproval:
        now = self.runtime.now()
        rule = unit.repository(DIVERGENCE_RULES).find(order.merchant) or DivergenceRule(
            order.merchant, (), otherwise=self.default
        )
        whole = unit.repository(MARKETPLACE_ORDERS).get(order.order)
        decision = _decide(unit, whole, order=order, rule=rule, now=now)
        opened = open_approval(order.id, order.merchant, decision, now=now, answer_within=rule.answer_within)
        stored = unit.repository(PRICE_APPROVALS).add(opened)
        unit.publish([PriceApprovalChanged.of(stored, now)])
        if stored.state is ApprovalState.WAITING:
            # Written as it is: who ships it at this very moment looked for an approval that was not there, and loses.
            put(unit, MERCHANT_ORDERS, order)
            StoredTimeOuts(unit.repository(TIMEOUTS)).schedule(list_time_outs(stored))
        if stored.state is ApprovalState.DENIED:
            refuse_order(self.firing, unit, stored, scope=scope, why=stored.reason)
        return stored

    def _do(self, scope: Scope, write: Callable[[MarketUnit], R]) -> R:
        def work(unit: MarketUnit) -> R:
            try:
                return write(unit)
            except UniqueViolation as race:  # somebody compares the same order's price: read what came of it
                raise Retryable(race.describe()) from race

        return self.runtime.run(scope, work)


def answer_price(
    approval: PriceApproval, scope: Scope, *, approves: bool, now: datetime, reason: str = ""
) -> PriceApproval:
    """Return a price approval after the caller's answer.

    Raises:
        NotTheirTurn: Another approver is waited for.
        ApprovalClosed: It is decided already.
    """
    # An approver is a user of the merchant: the operator's user of the same name is somebody else.
    user = scope.caller.user if scope.caller.party is Party.MERCHANT else None
    return cast_vote(approval, user, approves=approves, now=now, reason=reason)


def compare_prices(
    ordered: Iterable[Line], current: Iterable[Line | None], order: MarketplaceOrder
) -> tuple[Money, Money | None]:
    """Return what lines cost as they were placed and now, rounded as the order is; None where one has no price now."""
    before, now = _add_up(ordered, order), list(current)
    priced = [line for line in now if line is not None]
    return before, _add_up(priced, order) if len(priced) == len(now) else None


def _add_up(lines: Iterable[Line], order: MarketplaceOrder) -> Money:
    policy = order.policy
    included, profile = policy.prices_include_tax, policy.profile
    totals = compute_totals(list(lines), prices_include_tax=included, profile=profile, currency=policy.currency)
    return totals.order.subtotal


def _decide(
    unit: WritingUnit, whole: MarketplaceOrder, order: MerchantOrder, *, rule: DivergenceRule, now: datetime
) -> DivergenceDecision:
    found = _find_current(unit, whole, order, now=now)
    ordered = [
        Line(
            one.key, order.merchant, unit_price=one.unit_price, quantity=one.quantity, per=one.per, options=one.options
        )
        for one in order.lines
    ]
    current = [
        Line(
            one.key,
            order.merchant,
            unit_price=price.unit_price,
            quantity=one.quantity,
            per=price.per,
            options=price.options,
        )
        if isinstance(price, PriceResolution)
        else None
        for one, price in zip(order.lines, found, strict=True)
    ]
    before, after = compare_prices(ordered, current, whole)
    if after is None:
        # No price now is no difference that a band could measure.
        lost = ", ".join(line.key for line, price in zip(order.lines, current, strict=True) if price is None)
        reason = f"no current price for {lost}"
        return DivergenceDecision(rule.otherwise, rule.approvers, ordered=before, current=None, reason=reason)
    return decide_divergence(before, after, rule)


def _find_current(
    unit: WritingUnit, whole: MarketplaceOrder, order: MerchantOrder, *, now: datetime
) -> tuple[PriceResolution | Unpriced, ...]:
    """Return what each line would be priced at now, stated as its order is."""
    offers = unit.repository(OFFERS).find_many([line.offer for line in order.lines])
    defaults = {offer.id: offer.schedule for offer in offers.values()}
    skus, precedence = [line.sku for line in order.lines], whole.policy.precedence
    # As it was priced: an order may name a user for whom its buyer does not speak.
    user = check_named_user(unit, Scope.buyer(whole.buyer), whole.user)
    context = attrs.evolve(_to_context(whole), user=user)
    products = {
        sku.id: sku.product for sku in unit.repository(SKUS).find_many(skus).values() if sku.product is not None
    }
    named = set(products.values())
    entered = None if whole.channel is None else find_price_terms(unit)
    book = gather_prices(
        unit,
        skus,
        context,
        defaults=defaults,
        products=named,
        precedence=precedence,
        now=now,
        # An order of a channel may be stated otherwise than prices are entered.
        includes_tax=None if entered is None else entered.prices_include_tax,
    )
    queries = [_to_query(whole, order, position) for position in range(len(order.lines))]
    asked = [attrs.evolve(one, product=products.get(one.sku)) for one in queries]
    return book.resolve_all(asked, now=now)


def _to_context(whole: MarketplaceOrder) -> SalesContext:
    return SalesContext(whole.buyer, user=whole.user, groups=whole.groups, channel=whole.channel)


def _to_query(whole: MarketplaceOrder, order: MerchantOrder, position: int) -> PriceQuery:
    line, policy = order.lines[position], whole.policy
    # As in the cart: the pieces of all lines of a product reach a break together.
    product = line.product or line.sku
    together = sum([other.quantity for other in order.lines if (other.product or other.sku) == product])
    return PriceQuery(
        line.sku,
        order.merchant,
        policy.currency.code,
        context=_to_context(whole),
        offer=line.offer,
        quantity=line.quantity,
        together=together,
        options=line.chosen or tuple(option.key for option in line.options),
        # By the taxes of the order, whatever they are by now: the merchant's price is compared, and not a tax.
        mode=PriceMode(policy.prices_include_tax, line.tax_rates, policy.profile.mode),
    )


def _load_order(unit: WritingUnit, merchant_order: str, scope: Scope) -> MerchantOrder:
    order = unit.repository(MERCHANT_ORDERS).get(merchant_order)
    check_party(scope, MERCHANT_ORDERS.name, merchant_order, merchant=order.merchant, buyer=None)
    return order
