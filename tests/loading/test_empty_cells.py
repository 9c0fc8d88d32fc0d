"""Absent columns, empty cells and cleared values of records that are stored already."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.offers import Condition
from mktcore.testing.fakes import ManualClock

SHOP = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate\nstd,VAT,0.2\n",
    "skus.csv": "sku,name,tax_category,brand,weight\nmug,Mug,std,Orlik,350 g\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,condition,valid_until,sale_price,safety_stock,multiple\n"
        "a-mug,acme,mug,5.00,9,used,2026-12-01T00:00:00Z,4.00,2,3\n"
    ),
}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), SHOP) as market:
        yield market


def load(market: Marketplace, tmp_path: Path, name: str, text: str, *, keep_empty: bool = True) -> None:
    folder = tmp_path / "feed"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_text(text)
    market.load(folder, keep_empty=keep_empty)


def tell_offer(market: Marketplace) -> tuple[object, ...]:
    offer = market.offers.get("a-mug", scope=market.as_operator())
    sale = market.prices.get_schedule("a-mug", scope=market.as_operator()).breaks[0].sale_price
    return offer.condition, offer.valid.end is None, str(sale), offer.stock.safety, offer.multiple


WHOLE = (Condition.USED, False, "4.00 EUR", 2, 3)
NOTHING = (Condition.NEW, True, "None", 0, 1)
HEADER = "offer,merchant,sku,price,stock"
MORE = ",condition,valid_until,sale_price,safety_stock,multiple\n"


@pytest.mark.parametrize("keep_empty", [True, False])
def test_a_column_that_is_not_there_tells_nothing(market: Marketplace, tmp_path: Path, *, keep_empty: bool) -> None:
    load(market, tmp_path, "offers.csv", f"{HEADER}\na-mug,acme,mug,5.00,9\n", keep_empty=keep_empty)
    assert tell_offer(market) == WHOLE


def test_an_empty_cell_clears_unless_it_is_to_tell_nothing(market: Marketplace, tmp_path: Path) -> None:
    rows = f"{HEADER}{MORE}a-mug,acme,mug,5.00,9,,,,,\n"
    load(market, tmp_path, "offers.csv", rows)
    assert tell_offer(market) == WHOLE
    load(market, tmp_path, "offers.csv", rows, keep_empty=False)
    assert tell_offer(market) == NOTHING


def test_a_cleared_value_is_gone_and_its_neighbours_stay(market: Marketplace, tmp_path: Path) -> None:
    load(market, tmp_path, "offers.csv", f"{HEADER}{MORE}a-mug,acme,mug,5.00,9,,,<clear>,<clear>,\n")
    assert tell_offer(market) == (Condition.USED, False, "None", 0, 3)
    load(market, tmp_path, "offers.csv", f"{HEADER}{MORE}a-mug,acme,mug,5.00,9,<clear>,<clear>,,,<clear>\n")
    assert tell_offer(market) == NOTHING


def test_each_row_tells_for_itself(market: Marketplace, tmp_path: Path) -> None:
    header = "sku,name,tax_category,brand,weight\n"
    load(market, tmp_path, "skus.csv", header + "cup,Cup,,,\nmug,,,<clear>,\n")
    mug = market.catalog.get_sku("mug", scope=market.as_operator())
    assert (mug.name, mug.tax_category, mug.brand, str(mug.weight)) == ("Mug", "std", "", "350 g")
    load(market, tmp_path, "skus.csv", header + "mug,Large mug,<clear>,,<clear>\n")
    mug = market.catalog.get_sku("mug", scope=market.as_operator())
    assert (mug.name, mug.tax_category, mug.brand, mug.weight) == ("Large mug", "", "", None)


def test_what_every_row_must_tell_is_no_less_needed(market: Marketplace, tmp_path: Path) -> None:
    with pytest.raises(LoadRefused) as refused:
        load(market, tmp_path, "offers.csv", f"{HEADER}\na-mug,acme,mug,,<clear>\n")
    assert [one.where for one in refused.value.problems] == ["offers.csv:2:price", "offers.csv:2:stock"]
