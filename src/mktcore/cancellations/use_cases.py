"""Canceling pieces of orders, by whoever may: previewed, then done once under a key."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.access import Permission, check_granted, check_party
from mktcore.cancellations.cancellation import (
    Cancellation,
    CancellationChanged,
    CancellationPreview,
    CancellationRefused,
    ConsentNeeded,
)
from mktcore.cancellations.plan_cancellation import plan_cancellation
from mktcore.cancellations.preview_cancellation import preview_cancellation
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.order_thresholds import ORDER_THRESHOLDS, OrderThreshold
from mktcore.orders.cancellation_policy import MissedMinimum
from mktcore.orders.effects.apply_effects import apply_effects
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.kept_order_answers import KeptOrders
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, Order
from mktcore.orders.order_money import count_pieces, resume_funds
from mktcore.orders.queries import load_order
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Scope, answer_once
from mktcore.postings import ORDER_FUNDS
from mktcore.processes import EventRefused
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["CancelOrders", "CancelRefusal"]


@attrs.frozen
class CancelRefusal:
    """The frozen answer to a cancellation that was refused."""

    problems: tuple[Notice, ...]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class CancelOrders:
    """Cancels pieces of orders, under the operator's authority on behalf of a caller who owns the order.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        firing: The processes that orders are on, and what follows.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction

    def preview_cancel(
        self,
        order: str,
        lines: Mapping[str, int] | None = None,
        *,
        scope: Scope,
        code: str | None = None,
    ) -> CancellationPreview:
        """Return what canceling pieces of an order would do: to them, to money, to commission. Changes nothing.

        Args:
            order: Id of the marketplace order, or of a merchant order: a merchant's, its own.
            lines: Pieces by line key; None for all that the caller may cancel now.
            scope: Who asks: the operator, the buyer, or the merchant.
            code: Why, in a word, where a guard of the order's process asks for it.

        Raises:
            CancellationRefused: Fewer pieces can be canceled than are asked for, or none.
            EventRefused: A guard of the order's process does not let them.
            NotFound: There is no such order for this caller.
        """
        _check_permission(scope)
        asked = Cancellation(order, lines=lines, code=code)
        return self.runtime.read(scope.to_operator(), lambda unit: self._preview(unit, asked, scope)).view_for(scope)

    def cancel(
        self,
        order: str,
        lines: Mapping[str, int] | None = None,
        *,
        key: str,
        scope: Scope,
        code: str | None = None,
        reason: str = "",
        agreed: CancellationPreview | None = None,
    ) -> Order | MerchantOrder:
        """Cancel pieces of an order, or ask its merchant to where the caller's window is over.

        Returns the order as it then stands, as the caller may see it: a marketplace order whole, a merchant order
        where that was named. All of it happens in one transaction, whichever merchants' pieces they are.

        Args:
            order: Id of the marketplace order, or of a merchant order: a merchant's, its own.
            lines: Pieces by line key; None for all that the caller may cancel now.
            key: The caller's idempotency key.
            scope: Who asks: the operator, the buyer, or the merchant.
            code: Why, in a word that buyer and merchant see: `"found-cheaper"`.
            reason: Why, for the history.
            agreed: The preview that was agreed to; where canceling comes to something else by now, it is refused. It
                may be left out where nothing gets dearer.

        Raises:
            CancellationRefused: Fewer pieces can be canceled than are asked for, or none.
            CancellationChanged: It comes to something else than was agreed to.
            ConsentNeeded: The rest gets dearer, and `agreed` is left out.
            EventRefused: A guard of the order's process does not let them.
            NotFound: There is no such order for this caller.
            IdempotencyConflict: The key was used for another request.
        """
        _check_permission(scope)
        asked = Cancellation(order, lines=lines, code=code, reason=reason)
        answer = self.runtime.retry(lambda: self._answer(asked, agreed, key=key, scope=scope))
        if isinstance(answer, CancelRefusal):
            raise CancellationRefused(answer.problems)
        return answer.view_for(scope)

    def _preview(self, unit: MarketUnit, asked: Cancellation, scope: Scope) -> CancellationPreview:
        return _tell(unit, self._plan(unit, _load(unit, asked.order, scope), asked, scope=scope), asked)

    def _answer(
        self, asked: Cancellation, agreed: CancellationPreview | None, *, key: str, scope: Scope
    ) -> Order | MerchantOrder | CancelRefusal:
        with self.runtime.store.begin(scope.to_operator()) as unit:
            # Before an answer is looked up: as firing does, a merchant is told what it may not do now.
            check_caller(unit, scope, Activity.FULFIL, now=self.runtime.now())
            named = unit.repository(MERCHANT_ORDERS).find(asked.order)
            success: type[Order | MerchantOrder] = Order if named is None else MerchantOrder
            return answer_once(
                unit,
                lambda: self._decide(unit, asked, agreed, scope=scope),
                answers=(success, CancelRefusal),
                scope=scope,
                key=key,
                operation="cancel",
                request=attrs.asdict(asked),
                at=self.runtime.now(),
                form=KeptOrders(unit, scope),
            )

    def _decide(
        self, unit: MarketUnit, asked: Cancellation, agreed: CancellationPreview | None, *, scope: Scope
    ) -> Order | MerchantOrder | CancelRefusal:
        order = _load(unit, asked.order, scope)
        try:
            transition = self._plan(unit, order, asked, scope=scope)
        except (CancellationRefused, EventRefused) as refusal:
            # Returned, not raised: a refusal is kept under the key like any answer, and that has to be committed.
            return CancelRefusal(refusal.problems)
        _check_consent(agreed, _tell(unit, transition, asked), scope)
        after = apply_effects(unit, transition, self.firing.effects)
        return after.find_part(asked.order) or after

    def _plan(self, unit: MarketUnit, order: Order, asked: Cancellation, *, scope: Scope) -> OrderTransition:
        processes = self.firing.processes.get_pair(order)
        thresholds: Iterable[OrderThreshold] = ()
        if scope.caller.party is Party.BUYER and processes.cancellation.minimums is MissedMinimum.REFUSED:
            # None: the marketplace's own.
            owners = {None, *order.marketplace_order.merchants}
            thresholds = unit.repository(ORDER_THRESHOLDS).find_where("merchant", owners)
        now = self.runtime.now()
        return plan_cancellation(order, asked, processes, scope=scope, now=now, thresholds=thresholds)


