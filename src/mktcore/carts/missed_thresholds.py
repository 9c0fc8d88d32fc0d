"""Minimums and maximums that a cart misses: what blocks it, what the buyer is told, and the fees. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count

from mktcore.carts.cart import Cart
from mktcore.carts.market_facts import MarketFacts
from mktcore.notice import Notice, Severity
from mktcore.order_thresholds.order_threshold import find_thresholds
from mktcore.totals import Expense, Totals, apply_thresholds
from mktcore.totals.thresholds import ThresholdKind, ThresholdNotice, ThresholdOutcome

__all__ = ["apply_order_thresholds", "name_keys", "to_notice"]


def apply_order_thresholds(
    cart: Cart, facts: MarketFacts, totals: Totals, *, expenses: Iterable[Expense], now: datetime
) -> ThresholdOutcome:
    """Return the totals with the fees of the thresholds that hold for the cart and are missed.

    Args:
        cart: Whose: channel, groups and buyer decide which thresholds hold.
        facts: What the marketplace has.
        totals: Without such fees.
        expenses: The charges in them, whose keys are taken.
        now: The instant of the simulation, UTC.
    """
    held = find_thresholds(facts.thresholds, cart.context, now)
    taken = {expense.key for expense in expenses}
    thresholds = []
    for one in held:
        key = next(key for key in name_keys(f"threshold-{one.id}") if key not in taken)
        rates = facts.find_rates(one.tax_category, cart.deliver_to, now)
        thresholds.append(one.to_threshold(key, rates))
    return apply_thresholds(totals, thresholds)


def to_notice(missed: ThresholdNotice) -> Notice:
    """Return a missed threshold as an issue, or as a notice where it does not block."""
    threshold = missed.threshold
    is_above = threshold.kind is ThresholdKind.HARD_MAXIMUM
    code, verb = ("order-above-maximum", "take off") if is_above else ("order-below-minimum", "add")
    owner = "" if threshold.merchant is None else f" of {threshold.merchant}'s goods"
    operands = {"limit": threshold.limit, "amount": missed.amount, "missing": missed.missing, "fee": missed.fee}
    return Notice(
        code,
        "",
        missed.message,
        remedy=f"{verb} {missed.missing}{owner}",
        operands={
            **{name: str(value) for name, value in operands.items() if value is not None},
            **({} if threshold.merchant is None else {"merchant": threshold.merchant}),
        },
        severity=Severity.ERROR if missed.blocks else Severity.INFO,
    )


def name_keys(key: str) -> Iterator[str]:
    """Yield a key, and what it is called where a host has named a charge of its own like that."""
    yield key
    for number in count(2):
        yield f"{key}-{number}"
