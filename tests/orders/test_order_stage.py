"""How far an order is: told by the states of its pieces, kept on the record, and known of what is older."""

import json

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, Order, has_ordered
from mktcore.orders.order_stage import OrderStage, name_process
from mktcore.orders.stored import STORED
from mktcore.persistence import Scope
from mktcore.persistence.ranges import AtLeast

OPERATOR, BUYER = Scope.operator(), Scope.buyer("buyer-1")


@pytest.fixture
def order(market: Marketplace) -> Order:
    lines = (CartLine("l1", "tripod", 2, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    return market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)


def list_stages(market: Marketplace) -> list[str]:
    order = market.orders.get("order-1", scope=OPERATOR)
    return [order.marketplace_order.stage, *(part.stage for part in order.merchant_orders)]


def has_bought(market: Marketplace) -> bool:
    with market.store.begin(OPERATOR) as unit:
        return has_ordered(unit, "buyer-1")


@pytest.mark.usefixtures("order")
def test_an_order_is_cancelled_with_its_last_piece(market: Marketplace) -> None:
    assert list_stages(market) == ["open", "open", "open"]
    market.fire("order-1--bolt", "cancel by merchant", key="c1", scope=OPERATOR, lines={"l1": 1})
    market.fire("order-1--acme", "cancel by merchant", key="c2", scope=OPERATOR)
    assert list_stages(market) == ["open", "open", "canceled"]
    assert has_bought(market)
    market.fire("order-1--bolt", "cancel by merchant", key="c3", scope=OPERATOR)
    assert list_stages(market) == ["canceled", "canceled", "canceled"]
    assert not has_bought(market)
    assert market.verify() == ()


@pytest.mark.usefixtures("order")
def test_an_order_of_which_a_piece_was_sold_is_closed_and_still_was_one(market: Marketplace) -> None:
    market.fire("order-1--bolt", "ship", key="s1", scope=OPERATOR, lines={"l1": 1})
    market.fire("order-1--bolt", "deliver", key="d1", scope=OPERATOR)
    market.fire("order-1--bolt", "cancel by merchant", key="c1", scope=OPERATOR)
    market.fire("order-1--acme", "cancel by merchant", key="c2", scope=OPERATOR)
    market.orders.fire("order-1", "close", key="e1", scope=OPERATOR)
    assert list_stages(market) == ["closed", "closed", "canceled"]
    assert has_bought(market)


@pytest.mark.usefixtures("order")
def test_what_is_open_is_found_by_the_process_it_is_on(market: Marketplace) -> None:
    market.fire("order-1--acme", "cancel by merchant", key="c1", scope=OPERATOR)
    with market.store.begin(OPERATOR) as unit:
        wholes = unit.repository(MARKETPLACE_ORDERS).page({"open_on": "marketplace-order v2"}).items
        parts = unit.repository(MERCHANT_ORDERS).page({"open_on": AtLeast("")}, order="open_on").items
    assert [one.id for one in wholes] == ["order-1"]
    assert [one.id for one in parts] == ["order-1--bolt"]


def test_the_name_of_a_process_fits_a_column_and_is_no_others() -> None:
    long, other = ("p" * 199 + end for end in "ab")
    assert name_process("merchant-order", 3) == "merchant-order v3"
    assert len({name_process(long, 1), name_process(other, 1), name_process(long, 2)}) == 3
    assert len(name_process(long, 10**6)) <= 120


def upcast(process: str, *states: str) -> object:
    """Return how far an order of release 0.1.0 with pieces in these states is."""
    portions = [{"line": "l1", "state": state} for state in states]
    [declared] = [one for one in STORED if one.tag == "orders.merchant-order"]
    old = json.loads(json.dumps({"id": "o", "fulfilment": {"process": process, "portions": portions}}))
    return declared.upcasters[1](old)["stage"]


def test_orders_of_the_first_release_are_as_far_as_their_states_say() -> None:
    assert upcast("merchant-order", "canceled", "canceled") == OrderStage.CANCELED
    assert upcast("marketplace-order", "canceled", "closed", "refunded") == OrderStage.CLOSED
    assert upcast("merchant-order", "canceled", "shipped") == OrderStage.OPEN
    assert upcast("marketplace-order") == OrderStage.OPEN
    assert upcast("a-hosts-own", "canceled") == OrderStage.OPEN


def test_a_stage_that_its_pieces_contradict_is_found(market: Marketplace, order: Order) -> None:
    del order
    with market.store.begin(OPERATOR) as unit:
        stored = unit.repository(MARKETPLACE_ORDERS).get("order-1")
        unit.repository(MARKETPLACE_ORDERS).save(attrs.evolve(stored, stage=OrderStage.CANCELED))
        unit.commit()
    assert [(one.code, one.where) for one in market.verify()] == [("I15", "order-1.stage")]
