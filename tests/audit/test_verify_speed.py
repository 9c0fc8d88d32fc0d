"""What verifying costs: in proportion to an order's lines, and less than a person waits for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock
from yardstick import check_cost, count_lines

SKUS = range(20)
FILES = {
    "merchants.csv": "merchant,name\nm0,First\nm1,Second\n",
    "tax_rates.csv": "tax_category,name,rate\nstandard,VAT,0.19\n",
    "commission_rules.csv": "rule,group,priority,rate\nsale,sale,0,0.12\n",
    "skus.csv": "sku,name,tax_category\n" + "".join(f"s{one},Goods {one},standard\n" for one in SKUS),
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"o{one},m{one % 2},s{one},9.99,10000\n" for one in SKUS),
}


def open_sold(store: str, folder: Path, lines: int, event: str | None = None) -> Iterator[Marketplace]:
    """Open a market of one order of so many lines, with taxes and commission; this happened to half of them."""
    with open_market(store, folder, ManualClock(NOON), FILES) as market:
        operator = market.as_operator()
        wanted = [CartLine(f"l{one}", f"s{one % len(SKUS)}", 2) for one in range(lines)]
        order = market.place(Cart.of("c1", buyer="ann", lines=wanted), key="p", scope=operator)
        part = order.merchant_orders[0]
        if event is not None:
            market.fire(part.id, event, key="f", scope=operator, lines={line.key: 1 for line in part.lines})
        yield market


@pytest.mark.slow
@pytest.mark.parametrize("event", ["cancel by merchant", "ship"])
def test_four_times_the_lines_cost_no_more_than_four_times_as_much(tmp_path: Path, event: str) -> None:
    costs = []
    for lines in (25, 100):
        for market in open_sold("memory", tmp_path, lines, event):
            assert market.verify() == ()
            costs.append(count_lines(market.verify))
    assert costs[1] <= 4 * costs[0]


@pytest.mark.slow
@pytest.mark.parametrize(("store", "event"), [("memory", "cancel by merchant"), ("memory", "ship"), ("sqlite", "ship")])
def test_lines_fired_one_by_one_cost_no_more_than_in_proportion(tmp_path: Path, store: str, event: str) -> None:
    """Each answer is a whole order under a key of its own, beside its steps, events and transactions."""
    costs = []
    for lines in (20, 80):
        folder = tmp_path / str(lines)
        folder.mkdir()
        for market in open_sold(store, folder, lines):
            for number in range(0, lines, 2):  # every other line is the first merchant's
                operator = market.as_operator()
                market.fire("order-1--m0", event, key=f"f{number}", scope=operator, lines={f"l{number}": 1})
            assert market.verify() == ()
            costs.append(count_lines(market.verify))
    assert costs[1] <= 4 * costs[0]


@pytest.mark.slow
@pytest.mark.parametrize(("store", "yards"), [("memory", 6), ("sqlite", 20)])
def test_250_taxed_lines_cost_a_bounded_number_of_yards(tmp_path: Path, store: str, yards: float) -> None:
    for market in open_sold(store, tmp_path, 250):
        check_cost(market.verify, yards=yards)
