"""Gift cards and licence keys: asked for once when they are paid for, and issued once, whatever is tried again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders.actions.shipments import Issue
from mktcore.orders.events import GoodsToIssue
from mktcore.persistence import Scope
from mktcore.processes.errors import EventRefused
from mktcore.testing.fakes import ManualClock

CARDS = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\ncard,Gift card,\nmug,Mug,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,counted,issued\ncard,acme,card,50.00,,no,yes\nmug,acme,mug,5.00,9,,\n"
    ),
}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), CARDS) as market:
        yield market


def place(market: Marketplace) -> str:
    lines = [CartLine("cards", "card", 2), CartLine("mugs", "mug", 1)]
    cart = Cart.of("c1", buyer="ann", lines=lines)
    orders = [market.place(cart, key="k", scope=market.as_buyer("ann")) for _ in range(2)]
    assert orders[0] == orders[1]
    return orders[0].merchant_orders[0].id


def find_asked(market: Marketplace, order: str) -> list[GoodsToIssue]:
    with market.store.begin(market.as_operator()) as unit:
        found = unit.find_events("goods_to_issue", f"{order}/cards")
    return [one.event for one in found if isinstance(one.event, GoodsToIssue)]


def read_actions(market: Marketplace, part: str, scope: Scope) -> list[object]:
    steps = market.orders.page_merchant_order_history(part, scope=scope).items
    return [step.action for step in steps if step.action is not None]


def test_a_paid_card_is_asked_for_once_and_issued_once(market: Marketplace) -> None:
    part = place(market)
    [asked] = find_asked(market, part.partition("--")[0])
    assert (asked.merchant_order, asked.line, asked.sku, asked.quantity) == (part, "cards", "card", 2)
    answer = Issue(["GIFT-1", "GIFT-2"])
    operator = market.as_operator()
    for _ in range(2):
        # Delivered again, the event is answered again, under its own key.
        market.fire(part, answer, key=asked.subject, scope=operator, lines={"cards": 2})
    with pytest.raises(EventRefused):
        market.fire(part, Issue(["GIFT-3"]), key="another", scope=operator, lines={"cards": 1})
    assert len(find_asked(market, part.partition("--")[0])) == 1
    assert market.verify() == ()


def test_the_codes_are_the_buyers_and_no_message_holds_them(market: Marketplace) -> None:
    part = place(market)
    market.fire(part, Issue(["GIFT-1", "GIFT-2"]), key="k1", scope=market.as_operator(), lines={"cards": 2})
    assert read_actions(market, part, market.as_merchant("acme")) == []
    for scope in (market.as_operator(), market.as_buyer("ann")):
        assert read_actions(market, part, scope) == [Issue(["GIFT-1", "GIFT-2"])]
    assert "GIFT" not in repr(Issue(["GIFT-1"]))
    for codes in ([], ["GIFT-1", "GIFT-1"], ["GIFT-1", ""], "GIFT-1"):
        with pytest.raises(InvalidValue) as refused:
            Issue(codes)
        assert "GIFT" not in str(refused.value)


def test_a_canceled_card_is_not_issued(market: Marketplace) -> None:
    part, operator = place(market), market.as_operator()
    market.fire(part, "cancel by merchant", key="c", scope=operator, lines={"cards": 1})
    with pytest.raises(EventRefused):
        market.fire(part, Issue(["GIFT-1", "GIFT-2"]), key="k1", scope=operator, lines={"cards": 2})
    market.fire(part, Issue(["GIFT-1"]), key="k2", scope=operator, lines={"cards": 1})
    assert market.verify() == ()
