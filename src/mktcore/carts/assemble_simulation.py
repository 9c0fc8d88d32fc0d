"""Simulating a cart: offers and prices, shipping, totals, and every issue at once. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.addresses import Address
from mktcore.carts.cart import Cart
from mktcore.carts.cart_payments import check_payments, list_payment_options
from mktcore.carts.charge_delivery import charge_shipments, find_delivered
from mktcore.carts.deliver_lines import BY_RATES, DeliveryPolicy, add_gifts, deliver_lines, find_methods, send_to_points
from mktcore.carts.find_cart_issues import find_issues
from mktcore.carts.gift_lines import GiftLines, GiftShelf
from mktcore.carts.host_checks import CheckCart, ask_checks
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.missed_thresholds import apply_order_thresholds, name_keys, to_notice
from mktcore.carts.offer_selection import select_offers
from mktcore.carts.simulation import PricedLine, Simulation
from mktcore.delivery import DeliveryMethod, DeliveryPlan, ExpectedShipment
from mktcore.delivery.delivery_plan import NO_DELIVERY
from mktcore.market_policy import MarketPolicy
from mktcore.money import Money
from mktcore.notice import Severity
from mktcore.offers import CHEAPEST, BuyBoxPolicy
from mktcore.payments import MixedPayment
from mktcore.promotions import PromotionOutcome, apply_promotions
from mktcore.promotions.entered_codes import find_code_notices
from mktcore.promotions.outcome import NO_PROMOTIONS
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Expense, InvalidTotals, PartTotals, Reduction, TaxRate, Totals, compute_totals
from mktcore.totals.thresholds import ThresholdOutcome

__all__ = ["simulate_cart"]


def simulate_cart(
    cart: Cart,
    facts: MarketFacts,
    policy: MarketPolicy,
    *,
    now: datetime,
    buy_box: BuyBoxPolicy = CHEAPEST,
    checks: Iterable[CheckCart] = (),
    delivery: DeliveryPolicy = BY_RATES,
    mixed: MixedPayment = MixedPayment.ALL_ACCEPT,
) -> Simulation:
    """Say what the cart would cost now, and report everything that stands in the way of placing it.

    Args:
        cart: What is wanted.
        facts: What the marketplace has.
        policy: How it states and rounds prices.
        now: The instant of the simulation, UTC.
        buy_box: How it chooses offers for lines that name none.
        checks: What the host finds wrong, beside.
        delivery: How it delivers.
        mixed: How orders of several merchants are paid.

    Raises:
        InvalidTotals: The cart's own expenses or reductions cannot be computed with.
        CheckAnswerRefused: A check answered something that cannot be told.
    """
    policy = policy.in_channel(facts.channels.find(cart.context.channel))
    methods = find_methods(facts, cart.context.channel, now)
    asked, cart = cart, send_to_points(cart, methods)
    lines, issues = select_offers(cart, facts, policy, now=now, buy_box=buy_box)
    travel = _Travel(facts, methods, policy=policy, delivery=delivery, now=now).plan(asked, cart, lines)
    sale = _apply_promotions(_Promoted(cart, lines, facts, policy=policy, travel=travel, now=now), buy_box)
    given = sale.list_gifts()
    lines = (*lines, *given)
    missed = _compute_with_thresholds(cart, lines, sale, facts=facts, policy=policy, now=now)
    payment = list_payment_options(cart, facts, missed.totals, mixed=mixed, now=now)
    found = (
        *find_issues(cart, facts, lines=lines, totals=missed.totals, unserved=issues, now=now),
        *check_payments(cart, payment, missed.totals, mixed=mixed),
        *travel.plan.issues,
        *(to_notice(one) for one in missed.notices),
        *find_code_notices(cart.codes, facts.promotions, sale.outcome, pooled=facts.pooled),
    )
    simulation = Simulation(
        cart=asked,
        policy=policy,
        lines=lines,
        expenses=(*sale.expenses, *missed.fees),
        totals=missed.totals,
        issues=tuple(one for one in found if one.severity is Severity.ERROR),
        promotions=sale.outcome,
        notices=tuple(one for one in found if one.severity is not Severity.ERROR),
        delivery=add_gifts(travel.plan, given),
        payment=payment,
    )
    return ask_checks(simulation, checks)


def _compute_with_thresholds(
    cart: Cart,
    lines: tuple[PricedLine, ...],
    sale: "_PromotedSale",
    *,
    facts: MarketFacts,
    policy: MarketPolicy,
    now: datetime,
) -> ThresholdOutcome:
    """Compute the totals of what is sold, and the fees of the thresholds that these miss."""
    totals = _compute_what_can_be(
        cart,
        lines,
        policy,
        expenses=sale.expenses,
        promoted=sale.outcome.reductions,
        is_whole=sum(not line.gift_of for line in lines) == len(cart.lines),
    )
    return apply_order_thresholds(cart, facts, totals, expenses=sale.expenses, now=now)


def compute(
    cart: Cart,
    lines: tuple[PricedLine, ...],
    policy: MarketPolicy,
    *,
    expenses: tuple[Expense, ...] = (),
    promoted: tuple[Reduction, ...] = (),
) -> Totals:
    """Compute the totals of the priced lines under the policy; promotions come before the cart's own reductions."""
    return compute_totals(
        lines=[line.to_totals_line() for line in lines],
        reductions=(*promoted, *cart.reductions),
        expenses=expenses,
        prices_include_tax=policy.prices_include_tax,
        profile=policy.profile,
        currency=policy.currency,
    )


