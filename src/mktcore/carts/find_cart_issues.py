"""What stands in the way of placing a simulated cart, beside lines that nobody serves: all of it at once. Pure."""

from collections.abc import Iterator
from datetime import datetime

from mktcore.carts.cart import Cart
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.simulation import PricedLine
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.pricing.price_divergence import needs_consent
from mktcore.totals import Totals

__all__ = ["find_issues"]


def find_issues(
    cart: Cart,
    facts: MarketFacts,
    *,
    lines: tuple[PricedLine, ...],
    totals: Totals,
    unserved: tuple[Notice, ...],
    now: datetime,
) -> tuple[Notice, ...]:
    """Return every issue of the cart as a whole, and of its priced lines, around those of lines that nobody serves.

    Args:
        cart: What is wanted, and what the buyer agreed to.
        facts: What the marketplace has.
        lines: The lines that have an offer and a price.
        totals: What they cost.
        unserved: What is told of the other lines.
        now: The instant of the simulation, UTC.
    """
    empty = () if not cart.is_empty() else (Notice("empty-cart", "", "the cart has no lines", "add a line"),)
    seller, expenses, payments = (
        (*_check_channel(cart, facts, now), *_check_seller(cart, facts, now)),
        _check_expenses(cart, lines),
        _check_payments(cart, totals),
    )
    prices, total = _check_consent(cart, lines, totals)
    return (*seller, *unserved, *empty, *prices, *expenses, *total, *payments)


def _check_seller(cart: Cart, facts: MarketFacts, now: datetime) -> tuple[Notice, ...]:
    """Report a merchant that the order cannot go to (any more): a relation may end after the cart was made."""
    refusal = None if cart.sold_by is None else facts.eligibility.find_seller_refusal(cart.sold_by, now)
    return () if refusal is None else (refusal,)


def _check_channel(cart: Cart, facts: MarketFacts, now: datetime) -> Iterator[Notice]:
    """Report a channel that nobody shops in, and each line that goes where the channel's goods do not."""
    name = cart.context.channel
    refusal, channel = facts.channels.find_refusal(name, now), facts.channels.find(name)
    if refusal is not None:
        yield refusal
    for line in cart.lines if channel is not None else ():
        destination = cart.find_destination(line)
        if channel is not None and destination is not None and not channel.delivers_to(destination):
            message = f"channel {channel.id} does not deliver to {destination.country}"
            remedy = f"send it to {', '.join(channel.countries)}, or buy in another channel"
            operands = {"channel": channel.id, "country": destination.country}
            yield Notice("not-delivered-there", "", message, remedy=remedy, operands=operands).at_line(line.key)


def _check_expenses(cart: Cart, lines: tuple[PricedLine, ...]) -> Iterator[Notice]:
    merchants = {line.offer.merchant for line in lines}
    for expense in (*cart.shipping, *cart.expenses):
        if expense.merchant is not None and expense.merchant not in merchants:
            message = f"expense {expense.key} is {expense.merchant}'s, who has no line in this cart"
            remedy = "remove it, or make it the marketplace's own"
            operands = {"expense": expense.key, "merchant": expense.merchant}
            yield Notice("expense-without-lines", "", message, remedy=remedy, operands=operands)


def _check_payments(cart: Cart, totals: Totals) -> tuple[Notice, ...]:
    if not cart.payments:
        return ()
    due = totals.order.grand_total
    amounts = [payment.amount for payment in cart.payments]
    foreign = sorted({amount.currency.code for amount in amounts} - {due.currency.code})
    paid = "" if foreign else str(Money.sum(amounts))
    if paid == str(due):
        return ()
    message = f"the payments sum to {paid}, the order to {due}"
    if foreign:
        message = f"the order is paid in {due.currency}, not in {', '.join(foreign)}"
    operands = {"paid": paid, "due": str(due)}
    return (
        Notice("payments-differ", "", message, remedy="let the payments sum to the grand total", operands=operands),
    )


def _check_consent(
    cart: Cart, lines: tuple[PricedLine, ...], totals: Totals
) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    """Report each price, and the grand total, that rose above what the buyer agreed to; what dropped passes on.

    The total rises by itself when a fee rises or a promotion ends, though no price did.
    """
    due = totals.order.grand_total
    prices = [
        (line, line.line.agreed, line.price.unit_price)
        for line in lines
        if line.line.agreed is not None and _rose(line.line.agreed, line.price.unit_price)
    ]
    total = [cart.agreed_total] if cart.agreed_total is not None and _rose(cart.agreed_total, due) else []
    return (
        tuple(_to_price_notice(line, agreed, price) for line, agreed, price in prices),
        tuple(_to_total_notice(agreed, due) for agreed in total),
    )


def _rose(agreed: Money, now: Money) -> bool:
    return agreed.currency != now.currency or needs_consent(agreed, now)


def _to_price_notice(line: PricedLine, agreed: Money, price: Money) -> Notice:
    message = f"{line.sku.name} costs {price} now, {agreed} was agreed"
    operands = {"agreed": str(agreed), "price": str(price), "line": line.line.key}
    where, remedy = f"line {line.line.key}", f"let the buyer agree to {price}"
    return Notice("price-rose", where, message, remedy=remedy, operands=operands)


def _to_total_notice(agreed: Money, due: Money) -> Notice:
    message = f"the order costs {due} now, {agreed} was agreed"
    operands = {"agreed": str(agreed), "due": str(due)}
    return Notice("total-rose", "", message, remedy=f"let the buyer agree to {due}", operands=operands)
