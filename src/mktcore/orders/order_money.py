"""From a placed order to its pools of money, and from the states of its pieces to what of them is earned. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from mktcore.commissions import Commission, CommissionReversal, reverse_commission
from mktcore.commissions.commission_reversal import count_reversed
from mktcore.money import Money, Rounding
from mktcore.orders.default_processes import Flag
from mktcore.orders.errors import FundsMissing
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.postings import (
    ORDER_FUNDS,
    MerchantPosition,
    OrderFunds,
    PieceCounts,
    Pool,
    SaleBooks,
    find_progress,
    to_charge_key,
)
from mktcore.postings.charge_refund_rule import ChargeRules
from mktcore.processes import PortionsMachine
from mktcore.totals import TaxRate
from mktcore.totals.figures import Figures
from mktcore.totals.inputs import TaxOwner

__all__ = [
    "build_books",
    "count_pieces",
    "find_marketplace_tax",
    "group_reversals",
    "name_occasion",
    "open_funds",
    "resume_funds",
    "reverse_commissions",
    "sum_reversed",
]

_ROUNDING = "cash-rounding"
NO_POSITIONS: Mapping[str, MerchantPosition] = {}


def open_funds(order: Order) -> OrderFunds:
    """Return the money of an order as it is placed: pools of lines and charges, which sum to what the buyer pays."""
    mode, rules = order.marketplace_order.policy.profile.mode, order.marketplace_order.charge_rules
    lines = [_to_line_pool(line, part.merchant, mode) for part in order.merchant_orders for line in part.lines]
    charges = [
        _to_pool(entry, part.merchant, mode, rules=rules) for part in order.merchant_orders for entry in part.expenses
    ]
    own = [_to_pool(entry, None, mode, rules=rules) for entry in order.marketplace_order.expenses]
    pools = (*lines, *charges, *own)
    rest = order.totals.grand_minor - sum([pool.whole.paid for pool in pools])
    if rest:  # what is rounded to coins that there are is the marketplace's own
        pools += (Pool.of(to_charge_key(_ROUNDING), None, pieces=1, paid=rest, tax=0, borne=0),)
    return OrderFunds(order.id, order.totals.currency, pools)


def resume_funds(order: Order, stored: OrderFunds | None, counts: Mapping[str, PieceCounts]) -> OrderFunds:
    """Return the money of an order that was placed before, as it is kept.

    Args:
        order: The order.
        stored: What is kept of it; an order from before there was a ledger may have nothing.
        counts: What of each line is open, earned and canceled.

    Raises:
        FundsMissing: Nothing is kept, and something should be: opened anew, what was earned would be earned twice.
    """
    if stored is not None:
        return stored
    if order.marketplace_order.in_ledger:
        raise FundsMissing((f"{ORDER_FUNDS.name} {order.id}",))
    # What happened before is taken as one step: nothing is left that tells what of it came first.
    return open_funds(order).follow({}, counts)


def _to_line_pool(line: OrderLine, merchant: str, mode: Rounding) -> Pool:
    figures = line.totals
    tax = find_marketplace_tax(figures, line.tax_rates)
    return Pool.of(
        line.key,
        merchant,
        pieces=line.quantity,
        paid=figures.grand_minor,
        tax=tax,
        borne=figures.marketplace_borne.minor,
        merchant_tax=figures.tax_minor - tax,
        rounding=mode,
    )


def _to_pool(entry: OrderExpense, merchant: str | None, mode: Rounding, *, rules: ChargeRules) -> Pool:
    figures = entry.totals
    # Of its own charges the marketplace owes all tax; and it bears no reduction of them, it only earns less.
    tax = figures.tax_minor if merchant is None else find_marketplace_tax(figures, entry.expense.tax_rates)
    borne = 0 if merchant is None else figures.marketplace_borne.minor
    return Pool.of(
        to_charge_key(entry.expense.key),
        merchant,
        pieces=1,
        paid=figures.grand_minor,
        tax=tax,
        borne=borne,
        merchant_tax=figures.tax_minor - tax,
        rounding=mode,
        rule=rules.find_rule(merchant),
    )


def find_marketplace_tax(figures: Figures, rates: tuple[TaxRate, ...]) -> int:
    """Return what of the tax the marketplace owes, as the rates say that were frozen at placement."""
    owed = {(rate.name, rate.rate) for rate in rates if rate.owner is TaxOwner.MARKETPLACE}
    taxes = [tax.tax for tax in figures.tax_amounts if (tax.name, tax.rate) in owed] if owed else []
    return Money.sum([Money.zero(figures.currency), *taxes]).minor


def count_pieces(machine: PortionsMachine, states: Mapping[str, Mapping[str, int]]) -> dict[str, PieceCounts]:
    """Return what of each line is open, earned and canceled, by the flags of the states that its pieces are in.

    What was refunded counts as canceled: what of it was earned goes back, whichever way the pieces went.

    Args:
        machine: The marketplace order's process.
        states: The quantity of each line in each state of it.
    """
    states_of = machine.process.states
    canceled = {one.name for one in states_of if one.final and (one.has(Flag.NOT_INVOICED) or one.has(Flag.REFUNDED))}
    earned = {one.name for one in states_of if one.has(Flag.INVOICEABLE)} - canceled
    return {line: _count(quantities, earned, canceled) for line, quantities in states.items()}


def _count(quantities: Mapping[str, int], earned: set[str], canceled: set[str]) -> PieceCounts:
    left = sold = gone = 0
    for state, quantity in quantities.items():
        if state in earned:
            sold += quantity
        elif state in canceled:
            gone += quantity
        else:
            left += quantity
    return PieceCounts(open=left, earned=sold, canceled=gone)


def name_occasion(order: MarketplaceOrder, number: int) -> str:
    """Return what the keys of the transactions of an order's step begin with: its number is that of the step."""
    return f"{order.id}/{number}"


