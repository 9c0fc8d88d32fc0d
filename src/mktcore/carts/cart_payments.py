"""How a cart can be paid, and what is wrong with how it is going to be. Pure."""

from collections.abc import Iterator
from datetime import datetime

from mktcore.carts.cart import Cart
from mktcore.carts.market_facts import MarketFacts
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.parties.agreements.agreement import PaymentTerms, find_agreement
from mktcore.payments import Payment, PaymentMethod
from mktcore.payments.payment_options import (
    NO_OPTIONS,
    MixedPayment,
    PaidPart,
    PaymentOptions,
    find_payment_options,
)
from mktcore.totals import Totals

__all__ = ["check_payments", "list_payment_options"]


def list_payment_options(
    cart: Cart, facts: MarketFacts, totals: Totals, *, mixed: MixedPayment, now: datetime
) -> PaymentOptions:
    """Return how a cart can be paid: what the channel offers and agreements add, all merchants accept, it allows.

    Args:
        cart: What is wanted, and where it goes.
        facts: What the marketplace has.
        totals: What it costs.
        mixed: Whether merchants' parts are paid by themselves as well.
        now: The instant, UTC.
    """
    if not facts.payment_methods:
        return NO_OPTIONS
    terms = {merchant: _find_terms(facts, merchant, now) for merchant in totals.merchants}
    parts = [PaidPart(totals.order.grand_total, terms)]
    if mixed is MixedPayment.PER_MERCHANT:
        parts += [
            PaidPart(figures.grand_total, {merchant: terms[merchant]}, merchant)
            for merchant, figures in totals.merchants.items()
        ]
    places = [cart.find_destination(line) for line in cart.lines]
    countries = {place.country for place in places if place is not None}
    return find_payment_options(_list_methods(cart, facts, now), parts, countries)


def check_payments(cart: Cart, options: PaymentOptions, totals: Totals, *, mixed: MixedPayment) -> tuple[Notice, ...]:
    """Return what is wrong with the means of payment that were named, one by one, and merchant by merchant."""
    of_merchants = [payment for payment in cart.payments if payment.merchant is not None]
    if of_merchants and mixed is not MixedPayment.PER_MERCHANT:
        message, remedy = "this marketplace takes one payment for all merchants", "let payments name no merchant"
        return (Notice("payment-not-per-merchant", "", message, remedy=remedy),)
    refused = dict.fromkeys(found for payment in cart.payments for found in _check_method(payment, options))
    return (*refused, *(_check_sums(cart, totals) if of_merchants else ()))


def _list_methods(cart: Cart, facts: MarketFacts, now: datetime) -> list[PaymentMethod]:
    kept = facts.channels.find(cart.context.channel)
    named = None if kept is None else kept.payment_methods
    offered = (one for one in facts.payment_methods if one.is_offered(cart.context.channel, now))
    return sorted((one for one in offered if named is None or one.id in named), key=lambda one: one.id)


def _find_terms(facts: MarketFacts, merchant: str, now: datetime) -> PaymentTerms | None:
    found = find_agreement(facts.terms.agreements.get(merchant, ()), now)
    return None if found is None else found.payment


def _check_method(payment: Payment, options: PaymentOptions) -> Iterator[Notice]:
    if options.accepts(payment.method, payment.merchant):
        return
    whose = {} if payment.merchant is None else {"merchant": payment.merchant}
    asked = {"method": payment.method, **whose}
    told = [one for one in options.excluded if dict(one.operands) == asked]
    ways = ", ".join(one.method for one in options.methods if one.merchant == payment.merchant) or "none there is"
    remedy, message = f"pay by {ways}", f"there is no payment method {payment.method[:80]} here"
    yield from told or [Notice("payment-unknown", "", message, remedy=remedy, operands=asked)]


def _check_sums(cart: Cart, totals: Totals) -> Iterator[Notice]:
    """Tell of each merchant whose payments are not what is due to it; what is left pays the marketplace's own part."""
    nothing = Money.zero(totals.order.currency)
    paid: dict[str, Money] = {}
    for payment in cart.payments:
        # Another currency is told of where all payments are summed up.
        if payment.merchant is not None and payment.amount.currency == nothing.currency:
            paid[payment.merchant] = paid.get(payment.merchant, nothing) + payment.amount
    due = {merchant: figures.grand_total for merchant, figures in totals.merchants.items()}
    for merchant in sorted(paid.keys() | due.keys()):
        given, wanted = paid.get(merchant, nothing), due.get(merchant, nothing)
        if given != wanted:
            message = f"the payments for {merchant} sum to {given}, its part to {wanted}"
            operands = {"merchant": merchant, "paid": str(given), "due": str(wanted)}
            remedy = f"let payments for {merchant} sum to {wanted}"
            yield Notice("payments-differ", "", message, remedy=remedy, operands=operands)
