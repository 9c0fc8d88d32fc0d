"""Random lives of orders whose promotions are judged anew: whatever is canceled and shipped, the books agree."""

from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders.bind_processes import bind_order_processes
from mktcore.orders.cancellation_policy import CancellationPolicy, KeptDiscounts
from mktcore.orders.order import Order
from mktcore.persistence import Scope
from mktcore.promotions import Promotion
from mktcore.promotions.conditions import Amount, Quantity
from mktcore.promotions.effects import AmountOff, BuyXGetY, PercentOff
from mktcore.promotions.promotion import Level, Limits
from mktcore.testing.fakes import CountingIds, ManualClock

pytestmark = pytest.mark.slow  # markets that live

PRICES = {"a": ("acme", "19.99"), "b": ("acme", "7.35"), "c": ("bolt", "45.50"), "d": ("bolt", "3.33")}
FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\n",
    "skus.csv": "sku,name,tax_category\n" + "".join(f"{sku},{sku},goods\n" for sku in PRICES),
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"{sku},{owner},{sku},{price},999\n" for sku, (owner, price) in PRICES.items()),
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,,goods\n",
    "commission_rules.csv": "rule,group,rate\nsale,sale,0.12\n",
}
OPERATOR = Scope.operator()
PROCESSES = bind_order_processes(CancellationPolicy(discounts=KeptDiscounts.REEVALUATED))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


PROMOTIONS = (
    Promotion(
        "TEN",
        AmountOff(eur("10.00")),
        condition=Amount(eur("60.00")),
        limits=Limits(uses=900, budget=eur("9000.00")),
        merchant_share=Decimal("0.4"),
    ),
    Promotion("ACME", PercentOff(Decimal("0.15")), "acme", condition=Quantity(4), level=Level.MERCHANT),
    Promotion("FREE", BuyXGetY(buy=2, get=1), level=Level.LINE, merchant_share=Decimal("0.5"), priority=-1),
)


def open_market(folder: Path, included: bool) -> Marketplace:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    market = Marketplace.in_memory(
        "EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=PROCESSES, prices_include_tax=included
    )
    market.load(folder)
    for promotion in PROMOTIONS:
        market.promotions.save(promotion, scope=OPERATOR)
    return market


def check(order: Order, included: bool) -> None:
    """The formula holds at every level, discounts are never negative, and nobody pays more than the list price."""
    lines = [line for part in order.merchant_orders for line in part.lines]
    for one in (order.totals, *(part.totals for part in order.merchant_orders), *(line.totals for line in lines)):
        due = one.subtotal - one.discount_total + one.expense_total - one.canceled_total
        assert one.grand_total == (due if included else due + one.tax_total)
        assert not one.discount_total.is_negative()
    states = order.marketplace_order.fulfilment.states()
    for line in lines:
        kept = line.quantity - states[line.key].get("canceled", 0)
        listed = line.unit_price.minor * kept
        tax = 0 if included else round(listed * 0.19)
        assert line.totals.grand_total.minor <= listed + tax + 1
        if not kept:
            assert line.totals.grand_total.is_zero()
            assert line.totals.tax_total.is_zero()


def compare_with_placing_anew(market: Marketplace, order: Order) -> None:
    """Nobody gets what is left for less than what it costs whoever buys only that."""
    states = order.marketplace_order.fulfilment.states()
    left = {key: own.get("new", 0) for key, own in states.items() if own.get("new", 0)}
    if not left:
        return
    lines = [CartLine(sku, sku, pieces, offer=sku) for sku, pieces in left.items()]
    anew = market.simulate(Cart.of("anew", buyer="b2", lines=lines), scope=OPERATOR).totals.lines
    for part in order.merchant_orders:
        for line in part.lines:
            if line.key in left:
                assert line.totals.grand_total.minor >= anew[line.key].grand_total.minor - 1


@pytest.mark.parametrize("included", [True, False])
def test_figures_books_and_limits_agree_through_any_life(tmp_path: Path, included: bool) -> None:
    market, rises = open_market(tmp_path, included), 0
    for seed in range(16):
        chance, shipped = Random(seed), False  # noqa: S311 - a life to repeat, and no secret
        lines = [CartLine(sku, sku, chance.randint(1, 5), offer=sku) for sku in PRICES if chance.random() < 0.8]
        if not lines:
            continue
        order = market.place(Cart.of(f"c{seed}", buyer="b1", lines=lines), key=f"p{seed}", scope=OPERATOR)
        for step in range(8):
            line = chance.choice(lines)
            part = f"{order.id}--{PRICES[line.key][0]}"
            left = market.orders.get(order.id, scope=OPERATOR).get_part(part).states[line.key].get("new", 0)
            if not left:
                continue
            pieces = {line.key: chance.randint(1, left)}
            key = f"s{seed}-{step}"
            if chance.random() < 0.3:
                market.fire(part, "ship", key=key, scope=OPERATOR, lines=pieces)
                shipped = True
            else:
                preview = market.orders.preview_cancel(order.id, pieces, scope=OPERATOR)
                done = market.orders.cancel(order.id, pieces, key=key, scope=OPERATOR, agreed=preview)
                rises += bool(preview.raised)
                assert isinstance(done, Order)
                assert (done.totals.grand_total, done.totals.tax_total) == (preview.grand_after, preview.tax_after)
            order = market.orders.get(order.id, scope=OPERATOR)
            check(order, included)
            if not shipped:
                compare_with_placing_anew(market, order)
    # Books, limits and histories of all of them at once.
    assert market.verify() == ()
    assert rises > 8
