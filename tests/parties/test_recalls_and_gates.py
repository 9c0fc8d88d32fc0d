"""Goods that nobody sells any more, and brands and categories that only some may sell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.parties.selling_rights.rights import GatedGoods, GoodsGroup, SellingRights, gate_goods
from mktcore.persistence import NotFound
from mktcore.sales_context import SalesContext
from mktcore.storefront import ViewRequest
from mktcore.testing.fakes import ManualClock

SHOP = TWO_MERCHANTS | {
    "categories.csv": "category,name,parent\nhome,Home,\nlight,Light,home\n",
    "products.csv": "product,name,brand,category\nlamps,Lamps,Orlik,light\n",
    "skus.csv": "sku,name,tax_category,product\nlamp,Lamp,,lamps\nvase,Vase,,\nset,Set,,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,parts\n"
        "a-lamp,acme,lamp,30.00,9,\nb-lamp,bolt,lamp,25.00,9,\na-vase,acme,vase,12.00,9,\n"
        "a-set,acme,set,40.00,,a-lamp; a-vase\n"
    ),
}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), SHOP) as market:
        yield market


def tell(market: Marketplace, sku: str, offer: str | None = None) -> str:
    """Return the offer that serves a line, or why there is none."""
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", sku, offer=offer)])
    simulation = market.simulate(cart, scope=market.as_buyer("ann"))
    return simulation.issues[0].code if simulation.issues else simulation.lines[0].offer.id


def list_shown(market: Marketplace, merchant: str) -> list[str]:
    """Return the SKUs that a seller's list prices."""
    page = market.storefront.page_of_seller(ViewRequest(merchant, SalesContext("ann")), scope=market.as_operator())
    return [view.sku.id for view in page.items if view.offers]


def test_nobody_sells_what_is_recalled_nor_a_kit_of_it(market: Marketplace) -> None:
    operator = market.as_operator()
    market.parties.recall("lamp", reason="it catches fire", scope=operator)
    found = {name: tell(market, name[2:], name) for name in ("a-lamp", "b-lamp", "a-set", "a-vase")}
    assert found == {"a-lamp": "recalled", "b-lamp": "recalled", "a-set": "recalled", "a-vase": "a-vase"}
    assert tell(market, "lamp") == "no-offer"
    assert list_shown(market, "acme") == ["vase"]
    market.parties.lift_recall("lamp", scope=operator)
    assert {name: tell(market, name[2:], name) for name in found} == {name: name for name in found}


def test_a_recall_says_why_and_keeps_rights_as_they_were(market: Marketplace) -> None:
    operator = market.as_operator()
    market.parties.save_selling_rights(SellingRights("lamp", default_merchant="acme"), scope=operator)
    market.parties.recall("lamp", reason="it catches fire", scope=operator)
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", offer="a-lamp")])
    [issue] = market.simulate(cart, scope=market.as_buyer("ann")).issues
    assert issue.message == "nobody sells lamp any more: it catches fire"
    market.parties.lift_recall("lamp", scope=operator)
    assert (tell(market, "lamp", "a-lamp"), tell(market, "lamp", "b-lamp")) == ("a-lamp", "no-right-to-sell")


@pytest.mark.parametrize(
    ("group", "name"),
    [(GoodsGroup.BRAND, "ORLIK"), (GoodsGroup.CATEGORY, "light"), (GoodsGroup.CATEGORY, "home")],
)
def test_only_those_admitted_sell_a_brand_or_category(market: Marketplace, group: GoodsGroup, name: str) -> None:
    # Brand and category are the product's: what a SKU does not say, its product says.
    market.parties.save_selling_rights(gate_goods(group, name, ["acme"]), scope=market.as_operator())
    assert (tell(market, "lamp", "b-lamp"), tell(market, "lamp")) == ("not-admitted", "a-lamp")
    assert (list_shown(market, "bolt"), tell(market, "vase")) == ([], "a-vase")


def test_a_merchant_is_shown_no_sku_that_others_alone_may_sell(market: Marketplace) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    assert [sku.id for sku in market.catalog.page_sellable(scope=bolt).items] == ["lamp", "set", "vase"]
    market.parties.save_selling_rights(gate_goods(GoodsGroup.CATEGORY, "home", ["acme"]), scope=operator)
    assert [sku.id for sku in market.catalog.page_sellable(scope=bolt).items] == ["set", "vase"]
    with pytest.raises(NotFound):
        market.catalog.get_sku("lamp", scope=bolt)
    market.parties.recall("vase", reason="it cracks", scope=operator)
    assert [sku.id for sku in market.catalog.page_sellable(scope=bolt).items] == ["set"]


@pytest.mark.parametrize("name", ["lamps", "ghost"])
def test_what_is_no_sku_is_not_recalled_in_silence(market: Marketplace, name: str) -> None:
    with pytest.raises(NotFound, match=f"sku '{name}'"):
        market.parties.recall(name, reason="it catches fire", scope=market.as_operator())


def test_other_brands_and_categories_are_free(market: Marketplace) -> None:
    operator = market.as_operator()
    market.parties.save_selling_rights(gate_goods(GoodsGroup.BRAND, "Light", []), scope=operator)
    market.parties.save_selling_rights(gate_goods(GoodsGroup.CATEGORY, "Orlik", []), scope=operator)
    assert tell(market, "lamp") == "b-lamp"


def test_a_gate_bears_the_id_of_its_goods() -> None:
    with pytest.raises(InvalidValue, match="gate_goods"):
        SellingRights("orlik", gated=GatedGoods(GoodsGroup.BRAND, "Orlik"))
