"""The order of the worked figures, and orders like it of any lines and charges, made by hand without any store."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from mktcore.market_policy import MarketPolicy
from mktcore.money import Currency, Money, Rounding
from mktcore.orders import MARKETPLACE_PROCESS, MERCHANT_PROCESS, MarketplaceOrder, MerchantOrder, Order, OrderLine
from mktcore.orders.order_figures import state_figures
from mktcore.orders.order_line import OrderExpense
from mktcore.orders.order_money import open_funds
from mktcore.postings import OrderFunds, PieceCounts
from mktcore.processes import Subject
from mktcore.totals import Expense, Line, LineTotals, Reduction, RoundAt, RoundingProfile, TaxRate, compute_totals

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
EUR = Currency.of("EUR")
VAT_19, VAT_7 = (TaxRate("VAT", Decimal(rate)) for rate in ("0.19", "0.07"))


def make_order(
    lines: Sequence[Line],
    *,
    reductions: Sequence[Reduction] = (),
    expenses: Sequence[Expense] = (),
    included: bool = True,
    mode: Rounding = Rounding.HALF_UP,
) -> Order:
    """Return an order of these lines, reductions and charges, as it is placed."""
    policy = MarketPolicy(EUR, prices_include_tax=included, profile=RoundingProfile(at=RoundAt.LINE, mode=mode))
    totals = compute_totals(
        lines, reductions, expenses, prices_include_tax=included, profile=policy.profile, currency=EUR
    )
    merchants = tuple(totals.merchants)
    entries = [OrderExpense(one, totals.expenses[one.key]) for one in expenses]
    charges = {owner: [one for one in entries if one.expense.merchant == owner] for owner in (*merchants, None)}
    whole = MarketplaceOrder(
        id="order-1",
        cart="cart-1",
        buyer="b1",
        placed_at=NOON,
        policy=policy,
        merchants=merchants,
        expenses=tuple(charges[None]),
        reductions=tuple(reductions),
        payments=(),
        totals=totals.order,
        fulfilment=Subject("order-1", MARKETPLACE_PROCESS.name, MARKETPLACE_PROCESS.version, ()),
        skus=tuple(one.key for one in lines),
    )
    parts = [
        MerchantOrder(
            id=f"order-1--{merchant}",
            order="order-1",
            merchant=merchant,
            buyer="b1",
            placed_at=NOON,
            lines=tuple(_to_line(one, totals.lines[one.key]) for one in lines if one.merchant == merchant),
            expenses=tuple(charges[merchant]),
            totals=totals.merchants[merchant],
            commissions=(),
            fulfilment=Subject(f"order-1--{merchant}", MERCHANT_PROCESS.name, MERCHANT_PROCESS.version, ()),
        )
        for merchant in merchants
    ]
    return Order(whole, tuple(parts))


def _to_line(line: Line, totals: LineTotals) -> OrderLine:
    return OrderLine(
        key=line.key,
        sku=line.key,
        title=line.key,
        category="goods",
        offer=f"offer-{line.key}",
        schedule="list",
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax_rates=line.tax_rates,
        totals=totals,
        reservation=f"order-1/{line.key}",
    )


def make_worked_order() -> Order:
    """Five lenses at 19.99 of acme and a book at 45.50 of bolt, 10.00 off both, freight 4.90, a fee of 1.00: 141.35."""
    return make_order(
        [
            Line("l1", "acme", Money.of("19.99", "EUR"), 5, tax_rates=(VAT_19,)),
            Line("l2", "bolt", Money.of("45.50", "EUR"), 1, tax_rates=(VAT_7,)),
        ],
        reductions=[Reduction("ten-off", Money.of("10.00", "EUR"))],
        expenses=[
            Expense("freight", "acme", Money.of("4.90", "EUR"), (VAT_19,)),
            Expense("fee", None, Money.of("1.00", "EUR"), (VAT_19,)),
        ],
    )


class Life:
    """An order and its money while its pieces are shipped, canceled and come back."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.funds: OrderFunds = open_funds(order)
        quantities = {line.key: line.quantity for part in order.merchant_orders for line in part.lines}
        self.counts = {key: PieceCounts(open=pieces, earned=0, canceled=0) for key, pieces in quantities.items()}

    def move(self, line: str, *, ship: int = 0, cancel: int = 0, give_back: int = 0) -> Order:
        """Ship open pieces, cancel open ones, take shipped ones back; and return the order as it then stands."""
        known = self.counts[line]
        after = PieceCounts(
            open=known.open - ship - cancel,
            earned=known.earned + ship - give_back,
            canceled=known.canceled + cancel + give_back,
        )
        counts: Mapping[str, PieceCounts] = {**self.counts, line: after}
        self.funds = self.funds.follow(self.counts, counts)
        self.counts = dict(counts)
        return self.state()

    def refund(self, line: str, minor: int) -> Order:
        """Give back an amount of what is kept of a line, and return the order as it then stands."""
        self.funds = self.funds.refund({line: minor})
        return self.state()

    def state(self) -> Order:
        self.order = state_figures(self.order, self.funds)
        return self.order
