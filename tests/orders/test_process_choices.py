"""Several pairs of processes beside each other, and orders of the first version that come to the second."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order, OrderProcesses
from mktcore.orders.actions import Deliver, Lose, UndoShipment
from mktcore.orders.bind_processes import bind_order_processes, bind_part_process
from mktcore.orders.cancellation_policy import CancellationPolicy
from mktcore.orders.check_processes import ProcessesRefused, check_processes
from mktcore.orders.legacy_processes import FIRST_INTERACTION, FIRST_MARKETPLACE_PROCESS, FIRST_MERCHANT_PROCESS
from mktcore.orders.order_migration import OrderMigration
from mktcore.orders.order_processes import ProcessChoice
from mktcore.payments import Payment
from mktcore.persistence import Scope
from mktcore.processes import bind_portions
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\ncoda,Coda\n",
    "categories.csv": "category,parent,name\ngoods,,Goods\nfiles,,Files\n",
    "skus.csv": "sku,name,tax_category,category\nlens,Lens,,goods\nsong,Song,,files\ntune,Tune,,files\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nlens,acme,lens,10.00,99\nsong,acme,song,1.00,99\nlens-b,bolt,lens,11.00,99\n"
        "tune,coda,tune,2.00,99\n"
    ),
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()
FREE = CancellationPolicy(free_for=timedelta(days=14))
CHOICES = (
    ProcessChoice(bind_order_processes(suffix="-digital"), categories={"files"}),
    ProcessChoice(bind_order_processes(FREE, suffix="-invoice"), methods={"invoice"}),
    ProcessChoice(bind_order_processes(suffix="-bolt"), merchants={"bolt"}),
)
FIRST = OrderProcesses(
    bind_portions(FIRST_MARKETPLACE_PROCESS), bind_portions(FIRST_MERCHANT_PROCESS), FIRST_INTERACTION
)


def open_market(folder: Path, url: str, clock: ManualClock, processes: OrderProcesses) -> Marketplace:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    market = Marketplace.open(url, "EUR", clock=clock, ids=CountingIds(), processes=processes)
    market.load(folder)
    return market


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'market.db'}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def market(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    processes = attrs.evolve(bind_order_processes(), choices=CHOICES)
    with open_market(tmp_path, "memory://", clock, processes) as opened:
        yield opened


def place(market: Marketplace, name: str, *offers: str, method: str | None = None) -> Order:
    lines = [CartLine(f"l{number}", offer.removesuffix("-b"), 3, offer=offer) for number, offer in enumerate(offers)]
    cart = Cart.of(name, buyer="b1", lines=lines)
    if method is not None:
        total = market.simulate(cart, scope=OPERATOR).totals.order.grand_total
        cart = attrs.evolve(cart, payments=(Payment(method, total),))
    return market.place(cart, key=name, scope=OPERATOR)


def test_goods_payment_and_merchant_choose_the_process_and_mixed_orders_are_as_all_others(
    market: Marketplace, clock: ManualClock
) -> None:
    placed = {
        "digital": place(market, "c1", "song"),
        "invoice": place(market, "c2", "lens", method="invoice"),
        "bolt": place(market, "c3", "lens-b"),
        "": place(market, "c4", "lens", "lens-b"),
        "mixed goods": place(market, "c5", "lens", "song"),
    }
    names = {name: order.marketplace_order.fulfilment.process for name, order in placed.items()}
    assert names == {
        "digital": "marketplace-order-digital",
        "invoice": "marketplace-order-invoice",
        "bolt": "marketplace-order-bolt",
        "": "marketplace-order",
        "mixed goods": "marketplace-order",
    }
    # Who pays by invoice cancels freely, and everybody else asks.
    for name, expected in (("invoice", {"new": 2, "canceled": 1}), ("digital", {"new": 2, "cancellation asked": 1})):
        order = placed[name]
        market.orders.cancel(order.id, {"l0": 1}, key=name, scope=BUYER)
        assert market.orders.get(order.id, scope=BUYER).merchant_orders[0].states["l0"] == expected
    clock.advance(timedelta(days=2))
    assert market.orders.expire() == 1
    assert market.verify() == ()


PARTS = (
    bind_part_process(suffix="-digital", categories={"files"}),
    bind_part_process(FREE, suffix="-bolt", merchants={"bolt"}),
)


def test_each_part_of_a_mixed_order_goes_through_the_process_of_its_merchant_or_goods(
    url: str, tmp_path: Path, clock: ManualClock
) -> None:
    processes = attrs.evolve(bind_order_processes(), parts=PARTS)
    with open_market(tmp_path, url, clock, processes) as market:
        order = place(market, "c1", "lens", "lens-b", "tune")
        assert {part.merchant: part.fulfilment.process for part in order.merchant_orders} == {
            "acme": "merchant-order",
            "bolt": "merchant-order-bolt",
            "coda": "merchant-order-digital",
        }
        # One call over all of them: bolt's pieces are free to cancel, and the others are asked about.
        preview = market.orders.preview_cancel(order.id, {"l0": 1, "l1": 1, "l2": 1}, scope=BUYER)
        assert (preview.canceled, preview.asked) == ({"l1": 1}, {"l0": 1, "l2": 1})
        market.orders.cancel(order.id, {"l0": 1, "l1": 1, "l2": 1}, key="x", scope=BUYER, agreed=preview)
        market.fire("order-1--coda", "accept cancellation", key="a", scope=Scope.merchant("coda"))
        for merchant in ("acme", "bolt", "coda"):
            scope = Scope.merchant(merchant)
            sent = market.shipments.ship(f"order-1--{merchant}", key=f"s{merchant}", scope=scope)
            market.shipments.fire(sent.id, Deliver(), key=f"d{merchant}", scope=scope)
        market.orders.fire("order-1", "ask to return", key="r", scope=BUYER, lines={"l1": 1})
        market.fire("order-1--bolt", "receive return", key="rr", scope=Scope.merchant("bolt"))
        clock.advance(timedelta(days=31))
        market.orders.expire()
        states = {part.merchant: part.states for part in market.orders.get("order-1", scope=OPERATOR).merchant_orders}
        assert states == {
            # acme answered by shipping what it was asked about.
            "acme": {"l0": {"closed": 3}},
            "bolt": {"l1": {"canceled": 1, "closed": 1, "returned": 1}},
            "coda": {"l2": {"canceled": 1, "closed": 2}},
        }
        assert market.verify() == ()


def test_a_process_of_parts_that_cannot_talk_with_the_whole_is_refused_when_the_market_is_composed() -> None:
    [digital, _] = PARTS
    deaf = attrs.evolve(digital, interaction=attrs.evolve(digital.interaction, links=()))
    links = [link for link in digital.interaction.links if link.event != "deliver"]
    silent = attrs.evolve(digital, interaction=attrs.evolve(digital.interaction, links=links))
    for parts, where in (([deaf], "parts[0].interaction.links"), ([digital, digital], "parts[1].part")):
        with pytest.raises(ProcessesRefused) as refused:
            Marketplace.in_memory("EUR", processes=attrs.evolve(bind_order_processes(), parts=parts))
        assert [one.where for one in refused.value.problems] == [where]
    with pytest.raises(ProcessesRefused, match="everything can end in 'closed' / 'refunded'"):
        check_processes(attrs.evolve(bind_order_processes(), parts=[silent]))


def test_orders_of_one_process_migrate_part_by_part(tmp_path: Path, clock: ManualClock) -> None:
    with open_market(tmp_path, "memory://", clock, FIRST) as market:
        place(market, "c1", "lens", "lens-b")
        # Later the market has processes of parts: those orders stay on what they began on, or come to the default.
        processes = attrs.evolve(bind_order_processes(), parts=PARTS)
        later = Marketplace(market.store, "EUR", clock=clock, ids=CountingIds(), processes=processes)
        later.orders.migrate(OrderMigration(FIRST, reason="parts"), scope=OPERATOR)
        order = later.orders.get("order-1", scope=OPERATOR)
        assert {part.fulfilment.process for part in order.merchant_orders} == {"merchant-order"}
        assert later.verify() == ()


def test_two_pairs_of_one_name_are_refused() -> None:
    twice = ProcessChoice(bind_order_processes(FREE), categories={"files"})
    with pytest.raises(ProcessesRefused, match="held already"):
        check_processes(attrs.evolve(bind_order_processes(), choices=(twice,)))


def test_live_orders_of_the_first_version_migrate_in_whatever_state_they_are(url: str, tmp_path: Path) -> None:
    clock = ManualClock(NOON)
    with open_market(tmp_path, url, clock, FIRST) as market:
        part = place(market, "c1", "lens", "song", "lens-b").merchant_orders[0].id
        fire = market.fire
        fire(part, "pick", key="f1", scope=ACME, lines={"l0": 2})
        fire(part, "ship", key="f2", scope=ACME, lines={"l1": 2})
        fire(part, "deliver", key="f3", scope=ACME, lines={"l1": 1})
        market.orders.cancel("order-1", {"l0": 1}, key="f4", scope=BUYER)
        fire("order-1--bolt", "cancel by merchant", key="f5", scope=Scope.merchant("bolt"), lines={"l2": 1})
        market.orders.fire("order-1", "ask to return", key="f6", scope=BUYER, lines={"l1": 1})
        before = market.orders.get("order-1", scope=OPERATOR)
        assert before.marketplace_order.fulfilment.version == 1
        later = Marketplace(market.store, "EUR", clock=clock, ids=CountingIds())
        migration = OrderMigration(FIRST, reason="back-orders")
        [planned] = later.orders.plan_migration(migration, scope=OPERATOR).items
        assert planned.problems == ()
        later.orders.migrate(migration, scope=OPERATOR)
        after = later.orders.get("order-1", scope=OPERATOR)
        assert {one.version for one in after.subjects().values()} == {2}
        assert [one.states for one in after.merchant_orders] == [one.states for one in before.merchant_orders]
        assert after.totals == before.totals
        assert later.verify() == ()
        # What only the second version has; the first shipment is still one.
        [shipment] = after.get_part(part).shipments
        later.shipments.fire(shipment, UndoShipment("wrong-order"), key="m1", scope=ACME)
        sent = later.shipments.ship(part, {"l1": 1}, key="m2", scope=ACME)
        later.shipments.fire(sent.id, Lose(), key="m3", scope=ACME)
        later.shipments.fire(sent.id, Deliver(), key="m4", scope=ACME)
        clock.advance(timedelta(days=40))
        later.orders.expire()
        assert later.verify() == ()
