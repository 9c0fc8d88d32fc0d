"""Simulating a cart: offers and prices, shipping, totals, and every issue at once. Pure."""

from collections.abc import Iterator
from datetime import datetime

from mktcore.carts.cart import Cart
from mktcore.carts.policy import MarketPolicy
from mktcore.carts.serving import MarketFacts, serve_lines
from mktcore.carts.simulation import Issue, PricedLine, Simulation
from mktcore.money import Money
from mktcore.pricing import needs_consent
from mktcore.totals import Expense, InvalidTotals, Totals, compute_totals

__all__ = ["simulate_cart"]


def simulate_cart(cart: Cart, facts: MarketFacts, policy: MarketPolicy, *, now: datetime) -> Simulation:
    """Say what the cart would cost now, and report everything that stands in the way of placing it.

    Args:
        cart: What is wanted.
        facts: What the marketplace has.
        policy: How it states and rounds prices.
        now: The instant of the simulation, UTC.

    Raises:
        InvalidTotals: The cart's own expenses or reductions cannot be computed with.
    """
    lines, issues = serve_lines(cart, facts, policy.currency, now)
    expenses = (*_charge_shipping(cart, lines, facts, policy), *cart.expenses)
    totals = _compute_what_can_be(cart, lines, expenses, policy)
    if cart.is_empty():
        issues = (*issues, Issue("empty-cart", None, "the cart has no lines", "add a line"))
    issues = (*issues, *_check_agreed(lines))
    return Simulation(cart, policy, lines, expenses, totals, (*issues, *_check_payments(cart, totals)))


def compute(cart: Cart, lines: tuple[PricedLine, ...], expenses: tuple[Expense, ...], policy: MarketPolicy) -> Totals:
    """Compute the totals of the priced lines under the policy."""
    return compute_totals(
        lines=[line.to_totals_line() for line in lines],
        reductions=cart.reductions,
        expenses=expenses,
        prices_include_tax=policy.prices_include_tax,
        profile=policy.profile,
        currency=policy.currency,
    )


def _compute_what_can_be(
    cart: Cart, lines: tuple[PricedLine, ...], expenses: tuple[Expense, ...], policy: MarketPolicy
) -> Totals:
    """Compute the totals; the cart's reductions are left out when they need a line that has no price."""
    try:
        return compute(cart, lines, expenses, policy)
    except InvalidTotals:
        if len(lines) == len(cart.lines):
            raise
        return compute(cart.without_extras(), lines, expenses, policy)


def _charge_shipping(
    cart: Cart, lines: tuple[PricedLine, ...], facts: MarketFacts, policy: MarketPolicy
) -> tuple[Expense, ...]:
    """Charge each merchant's fee on its subtotal, unless the cart brings a charge of that merchant."""
    charged = {expense.merchant for expense in cart.expenses}
    subtotals = compute(cart.without_extras(), lines, (), policy).merchants if facts.shipping_fees else {}
    expenses = []
    for merchant, totals in subtotals.items():
        fee = facts.shipping_fees.get(merchant)
        if fee is None or merchant in charged:
            continue
        rates = facts.tax_rates.get(fee.tax_category, ())
        amount = fee.charge(totals.subtotal)
        expenses.append(Expense(f"shipping-{merchant}", merchant=merchant, amount=amount, tax_rates=rates))
    return tuple(expenses)


def _check_agreed(lines: tuple[PricedLine, ...]) -> Iterator[Issue]:
    """Report each price that rose above what the buyer agreed to; one that dropped passes on."""
    for line in lines:
        agreed, price = line.line.agreed, line.price.unit_price
        if agreed is None or (agreed.currency == price.currency and not needs_consent(agreed, price)):
            continue
        message = f"{line.sku.name} costs {price} now, {agreed} was agreed"
        operands = {"agreed": str(agreed), "price": str(price)}
        yield Issue("price-rose", line.line.key, message, f"let the buyer agree to {price}", operands)


def _check_payments(cart: Cart, totals: Totals) -> tuple[Issue, ...]:
    if not cart.payments:
        return ()
    paid, due = Money.sum(payment.amount for payment in cart.payments), totals.order.grand_total
    if paid == due:
        return ()
    message = f"the payments sum to {paid}, the order to {due}"
    operands = {"paid": str(paid), "due": str(due)}
    return (Issue("payments-differ", None, message, "let the payments sum to the grand total", operands),)
