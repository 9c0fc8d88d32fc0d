"""The figures of orders that were canceled in part before figures followed what happens. Pure."""

from mktcore.orders.history import list_former_steps
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS
from mktcore.orders.order import Order
from mktcore.orders.order_figures import state_figures
from mktcore.orders.order_money import count_pieces, open_funds
from mktcore.postings import OrderFunds
from mktcore.processes import bind_portions
from mktcore.processes.portions.subject import Move, replay

__all__ = ["figure_former"]

_MACHINE = bind_portions(FIRST_MARKETPLACE_PROCESS)


def figure_former(order: Order) -> tuple[Order, OrderFunds] | None:
    """Return an order of release 0.1.0 with the figures that its own history comes to, and its money.

    None for an order of which nothing was canceled, and for one on a process of a host's own, whose states mean what
    only the host knows: its figures follow with the next step.

    Args:
        order: The whole order, with the moves that its document still carries.
    """
    whole = order.marketplace_order
    if whole.in_ledger or whole.fulfilment.process != FIRST_MARKETPLACE_PROCESS.name:
        return None
    funds, known = open_funds(order), count_pieces(_MACHINE, {})
    moves: list[Move] = []
    for step in list_former_steps(whole):
        moves += step.moves
        counts = count_pieces(_MACHINE, replay(moves))
        funds, known = funds.follow(known, counts), counts
    if not any(counts.canceled for counts in known.values()):
        return None
    return state_figures(order, funds), funds
