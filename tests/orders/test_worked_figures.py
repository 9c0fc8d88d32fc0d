"""The worked figures of what follows a sale, to the cent, as far as orders are canceled and shipped."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import MERCHANT_PROCESS, Order
from mktcore.orders.actions import BackOrder
from mktcore.orders.shipments import Parcel
from mktcore.persistence import Party, Scope
from mktcore.processes import EventRefused
from mktcore.testing.fakes import ManualClock
from mktcore.totals import Expense, Line, Reduction, TaxRate
from mktcore.totals.figures import Figures
from orders.made_figures import VAT_19, Life, make_order

FILES = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\nbooks,VAT,0.07\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,goods\nbook,Book,books\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,19.99,99\nbook,bolt,book,45.50,99\n",
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,goods\n",
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()
PART = "order-1--acme"
VAT_20 = TaxRate("VAT", Decimal("0.20"))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    """Five lenses and a book, 10.00 off both, freight 4.90, a fee of the marketplace's own of 1.00."""
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        cart = Cart.of(
            "cart-1",
            buyer="b1",
            lines=[CartLine("l1", "lens", 5, offer="lens"), CartLine("l2", "book", 1, offer="book")],
            reductions=[Reduction("ten-off", Money.of("10.00", "EUR"))],
            expenses=[Expense("fee", None, Money.of("1.00", "EUR"), (VAT_19,))],
        )
        opened.place(cart, key="k1", scope=OPERATOR)
        yield opened


def tell(figures: Figures) -> tuple[str, str, str]:
    """Return grand, tax and what was canceled."""
    return tuple(str(one.amount) for one in (figures.grand_total, figures.tax_total, figures.canceled_total))  # type: ignore[return-value]  # three


def test_five_units_ship_three_cancel_one_keep_one_on_back_order(market: Marketplace) -> None:
    order = market.orders.get("order-1", scope=OPERATOR)
    assert tell(order.totals) == ("141.35", "18.57", "0.00")
    assert tell(order.get_part(PART).totals) == ("97.98", "15.64", "0.00")
    assert tell(order.get_part("order-1--bolt").totals) == ("42.37", "2.77", "0.00")
    shipment = market.shipments.ship(PART, {"l1": 3}, key="s1", scope=ACME, parcels=[Parcel("1", tracking="JD01")])
    assert shipment.lines == {"l1": 3}
    preview = market.orders.preview_cancel(PART, {"l1": 1}, scope=ACME)
    assert [(one.key, str(one.amount), str(one.tax)) for one in preview.amounts] == [("l1", "18.62 EUR", "2.97 EUR")]
    market.orders.cancel(PART, {"l1": 1}, key="c1", scope=ACME, agreed=preview)
    late = BackOrder("sold-out", expected=date(2026, 8, 1))
    market.fire(PART, late, key="b1", scope=ACME, lines={"l1": 1})
    order = market.orders.get("order-1", scope=BUYER)
    assert order.get_part(PART).states == {"l1": {"shipped": 3, "canceled": 1, "back-ordered": 1}}
    assert tell(order.get_part(PART).totals) == ("79.36", "12.67", "18.62")
    assert tell(order.totals) == ("122.73", "15.60", "18.62")
    # The buyer need not wait: 18.61 is what the pieces before it left.
    waiting = market.orders.preview_cancel("order-1", {"l1": 1}, scope=OPERATOR)
    assert [(str(one.amount), str(one.tax)) for one in waiting.amounts] == [("18.61 EUR", "2.97 EUR")]
    assert market.verify() == ()


def test_a_piece_of_an_odd_price_is_canceled_and_the_other_one_keeps_the_rest() -> None:
    order = Life(make_order([Line("l1", "acme", Money.of("9.99", "EUR"), 2, per=2)])).move("l1", cancel=1)
    assert (str(order.totals.canceled_total), str(order.totals.grand_total)) == ("5.00 EUR", "4.99 EUR")


def _cancel_one_by_one(order: Order, pieces: int) -> list[tuple[str, str]]:
    """Return what each piece takes, and its tax."""
    life, found, known = Life(order), [], (0, 0)
    for _ in range(pieces):
        undone = life.move("l1", cancel=1).totals.undone
        now = (undone.canceled_gross_minor, undone.canceled_tax_minor)
        found.append(tuple(str(Decimal(one - before) / 100) for one, before in zip(now, known, strict=True)))
        known = now
    return found  # type: ignore[return-value]  # pairs


def test_pieces_under_a_shared_coupon_are_canceled_at_what_was_paid_for_them() -> None:
    line = Line("l1", "acme", Money.of("23.90", "EUR"), 10, tax_rates=(VAT_20,))
    order = make_order([line], reductions=[Reduction("quarter-off", Money.of("59.75", "EUR"))])
    assert (str(order.totals.grand_total), str(order.totals.tax_total)) == ("179.25 EUR", "29.88 EUR")
    taken = _cancel_one_by_one(order, 10)
    assert [amount for amount, _ in taken] == ["17.93", "17.92"] * 5
    assert sum(Decimal(amount) for amount, _ in taken) == Decimal("179.25")
    assert sum(Decimal(tax) for _, tax in taken) == Decimal("29.88")


def test_pieces_of_prices_without_tax_are_canceled_with_the_tax_on_them() -> None:
    line = Line("l1", "acme", Money.of("33.33", "EUR"), 3, tax_rates=(VAT_19,))
    order = make_order([line], reductions=[Reduction("ten-off", Money.of("10.00", "EUR"))], included=False)
    assert str(order.totals.grand_total) == "107.09 EUR"
    assert [amount for amount, _ in _cancel_one_by_one(order, 3)] == ["35.7", "35.7", "35.69"]


def test_there_is_a_way_out_of_shipped_but_delivery(market: Marketplace) -> None:
    market.fire(PART, "ship", key="s1", scope=ACME)
    moved: dict[str, dict[str, int]] = {}
    for event in MERCHANT_PROCESS.events:
        if event.name != "deliver" and Party.MERCHANT in event.parties:
            try:
                part = market.fire(PART, event.name, key=event.name.replace(" ", "-"), scope=ACME, lines={"l1": 1})
            except EventRefused:
                continue
            moved[event.name] = dict(part.states["l1"])
    assert moved == {
        "undo shipment": {"shipped": 4, "recalled": 1},
        "lose": {"shipped": 3, "recalled": 1, "lost": 1},
        "refuse at door": {"shipped": 2, "recalled": 1, "lost": 1, "returned": 1},
        "cancel by merchant": {"shipped": 2, "lost": 1, "returned": 1, "canceled": 1},
        "refund": {"shipped": 2, "returned": 1, "canceled": 1, "written off": 1},
    }
    assert market.verify() == ()
