"""A limit of n is used at most n times, however many buyers ask at once, on every store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.ports import KINDS
from mktcore.promotions import PROMOTIONS, Limits, PercentOff, Promotion
from mktcore.testing.fakes import ManualClock
from persistence.opening import STORES, open_store

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
BUYERS = 12
USES = 3
BUDGET = 1000


@pytest.mark.parametrize("name", STORES)
def test_a_limit_holds_under_concurrency(name: str, tmp_path: Path) -> None:
    market = Marketplace(
        open_store(name, tmp_path, KINDS), "EUR", clock=ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
    )
    market.load(EXAMPLE)
    with market.store.begin(market.as_operator()) as unit:
        half, tenth = PercentOff(Decimal("0.5")), PercentOff(Decimal("0.1"))
        unit.repository(PROMOTIONS).add(Promotion("FEW", half, limits=Limits(uses=USES)))
        money = Money.from_minor(BUDGET, "EUR")
        unit.repository(PROMOTIONS).add(Promotion("PURSE", tenth, limits=Limits(budget=money)))
        unit.commit()

    refused: list[str] = []

    def buy(number: int) -> dict[str, int] | None:
        cart = Cart.of(
            f"cart-{number}", buyer=f"buyer-{number}", lines=[CartLine("l1", "tripod", 1, offer="bolt-tripod")]
        )
        try:
            order = market.place(cart, key=f"k{number}", scope=market.as_operator())
        except PlacementRefused as refusal:
            refused.extend(issue.code for issue in refusal.issues)
            return None
        lowered = order.totals.discount_total.minor
        used = [one.key for one in order.marketplace_order.reductions]
        return dict.fromkeys(used, lowered)

    with ThreadPoolExecutor(6) as threads:
        orders = [order for order in threads.map(buy, range(BUYERS)) if order is not None]
    assert set(refused) <= {"promotion-exhausted", "out-of-stock"}
    uses = sum(any(key.startswith("promotion:FEW") for key in order) for order in orders)
    with market.store.begin(market.as_operator()) as unit:
        claimed = {name: unit.counters.count(f"promotion/{name}") for name in ("FEW/uses", "PURSE/budget")}
    assert 0 < uses <= USES
    assert claimed["FEW/uses"] == uses
    assert 0 < claimed["PURSE/budget"] <= BUDGET
    assert market.verify() == ()
    market.close()


@pytest.mark.parametrize("name", STORES)
def test_what_is_cancelled_at_once_is_given_back_once(name: str, tmp_path: Path) -> None:
    market = Marketplace(
        open_store(name, tmp_path, KINDS), "EUR", clock=ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
    )
    market.load(EXAMPLE)
    money = Money.from_minor(10**6, "EUR")
    limits = Limits(uses=BUYERS, budget=money)
    market.promotions.save(Promotion("ALL", PercentOff(Decimal("0.1")), limits=limits), scope=market.as_operator())
    orders = []
    for number in range(4):
        cart = Cart.of(
            f"cart-{number}", buyer=f"buyer-{number}", lines=[CartLine("l1", "tripod", 2, offer="bolt-tripod")]
        )
        orders.append(market.place(cart, key=f"k{number}", scope=market.as_operator()))
    canceled = orders[:3]

    def cancel(job: tuple[int, int]) -> None:
        """Cancel one piece of an order; each request is sent twice, by two callers at once."""
        number, piece = job
        part = canceled[number].merchant_orders[0].id
        key = f"cancel-{number}-{piece}"
        market.fire(part, "cancel by merchant", key=key, scope=market.as_operator(), lines={"l1": 1})

    jobs = [(number, piece) for number in range(3) for piece in range(2) for _ in range(2)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(cancel, jobs))
    with market.store.begin(market.as_operator()) as unit:
        claimed = [unit.counters.count(f"promotion/ALL/{name}") for name in ("uses", "budget")]
    assert claimed == [1, orders[3].totals.discount_total.minor]
    assert market.verify() == ()
    market.close()


def test_a_limit_is_one_that_a_counter_can_hold() -> None:
    for wrong in (
        {"uses": -1},
        {"per_buyer": 2**63},
        {"budget": Money.of(-1, "EUR")},
        {"budget": Money.of(2**62, "EUR")},
    ):
        with pytest.raises(InvalidValue, match="64 bits"):
            Limits(**wrong)
    assert Limits(uses=2**63 - 1, budget=Money.from_minor(2**63 - 1, "EUR")).per_buyer is None
