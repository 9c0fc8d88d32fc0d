"""Forwarding pieces of merchant orders to suppliers."""

from collections.abc import Mapping

import attrs

from mktcore.access import Permission, check_granted, check_party
from mktcore.access.permissions import PermissionDenied
from mktcore.checkout import PlaceOrder
from mktcore.checkout.errors import PlacementRefused
from mktcore.forwarded_orders.errors import ForwardingRefusal, ForwardingRefused
from mktcore.forwarded_orders.follow_orders import FollowOrders
from mktcore.forwarded_orders.forward_pieces import Forwarding, find_problems, to_cart, to_forwarded
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder, name_purchaser, to_forwarded_id
from mktcore.forwarded_orders.held_pieces import choose_forwarded_pieces, count_free
from mktcore.forwarded_orders.lists import ForwardedOrderList
from mktcore.forwarded_orders.supplier_pieces import load_suppliers, sum_held
from mktcore.ids import check_id
from mktcore.orders import MERCHANT_ORDERS
from mktcore.orders.queries import load_order_of
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Scope, answer_once
from mktcore.persistence.lost_races import look_again
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ForwardedOrders"]


@watched
@attrs.frozen(slots=False)
class ForwardedOrders(ForwardedOrderList):
    """What merchants forward to suppliers: a list of it, forwarding, and following.

    Attributes:
        placing: Places the suppliers' orders.
        following: Lets both ends follow each other.
    """

    placing: PlaceOrder = attrs.field(kw_only=True)
    following: FollowOrders = attrs.field(kw_only=True)

    def forward(
        self,
        merchant_order: str,
        supplier: str,
        lines: Mapping[str, int] | None = None,
        *,
        key: str,
        scope: Scope,
        offers: Mapping[str, str] | None = None,
        purchaser: str | None = None,
    ) -> ForwardedOrder:
        """Place an order with a supplier for pieces of a merchant order, to where they go, and link the two.

        The supplier's order is one like any other, at the supplier's prices, under the same line keys; its buyer is the
        merchant. Placing and linking are one transaction. From then on `follow` lets both ends follow each other.

        Args:
            merchant_order: Its id.
            supplier: Id of the merchant who sends the pieces.
            lines: Pieces by line key; None for all that may leave and that no supplier sends yet.
            key: The caller's idempotency key.
            scope: Who forwards: the operator, or the merchant.
            offers: The supplier's offers by line key, where it has several of a SKU or sells another one in its place.
            purchaser: Id of the buyer that the order is placed for, which the operator alone may name; by default
                the merchant's id with `--purchases` behind it.

        Raises:
            ForwardingRefused: Not so many pieces may be forwarded, or the supplier's order cannot be placed; nothing
                was stored.
            NotFound: There is no such merchant order for this caller.
            PermissionDenied: The caller's user may not, or names another purchaser.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
            IdempotencyConflict: The key was used for something else.
        """
        _check_caller(scope, purchaser)
        check_id("merchant", supplier)
        asked = Forwarding(merchant_order, supplier, lines=lines, offers=offers or {}, purchaser=purchaser)
        answer = self.runtime.retry(lambda: self._answer(asked, key=key, scope=scope))
        if isinstance(answer, ForwardingRefusal):
            raise ForwardingRefused(merchant_order, answer.problems)
        return answer

    def follow(self, *, limit: int = 100) -> int:
        """Let open forwarded orders follow each other, and return how many moved; call it regularly until it returns 0.

        What the supplier sent, the merchant order has sent; what is canceled of it, the supplier is asked to cancel.
        What cannot be followed is noted in `troubles`, and keeps nothing else waiting. Several workers may do this.

        Args:
            limit: Orders at most that are moved in this call.
        """
        return self.following.follow(limit=limit)

    def _answer(self, asked: Forwarding, *, key: str, scope: Scope) -> ForwardedOrder | ForwardingRefusal:
        runtime = self.following.runtime
        # Two who forward pieces of one merchant order want one number: the later looks again, and sees the earlier.
        with look_again(FORWARDED_ORDERS), runtime.store.begin(scope.to_operator()) as unit:
            check_caller(unit, scope, Activity.FULFIL, now=self.runtime.now())
            return answer_once(
                unit,
                lambda: self._forward(unit, asked, scope),
                answers=(ForwardedOrder, ForwardingRefusal),
                scope=scope,
                key=key,
                operation="forward",
                request=attrs.asdict(asked, recurse=False),
                at=self.runtime.now(),
            )

    def _forward(self, unit: MarketUnit, asked: Forwarding, scope: Scope) -> ForwardedOrder | ForwardingRefusal:
        order = load_order_of(unit, asked.merchant_order)
        part = order.get_part(asked.merchant_order)
        check_party(scope, MERCHANT_ORDERS.name, part.id, merchant=part.merchant, buyer=None)
        processes = self.following.processes
        suppliers = load_suppliers(unit, part.id, processes)
        free = count_free(part, processes.get_pair(order), sum_held(suppliers))
        pieces, wrong = choose_forwarded_pieces(asked.lines, free)
        problems = (*wrong, *find_problems(unit, asked, part, pieces=pieces))
        if problems:
            return ForwardingRefusal(problems)
        id_ = to_forwarded_id(part.id, len(suppliers) + 1)
        purchaser = asked.purchaser or name_purchaser(part.merchant)
        cart = to_cart(unit, asked, part, pieces=pieces, purchaser=purchaser, id_=id_)
        try:
            placed = self.placing.place_inside(unit, cart, scope=Scope.operator())
        except PlacementRefused as refusal:
            return ForwardingRefusal(refusal.issues)
        forwarded = to_forwarded(placed, part, id_=id_, supplier=asked.supplier, at=self.runtime.now())
        return unit.repository(FORWARDED_ORDERS).add(forwarded)


def _check_caller(scope: Scope, purchaser: str | None) -> None:
    if scope.caller.party is Party.BUYER:
        raise PermissionDenied(str(scope.caller), scope.caller.user, f"write {FORWARDED_ORDERS.name}")
    is_operator = scope.caller.party is Party.OPERATOR
    check_granted(scope, Permission.CHANGE_ORDERS if is_operator else Permission.FULFIL_ORDERS)
    if purchaser is not None:
        check_id("buyer", purchaser)
        if not is_operator:  # it would place orders in anybody's name
            raise PermissionDenied(str(scope.caller), scope.caller.user, "name a purchaser")