def _check_permission(scope: Scope) -> None:
    # What a merchant's users fulfil they may cancel; to others it is a change of the order.
    is_merchant = scope.caller.party is Party.MERCHANT
    check_granted(scope, Permission.FULFIL_ORDERS if is_merchant else Permission.CHANGE_ORDERS)


def _load(unit: MarketUnit, id_: str, scope: Scope) -> Order:
    """Return the order of a marketplace order or a merchant order that is the caller's.

    Asked of the stored order, never of the request: a foreign one is not found. A buyer cancels by the whole order.
    """
    named = unit.repository(MERCHANT_ORDERS).find(id_)
    order = load_order(unit, id_ if named is None else named.order)
    merchant, buyer = (None, order.buyer) if named is None else (named.merchant, None)
    # Refused in the words of an id that nobody has: which kind another's is of would tell that it is there.
    check_party(scope, MARKETPLACE_ORDERS.name, id_, merchant=merchant, buyer=buyer)
    return order


def _tell(unit: MarketUnit, transition: OrderTransition, asked: Cancellation) -> CancellationPreview:
    order = transition.before or transition.after
    stored = unit.repository(ORDER_FUNDS).find(order.id)
    states = order.marketplace_order.fulfilment.states()
    # Only an order from before there was a ledger may have nothing stored.
    counts = {} if stored is not None else count_pieces(transition.processes.whole, states)
    part = order.find_part(asked.order)
    merchant = None if part is None else part.merchant
    return preview_cancellation(transition, resume_funds(order, stored, counts), merchant=merchant)


def _check_consent(agreed: CancellationPreview | None, now: CancellationPreview, scope: Scope) -> None:
    if agreed is not None and not agreed.is_same(now):
        raise CancellationChanged(now.order, agreed.amount, now.amount)
    # A merchant that answers is not asked for it: who asked it has agreed.
    if agreed is None and now.raised and scope.caller.party is not Party.MERCHANT:
        raise ConsentNeeded(now.order, Money.sum([one.amount for one in now.raised]))
