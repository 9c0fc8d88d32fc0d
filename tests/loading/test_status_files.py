"""Files of status updates: CSV and JSON lines, a result for every row, and a file that may be sent again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.loading import LoadRefused, RowResult
from mktcore.marketplace import Marketplace
from mktcore.orders.actions import Ship
from mktcore.persistence import Scope
from mktcore.testing.fakes import ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\n",
}
ACME, OPERATOR = Scope.merchant("acme"), Scope.operator()


@pytest.fixture(params=["memory", pytest.param("sqlite", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        for number in (1, 2):
            cart = Cart.of(f"c{number}", buyer="b1", lines=[CartLine("l1", "lens", 3)])
            market.place(cart, key=f"p{number}", scope=OPERATOR)
        yield market


def load(market: Marketplace, folder: Path, text: str, name: str = "statuses.csv") -> tuple[str, list[str]]:
    """Return the report and the results of a file with this text."""
    (folder / name).write_text(text, encoding="utf-8")
    results: list[RowResult] = []
    report = market.load_statuses(folder / name, scope=ACME, results=results.append)
    assert report.unmoved == tuple(one for one in results if one.result.outcome != "moved")
    return str(report), [str(one) for one in results]


def find_states(market: Marketplace, part: str) -> dict[str, int]:
    return dict(market.orders.get_merchant_order(part, scope=OPERATOR).states["l1"])


def test_a_file_of_csv_moves_orders_row_by_row(market: Marketplace, tmp_path: Path) -> None:
    text = (
        "key,order,event,line,quantity,carrier,tracking,expected,reason\n"
        "a,order-1--acme,ship,l1,2,DHL,JD1,,first parcel\n"
        'b,order-1--acme,back-order,l1,1,,,2026-08-01,"late, sorry"\n'
        "c,order-1--acme,deliver,,,,,,\n"
        "d,order-7--acme,ship,,,,,,\n"
        "e,order-2--acme,ship\n"
        "f,order-2--acme,ship,l1,two,,,,\n"
        "g,order-2--acme,deliver,,,,,,\n"
        "h,order-2--acme,ship,l1,,,,,\n"
        "i,order-2--acme,deliver,,,DHL,,,\n"
        "j,order-2--acme,ship,l1,3,,,,\n"
    )
    report, results = load(market, tmp_path, text)
    assert report == "10 rows: 4 moved, 1 refused, 5 failed; 0 were answered before"
    assert results == [
        "statuses.csv:2 a moved",
        "statuses.csv:3 b moved",
        "statuses.csv:4 c moved",
        "statuses.csv:5 d failed: there is no merchant_order 'order-7--acme'",
        "statuses.csv:6  failed: 3 fields under 9 columns",
        "statuses.csv:7 f failed: status row.quantity: a whole number, one or more, not 'two'",
        "statuses.csv:8 g refused: 'deliver' leads nowhere from 'new'",
        "statuses.csv:9 h failed: status row.quantity: line and quantity together, or neither, not 'None'",
        (
            "statuses.csv:10 i failed: status row.facts: "
            "those that 'deliver' takes: received_by, delivered_at, shipment, parcel, not 'carrier'"
        ),
        "statuses.csv:11 j moved",
    ]
    assert find_states(market, "order-1--acme") == {"delivered": 2, "back-ordered": 1}
    assert find_states(market, "order-2--acme") == {"shipped": 3}
    first = market.orders.page_merchant_order_history("order-1--acme", scope=ACME).items[1]
    assert (first.action, first.moves[0].why) == (Ship(carrier="DHL", tracking="JD1"), "first parcel")


def test_a_file_that_is_sent_again_moves_nothing(market: Marketplace, tmp_path: Path) -> None:
    text = "key,order,event,line,quantity\na,order-1--acme,ship,l1,1\nb,order-1--acme,ship,l1,9\n"
    load(market, tmp_path, text)
    report, _ = load(market, tmp_path, text + "c,order-1--acme,ship,l1,1\n")
    assert report == "3 rows: 2 moved, 1 refused, 0 failed; 2 were answered before"
    assert find_states(market, "order-1--acme") == {"new": 1, "shipped": 2}


def test_json_lines_tell_the_same(market: Marketplace, tmp_path: Path) -> None:
    text = (
        '{"key": "a", "order": "order-1--acme", "event": "ship", "lines": {"l1": 2}, "carrier": "DHL"}\n'
        "\n"
        '{"key": "b", "order": "order-1--acme", "event": "deliver", "delivered_at": "2026-07-01T12:00:00Z"}\n'
        '["key"]\n'
        '{"key": "c", "order": "order-1--acme"\n'
        '{"key": "d", "order": "order-2--acme", "event": "ship", "weight": 3}\n'
        '{"key": "e", "key": "f", "order": "order-2--acme", "event": "ship"}\n'
        '{"key": 7, "order": "order-2--acme", "event": "ship"}\n'
        '{"key": "g", "order": "order-2--acme", "event": "ship", "lines": {"l1": 1.5}}\n'
        '{"key": "h", "order": "order-2--acme", "event": "ship", "quantity": 1, "line": "l1"}\n'
    )
    report, results = load(market, tmp_path, text, "statuses.jsonl")
    assert report == "9 rows: 3 moved, 0 refused, 6 failed; 0 were answered before"
    assert [one.partition(" ")[0] for one in results] == [f"statuses.jsonl:{n}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10)]
    assert find_states(market, "order-1--acme") == {"new": 1, "delivered": 2}
    assert find_states(market, "order-2--acme") == {"new": 2, "shipped": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key,order\na,order-1--acme\n", "the column is missing"),
        ("key,order,event,colour\na,order-1--acme,ship,red\n", "no such column"),
        ("key;order;event\n", "fields are separated by semicolons"),
    ],
)
def test_a_header_that_is_not_understood_moves_nothing(
    market: Marketplace, tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(LoadRefused, match=told):
        load(market, tmp_path, text)
    assert find_states(market, "order-1--acme") == {"new": 3}


def test_a_file_that_goes_on_with_what_is_no_row_ends_there(market: Marketplace, tmp_path: Path) -> None:
    text = "key,order,event\na,order-1--acme,ship\n" + "x\n" * 1_001
    with pytest.raises(LoadRefused, match="1,000 faults"):
        load(market, tmp_path, text)
    assert find_states(market, "order-2--acme") == {"new": 3}


def test_a_row_filled_by_hand_is_the_same_command(market: Marketplace, tmp_path: Path) -> None:
    fields = {"key": "a", "order": "order-1--acme", "event": "ship", "carrier": "DHL", "tracking": ""}
    assert str(market.update_by_hand(fields, scope=ACME)) == "form a moved"
    report, _ = load(market, tmp_path, "key,order,event,carrier\na,order-1--acme,ship,DHL\n")
    assert report == "1 rows: 1 moved, 0 refused, 0 failed; 1 were answered before"


def test_progress_is_told_as_it_goes(market: Marketplace, tmp_path: Path) -> None:
    rows = "".join(f"k{n},order-{n}--acme,ship\n" for n in range(1, 1_201))
    (tmp_path / "many.csv").write_text("key,order,event\n" + rows, encoding="utf-8")
    told: list[int] = []
    report = market.load_statuses(tmp_path / "many.csv", scope=OPERATOR, progress=told.append)
    assert told == [500, 1_000, 1_200]
    assert (report.moved, report.failed, len(report.unmoved)) == (2, 1_198, 1_000)
