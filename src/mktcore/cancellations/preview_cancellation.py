"""What canceling does to money: lines with their shares of reductions, charges, commission. Pure."""

from collections.abc import Iterator, Mapping

from mktcore.cancellations.cancellation import CanceledAmount, CancellationPreview
from mktcore.money import Money
from mktcore.orders.canceled_pieces import count_canceled
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order_figures import state_totals
from mktcore.orders.order_money import count_pieces, reverse_commissions
from mktcore.postings import FundedPieces, OrderFunds, Pool

__all__ = ["preview_cancellation"]


States = Mapping[str, Mapping[str, int]]
"""The quantity of each line in each state."""


def preview_cancellation(
    transition: OrderTransition, funds: OrderFunds, *, merchant: str | None = None
) -> CancellationPreview:
    """Return what a planned cancellation does.

    What is canceled takes its frozen shares of every reduction with it: nobody's remaining pieces get dearer. A
    merchant's charges go with its last piece, the marketplace's own with the order's last.

    Args:
        transition: What `plan_cancellation` returned.
        funds: The order's money before.
        merchant: Of whose part it is told; None for the whole order.
    """
    before, after = transition.before, transition.after
    if before is None:
        before = after  # a placement cancels nothing
    machine = transition.processes.whole
    states, rests = (order.marketplace_order.fulfilment.states() for order in (before, after))
    known, then = count_pieces(machine, states), count_pieces(machine, rests)
    spent = funds.follow(known, then)
    figures_before, figures_after = (state_totals(before, money, merchant) for money in (funds, spent))
    canceled = _find_more(count_canceled(machine, states), count_canceled(machine, rests))
    mine = {line.key for part in after.merchant_orders if merchant in {None, part.merchant} for line in part.lines}
    return CancellationPreview(
        order=after.id,
        order_version=before.marketplace_order.version,
        canceled={line: pieces for line, pieces in canceled.items() if line in mine},
        asked={line: pieces for line, pieces in _find_asked(states, rests, canceled).items() if line in mine},
        amounts=tuple(_list_amounts(funds, spent, merchant)),
        grand_before=figures_before.grand_total,
        grand_after=figures_after.grand_total,
        tax_after=figures_after.tax_total,
        commission_back=_sum_commission(transition, spent, merchant),
    )


def _find_more(known: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of each line that come to be canceled."""
    return {line: pieces - known.get(line, 0) for line, pieces in then.items() if pieces > known.get(line, 0)}


def _find_asked(known: States, then: States, canceled: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of each line that came to rest elsewhere, and are not canceled: somebody is asked."""
    found = {}
    for line, states in then.items():
        before = known.get(line, {})
        moved = sum([max(pieces - before.get(state, 0), 0) for state, pieces in states.items()])
        if moved > canceled.get(line, 0):
            found[line] = moved - canceled.get(line, 0)
    return found


def _list_amounts(before: OrderFunds, after: OrderFunds, merchant: str | None) -> Iterator[CanceledAmount]:
    for known, then in zip(before.pools, after.pools, strict=True):
        # The same pool again where nothing happened to it, as to most of a large order.
        if then is not known and merchant in {None, then.merchant}:
            back = _sum_back(then) - _sum_back(known)
            amount, tax = back.paid, back.charged_tax
            if amount:
                money = (Money.from_minor(minor, after.currency) for minor in (amount, tax))
                yield CanceledAmount(then.key.removeprefix("/"), then.merchant, then.is_charge(), *money)


def _sum_back(pool: Pool) -> FundedPieces:
    # What came back before it was canceled is refunded, and goes back to the buyer all the same.
    canceled, refunded = pool.list_back()
    return canceled + refunded


def _sum_commission(transition: OrderTransition, funds: OrderFunds, merchant: str | None) -> Money:
    parts = [part for part in transition.after.merchant_orders if merchant in {None, part.merchant}]
    steps = [step.amount for part in parts for step in reverse_commissions(part, funds, at=transition.now)]
    return Money.sum([Money.zero(funds.currency), *steps])
