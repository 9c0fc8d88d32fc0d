"""However an order's pieces go to and fro, on hand and reserved are what a count of the pieces by hand says."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.actions import CancelByMerchant, ReceiveReturn
from mktcore.persistence import Scope
from mktcore.processes import EventRefused
from mktcore.stock import ReturnCondition
from mktcore.testing.fakes import CountingIds, ManualClock
from orders.made_orders import NOON
from orders.test_goods_come_back import PROCESSES, UNDO

PIECES, COUNTED = 4, 12
BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
PLAIN = ("pick", "ship", "deliver", UNDO, "accept cancellation", "refuse cancellation", "refuse return", "refund")
IN_WAREHOUSE = ("new", "picking", "cancellation asked")
WITH_BUYER = ("shipped", "delivered", "return asked")

conditions = st.sampled_from([None, *ReturnCondition])
steps = st.one_of(
    st.sampled_from(PLAIN),
    st.sampled_from(["ask to cancel", "ask to return"]),
    st.builds(lambda condition: ReceiveReturn(condition=condition), conditions),
    st.builds(lambda condition: CancelByMerchant(condition=condition), conditions),
)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.tuples(steps, st.integers(1, PIECES)), min_size=4, max_size=14))
def test_stock_is_what_a_count_by_hand_says(taken: list[tuple[object, int]]) -> None:
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=PROCESSES)
    market.load(EXAMPLE)
    lines = [CartLine("l1", "tripod", PIECES, offer="bolt-tripod")]
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k", scope=BUYER)
    lost, before = 0, Counter({"new": PIECES})
    for number, (action, pieces) in enumerate(taken):
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
