"""What happens between placing and closing, in the second version of the processes: goods and money follow."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.ledger import Account
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.actions import Action, AskToCancel, BackOrder, HoldPieces, Lose, RefuseAtDoor, Release, UndoShipment
from mktcore.orders.verify_stock_moves import verify_stock_moves
from mktcore.persistence import Scope
from mktcore.processes import EventRefused, verify
from mktcore.stock import ReturnCondition
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,10.00,9\n",
    "commission_rules.csv": "rule,rate\nall,0.10\n",
}
ACME, BUYER, OPERATOR, PART = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator(), "order-1--acme"
CALLS = CountingIds()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as opened:
        cart = Cart.of("cart-1", buyer="b1", lines=[CartLine("l1", "lens", 5, offer="lens")])
        opened.place(cart, key="k1", scope=BUYER)
        yield opened


def fire(market: Marketplace, action: Action | str, pieces: int | None = None) -> Mapping[str, int]:
    lines = None if pieces is None else {"l1": pieces}
    return market.fire(PART, action, key=CALLS.new_id("key"), scope=ACME, lines=lines).states["l1"]


def fire_whole(market: Marketplace, action: Action, pieces: int, scope: Scope) -> Mapping[str, int]:
    order = market.orders.fire("order-1", action, key=CALLS.new_id("key"), scope=scope, lines={"l1": pieces})
    return order.merchant_orders[0].states["l1"]


def find_level(market: Marketplace) -> tuple[int, int]:
    with market.store.begin(OPERATOR) as unit:
        level = unit.stock.find_levels(["lens"])["lens"]
    return level.on_hand, level.reserved


def find_earned(market: Marketplace) -> int:
    """Return what the merchant has earned, less commission, in minor units."""
    return market.ledger.balance(Account("merchant:acme", "pending", "EUR"), scope=OPERATOR).minor


def tell(market: Marketplace) -> tuple[int, int, int]:
    """Return what the buyer pays, what was canceled and what was refunded."""
    figures = market.orders.get("order-1", scope=BUYER).totals
    assert market.verify() == ()
    return figures.grand_total.minor, figures.canceled_total.minor, figures.refund_total.minor


def test_they_are_sound_and_stock_can_follow_them() -> None:
    assert verify(MERCHANT_PROCESS) == verify(MARKETPLACE_PROCESS) == verify_stock_moves(MERCHANT_PROCESS) == ()


def test_a_lost_parcel_is_refunded_and_stays_away(market: Marketplace) -> None:
    fire(market, "ship", 3)
    assert fire(market, Lose("carrier-lost"), 2) == {"new": 2, "shipped": 1, "lost": 2}
    assert tell(market) == (5_000, 0, 0)
    fire(market, "refund", 1)
    assert fire(market, "deliver", 2) == {"new": 2, "delivered": 2, "written off": 1}
    assert tell(market) == (5_000, 0, 1_000)
    assert find_level(market) == (6, 2)
    [commission] = market.orders.get_merchant_order(PART, scope=ACME).commission_reversals or ()
    assert str(commission.amount) == "1.00 EUR"


def test_what_is_refused_at_the_door_comes_back_in_its_condition_and_is_refunded(market: Marketplace) -> None:
    fire(market, "ship", 3)
    fire(market, RefuseAtDoor("nobody-there"), 1)
    fire(market, RefuseAtDoor("broken", ReturnCondition.DAMAGED), 1)
    assert find_level(market) == (7, 2)
    assert fire(market, "refund") == {"new": 2, "shipped": 1, "refunded": 2}
    assert tell(market) == (5_000, 0, 2_000)


def test_what_was_shipped_by_mistake_is_reserved_again_and_earns_once(market: Marketplace) -> None:
    fire(market, "ship", 2)
    assert find_level(market) == (7, 3)
    assert fire(market, UndoShipment("wrong-order"), 1) == {"new": 3, "shipped": 1, "recalled": 1}
    assert find_level(market) == (8, 4)
    before = find_earned(market)
    # Of four pieces that are open one is shipped again; the money of one was earned before, and is not earned twice.
    assert fire(market, "ship") == {"shipped": 5}
    assert (before, find_earned(market)) == (1_800, 4_500)
    assert find_level(market) == (4, 0)
    assert tell(market) == (5_000, 0, 0)


def test_what_never_left_may_be_canceled_and_its_money_goes_back(market: Marketplace) -> None:
    fire(market, "ship", 2)
    fire(market, UndoShipment(), 1)
    assert fire(market, "cancel by merchant", 4) == {"shipped": 1, "canceled": 4}
    assert find_earned(market) == 900
    assert tell(market) == (2_000, 3_000, 1_000)


def test_a_held_order_is_not_shipped_until_it_is_released_and_the_buyer_is_not_told_why(market: Marketplace) -> None:
    fire(market, "pick", 1)
    assert fire_whole(market, HoldPieces("address-review"), 5, OPERATOR) == {"held": 5}
    with pytest.raises(EventRefused):
        fire(market, "ship", 1)
    with pytest.raises(EventRefused):
        fire_whole(market, Release(), 1, BUYER)
    seen = market.orders.page_history("order-1", scope=BUYER).items[-1]
    assert (seen.action, seen.moves[-1].target) == (None, "held")
    assert fire_whole(market, Release("address-confirmed"), 4, OPERATOR) == {"new": 4, "held": 1}
    assert fire(market, "ship", 4) == {"held": 1, "shipped": 4}
    market.orders.cancel("order-1", key="c1", scope=OPERATOR)
    assert tell(market) == (4_000, 1_000, 0)


def test_of_a_split_order_one_item_is_on_back_order_with_a_date_and_its_buyer_may_leave(market: Marketplace) -> None:
    fire(market, "ship", 3)
    assert fire(market, BackOrder("sold-out", date(2026, 8, 1)), 2) == {"shipped": 3, "back-ordered": 2}
    seen = market.orders.page_history("order-1", scope=BUYER).items[-1].action
    assert isinstance(seen, BackOrder)
    assert seen.expected == date(2026, 8, 1)
    assert fire_whole(market, AskToCancel("too-late"), 1, BUYER) == {"shipped": 3, "back-ordered": 1, "canceled": 1}
    assert fire(market, "ship", 1) == {"shipped": 4, "canceled": 1}
    assert tell(market) == (4_000, 1_000, 0)


def test_a_merchant_that_does_not_answer_within_two_days_has_agreed(market: Marketplace, clock: ManualClock) -> None:
    fire_whole(market, AskToCancel(), 2, BUYER)
    clock.advance(timedelta(hours=47))
    assert market.orders.expire() == 0
    clock.advance(timedelta(hours=1))
    assert market.orders.expire() == 1
    assert tell(market) == (3_000, 2_000, 0)


def test_a_date_is_a_date() -> None:
    with pytest.raises(InvalidValue):
        BackOrder(expected=NOON)
