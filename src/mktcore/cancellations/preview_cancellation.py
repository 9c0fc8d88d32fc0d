"""What canceling does to money: lines with their shares of reductions, charges, commission. Pure."""

from collections.abc import Iterator, Mapping

from mktcore.cancellations.cancellation import CanceledAmount, CancellationPreview, RaisedAmount
from mktcore.money import Money
from mktcore.orders.asked_pieces import find_asked, grant_asked
from mktcore.orders.canceled_pieces import count_canceled
from mktcore.orders.effects.decide_revision import decide_revision
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.order_figures import state_totals
from mktcore.orders.order_money import count_pieces, sum_reversed
from mktcore.orders.order_revision import OrderRevision
from mktcore.orders.revise_prices import revise_prices
from mktcore.postings import OrderFunds, Pool

__all__ = ["preview_cancellation"]


def preview_cancellation(
    transition: OrderTransition, funds: OrderFunds, *, merchant: str | None = None
) -> CancellationPreview:
    """Return what a planned cancellation does.

    What is canceled takes its frozen shares of every reduction with it. Nobody's remaining pieces get dearer, unless
    the policy that the order was placed with says that promotions are applied anew: `raised` tells what does. A
    merchant's charges go with its last piece, the marketplace's own with the order's last, or as its rules say.

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
    revision = decide_revision(transition, spent, then)
    left = spent if revision is None else spent.raise_open(revision.added)
    figures_before, figures_after = (state_totals(before, money, merchant) for money in (funds, left))
    canceled = _find_more(count_canceled(machine, states), count_canceled(machine, rests))
    mine = {line.key for part in after.merchant_orders if merchant in {None, part.merchant} for line in part.lines}
    asked = find_asked(states, rests, canceled)
    if asked and after.marketplace_order.discount_terms is not None:
        granted = grant_asked(then, asked)
        revision = revise_prices(after, funds.follow(known, granted), granted)
    return CancellationPreview(
        order=after.id,
        order_version=before.marketplace_order.version,
        canceled={line: pieces for line, pieces in canceled.items() if line in mine},
        asked={line: pieces for line, pieces in asked.items() if line in mine},
        amounts=tuple(_list_amounts(funds, spent, merchant)),
        grand_before=figures_before.grand_total,
        grand_after=figures_after.grand_total,
        tax_after=figures_after.tax_total,
        commission_back=_sum_commission(transition, spent, merchant),
        raised=tuple(_list_raised(after, revision, merchant)),
    )


def _find_more(known: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of each line that come to be canceled."""
    return {line: pieces - known.get(line, 0) for line, pieces in then.items() if pieces > known.get(line, 0)}


def _list_raised(order: Order, revision: OrderRevision | None, merchant: str | None) -> Iterator[RaisedAmount]:
    merchants = {line.key: part.merchant for part in order.merchant_orders for line in part.lines}
    for one in () if revision is None else revision.raised:
        if merchant in {None, merchants[one.line]}:
            amount, tax = (
                Money.from_minor(minor, order.totals.currency) for minor in (one.added.paid, one.added.charged_tax)
            )
            lapsed = tuple(discount.promotion for discount in one.discounts if discount.lapsed)
            yield RaisedAmount(one.line, merchants[one.line], one.pieces, amount=amount, tax=tax, promotions=lapsed)


def _list_amounts(before: OrderFunds, after: OrderFunds, merchant: str | None) -> Iterator[CanceledAmount]:
    for known, then in zip(before.pools, after.pools, strict=True):
        # The same pool again where nothing happened to it, as to most of a large order.
        if then is not known and merchant in {None, then.merchant}:
            (paid, tax), (paid_before, tax_before) = _sum_back(then), _sum_back(known)
            if paid != paid_before:
                amount = Money.from_minor(paid - paid_before, after.currency)
                contained = Money.from_minor(tax - tax_before, after.currency)
                is_charge = then.is_charge()
                yield CanceledAmount(
                    then.key.removeprefix("/"), then.merchant, is_charge=is_charge, amount=amount, tax=contained
                )


def _sum_back(pool: Pool) -> tuple[int, int]:
    """Return what came back of a line or charge to date, and the tax in it, in minor units."""
    # What came back before it was canceled is refunded, and goes back to the buyer all the same.
    canceled, refunded = pool.canceled, pool.refunded
    return canceled.paid + refunded.paid, canceled.charged_tax + refunded.charged_tax


def _sum_commission(transition: OrderTransition, funds: OrderFunds, merchant: str | None) -> Money:
    parts = [part for part in transition.after.merchant_orders if merchant in {None, part.merchant}]
    return Money.from_minor(sum([sum_reversed(part, funds) for part in parts]), funds.currency)
