"""A market whose orders run on a pair of Spryker's process files: placed, shipped in part, canceled, closed."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.connectors.spryker import load_process
from mktcore.marketplace import Marketplace
from mktcore.orders import OrderProcesses
from mktcore.persistence import Scope
from mktcore.processes import bind_portions, verify_jointly
from mktcore.processes.machine import DONE
from mktcore.processes.portions import Interaction, Link
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,10.00,99\n",
}
ACME, OPERATOR = Scope.merchant("acme"), Scope.operator()
PART = "order-1--acme"

LEFT = ("shipped", "delivered", "closed")
Way = tuple[str, str, str]


def write(file: Path, dialect: str, *, states: Iterable[str], ways: Iterable[Way], events: Iterable[str]) -> None:
    """Write a process file of Spryker's: states and events as elements, ways as source, target and event."""
    transitions = "".join(
        f"<transition><source>{source}</source><target>{target}</target><event>{event}</event></transition>"
        for source, target, event in ways
    )
    file.write_text(
        f'<statemachine xmlns="spryker:{dialect}"><process name="{file.stem}" main="true"><states>{"".join(states)}'
        f"</states><transitions>{transitions}</transitions><events>{''.join(events)}</events></process></statemachine>"
    )


def name_manual(*names: str) -> list[str]:
    return [f'<event name="{name}" manual="true"/>' for name in names]


@pytest.fixture
def pair(tmp_path: Path) -> OrderProcesses:
    write(
        tmp_path / "Order.xml",
        "oms-01",
        states=[
            *(f'<state name="{name}" reserved="true"/>' for name in ("new", "paid", "sent to merchant")),
            *(
                f'<state name="{one}"><flag>ready for invoice</flag></state>'
                for one in ("shipped", "delivered", "closed")
            ),
            '<state name="canceled"><flag>exclude from invoice</flag></state>',
        ],
        ways=[
            ("new", "paid", "authorise"),
            ("paid", "sent to merchant", "send to merchant"),
            ("sent to merchant", "shipped", "ship by merchant"),
            ("shipped", "delivered", "deliver"),
            ("delivered", "closed", "close"),
            ("sent to merchant", "canceled", "cancel"),
        ],
        events=[
            '<event name="authorise"/>',
            '<event name="send to merchant" command="Merchant/CreateOrders"/>',
            *name_manual("close"),
            *(f'<event name="{name}"/>' for name in ("ship by merchant", "deliver", "cancel")),
        ],
    )
    write(
        tmp_path / "Merchant.xml",
        "state-machine-01",
        states=[
            *(f'<state name="{name}"><flag>reserved</flag></state>' for name in ("created", "new")),
            *(f'<state name="{name}"/>' for name in LEFT),
            '<state name="canceled"><flag>exclude from invoice</flag></state>',
        ],
        ways=[
            ("created", "new", "initiate"),
            ("new", "shipped", "ship"),
            ("shipped", "delivered", "deliver"),
            ("delivered", "closed", "close"),
            ("new", "canceled", "cancel"),
        ],
        events=[
            '<event name="initiate" onEnter="true"/>',
            '<event name="close"/>',
            *name_manual("ship", "deliver", "cancel"),
        ],
    )
    whole, part = load_process(tmp_path / "Order.xml"), load_process(tmp_path / "Merchant.xml")
    links = [
        Link("Order", "send to merchant", receiver="Merchant", fires=None),
        Link("Merchant", "ship", receiver="Order", fires="ship by merchant"),
        Link("Merchant", "deliver", receiver="Order", fires="deliver"),
        Link("Merchant", "cancel", receiver="Order", fires="cancel"),
        Link("Order", "close", receiver="Merchant", fires="close"),
    ]
    same = [(name, name) for name in (*LEFT, "canceled")]
    machine = bind_portions(whole, commands={"Merchant/CreateOrders": lambda _: DONE})
    return OrderProcesses(machine, bind_portions(part), Interaction("Order", "Merchant", links, same))


def open_market(folder: Path, pair: OrderProcesses) -> Marketplace:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=pair)
    market.load(folder)
    cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", "lens", 5, offer="lens")])
    market.place(cart, key="p", scope=OPERATOR)
    return market


def test_the_pair_is_sound_together(pair: OrderProcesses) -> None:
    report = verify_jointly(pair.whole.process, pair.part.process, pair.interaction)
    assert report.findings == ()


def test_orders_live_on_it_with_goods_and_money(pair: OrderProcesses, tmp_path: Path) -> None:
    market = open_market(tmp_path, pair)
    market.fire(PART, "ship", key="s", scope=ACME, lines={"l1": 3})
    preview = market.orders.preview_cancel(PART, scope=ACME)
    assert (preview.canceled, str(preview.amount)) == ({"l1": 2}, "20.00 EUR")
    market.orders.cancel(PART, key="c", scope=ACME, agreed=preview)
    market.fire(PART, "deliver", key="d", scope=ACME)
    market.orders.fire("order-1", "close", key="x", scope=OPERATOR)
    order = market.orders.get("order-1", scope=OPERATOR)
    assert order.marketplace_order.fulfilment.states() == {"l1": {"canceled": 2, "closed": 3}}
    assert str(order.totals.grand_total) == "30.00 EUR"
    assert market.stock.levels.get("lens", scope=OPERATOR).available == 96
    assert market.verify() == ()


SOURCES = {"ship": "new", "cancel": "new", "deliver": "shipped", "close": "delivered"}


def test_whatever_is_fired_in_whatever_order_both_keep_in_step(pair: OrderProcesses, tmp_path: Path) -> None:
    market, chance = open_market(tmp_path, pair), Random(7)  # noqa: S311 - a life to repeat, and no secret
    for step in range(30):
        event = chance.choice(list(SOURCES))
        there = market.orders.get("order-1", scope=OPERATOR).get_part(PART).states["l1"].get(SOURCES[event], 0)
        if there:
            fire = market.orders.fire if event == "close" else market.fire
            order = "order-1" if event == "close" else PART
            fire(order, event, key=f"k{step}", scope=OPERATOR, lines={"l1": chance.randint(1, there)})
    part = market.orders.get("order-1", scope=OPERATOR).get_part(PART)
    assert set(part.states["l1"]) == {"canceled", "closed"}
    assert market.verify() == ()
