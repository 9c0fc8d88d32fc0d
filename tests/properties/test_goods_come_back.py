"""However an order's pieces go to and fro, on hand and reserved are what a count of the pieces by hand says."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import open_in_memory
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.marketplace.settings import Settings
from mktcore.orders.actions import CancelByMerchant, ReceiveReturn
from mktcore.persistence import Scope
from mktcore.processes import EventRefused
from mktcore.stock import ReturnCondition
from mktcore.testing.fakes import ManualClock
from orders.made_orders import NOON
from orders.test_goods_come_back import PROCESSES, UNDO

PIECES, COUNTED = 4, 12
BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
OPEN = {
    "new": ("pick", "ship", "cancel by merchant", "ask to cancel"),
    "picking": ("ship", "cancel by merchant", "ask to cancel"),
    "cancellation asked": ("accept cancellation", "refuse cancellation", "ship"),
    "shipped": ("deliver", UNDO, "cancel by merchant"),
    "delivered": ("ask to return",),
    "return asked": ("receive return", "refuse return"),
    "returned": ("refund",),
}
"""What can happen in each state, so that what is drawn nearly always does."""
CONDITIONED = {"receive return": ReceiveReturn, "cancel by merchant": CancelByMerchant}
IN_WAREHOUSE = ("new", "picking", "cancellation asked")
WITH_BUYER = ("shipped", "delivered", "return asked")

conditions = st.sampled_from([None, *ReturnCondition])


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data(), st.integers(6, 16))
def test_stock_is_what_a_count_by_hand_says(data: st.DataObject, steps: int) -> None:
    market = open_in_memory(ManualClock(NOON), settings=Settings(processes=PROCESSES))
    lines = [CartLine("l1", "tripod", PIECES, offer="bolt-tripod")]
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k", scope=BUYER)
    lost, before = 0, Counter({"new": PIECES})
    for number in range(steps):
        here = sorted(before.keys() & OPEN.keys())
        if not here:
            break
        name = data.draw(st.sampled_from(OPEN[data.draw(st.sampled_from(here))]))
        pieces, condition = data.draw(st.integers(1, 2)), data.draw(conditions)
        action = CONDITIONED[name](condition=condition) if name in CONDITIONED else name
        try:
            fire(market, action, pieces, key=f"k{number}")
        except EventRefused:
            continue
        after = Counter(market.orders.get_merchant_order("order-1--bolt", scope=BOLT).states["l1"])
        lost += count_lost(action, before, after)
        before = after
        with market.store.begin(market.as_operator()) as unit:
            level = unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"]
        away = sum(after[state] for state in WITH_BUYER)
        assert (level.on_hand, level.reserved) == (COUNTED - away - lost, sum(after[state] for state in IN_WAREHOUSE))
    assert market.verify() == ()


def fire(market: Marketplace, action: object, pieces: int, *, key: str) -> None:
    lines = {"l1": pieces}
    if action in {"ask to cancel", "ask to return"}:
        market.orders.fire("order-1", str(action), key=key, scope=BUYER, lines=lines)
    else:
        market.fire("order-1--bolt", action, key=key, scope=BOLT, lines=lines)  # type: ignore[arg-type]  # as drawn


def count_lost(action: object, before: Counter[str], after: Counter[str]) -> int:
    """Return how many pieces came from the buyer by this action in a condition in which nobody buys them."""
    condition = getattr(action, "condition", None)
    if condition in {None, ReturnCondition.SELLABLE}:
        return 0
    return sum(before[state] - after[state] for state in WITH_BUYER)
