"""Loading into a store: all or nothing, and again."""

import shutil
from pathlib import Path

import pytest

from mktcore import Marketplace
from mktcore.carts import Cart, CartLine
from mktcore.loading import LoadRefused
from mktcore.offers import OFFERS
from mktcore.parties import MERCHANTS

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"


def find_price(market: Marketplace, offer: str, sku: str) -> str:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku=sku, offer=offer)])
    return str(market.simulate(cart, scope=market.as_operator()).lines[0].price.unit_price)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "copy"))


def test_the_example_is_a_believable_small_marketplace(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        assert unit.repository(MERCHANTS).count() >= 6
        offers = list(unit.repository(OFFERS).stream())
    assert len(offers) >= 150
    assert len({offer.sku for offer in offers}) >= 60
    assert len([offer for offer in offers if offer.valid.end is not None and offer.valid.end < market.clock.now()]) >= 1


def test_loading_again_updates_what_changed(market: Marketplace, folder: Path) -> None:
    assert str(market.load(folder)) == "nothing changed"
    offers = folder / "offers.csv"
    offers.write_text(offers.read_text().replace("acme-camera,acme,camera,179.00", "acme-camera,acme,camera,175.00"))
    (folder / "merchants.csv").write_text("merchant,name\nacme,Acme & Sons\nnova,Nova\n")
    report = market.load(folder)
    assert str(report) == "merchant: 1 added, 1 changed; price_schedule: 0 added, 1 changed"
    assert find_price(market, "acme-camera", "camera") == "175.00 EUR"
    assert find_price(market, "bolt-camera", "camera") == "184.90 EUR"


def test_a_folder_may_build_on_what_the_store_has(market: Marketplace, tmp_path: Path) -> None:
    row = "fern-camera,fern,camera,99.00,1\n"
    (tmp_path / "offers.csv").write_text(f"offer,merchant,sku,price,stock\n{row}")
    market.load(tmp_path)
    assert find_price(market, "fern-camera", "camera") == "99.00 EUR"


def test_what_neither_the_folder_nor_the_store_has_is_reported_with_the_other_faults(
    market: Marketplace, tmp_path: Path
) -> None:
    (tmp_path / "offers.csv").write_text(
        "offer,merchant,sku,price,stock\nx-1,nobody,camera,9.00,1\nx-2,acme,hovercraft,9.00,1\nx-3,acme,camera,-9,1\n"
    )
    (tmp_path / "skus.csv").write_text("sku,name,tax_category\nrug,Rug,luxury\n")
    with pytest.raises(LoadRefused) as refusal:
        market.load(tmp_path)
    assert [(problem.where, problem.message) for problem in refusal.value.problems] == [
        ("offers.csv:2:merchant", "there is no merchant nobody"),
        ("offers.csv:3:sku", "there is no SKU hovercraft"),
        ("offers.csv:4:price", "-9.00 EUR is negative"),
        ("skus.csv:2:tax_category", "there is no tax category luxury"),
    ]
    with market.store.begin(market.as_operator()) as unit:
        assert not unit.repository(OFFERS).find_many(["x-1", "x-2", "x-3"])


def test_a_new_count_keeps_what_is_reserved(market: Marketplace) -> None:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera", quantity=2, offer="acme-camera")])
    market.place(cart, key="k1", scope=market.as_operator())
    market.load(EXAMPLE)
    with market.store.begin(market.as_operator()) as unit:
        level = unit.stock.find_levels(["acme-camera"])["acme-camera"]
    assert (level.on_hand, level.reserved, level.available) == (5, 2, 3)


def test_progress_is_told_until_everything_is_stored(market: Marketplace) -> None:
    told: list[tuple[int, int]] = []
    market.load(EXAMPLE, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 400
    assert told == sorted(told)