def build_books(order: Order, positions: Mapping[str, MerchantPosition] = NO_POSITIONS) -> SaleBooks:
    """Return an order as postings see it.

    Args:
        order: The whole order.
        positions: What its merchants have, by id; one that is left out has nothing.
    """
    commissions = {part.merchant: part.commissions or () for part in order.merchant_orders}
    return SaleBooks(order.buyer, commissions, positions)


def reverse_commissions(
    part: MerchantOrder, funds: OrderFunds, *, at: datetime | None = None
) -> tuple[CommissionReversal, ...]:
    """Return what a merchant order gives back of its frozen entries: to date, less what it gave back before (I8).

    Args:
        part: The merchant order, with what it gave back before.
        funds: The order's money as it is now.
        at: The instant, UTC.
    """
    own = funds.find_pools(part.merchant)
    steps = (_reverse(entry, before, own, at=at) for entry, before in _list_touched(part, own))
    return tuple(step for step in steps if not step.is_empty())


def sum_reversed(part: MerchantOrder, funds: OrderFunds) -> int:
    """Return the sum of the amounts that `reverse_commissions` gives back, in minor units."""
    own, total = funds.find_pools(part.merchant), 0
    for entry, before in _list_touched(part, own):
        progress = find_progress(entry, own)
        back = progress.canceled + progress.refunded
        total += count_reversed(entry, refunded=back, of=progress.base, before=before)
    return total


def _list_touched(
    part: MerchantOrder, own: Mapping[str, Pool]
) -> Iterator[tuple[Commission, Sequence[CommissionReversal]]]:
    """Yield the entries of which something came back, with what was given back of each."""
    # Of an entry of lines that nothing came back of nothing is given back: in most orders, of none.
    touched = {key for key, pool in own.items() if pool.is_touched()}
    entries = [one for one in part.commissions or () if not touched.isdisjoint(one.lines or own)]
    before = group_reversals(part) if entries else {}
    yield from ((entry, before.get(entry.id, ())) for entry in entries)


def group_reversals(part: MerchantOrder) -> Mapping[str, Sequence[CommissionReversal]]:
    """Return what was given back before, by the entry: an entry does not look through those of all others."""
    found: dict[str, list[CommissionReversal]] = {}
    for known in part.list_reversals():
        found.setdefault(known.commission, []).append(known)
    return found


def _reverse(
    entry: Commission, before: Sequence[CommissionReversal], own: Mapping[str, Pool], *, at: datetime | None
) -> CommissionReversal:
    progress, currency = find_progress(entry, own), entry.amount.currency
    back = progress.canceled + progress.refunded
    if not progress.is_paid:
        return reverse_commission(entry, refunded=back, of=progress.base, before=before, at=at)
    refunded, base = (Money.from_minor(minor, currency) for minor in (back, progress.base))
    return reverse_commission(entry, refunded=refunded, of=base, before=before, at=at)
