"""What is guarded while an order is placed is what it used: who changes what loses anyway holds nobody up."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from markets import EXAMPLE, open_loaded
from mktcore.carts import Cart, CartLine
from mktcore.checkout.use_cases import place_order
from mktcore.commissions import COMMISSION_RULES, CommissionRule, Percentage
from mktcore.delivery import SHIPPING_FEES
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import OFFERS
from mktcore.orders import split_order
from mktcore.periods import Period
from mktcore.persistence import Kind, Scope, put
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import PROMOTIONS, AmountOff, Limits, Promotion
from mktcore.promotions.conditions import WithCode
from mktcore.testing.fakes import ManualClock

OPERATOR, BUYER = Scope.operator(), Scope.buyer("buyer-1")
PAST = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
CART = Cart.of(
    "cart-1", buyer="buyer-1", lines=[CartLine("l1", "camera", 1), CartLine("l2", "tripod", 2, offer="bolt-tripod")]
)


def to_price(amount: str) -> list[PriceBreak]:
    return [PriceBreak(1, Money.of(amount, "EUR"))]


@pytest.fixture
def market(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    """The example market, in which acme sells the camera, and much contends with its offer and loses."""
    with open_loaded("sqlite", tmp_path, clock, EXAMPLE) as market:
        with market.store.begin(OPERATOR) as unit:
            unit.repository(PRICE_SCHEDULES).add(PriceSchedule("over", "acme", to_price("1.00"), valid=PAST))
            unit.repository(ASSIGNMENTS).add(Assignment("a-over", "camera", "over", merchant="acme"))
            unit.repository(PROMOTIONS).add(
                Promotion(
                    "CODED", AmountOff(Money.of("1.00", "EUR")), condition=WithCode(("x",)), limits=Limits(uses=5)
                )
            )
            unit.commit()
        yield market


def change(market: Marketplace, kind: Kind[Any], record: str, **changes: Any) -> None:
    """Store a record again, with changes or without any."""
    with market.store.begin(OPERATOR) as unit:
        repository = unit.repository(kind)
        repository.save(attrs.evolve(repository.get(record), **changes))
        unit.commit()


def add(market: Marketplace, kind: Kind[Any], value: Any) -> None:
    with market.store.begin(OPERATOR) as unit:
        put(unit, kind, value)
        unit.commit()


def place(market: Marketplace, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> tuple[str, str]:
    """Place while something happens between reading and reserving; return the order's id and the price of the camera.

    Each attempt takes an id: an order that is called order-1 was placed by the first.
    """
    split, seen = split_order, list[int]()

    def split_meanwhile(*args: Any, **options: Any) -> Any:
        seen.append(1)
        if len(seen) == 1:
            with ThreadPoolExecutor(1) as other:
                other.submit(meanwhile).result()
        return split(*args, **options)

    # Once everything was read, and before anything is written: SQLite lets others write until then.
    monkeypatch.setattr(place_order, "split_order", split_meanwhile)
    order = market.place(CART, key="k1", scope=BUYER)
    assert market.verify() == ()
    assert len(market.orders.merchant_orders.page(scope=OPERATOR).items) == len(order.merchant_orders)
    return order.id, str(order.get_part(f"{order.id}--acme").lines[0].unit_price)


LOSERS: dict[str, Callable[[Marketplace], None]] = {
    "a schedule that is over": lambda market: change(market, PRICE_SCHEDULES, "over"),
    "a schedule that still is over": lambda market: change(market, PRICE_SCHEDULES, "over", breaks=to_price("2.00")),
    "an assignment of it": lambda market: change(market, ASSIGNMENTS, "a-over"),
    "another merchant's offer": lambda market: change(market, OFFERS, "bolt-camera"),
    "another merchant's price": lambda market: change(
        market, PRICE_SCHEDULES, "bolt-camera", breaks=to_price("999.00")
    ),
    "a promotion that does not apply": lambda market: change(market, PROMOTIONS, "CODED", priority=7),
    "a new one": lambda market: add(
        market,
        PROMOTIONS,
        Promotion("OTHER", AmountOff(Money.of("1.00", "EUR")), condition=WithCode(("y",)), limits=Limits(uses=5)),
    ),
    "the fee of a merchant that is not chosen": lambda market: change(
        market, SHIPPING_FEES, "northlight", amount=Money.of("9.00", "EUR")
    ),
    "a commission rule of other goods": lambda market: add(
        market, COMMISSION_RULES, CommissionRule("books", Percentage(Decimal("0.5")), category="no-such-goods")
    ),
}


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize("loser", LOSERS)
def test_what_loses_anyway_may_change_meanwhile(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, loser: str
) -> None:
    assert place(market, monkeypatch, lambda: LOSERS[loser](market)) == ("order-1", "179.00 EUR")


def test_what_is_used_is_the_very_same(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def save_again() -> None:
        change(market, PRICE_SCHEDULES, "acme-camera")

    assert place(market, monkeypatch, save_again) == ("order-2", "179.00 EUR")


def test_what_wins_since_is_taken(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def win() -> None:
        change(market, PRICE_SCHEDULES, "over", valid=Period(PAST.start, None))

    assert place(market, monkeypatch, win) == ("order-2", "1.00 EUR")


def test_a_promotion_that_applies_since_is_taken(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def add_promotion() -> None:
        add(market, PROMOTIONS, Promotion("NOW", AmountOff(Money.of("5.00", "EUR"))))

    assert place(market, monkeypatch, add_promotion)[0] == "order-2"
    assert str(market.orders.get("order-2", scope=OPERATOR).totals.discount_total) == "5.00 EUR"


def test_a_commission_rule_that_takes_since_is_taken(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def add_rule() -> None:
        add(market, COMMISSION_RULES, CommissionRule("all", Percentage(Decimal("0.5")), group="extra"))

    assert place(market, monkeypatch, add_rule)[0] == "order-2"


@pytest.mark.slow
@pytest.mark.parametrize("store", ["postgresql"])
def test_a_losing_schedule_that_is_saved_all_the_time_starves_nobody(
    store: str, tmp_path: Path, clock: ManualClock
) -> None:
    with open_loaded(store, tmp_path, clock, EXAMPLE) as market:
        add(market, PRICE_SCHEDULES, PriceSchedule("over", "acme", to_price("1.00"), valid=PAST))
        add(market, ASSIGNMENTS, Assignment("a-over", "tripod-carbon", "over", merchant="acme"))
        line = CartLine("l1", "tripod-carbon", 1, offer="acme-tripod-carbon")
        done, saved = threading.Event(), list[int]()

        def save_always() -> None:
            while not done.is_set():
                change(market, PRICE_SCHEDULES, "over")
                saved.append(1)

        with ThreadPoolExecutor(1) as other:
            merchant = other.submit(save_always)
            try:
                for number in range(20):
                    cart = Cart.of(f"cart-{number}", buyer="buyer-1", lines=[line])
                    market.place(cart, key=f"k{number}", scope=BUYER)
            finally:
                done.set()
            merchant.result()
        orders = market.orders.merchant_orders.page(scope=OPERATOR).items
        assert len(orders) == 20
        assert len(saved) > 20