def _compute_what_can_be(
    cart: Cart,
    lines: tuple[PricedLine, ...],
    policy: MarketPolicy,
    *,
    expenses: tuple[Expense, ...],
    promoted: tuple[Reduction, ...],
    is_whole: bool,
) -> Totals:
    """Compute the totals; the cart's reductions are left out when they need a line that has no price."""
    try:
        return compute(cart, lines, policy, expenses=expenses, promoted=promoted)
    except InvalidTotals:
        # Every line is priced, so it is the cart's own reductions that cannot be computed with: the host's mistake.
        if is_whole:
            raise
        return compute(cart.without_charges(), lines, policy, expenses=expenses, promoted=promoted)


@attrs.frozen
class _Travelling:
    """How goods travel, what that is charged, and the merchants all of whose goods do."""

    plan: DeliveryPlan
    charges: tuple[Expense, ...] = ()
    delivered: frozenset[str] = frozenset()


@attrs.frozen
class _Travel:
    """By what goods travel."""

    facts: MarketFacts
    methods: Mapping[str, DeliveryMethod]
    policy: MarketPolicy = attrs.field(kw_only=True)
    delivery: DeliveryPolicy = attrs.field(kw_only=True)
    now: datetime = attrs.field(kw_only=True)

    def plan(self, asked: Cart, cart: Cart, lines: tuple[PricedLine, ...]) -> _Travelling:
        """Plan how lines travel; `asked` says where the buyer is, and `cart` where the goods go."""
        if not lines or not (self.methods or cart.chooses_delivery()):
            return _Travelling(NO_DELIVERY)
        plan = deliver_lines(
            asked,
            lines,
            self.methods,
            facts=self.facts,
            subtotals=_list_subtotals(cart, lines, self.policy),
            policy=self.policy,
            delivery=self.delivery,
            now=self.now,
        )
        places = {line.key: cart.find_destination(line) for line in cart.lines}

        def find_rates(method: DeliveryMethod, shipment: ExpectedShipment) -> tuple[TaxRate, ...]:
            return self.facts.find_rates(method.tax_category, places.get(shipment.contents[0].line), self.now)

        charges = charge_shipments(cart, plan, self.methods, find_rates=find_rates)
        sellers = {line.line.key: line.offer.merchant for line in lines if not line.offer.stock.issued}
        return _Travelling(plan, charges, find_delivered(plan, sellers))


def _list_subtotals(cart: Cart, lines: tuple[PricedLine, ...], policy: MarketPolicy) -> dict[str, Money]:
    """Return what lines cost before reductions: where each piece has a price, that of so many, however it rounds."""
    if all(line.price.per == 1 and not line.price.options for line in lines):
        return {line.line.key: line.price.unit_price * line.line.quantity for line in lines}
    totals = compute(cart.without_charges(), lines, policy).lines
    return {line.line.key: totals[line.line.key].subtotal for line in lines}


@attrs.frozen
class _Promoted:
    """A cart with its lines, as promotions look at it.

    Attributes:
        cart: What is wanted.
        lines: Its lines that have a price.
        facts: What the marketplace has.
        policy: How it rounds, and chooses promotions.
        gifts: What promotions may give.
        travel: How they are delivered.
        now: The instant of the simulation, UTC.
    """

    cart: Cart
    lines: tuple[PricedLine, ...]
    facts: MarketFacts
    policy: MarketPolicy = attrs.field(kw_only=True)
    gifts: GiftLines = attrs.field(factory=dict, kw_only=True)
    travel: "_Travelling" = attrs.field(kw_only=True)
    now: datetime = attrs.field(kw_only=True)

    def apply(self, expenses: tuple[Expense, ...]) -> PromotionOutcome:
        """Choose the promotions; shipping is what the merchants charge, or what was quoted for them."""
        facts, cart, policy = self.facts, self.cart, self.policy
        if not facts.promotions:
            return NO_PROMOTIONS
        promoted = PromotionCart(
            [_to_promotion_line(line) for line in (*self.lines, *self.gifts.values())],
            self.now,
            context=cart.context,
            expenses=expenses,
            # Fees and quotes alike; what the host charges besides is no shipping.
            shipping=[expense.key for expense in expenses if expense not in cart.expenses],
            is_first_order=facts.is_first_order,
            codes=cart.codes,
            claimed=facts.claimed,
            pooled=facts.pooled,
        )
        return apply_promotions(
            facts.promotions, promoted, profile=policy.profile, currency=policy.currency, policy=policy.promotions
        )


