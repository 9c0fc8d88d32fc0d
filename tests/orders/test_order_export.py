"""Orders as rows: each party its own, written as they are read, safe to open in a spreadsheet."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from counting_store import CountingStore
from markets import NOON, TWO_MERCHANTS
from mktcore.access import record_list
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.order_export import ExportForm, to_cell
from mktcore.persistence import Scope
from mktcore.persistence.indexed_queries import UnservedQuery
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\n",
    "skus.csv": 'sku,name,tax_category\nlens,"=cmd|\' /C calc\'!A0, ""quoted""",goods\nbook,Book,\n',
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,9999\nbook,bolt,book,10.00,9999\n",
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def market(store: CountingStore, tmp_path: Path) -> Marketplace:
    market = Marketplace(store, "EUR", clock=ManualClock(NOON), ids=CountingIds())
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    market.load(tmp_path)
    for number in (1, 2):
        lines = [CartLine("l1", "lens", 2), CartLine("l2", "book", 3)]
        market.place(Cart.of(f"c{number}", buyer=f"b{number}", lines=lines), key=f"k{number}", scope=OPERATOR)
    market.fire("order-1--acme", "ship", key="s1", scope=ACME, lines={"l1": 1})
    market.fire("order-1--bolt", "cancel by merchant", key="s2", scope=OPERATOR, lines={"l2": 1})
    return market


def export(market: Marketplace, scope: Scope, **asked: Any) -> str:
    written = io.StringIO()
    market.orders.export(written.write, scope=scope, **asked)
    return written.getvalue()


def test_rows_tell_every_line_of_what_a_party_sees(market: Marketplace) -> None:
    rows = list(csv.DictReader(io.StringIO(export(market, OPERATOR))))
    assert [(row["reference"], row["line"]) for row in rows] == [
        ("100001--acme", "l1"),
        ("100001--bolt", "l2"),
        ("100002--acme", "l1"),
        ("100002--bolt", "l2"),
    ]
    first, second = rows[:2]
    assert (first["placed_at"], first["progress"], first["states"]) == (
        "2026-07-01T12:00:00Z",
        "part-shipped",
        "1 new; 1 shipped",
    )
    assert [first[name] for name in ("quantity", "unit_price", "currency", "grand_total", "tax_total")] == [
        *("2", "20.00", "EUR", "40.00", "6.39"),
    ]
    assert (second["grand_total"], second["canceled_total"], second["states"]) == (
        "20.00",
        "10.00",
        "2 new; 1 canceled",
    )
    assert [row["merchant"] for row in csv.DictReader(io.StringIO(export(market, ACME)))] == ["acme", "acme"]
    assert {row["buyer"] for row in csv.DictReader(io.StringIO(export(market, BUYER)))} == {"b1"}
    assert export(market, ACME, where={"stage": "canceled"}).count("\n") == 1


def test_no_cell_is_a_formula_and_json_has_the_texts_as_they_are(market: Marketplace) -> None:
    title = "=cmd|' /C calc'!A0, \"quoted\""
    (row, *_) = csv.DictReader(io.StringIO(export(market, ACME)))
    assert row["title"] == f"'{title}"
    (line, *_) = export(market, ACME, form=ExportForm.JSON).splitlines()
    told = json.loads(line)
    assert (told["title"], told["states"], told["quantity"]) == (title, {"new": 1, "shipped": 1}, 2)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert to_cell(text) == f"'{text}"
    assert to_cell(f"a{text}") == f"a{text}"


def test_rows_are_written_as_they_are_read(
    market: Marketplace, store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops taking rows has had one page read, however many orders there are."""
    monkeypatch.setattr(record_list, "_BATCH", 1)

    class Full(Exception):
        """The disk is full."""

    def take(text: str) -> None:
        if text.startswith("100001"):
            raise Full

    store.calls.clear()
    with pytest.raises(Full):
        market.orders.export(take, scope=OPERATOR)
    assert store.calls["merchant_order.page"] == 1
    told: list[int] = []
    assert market.orders.export(lambda _: None, scope=OPERATOR, progress=told.append) == 4
    assert (told, store.calls["merchant_order.page"]) == ([4], 5)


def test_what_no_index_carries_writes_nothing(market: Marketplace) -> None:
    written = io.StringIO()
    with pytest.raises(UnservedQuery):
        market.orders.export(written.write, scope=OPERATOR, where={"stage": "open", "progress": "due"})
    assert written.getvalue() == ""
