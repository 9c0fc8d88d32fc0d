"""Feeds that tell everything of a merchant, what may vanish at once, and what became of each record."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused, Outcome, RecordOutcome, WholeFeed
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock

SHOP = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nmug,Mug,\ncup,Cup,\nsong,Song,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,counted\n"
        "a-mug,acme,mug,5.00,9,\na-cup,acme,cup,5.00,9,\nb-cup,bolt,cup,6.00,9,\nb-song,bolt,song,1.00,,no\n"
    ),
}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), SHOP) as market:
        yield market


def feed(market: Marketplace, tmp_path: Path, rows: str, whole: WholeFeed | None = None, **more: object) -> str:
    folder = tmp_path / "feed"
    folder.mkdir(exist_ok=True)
    (folder / "offers.csv").write_text("offer,merchant,sku,price,stock,counted\n" + rows)
    return str(market.load(folder, whole=whole, **more))  # type: ignore[arg-type]  # whatever a test passes on


def is_sold(market: Marketplace, offer: str) -> bool:
    sku = market.offers.get(offer, scope=market.as_operator()).sku
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", sku, offer=offer)])
    return market.simulate(cart, scope=market.as_buyer("ann")).is_placeable()


def test_what_a_full_feed_does_not_name_is_sold_no_more(market: Marketplace, tmp_path: Path) -> None:
    told = feed(market, tmp_path, "a-mug,acme,mug,5.00,8,\n", WholeFeed(["acme"]))
    assert told == "stock_item: 0 added, 2 changed; 1 offers vanished"
    sold = {offer: is_sold(market, offer) for offer in ("a-mug", "a-cup", "b-cup", "b-song")}
    assert sold == {"a-mug": True, "a-cup": False, "b-cup": True, "b-song": True}
    # Named again, it is there again.
    feed(market, tmp_path, "a-cup,acme,cup,5.00,3,\n")
    assert is_sold(market, "a-cup")


def test_a_delta_lets_nothing_vanish(market: Marketplace, tmp_path: Path) -> None:
    feed(market, tmp_path, "a-mug,acme,mug,5.00,8,\n")
    assert is_sold(market, "a-cup")


def test_an_allowance_does_not_go_on_being_promised(market: Marketplace, tmp_path: Path) -> None:
    market.stock.count("a-cup", 0, scope=market.as_operator(), backorder=50)
    assert is_sold(market, "a-cup")
    feed(market, tmp_path, "a-mug,acme,mug,5.00,8,\n", WholeFeed(["acme"]))
    assert not is_sold(market, "a-cup")


def test_what_nobody_counts_vanishes_and_comes_back_too(market: Marketplace, tmp_path: Path) -> None:
    feed(market, tmp_path, "b-cup,bolt,cup,6.00,9,\n", WholeFeed(["bolt"]))
    assert not is_sold(market, "b-song")
    # It has vanished: another full feed does not count it again.
    assert "vanished" not in feed(market, tmp_path, "b-cup,bolt,cup,6.00,9,\n", WholeFeed(["bolt"], limit=Decimal(0)))
    feed(market, tmp_path, "b-song,bolt,song,1.00,,no\n")
    assert is_sold(market, "b-song")


def test_a_feed_that_was_cut_short_is_refused(market: Marketplace, tmp_path: Path) -> None:
    with pytest.raises(LoadRefused) as refused:
        feed(market, tmp_path, "a-mug,acme,mug,4.00,8,\n", WholeFeed(["acme", "bolt"], limit=Decimal("0.5")))
    assert [one.message for one in refused.value.problems] == [
        "2 of 2 offers of bolt would vanish, more than 0.5 of them"
    ]
    with pytest.raises(LoadRefused, match=r"1 of 2 offers of acme would vanish, more than 0\.2 of them"):
        feed(market, tmp_path, "a-mug,acme,mug,4.00,8,\n", WholeFeed(["acme"], limit=Decimal("0.2")))
    # Nothing of it was loaded: neither the price nor what would have vanished.
    assert is_sold(market, "a-cup")
    assert str(market.prices.get_schedule("a-mug", scope=market.as_operator()).breaks[0].unit_price) == "5.00 EUR"


def test_a_feed_of_everything_has_offers_and_a_merchant(market: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoadRefused, match=r"offers.csv: it is not there"):
        market.load(tmp_path / "empty", whole=WholeFeed(["acme"]))
    with pytest.raises(LoadRefused, match="there is no merchant nobody"):
        feed(market, tmp_path, "", WholeFeed(["nobody"]))
    with pytest.raises(InvalidValue, match="a fraction from 0 to 1"):
        WholeFeed(["acme"], limit=Decimal(20))


def test_each_record_tells_what_became_of_it(market: Marketplace, tmp_path: Path) -> None:
    found: list[RecordOutcome] = []
    rows = "a-mug,acme,mug,5.00,9,\na-new,acme,cup,4.00,2,\n"
    feed(market, tmp_path, rows, WholeFeed(["acme"]), outcomes=found.append)
    assert [(one.kind, one.id, one.outcome) for one in found if one.kind != "price_schedule"] == [
        ("offer", "a-mug", Outcome.UNCHANGED),
        ("offer", "a-new", Outcome.ADDED),
        ("stock_item", "a-mug", Outcome.UNCHANGED),
        ("stock_item", "a-new", Outcome.ADDED),
        ("stock_item", "a-cup", Outcome.CHANGED),
        ("offer", "a-cup", Outcome.VANISHED),
    ]
