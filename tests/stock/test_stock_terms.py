"""How orders draw on stock: what nobody counts, what is kept back, kits, and locations that are emptied in order."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.offers import Offer
from mktcore.offers.stock_terms import OfferPart, Sourcing, StockTerms
from mktcore.orders import MerchantOrder
from mktcore.persistence import NotFound
from mktcore.testing.fakes import ManualClock

BAR = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nbottle,Bottle,\nbox,Box,\ncrate,Crate,\nsong,Song,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,counted,safety_stock,parts\n"
        "bottle,acme,bottle,1.00,20,,2,\n"
        "box,acme,box,2.00,4,,,\n"
        "crate,acme,crate,7.00,,,,bottle:6; box\n"
        "song,acme,song,0.99,,no,,\n"
        "b-box,bolt,box,2.50,9,,,\n"
    ),
}


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def bar(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), BAR) as market:
        yield market


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), BAR) as market:
        yield market


def cart(offer: str, quantity: int, id: str = "c1") -> Cart:  # noqa: A002 - the field's name
    return Cart.of(id, buyer="ann", lines=[CartLine("l1", offer, quantity, offer=offer)])


def place(market: Marketplace, offer: str, quantity: int, id: str = "c1") -> MerchantOrder:  # noqa: A002 - the field's name
    placed = market.place(cart(offer, quantity, id), key=id, scope=market.as_operator())
    return placed.merchant_orders[0]


def free(market: Marketplace, *items: str) -> dict[str, tuple[int, int]]:
    """Return on hand and reserved, by item."""
    with market.store.begin(market.as_operator()) as unit:
        return {name: (one.on_hand, one.reserved) for name, one in unit.stock.find_levels(items).items()}


def find_available(market: Marketplace, offer: str, quantity: int) -> object:
    issues = market.simulate(cart(offer, quantity), scope=market.as_operator()).issues
    return issues[0].operands["available"] if issues else "all"


def test_a_kit_is_there_as_often_as_its_scarcest_part(quick: Marketplace) -> None:
    # 20 bottles, 2 of them kept back: three crates of six.
    assert (find_available(quick, "crate", 3), find_available(quick, "crate", 4)) == ("all", 3)
    quick.stock.count("box", 2, scope=quick.as_operator())
    assert find_available(quick, "crate", 3) == 2


def test_a_kit_is_reserved_canceled_shipped_and_restocked_part_by_part(bar: Marketplace) -> None:
    part, acme = place(bar, "crate", 3), bar.as_merchant("acme")
    sources = [(one.item, one.quantity, one.part, one.per) for one in part.lines[0].list_sources()]
    assert sources == [("bottle", 18, "bottle", 6), ("box", 3, "box", 1)]
    assert free(bar, "bottle", "box", "crate") == {"bottle": (20, 18), "box": (4, 3)}
    bar.fire(part.id, "cancel by merchant", lines={"l1": 1}, key="k1", scope=acme)
    assert free(bar, "bottle", "box") == {"bottle": (20, 12), "box": (4, 2)}
    bar.fire(part.id, "ship", lines={"l1": 2}, key="k2", scope=acme)
    assert free(bar, "bottle", "box") == {"bottle": (8, 0), "box": (2, 0)}
    bar.fire(part.id, "deliver", lines={"l1": 2}, key="k3", scope=acme)
    bar.orders.fire(part.order, "ask to return", lines={"l1": 1}, key="k4", scope=bar.as_buyer("ann"))
    bar.fire(part.id, "receive return", lines={"l1": 1}, key="k5", scope=acme)
    assert free(bar, "bottle", "box") == {"bottle": (14, 0), "box": (3, 0)}
    assert bar.verify() == ()


def test_lines_that_draw_on_one_part_share_it(quick: Marketplace) -> None:
    lines = [CartLine("l1", "crate", 2, offer="crate"), CartLine("l2", "bottle", 7, offer="bottle")]
    issues = quick.simulate(Cart.of("c1", buyer="ann", lines=lines), scope=quick.as_operator()).issues
    # 18 for sale, 12 of them in the crates.
    assert [(one.code, one.operands["available"]) for one in issues] == [("out-of-stock", 6)]


def test_what_is_kept_back_is_not_sold_though_it_is_there(quick: Marketplace) -> None:
    assert find_available(quick, "bottle", 19) == 18
    place(quick, "bottle", 18)
    with pytest.raises(PlacementRefused, match="1 x Bottle wanted, 0 available"):
        place(quick, "bottle", 1, "c2")
    assert free(quick, "bottle") == {"bottle": (20, 18)}


def test_a_buyer_is_not_told_what_is_kept_back(quick: Marketplace) -> None:
    shown = quick.simulate(cart("bottle", 1), scope=quick.as_buyer("ann")).lines[0].offer
    assert shown.stock.safety is None
    assert quick.offers.get("bottle", scope=quick.as_merchant("bolt")).stock.safety is None
    assert quick.offers.get("bottle", scope=quick.as_merchant("acme")).stock.safety == 2


def test_what_nobody_counts_is_always_there_and_reserves_nothing(quick: Marketplace) -> None:
    part = place(quick, "song", 1_000_000)
    assert (part.lines[0].reservation, part.lines[0].list_sources()) == ("", ())
    acme = quick.as_merchant("acme")
    quick.fire(part.id, "cancel by merchant", lines={"l1": 1}, key="k1", scope=acme)
    quick.fire(part.id, "ship", lines={"l1": 999_999}, key="k2", scope=acme)
    assert free(quick, "song") == {}
    assert quick.verify() == ()


def test_locations_are_emptied_in_their_order_where_so_wanted(quick: Marketplace) -> None:
    operator = quick.as_operator()
    stored = quick.offers.get("box", scope=operator)
    spread = attrs.evolve(stored, locations=["shop", "hall"], stock=StockTerms(sourcing=Sourcing.IN_ORDER))
    quick.offers.save(spread, scope=operator)
    quick.stock.count("box", {"shop": 1, "hall": 9}, scope=operator)
    line = quick.simulate(cart("box", 3), scope=operator).lines[0]
    assert [(one.location, one.quantity) for one in line.sources] == [("shop", 1), ("hall", 2)]
    stored = quick.offers.get("box", scope=operator)
    quick.offers.save(attrs.evolve(stored, stock=StockTerms()), scope=operator)
    line = quick.simulate(cart("box", 3), scope=operator).lines[0]
    assert [(one.location, one.quantity) for one in line.sources] == [("hall", 3)]


def test_a_kit_is_made_of_its_merchants_own_offers(quick: Marketplace) -> None:
    acme = quick.as_merchant("acme")
    for name in ("b-box", "nothing"):
        kit = Offer("kit", "acme", "crate", schedule="crate", stock=StockTerms(parts=[OfferPart(name)]))
        with pytest.raises(NotFound, match=name):
            quick.offers.save(kit, scope=acme)


def test_an_offer_may_sell_several_pieces_of_its_own_as_one(quick: Marketplace) -> None:
    acme = quick.as_merchant("acme")
    stored = quick.offers.get("box", scope=acme)
    quick.offers.save(attrs.evolve(stored, stock=StockTerms(parts=[OfferPart("box", 2)])), scope=acme)
    assert find_available(quick, "box", 3) == 2
    part = place(quick, "box", 2)
    assert free(quick, "box") == {"box": (4, 4)}
    assert part.lines[0].quantity == 2


def test_an_offer_says_why_so_many_are_there(quick: Marketplace) -> None:
    def tell(offer: str) -> list[str]:
        said = quick.offers.explain(offer, scope=quick.as_merchant("acme"))
        return [one.to_line() for one in said.parts]

    assert tell("crate") == [
        "kit: 3 available - each made of 6 of bottle, 1 of box",
        "stock bottle: 18 available - 20 on hand, 0 reserved, 2 kept back",
        "stock box: 4 available - 4 on hand, 0 reserved",
    ]
    assert tell("song") == ["stock: always available - its pieces are not counted"]


def test_a_feed_of_prices_and_stock_keeps_what_it_does_not_tell(quick: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "offers.csv").write_text("offer,merchant,sku,price,stock\ncrate,acme,crate,6.50,0\n")
    quick.load(tmp_path / "feed")
    kept = quick.offers.get("crate", scope=quick.as_operator()).stock
    assert [(part.offer, part.quantity) for part in kept.parts] == [("bottle", 6), ("box", 1)]
    (tmp_path / "feed" / "offers.csv").write_text("offer,merchant,sku,price,stock,parts\ncrate,acme,crate,6.50,5,\n")
    quick.load(tmp_path / "feed")
    assert quick.offers.get("crate", scope=quick.as_operator()).stock == StockTerms()


def test_rows_with_impossible_stock_are_told(quick: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "offers.csv").write_text(
        "offer,merchant,sku,price,stock,counted,safety_stock,parts\n"
        "o1,acme,crate,6.50,,,,b-box:2\n"
        "o2,acme,crate,6.50,,,,box:many\n"
        "o3,acme,crate,6.50,,no,,box\n"
        "o4,acme,crate,6.50,,,-1,\n"
    )
    with pytest.raises(LoadRefused) as refused:
        quick.load(tmp_path / "feed")
    assert [one.where for one in refused.value.problems] == [
        "offers.csv:2:parts",
        "offers.csv:3:parts",
        "offers.csv:4:parts",
        "offers.csv:5:safety_stock",
    ]


def test_a_kit_names_each_part_once() -> None:
    with pytest.raises(InvalidValue, match="each offer once"):
        StockTerms(parts=[OfferPart("box"), OfferPart("box", 2)])


def test_a_place_that_is_left_out_of_a_count_keeps_its_own(quick: Marketplace) -> None:
    scope = quick.as_operator()
    stored = quick.offers.get("bottle", scope=scope)
    spread = attrs.evolve(stored, locations=["shop", "hall"], stock=StockTerms(sourcing=Sourcing.IN_ORDER))
    quick.offers.save(spread, scope=scope)
    quick.stock.count("bottle", {"shop": 3, "hall": 5}, scope=scope)
    quick.stock.count("bottle", {"hall": 1}, scope=scope)
    assert find_available(quick, "bottle", 9) == 4
