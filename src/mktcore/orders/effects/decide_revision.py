"""Whether what happened to an order changes the prices of the rest of it. Pure."""

from collections.abc import Mapping

from mktcore.orders.actions.cancellations import CancelByMerchant
from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects.effect import Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import MarketplaceOrder
from mktcore.orders.order_money import count_pieces, resume_funds
from mktcore.orders.order_revision import OrderRevision
from mktcore.orders.revise_prices import append_revision, revise_prices
from mktcore.postings import ORDER_FUNDS, OrderFunds, PieceCounts
from mktcore.processes import PortionsMachine

__all__ = ["ask_for_funds", "decide_revision", "find_revision", "revise_order"]


def _may_revise(transition: OrderTransition) -> bool:
    """Tell whether discounts are judged anew: pieces were canceled, and not because their merchant cannot deliver.

    What a merchant cannot deliver, or does not in time, costs the buyer no discount on the rest.
    """
    whole = transition.after.marketplace_order
    if whole.discount_terms is None or transition.before is None:
        return False
    ends = _list_ends(transition.processes.whole)
    moves = transition.moved.moves.get(whole.id, ())
    # The operator's call cancels by the merchant's event where that has the pieces; who fires it acts for the merchant.
    return any(move.target in ends and (transition.is_wished or move.event != CancelByMerchant.event) for move in moves)


def _list_ends(machine: PortionsMachine) -> frozenset[str]:
    states = machine.process.states
    return frozenset(one.name for one in states if one.final and one.has(Flag.NOT_INVOICED))


def decide_revision(
    transition: OrderTransition, funds: OrderFunds, counts: Mapping[str, PieceCounts]
) -> OrderRevision | None:
    """Return what becomes of the prices of the rest; None where they stay.

    Args:
        transition: What happened.
        funds: The order's money, after its pieces were canceled.
        counts: What of each line is open, earned and canceled then.
    """
    return revise_prices(transition.after, funds, counts) if _may_revise(transition) else None


def find_revision(transition: OrderTransition, found: Found) -> OrderRevision | None:
    """Return the same by what was found of the order's money: for effects that ask for `ORDER_FUNDS`."""
    before = transition.before
    if before is None or not _may_revise(transition):
        return None
    machine = transition.processes.whole
    known, then = (
        count_pieces(machine, order.marketplace_order.fulfilment.states()) for order in (before, transition.after)
    )
    funds = resume_funds(before, found.get_records(ORDER_FUNDS).get(before.id), known)
    return decide_revision(transition, funds.follow(known, then), then)


def ask_for_funds(transition: OrderTransition) -> Reads:
    """Ask for what `find_revision` looks at."""
    whole = transition.after.marketplace_order
    return Reads(records={ORDER_FUNDS: frozenset({whole.id})}) if _may_revise(transition) else Reads()


def revise_order(whole: MarketplaceOrder, revision: OrderRevision, machine: PortionsMachine) -> MarketplaceOrder:
    """Return a marketplace order, with the states that it comes to, with a revision."""
    return append_revision(whole, revision, canceled=find_canceled(machine, whole.fulfilment))
