"""Channels that a market keeps: who and what is sold in them, where to, how prices are stated."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from markets import NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.catalog import Catalog
from mktcore.channels import Channel
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, CurrencyMismatch
from mktcore.periods import Period
from mktcore.persistence import NotFound
from mktcore.sales_context import SalesContext
from mktcore.storefront import ViewRequest
from mktcore.testing.fakes import ManualClock

EUR = Currency.of("EUR")
FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,goods\nvase,Vase,goods\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-lamp,acme,lamp,119.00,9\nbolt-lamp,bolt,lamp,129.00,9\nacme-vase,acme,vase,11.90,9\n"
    ),
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\n",
}


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def save(market: Marketplace, channel: str, **terms: object) -> Channel:
    made = Channel(channel, channel.title(), EUR, **terms)  # type: ignore[arg-type]  # its fields
    return market.channels.save(made, scope=market.as_operator())


def make_cart(*lines: CartLine, channel: str | None, country: str | None = None) -> Cart:
    given = lines or (CartLine("l1", "lamp"),)
    address = None if country is None else Address(country)
    return Cart.of("c1", buyer="ann", lines=given, channel=channel, deliver_to=address)


def simulate(market: Marketplace, *lines: CartLine, channel: str | None, country: str | None = None) -> Simulation:
    return market.simulate(make_cart(*lines, channel=channel, country=country), scope=market.as_operator())


def list_codes(simulation: Simulation) -> list[str]:
    return [issue.code for issue in simulation.issues]


def test_any_name_is_a_channel_until_one_is_kept(market: Marketplace) -> None:
    assert list_codes(simulate(market, channel="wbe")) == []
    web = save(market, "web")
    found = simulate(market, channel="wbe").issues
    assert [(issue.code, issue.message) for issue in found] == [("channel-unknown", "there is no channel wbe")]
    assert list_codes(simulate(market, channel="web")) == list_codes(simulate(market, channel=None)) == []
    market.channels.remove(web, scope=market.as_operator())
    assert list_codes(simulate(market, channel="wbe")) == []


def test_nobody_buys_or_looks_in_a_channel_that_is_closed(market: Marketplace) -> None:
    web = save(market, "web", valid=Period(None, NOON))
    assert list_codes(simulate(market, channel="web")) == ["channel-closed"]
    with pytest.raises(NotFound):
        market.storefront.get("lamp", SalesContext(channel="web"), scope=market.as_visitor())
    market.channels.save(attrs.evolve(web, valid=Period(None, NOON + timedelta(seconds=1))), scope=market.as_operator())
    order = market.place(make_cart(channel="web"), key="k", scope=market.as_buyer("ann"))
    assert order.marketplace_order.channel == "web"
    assert market.verify() == ()


def test_only_the_merchants_of_a_channel_sell_in_it(market: Marketplace) -> None:
    save(market, "web", merchants=["bolt"])
    (line,) = simulate(market, channel="web").lines
    assert line.offer.id == "bolt-lamp"
    named = simulate(market, CartLine("l1", "lamp", offer="acme-lamp"), channel="web")
    assert [(one.code, one.line, one.message) for one in named.issues] == [
        ("not-in-channel", "l1", "acme does not sell in channel web")
    ]
    shown = market.storefront.get("lamp", SalesContext(channel="web"), scope=market.as_visitor())
    assert [one.offer.id for one in shown.box.candidates] == ["bolt-lamp"]
    request = ViewRequest("acme", SalesContext(channel="web"))
    page = market.storefront.page_of_seller(request, scope=market.as_visitor())
    assert not any(view.is_sold() for view in page.items)


def test_only_the_products_of_its_catalogs_are_sold_in_a_channel(market: Marketplace) -> None:
    catalog = market.catalog.save_catalog(Catalog("lights", "Lights"), scope=market.as_operator())
    market.catalog.add_products("lights", ["lamp"], scope=market.as_operator())
    market.catalog.assign("lights", buyer=None, scope=market.as_operator())
    save(market, "web", catalogs=[catalog.id])
    found = simulate(market, CartLine("l1", "lamp"), CartLine("l2", "vase"), channel="web")
    assert [issue.line for issue in found.issues] == ["l2"]
    with pytest.raises(NotFound):
        market.storefront.get("vase", SalesContext(channel="web"), scope=market.as_visitor())
    assert market.storefront.get("lamp", SalesContext(channel="web"), scope=market.as_visitor()).price is not None


def test_a_channel_delivers_to_its_countries(market: Marketplace) -> None:
    save(market, "web", countries=["AT", "DE"])
    assert list_codes(simulate(market, channel="web", country="AT")) == []
    assert list_codes(simulate(market, channel="web")) == []
    lines = CartLine("l1", "lamp"), CartLine("l2", "vase", deliver_to=Address("DE"))
    found = simulate(market, *lines, channel="web", country="FR").issues
    assert [(issue.code, issue.line) for issue in found] == [("not-delivered-there", "l1")]


def test_a_channel_states_prices_without_tax_where_the_market_states_them_with_it(market: Marketplace) -> None:
    save(market, "trade", prices_include_tax=False)
    order = market.place(
        make_cart(CartLine("l1", "vase", 2), channel="trade"), key="k", scope=market.as_buyer("ann")
    ).marketplace_order
    # 11.90 with 19 % is 10.00 without.
    assert (str(order.totals.subtotal), str(order.totals.tax_total)) == ("20.00 EUR", "3.80 EUR")
    assert str(simulate(market, CartLine("l1", "vase", 2), channel=None).totals.order.subtotal) == "23.80 EUR"
    shown = market.storefront.get("vase", SalesContext(channel="trade"), scope=market.as_visitor())
    assert shown.price is not None
    assert str(shown.price.unit_price) == "10.00 EUR"
    view = market.storefront.view_of_seller(
        "vase", ViewRequest("acme", SalesContext(channel="trade")), scope=market.as_visitor()
    )
    assert [str(one.price.unit_price) for one in view if one.price is not None] == ["10.00 EUR"]
    assert market.verify() == ()


def test_a_channel_is_the_operators_to_write_and_everybodys_to_read(market: Marketplace) -> None:
    web = save(market, "web")
    for scope in (market.as_merchant("acme"), market.as_buyer("ann"), market.as_visitor()):
        assert market.channels.get("web", scope=scope) == web
        with pytest.raises((PermissionDenied, NotFound)):
            market.channels.save(web, scope=scope)
    with pytest.raises(CurrencyMismatch):
        market.channels.save(Channel("usa", "USA", Currency.of("USD")), scope=market.as_operator())


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Mars/Olympus"}, {"countries": ["Austria"]}, {"merchants": [f"m{i}" for i in range(1_001)]}],
)
def test_what_a_channel_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        Channel("web", "Web", EUR, **wrong)  # type: ignore[arg-type]  # its fields, wrong on purpose


def test_a_folder_brings_channels(market: Marketplace, tmp_path: Path) -> None:
    row = "web,Web,Europe/Vienna,AT; DE,de; en,no,bolt,2026-01-01,2030-12-31\n"
    head = "channel,name,time_zone,countries,languages,prices_include_tax,merchants,valid_from,valid_until\n"
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "channels.csv").write_text(head + row, encoding="utf-8")
    market.load(folder)
    web = market.channels.get("web", scope=market.as_visitor())
    assert (web.countries, web.languages, web.prices_include_tax) == (("AT", "DE"), ("de", "en"), False)
    assert (web.merchants, web.catalogs, web.zone.key) == (frozenset({"bolt"}), None, "Europe/Vienna")
    assert web.valid.start is not None
    assert web.valid.start.isoformat() == "2025-12-31T23:00:00+00:00"
    (folder / "channels.csv").write_text("channel,name,merchants\nweb,Web,nobody\n", encoding="utf-8")
    with pytest.raises(LoadRefused, match="nobody"):
        market.load(folder)
