"""What a review keeps from happening: pieces leave, and are earned, by entering a state that may be invoiced. Pure."""

from mktcore.notice import Notice
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.processes import EventRefused, PortionsMachine

__all__ = ["refuse_held"]


def refuse_held(transition: OrderTransition) -> OrderTransition:
    """Return a transition that a review of its order does not stand in the way of.

    Whatever the processes call it: nothing enters a state in which it would count as sold, and be paid out for, as long
    as the order is held. Cancelling, answering and taking back go on.

    Raises:
        EventRefused: A piece would leave.
    """
    before = transition.before
    if before is None or not before.marketplace_order.reviews:
        return transition
    subjects = before.subjects()
    for subject, moves in transition.moved.moves.items():
        earning = _find_earning(transition.processes.get_machine(subjects[subject].process))
        lines = {move.line for move in moves if move.target in earning and move.source not in earning}
        if lines:
            raise EventRefused((_tell(subject),))
    return transition


def _find_earning(machine: PortionsMachine) -> set[str]:
    return {state.name for state in machine.process.states if state.has(Flag.INVOICEABLE)}


def _tell(subject: str) -> Notice:
    # Not why: a merchant reads this, and a reason such as fraud would reach the buyer.
    return Notice(
        "orders.under-review",
        "",
        f"the marketplace reviews {subject}: nothing of it leaves",
        remedy="wait until it is released",
        operands={"order": subject},
    )
