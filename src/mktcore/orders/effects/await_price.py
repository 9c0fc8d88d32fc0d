"""Goods wait for the approval of their price, and an approval ends when nothing waits for it any more."""

from collections.abc import Iterator

import attrs

from mktcore.orders.effects.changes import Changes, Write, join_changes
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.effects.stock import StockMove, find_stock_effects
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.piece_whereabouts import Place, find_places
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalState,
    PriceApproval,
    PriceApprovalChanged,
    PriceNotApproved,
    withdraw_approval,
)

__all__ = ["AWAIT_PRICE"]


@attrs.frozen
class _Unheld:
    """A merchant order of which pieces are no longer kept in the warehouse.

    Attributes:
        part: The order, as it comes to stand.
        leaves: Whether some of them leave it.
    """

    part: MerchantOrder
    leaves: bool


def _list_unheld(transition: OrderTransition) -> Iterator[_Unheld]:
    if transition.before is None:
        return  # nobody compared the price of what is only being placed
    for part in transition.list_moved_parts():
        effects = find_stock_effects(transition.get_part_machine(part), transition.moved.moves[part.id])
        moves = {effect.move for effect in effects} & {StockMove.LEAVES, StockMove.SENT_ANYWAY, StockMove.FREED}
        if moves:
            yield _Unheld(part, leaves=bool(moves - {StockMove.FREED}))


def _read_approvals(transition: OrderTransition) -> Reads:
    orders = frozenset(one.part.id for one in _list_unheld(transition))
    return Reads(records={PRICE_APPROVALS: orders} if orders else {})


def _await_price(transition: OrderTransition, found: Found) -> Changes:
    approvals = found.get_records(PRICE_APPROVALS)
    known = ((one, approvals[one.part.id]) for one in _list_unheld(transition) if one.part.id in approvals)
    return join_changes(_judge(transition, one, approval=approval) for one, approval in known)


def _judge(transition: OrderTransition, unheld: _Unheld, *, approval: PriceApproval) -> Changes:
    if unheld.leaves and not approval.state.lets_goods_leave():
        raise PriceNotApproved(approval.id, approval.state, approval.approver)
    if approval.state is not ApprovalState.WAITING or _has_held(transition, unheld.part):
        return Changes()
    withdrawn = withdraw_approval(approval, now=transition.now)
    return Changes(
        cancel=(approval.timeout,),
        writes=(Write(PRICE_APPROVALS, withdrawn),),
        events=(PriceApprovalChanged.of(withdrawn, transition.now),),
    )


def _has_held(transition: OrderTransition, part: MerchantOrder) -> bool:
    places = find_places(transition.get_part_machine(part))
    return any(places.get(portion.state) is Place.HELD for portion in part.fulfilment.portions)


AWAIT_PRICE = Effect("price", _await_price, _read_approvals)
"""No goods leave whose price their merchant was asked about and does not stand by."""
