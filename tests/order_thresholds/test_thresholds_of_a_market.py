"""Minimums and maximums that a market keeps: asked when a cart is simulated and when it is placed."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from markets import NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.checkout.errors import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money import CurrencyMismatch, Money
from mktcore.order_thresholds import OrderThreshold
from mktcore.periods import Period
from mktcore.persistence import NotFound
from mktcore.promotions import PercentOff, Promotion
from mktcore.testing.fakes import ManualClock
from mktcore.totals import Expense
from mktcore.totals.thresholds import ThresholdKind

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\na,A,\nb,B,\nc,C,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nacme-a,acme,a,20.00,90\nacme-b,acme,b,180.00,90\nbolt-c,bolt,c,300.00,90\n"
    ),
    "tax_rates.csv": "tax_category,name,rate\nservice,VAT,0.19\n",
}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def make_cart(skus: str, **context: object) -> Cart:
    lines = [CartLine(sku, sku) for sku in skus]
    return Cart.of("c1", buyer="ann", lines=lines, **context)  # type: ignore[arg-type]  # channel and groups


def simulate(market: Marketplace, skus: str, **context: object) -> Simulation:
    return market.simulate(make_cart(skus, **context), scope=market.as_operator())


def save(market: Marketplace, threshold: OrderThreshold) -> OrderThreshold:
    return market.order_thresholds.save(threshold, scope=market.as_operator())


@pytest.mark.parametrize(("skus", "is_blocked"), [("ab", False), ("a", True), ("ac", True), ("c", False)])
def test_a_minimum_per_merchant_counts_all_of_its_goods_and_nobody_elses(
    market: Marketplace, skus: str, is_blocked: bool
) -> None:
    save(market, OrderThreshold("acme-min", ThresholdKind.HARD_MINIMUM, eur("200.00"), merchant="acme"))
    found = simulate(market, skus)
    assert [one.code for one in found.issues] == ["order-below-minimum"] * is_blocked
    if is_blocked:
        assert dict(found.issues[0].operands) == {
            "limit": "200.00 EUR",
            "amount": "20.00 EUR",
            "missing": "180.00 EUR",
            "merchant": "acme",
        }
        with pytest.raises(PlacementRefused):
            market.place(make_cart(skus), key="k", scope=market.as_buyer("ann"))
    else:
        market.place(make_cart(skus), key="k", scope=market.as_buyer("ann"))
    assert market.verify() == ()


def test_a_maximum_of_the_whole_order_blocks_above_it(market: Marketplace) -> None:
    save(market, OrderThreshold("max", ThresholdKind.HARD_MAXIMUM, eur("480.00"), message="We ask for a deposit."))
    assert simulate(market, "bc").issues == ()
    (issue,) = simulate(market, "abc").issues
    assert (issue.code, issue.message, issue.remedy) == (
        "order-above-maximum",
        "We ask for a deposit.",
        "take off 20.00 EUR",
    )


def test_a_soft_minimum_costs_a_taxed_fee_that_the_order_keeps(market: Marketplace) -> None:
    soft = OrderThreshold(
        "small",
        ThresholdKind.SOFT_MINIMUM,
        eur("50.00"),
        fee=eur("1.00"),
        fee_percent=Decimal("0.0095"),
        tax_category="service",
    )
    stored = save(market, soft)
    found = simulate(market, "a")
    assert [(one.code, one.operands["fee"]) for one in found.notices] == [("order-below-minimum", "1.19 EUR")]
    assert (found.totals.order.grand_total, found.totals.order.tax_total) == (eur("21.19"), eur("0.19"))
    order = market.place(make_cart("a"), key="k", scope=market.as_buyer("ann"))
    assert order.totals.grand_total == eur("21.19")
    assert [one.expense.key for one in order.marketplace_order.expenses] == ["threshold-small"]
    assert order.merchant_orders[0].totals.grand_total == eur("20.00")
    market.order_thresholds.remove(stored, scope=market.as_operator())
    assert simulate(market, "a").totals.order.grand_total == eur("20.00")
    assert market.verify() == ()


def test_a_merchants_fee_is_the_merchants(market: Marketplace) -> None:
    save(market, OrderThreshold("s", ThresholdKind.SOFT_MINIMUM, eur("50.00"), merchant="acme", fee=eur("3.00")))
    found = simulate(market, "ac").totals
    assert found.merchants["acme"].grand_total == eur("23.00")
    assert found.merchants["bolt"].grand_total == eur("300.00")


@pytest.mark.parametrize(
    ("where", "context"), [({"channel": "web"}, {"channel": "web"}), ({"group": "b2b"}, {"groups": ["b2b"]})]
)
def test_it_holds_in_its_channel_and_for_its_group_only(
    market: Marketplace, where: dict[str, str], context: dict[str, object]
) -> None:
    save(market, OrderThreshold("t", ThresholdKind.HARD_MINIMUM, eur("100.00"), **where))  # type: ignore[arg-type]
    assert simulate(market, "a").issues == ()
    assert [one.code for one in simulate(market, "a", **context).issues] == ["order-below-minimum"]


def test_it_holds_for_its_buyer_and_in_its_period_only(market: Marketplace) -> None:
    save(market, OrderThreshold("t", ThresholdKind.HARD_MINIMUM, eur("100.00"), buyer="bob"))
    save(market, OrderThreshold("u", ThresholdKind.HARD_MINIMUM, eur("100.00"), valid=Period(None, NOON)))
    assert simulate(market, "a").issues == ()


def test_goods_after_reductions_may_be_what_counts(market: Marketplace) -> None:
    market.promotions.save(Promotion("half", PercentOff(Decimal("0.5"))), scope=market.as_operator())
    save(market, OrderThreshold("before", ThresholdKind.HARD_MINIMUM, eur("20.00")))
    assert simulate(market, "a").issues == ()
    save(market, OrderThreshold("after", ThresholdKind.HARD_MINIMUM, eur("20.00"), after_reductions=True))
    assert [one.operands["amount"] for one in simulate(market, "a").issues] == ["10.00 EUR"]


def test_a_fee_takes_another_key_where_the_host_has_a_charge_of_that_name(market: Marketplace) -> None:
    save(market, OrderThreshold("s", ThresholdKind.SOFT_MINIMUM, eur("50.00"), fee=eur("3.00")))
    wrap = Expense("threshold-s", None, eur("1.00"))
    found = simulate(market, "a", expenses=[wrap])
    assert [one.key for one in found.expenses] == ["threshold-s", "threshold-s-2"]
    assert found.totals.order.grand_total == eur("24.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"limit": eur("-0.01")}, "limit"),
        ({"fee": eur("1.00")}, "fee"),
        ({"fee_percent": Decimal("0.1")}, "fee"),
        ({"kind": ThresholdKind.SOFT_MINIMUM, "fee": eur("-1.00")}, "fee"),
        ({"kind": ThresholdKind.SOFT_MINIMUM, "fee_percent": Decimal("1.1")}, "fee_percent"),
        ({"message": "x" * 501}, "message"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {"kind": ThresholdKind.HARD_MINIMUM, "limit": eur("10.00")} | changes
    with pytest.raises(InvalidValue) as refused:
        OrderThreshold("t", **given)  # type: ignore[arg-type]  # what a caller may pass
    assert refused.value.field == field


def test_who_may_write_and_read_them(market: Marketplace) -> None:
    threshold = OrderThreshold("t", ThresholdKind.HARD_MINIMUM, eur("100.00"), merchant="acme")
    for scope in (market.as_merchant("acme"), market.as_buyer("ann")):
        with pytest.raises(PermissionDenied):
            market.order_thresholds.save(threshold, scope=scope)
    with pytest.raises(CurrencyMismatch):
        save(market, OrderThreshold("t", ThresholdKind.HARD_MINIMUM, Money.of("1.00", "USD")))
    stored = save(market, threshold)
    assert market.order_thresholds.page(scope=market.as_operator()).items == (stored,)
    market.order_thresholds.remove(stored, scope=market.as_operator())
    with pytest.raises(NotFound):
        market.order_thresholds.remove(stored, scope=market.as_operator())