@attrs.frozen
class _PromotedSale:
    """What promotions came to: the charges, what each took, and what they give, by promotion."""

    expenses: tuple[Expense, ...]
    outcome: PromotionOutcome
    gifts: GiftLines

    def list_gifts(self) -> tuple[PricedLine, ...]:
        """Return the lines of gifts, in the order of the promotions that were applied."""
        given = [one for one in self.outcome.applied if one.promotion.id in self.gifts]
        return tuple(attrs.evolve(self.gifts[one.promotion.id], gift_grounds=one.grounds) for one in given)

    @classmethod
    def of(cls, promoted: _Promoted) -> "_PromotedSale":
        """Charge the shipping, and apply the promotions to it and to the goods."""
        cart = promoted.cart
        expenses = (*cart.shipping, *cart.expenses, *promoted.travel.charges, *_charge_shipping(promoted))
        outcome = promoted.apply(expenses)
        applied = {one.promotion.id for one in outcome.applied}
        return cls(expenses, outcome, {name: line for name, line in promoted.gifts.items() if name in applied})


def _apply_promotions(promoted: _Promoted, buy_box: BuyBoxPolicy) -> _PromotedSale:
    """Apply the promotions; of those that apply and give, each gives what is left when its turn comes."""
    cart, lines, facts = promoted.cart, promoted.lines, promoted.facts
    shelf = GiftShelf(cart, lines, facts, policy=promoted.policy, now=promoted.now, buy_box=buy_box)
    denied: set[str] = set()
    while True:
        sale = _PromotedSale.of(attrs.evolve(promoted, gifts=shelf.price_each(denied)))
        had = shelf.hand_out(sale.gifts)
        lacking = sale.gifts.keys() - had.keys()
        if not lacking:
            break
        # Others may come in for what cannot be given; each turn denies one at least.
        denied |= lacking
    # From another offer, as those before emptied the first: at its price.
    return sale if had == sale.gifts else _PromotedSale.of(attrs.evolve(promoted, gifts=had))


def _to_promotion_line(line: PricedLine) -> PromotionLine:
    nature = line.nature
    return PromotionLine(
        line.to_totals_line(),
        line.sku.id,
        category=nature.category,
        brand=nature.brand,
        attributes=nature.attributes,
        ancestors=nature.ancestors,
        on_sale=line.price.unit_price < line.price.regular_price,
        # What is given away costs nothing, whatever it must cost when it is sold.
        least_price=None if line.gift_of else line.offer.least_price,
        gift_of=line.gift_of,
    )


def _charge_shipping(promoted: _Promoted) -> tuple[Expense, ...]:
    """Charge each merchant's fee on its subtotal, unless the cart brings that merchant's shipping."""
    cart, facts = promoted.cart, promoted.facts
    charged = {expense.merchant for expense in cart.shipping} | promoted.travel.delivered
    taken = {expense.key for expense in (*cart.shipping, *cart.expenses, *promoted.travel.charges)}
    # Before reductions, unless the fee says otherwise: a voucher must not cost the buyer what its goods earned.
    subtotals = (
        compute(cart.without_charges(), promoted.lines, promoted.policy).merchants if facts.shipping_fees else {}
    )
    left = _find_left(promoted, subtotals)
    expenses = []
    for merchant, totals in subtotals.items():
        fee = facts.shipping_fees.get(merchant)
        if fee is None or merchant in charged:
            continue
        destination = _find_freight_destination(cart, promoted.lines, merchant)
        rates = facts.find_rates(fee.tax_category, destination, promoted.now)
        amount = fee.charge(left[merchant] if fee.after_promotions else totals.subtotal)
        # A host may have named a charge of its own like that.
        key = next(key for key in name_keys(f"shipping-{merchant}") if key not in taken)
        expenses.append(Expense(key, merchant=merchant, amount=amount, tax_rates=rates))
    return tuple(expenses)


def _find_left(promoted: _Promoted, subtotals: Mapping[str, PartTotals]) -> Mapping[str, Money]:
    """Return what promotions leave of each merchant's goods; nothing is computed where no fee asks for it.

    They are applied to the goods alone: a promotion for goods and shipping would else take less off the goods because
    shipping is charged, and shipping be charged because it takes less.
    """
    fees = promoted.facts.shipping_fees
    if not any(fees[merchant].after_promotions for merchant in subtotals if merchant in fees):
        return {}
    left = {merchant: totals.subtotal for merchant, totals in subtotals.items()}
    sellers = {line.line.key: line.offer.merchant for line in promoted.lines}
    for one in promoted.apply(()).applied:
        for key, amount in one.parts.items():
            if key in sellers:
                left[sellers[key]] -= amount
    return left


def _find_freight_destination(cart: Cart, lines: tuple[PricedLine, ...], merchant: str) -> Address | None:
    """Return where a merchant's goods go; where they go to several places, freight is taxed as for the cart's own."""
    own = [line for line in lines if line.offer.merchant == merchant]
    places = {cart.find_destination(line.line) for line in own}
    return places.pop() if len(places) == 1 else cart.deliver_to
