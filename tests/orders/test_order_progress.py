"""How far an order is, for people: told of pieces and payments, kept, listed and shown, by a host's own rule too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, OrderProcesses
from mktcore.orders.order_progress import OrderProgress, ProgressFacts, ProgressRefused, tell_progress
from mktcore.payments import Payment
from mktcore.persistence import Scope
from mktcore.processes import bind_portions
from mktcore.testing.fakes import ManualClock
from mktcore.views import Texts, view

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\nbook,bolt,book,10.00,99\n",
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
NOTHING, SOME = Money.of("0", "EUR"), Money.of("1.00", "EUR")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def place(market: Marketplace, name: str, *, is_paid: bool = True) -> str:
    lines = [CartLine("l1", "lens", 2), CartLine("l2", "book", 2)]
    payments = [Payment("card", Money.of("60.00", "EUR"))] if is_paid else []
    return market.place(Cart.of(name, buyer="b1", lines=lines, payments=payments), key=name, scope=OPERATOR).id


def find_progress(market: Marketplace, order: str) -> list[str]:
    """Return the progress of the whole, and of acme's part and bolt's."""
    found = market.orders.get(order, scope=OPERATOR)
    return [found.marketplace_order.progress, *(part.progress for part in found.merchant_orders)]


@pytest.mark.parametrize(
    ("pieces", "is_final", "payable", "told"),
    [
        # waiting, left, back, canceled
        ((0, 0, 0, 0), False, SOME, "due"),
        ((3, 0, 0, 0), False, SOME, "due"),
        ((3, 0, 0, 1), False, NOTHING, "paid"),
        ((1, 1, 0, 1), False, SOME, "part-shipped"),
        ((1, 0, 1, 0), False, NOTHING, "part-shipped"),
        ((0, 2, 1, 1), False, NOTHING, "shipped"),
        ((0, 2, 0, 1), True, SOME, "done"),
        ((0, 0, 2, 1), False, NOTHING, "returned"),
        ((0, 0, 2, 1), True, NOTHING, "returned"),
        ((0, 0, 0, 4), True, SOME, "canceled"),
    ],
)
def test_progress_is_told_of_pieces_and_payments(
    pieces: tuple[int, int, int, int], is_final: bool, payable: Money, told: str
) -> None:
    waiting, left, back, canceled = pieces
    facts = ProgressFacts(waiting=waiting, left=left, back=back, canceled=canceled, is_final=is_final, payable=payable)
    assert tell_progress(facts) == told


def test_an_order_goes_on_in_words(market: Marketplace) -> None:
    order = place(market, "c1")
    assert find_progress(market, order) == ["paid", "paid", "paid"]
    market.fire(f"{order}--acme", "ship", key="s1", scope=ACME, lines={"l1": 1})
    assert find_progress(market, order) == ["part-shipped", "part-shipped", "paid"]
    market.fire(f"{order}--bolt", "cancel by merchant", key="s2", scope=BOLT)
    assert find_progress(market, order) == ["part-shipped", "part-shipped", "canceled"]
    market.fire(f"{order}--acme", "ship", key="s3", scope=ACME)
    market.fire(f"{order}--acme", "deliver", key="s4", scope=ACME)
    assert find_progress(market, order) == ["shipped", "shipped", "canceled"]
    market.orders.fire(order, "close", key="s5", scope=OPERATOR)
    assert find_progress(market, order) == ["done", "done", "canceled"]
    assert market.verify() == ()


def test_an_order_whose_payment_nobody_named_is_due_until_it_leaves(market: Marketplace) -> None:
    order = place(market, "c1", is_paid=False)
    assert find_progress(market, order) == ["due", "due", "due"]
    market.fire(f"{order}--bolt", "ship", key="s1", scope=BOLT, lines={"l2": 1})
    assert find_progress(market, order) == ["part-shipped", "due", "part-shipped"]


def test_lists_go_by_progress(market: Marketplace) -> None:
    first, second = place(market, "c1"), place(market, "c2", is_paid=False)
    market.fire(f"{first}--acme", "ship", key="s1", scope=ACME)
    due = {"progress": "due"}
    assert [one.id for one in market.orders.marketplace_orders.page(scope=BUYER, where=due).items] == [second]
    shipped = market.orders.merchant_orders.page(scope=ACME, where={"progress": "shipped"}, order="-placed_at")
    assert [one.id for one in shipped.items] == [f"{first}--acme"]


def test_screens_show_it_in_the_hosts_words(market: Marketplace) -> None:
    order = market.orders.get(place(market, "c1"), scope=BUYER)
    shown = view(order, scope=BUYER, texts=Texts({"progress/paid": "Bezahlt"}))
    assert shown["progress"] == {"code": "paid", "text": "Bezahlt"}
    assert shown["reference"] == shown["number"] == "100001"


def test_a_host_tells_it_its_own_way(market: Marketplace) -> None:
    def tell(facts: ProgressFacts) -> str:
        return "packing" if facts.states["picking"] else tell_progress(facts)

    def with_own(own: object) -> Marketplace:
        whole, part = bind_portions(MARKETPLACE_PROCESS), bind_portions(MERCHANT_PROCESS)
        processes = OrderProcesses(whole, part, INTERACTION, progress=own)  # type: ignore[arg-type]
        return Marketplace(market.store, "EUR", processes=processes, clock=market.clock)

    order, own = place(market, "c1"), with_own(tell)
    own.fire(f"{order}--acme", "pick", key="s1", scope=ACME)
    assert find_progress(market, order) == ["paid", "packing", "paid"]
    for wrong in ("", "two words", "x" * 41, None):
        with pytest.raises(ProgressRefused):
            with_own(lambda _, told=wrong: told).fire(f"{order}--acme", "ship", key="s2", scope=ACME)
    assert find_progress(market, order) == ["paid", "packing", "paid"]
    assert set(OrderProgress) == {"due", "paid", "part-shipped", "shipped", "returned", "done", "canceled"}
