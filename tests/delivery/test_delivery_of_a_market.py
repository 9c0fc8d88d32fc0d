"""Delivery as carts choose it: methods, rates, parcels, pick-up points, and what an order keeps of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import attrs
import pytest

from markets import open_market
from mktcore.addresses import Address, Area
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.channels import Channel
from mktcore.checkout.errors import PlacementRefused
from mktcore.delivery import (
    BusinessCalendar,
    DeliveryChoice,
    DeliveryKind,
    DeliveryMethod,
    DeliveryRate,
    ParcelQuery,
    PickUpPoint,
    RateBasis,
    ShippingQuote,
    TransitTime,
    TransitUnit,
)
from mktcore.delivery.delivery_plan import NO_DELIVERY
from mktcore.delivery.transit_time import estimate_arrival
from mktcore.errors import InvalidValue
from mktcore.gateways import Declined, Succeeded
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, CurrencyMismatch, Money
from mktcore.orders import MERCHANT_ORDERS
from mktcore.periods import Period
from mktcore.persistence import NotFound
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": (
        "sku,name,tax_category,weight,dimensions\n"
        "lamp,Lamp,goods,1.5 kg,30 x 20 x 10 cm\nvase,Vase,goods,700 g,\nbook,Book,goods,,\n"
    ),
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-lamp,acme,lamp,50.00,9\nacme-vase,acme,vase,20.00,9\nbolt-book,bolt,book,10.00,9\n"
    ),
    "tax_rates.csv": (
        "tax_category,name,rate,destinations\n"
        "goods,VAT,0.19,DE\ngoods,VAT,0.20,AT\nfreight,VAT,0.19,DE\nfreight,VAT,0.20,AT\n"
    ),
}
BERLIN, VIENNA = Address("DE", postal_code="10115"), Address("AT", postal_code="1010")
TUESDAY = datetime(2026, 5, 12, 8, tzinfo=UTC)


@contextmanager
def open_served(store: str, tmp_path: Path, clock: ManualClock, **settings: Any) -> Iterator[Marketplace]:
    """Open a market with settings of its own."""
    with open_market(store, tmp_path, clock, FILES) as market:
        yield Marketplace(market.store, "EUR", clock=clock, **settings)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(TUESDAY)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def save(market: Marketplace, method: str, *rates: DeliveryRate, **terms: object) -> DeliveryMethod:
    made = DeliveryMethod(method, method.title(), rates=rates, **terms)  # type: ignore[arg-type]  # its fields
    return market.delivery_methods.save(made, scope=market.as_operator())


def make_cart(*lines: CartLine, delivery: object = (), **more: object) -> Cart:
    given = {"deliver_to": BERLIN, **more}
    return Cart.of("c1", buyer="ann", lines=lines, delivery=delivery, **given)  # type: ignore[arg-type]  # as above


def simulate(market: Marketplace, *lines: CartLine, delivery: object = (), **more: object) -> Simulation:
    return market.simulate(make_cart(*lines, delivery=delivery, **more), scope=market.as_buyer("ann"))


def list_charges(simulation: Simulation) -> dict[str, str]:
    return {expense.key: str(expense.amount) for expense in simulation.expenses}


def list_codes(simulation: Simulation) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.line) for issue in simulation.issues]


LAMP, VASE, BOOK = CartLine("l1", "lamp", 2), CartLine("l2", "vase"), CartLine("l3", "book")


def test_where_no_method_is_kept_nothing_is_asked(market: Marketplace) -> None:
    found = simulate(market, LAMP, BOOK)
    assert found.issues == ()
    assert found.delivery == NO_DELIVERY


@pytest.mark.parametrize(
    ("basis", "included", "step", "cost"),
    [
        # Two lamps of 1.5 kg and a vase of 700 g: 3,700 g; the first 2 kg 5.00, each further kilogramme 1.00.
        (RateBasis.WEIGHT, 2_000, 1_000, "7.00"),
        (RateBasis.PIECES, 1, 1, "7.00"),
        # 120.00 of goods: 100.00 included, each further 10.00 begun 1.00.
        (RateBasis.VALUE, 10_000, 1_000, "7.00"),
        (RateBasis.VALUE, 12_000, 1_000, "5.00"),
    ],
)
def test_rates_charge_so_much_for_the_first_and_so_much_for_each_further_one(
    market: Marketplace, basis: RateBasis, included: int, step: int, cost: str
) -> None:
    save(market, "post", DeliveryRate(eur("5.00"), eur("1.00"), included=included, step=step), basis=basis)
    found = simulate(market, LAMP, VASE, delivery=DeliveryChoice("post"))
    assert list_codes(found) == []
    assert list_charges(found) == {"delivery-1-acme": f"{cost} EUR"}


def test_what_a_rate_goes_by_and_nobody_told_is_no_option(market: Marketplace) -> None:
    save(market, "post", DeliveryRate(eur("5.00")), basis=RateBasis.VOLUME)
    assert list_codes(simulate(market, LAMP, delivery=DeliveryChoice("post"))) == []
    found = simulate(market, LAMP, VASE, delivery=DeliveryChoice("post"))
    assert list_codes(found) == [("delivery-unmeasured", "l1"), ("delivery-unmeasured", "l2")]
    assert [notice.code for notice in found.delivery.groups[0].refused] == ["delivery-unmeasured"]


def test_the_narrowest_area_sets_the_rate_and_beyond_all_nothing_goes(market: Marketplace) -> None:
    everywhere, islands = Area.parse("DE"), Area.parse("DE 25845-25849")
    save(
        market,
        "post",
        DeliveryRate(eur("5.00"), areas=[everywhere], most=2),
        DeliveryRate(eur("15.00"), areas=[islands], most=2),
        DeliveryRate(eur("30.00"), areas=[everywhere], above=2, most=4),
    )
    chosen = DeliveryChoice("post")
    assert list_charges(simulate(market, LAMP, delivery=chosen)) == {"delivery-1-acme": "5.00 EUR"}
    island = Address("DE", postal_code="25849")
    assert list_charges(simulate(market, LAMP, delivery=chosen, deliver_to=island)) == {"delivery-1-acme": "15.00 EUR"}
    assert list_charges(simulate(market, LAMP, VASE, delivery=chosen)) == {"delivery-1-acme": "30.00 EUR"}
    assert list_codes(simulate(market, LAMP, delivery=chosen, deliver_to=VIENNA)) == [("not-deliverable", "l1")]
    assert list_codes(simulate(market, LAMP, delivery=chosen, deliver_to=None)) == [("destination-missing", "l1")]


def test_goods_that_methods_are_kept_for_need_a_choice_and_see_their_options(market: Marketplace) -> None:
    save(market, "post", DeliveryRate(eur("5.00")), transit=TransitTime(1, 2))
    save(market, "express", DeliveryRate(eur("9.00")), transit=TransitTime(1, 1))
    acme = DeliveryMethod("van", "Van", "acme", rates=[DeliveryRate(eur("3.00"))])
    market.delivery_methods.save(acme, scope=market.as_merchant("acme"))
    found = simulate(market, LAMP, BOOK)
    assert list_codes(found) == [("delivery-not-chosen", "l1"), ("delivery-not-chosen", "l3")]
    options = {group.lines: [one.method for one in group.options] for group in found.delivery.groups}
    assert options == {("l1",): ["van", "post", "express"], ("l3",): ["post", "express"]}
    post = found.delivery.find_groups("l3")[0].options[0]
    # Tuesday's order arrives on Wednesday or Thursday, until the end of that day.
    assert post.arrival is not None
    assert (post.arrival.earliest, post.arrival.latest) == (
        datetime(2026, 5, 13, tzinfo=UTC),
        datetime(2026, 5, 15, tzinfo=UTC),
    )
    for key, place in (("k1", BERLIN), ("k2", None)):
        with pytest.raises(PlacementRefused, match="nobody said how it is delivered"):
            market.place(make_cart(LAMP, BOOK, deliver_to=place), key=key, scope=market.as_buyer("ann"))


def test_a_line_a_merchant_and_the_cart_choose_and_the_nearest_choice_holds(market: Marketplace) -> None:
    for name, amount in (("post", "5.00"), ("express", "9.00"), ("bike", "2.00")):
        save(market, name, DeliveryRate(eur(amount)))
    vase = CartLine("l2", "vase", delivery=DeliveryChoice("bike"))
    chosen = [DeliveryChoice("post"), DeliveryChoice("express", merchant="acme")]
    found = simulate(market, LAMP, vase, BOOK, delivery=chosen)
    ships = [(one.method, [pieces.line for pieces in one.contents]) for one in found.delivery.shipments]
    assert ships == [("express", ["l1"]), ("bike", ["l2"]), ("post", ["l3"])]
    order = market.place(make_cart(LAMP, vase, BOOK, delivery=chosen), key="k", scope=market.as_buyer("ann"))
    parts = {part.merchant: [(one.key, one.method) for one in part.expected] for part in order.merchant_orders}
    assert parts == {"acme": [("1", "express"), ("2", "bike")], "bolt": [("3", "post")]}
    assert str(order.totals.expense_total) == "16.00 EUR"
    assert market.verify() == ()


def test_what_is_fetched_is_taxed_where_it_is_fetched(market: Marketplace) -> None:
    points = [PickUpPoint("graz", "Shop in Graz", Address("AT", postal_code="8010"))]
    save(market, "shop", DeliveryRate(eur("1.20")), kind=DeliveryKind.PICK_UP, points=points, tax_category="freight")
    chosen = DeliveryChoice("shop", "graz")
    order = market.place(make_cart(VASE, delivery=chosen), key="k", scope=market.as_buyer("ann"))
    taxes = {(str(rate), str(tax)) for (_, rate), tax in order.marketplace_order.totals.taxes.items()}
    # 21.20 with 20 %: 3.33 of the vase and 0.20 of the freight.
    assert taxes == {("0.20", "3.53 EUR")}
    assert list_codes(simulate(market, VASE, delivery=DeliveryChoice("shop", "linz"))) == [("point-unknown", "l2")]
    assert list_codes(simulate(market, VASE, delivery=DeliveryChoice("shop"))) == [("point-unknown", "l2")]
    assert market.verify() == ()


def test_a_channel_says_which_methods_take_part_and_on_whose_clocks(market: Marketplace) -> None:
    calendar = BusinessCalendar(cut_off=time(9, 30))
    save(market, "post", DeliveryRate(eur("5.00")), transit=TransitTime(1, 1), calendar=calendar)
    save(market, "app", DeliveryRate(eur("1.00")), channels=["app"])
    for name, zone in (("web", "UTC"), ("wien", "Europe/Vienna")):
        channel = Channel(name, name, Currency.of("EUR"), time_zone=zone, delivery_methods=["post"])
        market.channels.save(channel, scope=market.as_operator())
    days = {}
    for name in ("web", "wien"):
        found = simulate(market, VASE, delivery=DeliveryChoice("post"), channel=name)
        (shipment,) = found.delivery.shipments
        assert shipment.arrival is not None
        days[name] = shipment.arrival.earliest.isoformat()
    # 8:00 UTC is 10:00 in Vienna, and too late there.
    assert days == {"web": "2026-05-13T00:00:00+00:00", "wien": "2026-05-13T22:00:00+00:00"}
    assert list_codes(simulate(market, VASE, delivery=DeliveryChoice("app"), channel="web")) == [
        ("delivery-unknown", "l2")
    ]


def test_a_parcel_of_several_merchants_is_apportioned_exactly(tmp_path: Path, clock: ManualClock) -> None:
    split = {"split_parcels": lambda items: [items]}
    with open_served("memory", tmp_path, clock, **split) as market:
        save(market, "post", DeliveryRate(eur("10.00")))
        save(market, "hub", DeliveryRate(eur("10.00")), is_collected_by_operator=True)
        found = simulate(market, LAMP, BOOK, delivery=DeliveryChoice("post"))
        # Two lamps and a book: a third is the book's merchant's.
        assert list_charges(found) == {"delivery-1-acme": "6.67 EUR", "delivery-1-bolt": "3.33 EUR"}
        assert len(found.delivery.shipments) == 1
        hub = simulate(market, LAMP, BOOK, delivery=DeliveryChoice("hub"))
        assert [(one.key, one.merchant) for one in hub.expenses] == [("delivery-1", None)]
        order = market.place(
            make_cart(LAMP, BOOK, delivery=DeliveryChoice("post")), key="k", scope=market.as_operator()
        )
        assert {one.expected[0].key for one in order.merchant_orders} == {"1"}
        assert market.verify() == ()


class Carriers:
    """A gateway: half a minor unit for each gram, nothing to Austria; bolt's carrier hangs until it is let go."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.hanging, self.amount = Event(), "4.00"

    def quote(
        self, merchant: str, parcels: Sequence[ParcelQuery], *, deadline: timedelta
    ) -> Mapping[str, Succeeded[ShippingQuote] | Declined]:
        assert deadline > timedelta()
        self.asked.append((merchant, len(parcels)))
        if merchant == "bolt":
            self.hanging.wait(5)
        quote = Succeeded(ShippingQuote(eur(self.amount), TransitTime(2, 3)))
        return {one.key: Declined("nobody drives there") if one.destination == VIENNA else quote for one in parcels}


@pytest.mark.parametrize("workers", [0, 2])
def test_who_answers_late_changes_nobody_elses_figures(tmp_path: Path, clock: ManualClock, workers: int) -> None:
    carriers = Carriers()
    executor = {"executor": ThreadPoolExecutor(workers)} if workers else {}
    settings = {"shipping_gateway": carriers, "quote_deadline": timedelta(seconds=0.05), **executor}
    with open_served("sqlite", tmp_path, clock, **settings) as market:
        save(market, "courier")
        found = simulate(market, LAMP, BOOK, delivery=DeliveryChoice("courier"))
        assert list_codes(found) == [("delivery-unanswered", "l3")]
        assert list_charges(found) == {"delivery-1-acme": "4.00 EUR"}
        assert sorted(carriers.asked) == [("acme", 1), ("bolt", 1)]
        with pytest.raises(PlacementRefused, match="no answer within"):
            market.place(make_cart(LAMP, BOOK, delivery=DeliveryChoice("courier")), key="k", scope=market.as_operator())
        carriers.hanging.set()
        alone = simulate(market, LAMP, delivery=DeliveryChoice("courier"))
        assert list_charges(alone) == list_charges(found)
        declined = simulate(market, LAMP, delivery=DeliveryChoice("courier"), deliver_to=VIENNA)
        assert list_codes(declined) == [("not-deliverable", "l1")]


def test_an_order_is_charged_what_was_quoted_before_it_and_asked_for_once(tmp_path: Path, clock: ManualClock) -> None:
    carriers = Carriers()
    with open_served("memory", tmp_path, clock, shipping_gateway=carriers) as market:
        save(market, "courier")
        cart = make_cart(LAMP, delivery=DeliveryChoice("courier"))
        order = market.place(cart, key="k", scope=market.as_buyer("ann"))
        carriers.amount = "9.00"
        assert market.place(cart, key="k", scope=market.as_buyer("ann")) == order
        assert (str(order.totals.expense_total), carriers.asked) == ("4.00 EUR", [("acme", 1)])


@pytest.mark.parametrize("amount", ["-1.00 EUR", "1.00 USD", "none", "raises"])
def test_an_answer_that_is_none_is_no_option(tmp_path: Path, clock: ManualClock, amount: str) -> None:
    class Odd:
        def quote(self, merchant: str, parcels: Sequence[ParcelQuery], *, deadline: timedelta) -> Mapping[str, object]:
            if amount == "raises" or not deadline:
                raise RuntimeError(merchant)
            value, _, code = amount.partition(" ")
            quote = Succeeded(ShippingQuote(Money.of(value, code))) if code else "free!"
            return {one.key: quote for one in parcels}

    with open_served("memory", tmp_path, clock, shipping_gateway=Odd()) as market:
        save(market, "courier")
        found = simulate(market, LAMP, delivery=DeliveryChoice("courier"))
        assert list_codes(found) == [("delivery-unanswered", "l1")]


def test_a_method_is_its_owners(market: Marketplace) -> None:
    acme, bolt = market.as_merchant("acme"), market.as_merchant("bolt")
    van = market.delivery_methods.save(
        DeliveryMethod("van", "Van", "acme", rates=[DeliveryRate(eur("3.00"))]), scope=acme
    )
    assert [one.id for one in market.delivery_methods.page(scope=acme).items] == ["van"]
    assert market.delivery_methods.page(scope=bolt).items == ()
    for forbidden in (van, DeliveryMethod("post", "Post", rates=[DeliveryRate(eur("3.00"))])):
        with pytest.raises(NotFound):
            market.delivery_methods.save(forbidden, scope=bolt)
    with pytest.raises(CurrencyMismatch):
        save(market, "post", DeliveryRate(Money.of("3.00", "USD")))
    assert list_codes(simulate(market, BOOK, delivery=DeliveryChoice("van"))) == [("delivery-unknown", "l3")]
    market.delivery_methods.remove(van, scope=acme)
    assert list_codes(simulate(market, LAMP, delivery=DeliveryChoice("van"))) == [("delivery-unknown", "l1")]


def test_a_method_is_kept_whole(market: Marketplace) -> None:
    method = DeliveryMethod(
        "full",
        "Full",
        "acme",
        kind=DeliveryKind.PICK_UP,
        basis=RateBasis.WEIGHT,
        rates=[
            DeliveryRate(eur("1.00"), eur("0.10"), included=5, step=2, above=1, most=9, areas=[Area.parse("US-CA")])
        ],
        channels=["web", "app"],
        valid=Period(TUESDAY),
        transit=TransitTime(3, 48, TransitUnit.HOURS),
        calendar=BusinessCalendar("Asia/Tokyo", weekdays=[0, 6], closed=[date(2026, 5, 3)], cut_off=time(9, 15)),
        points=[PickUpPoint("p1", "Shop", VIENNA)],
        tax_category="freight",
    )
    stored = market.delivery_methods.save(method, scope=market.as_operator())
    assert market.delivery_methods.get("full", scope=market.as_operator()) == stored == attrs.evolve(method, version=1)


def test_what_an_order_expects_and_does_not_hold_is_found(market: Marketplace) -> None:
    save(market, "post", DeliveryRate(eur("5.00")))
    cart = make_cart(LAMP, delivery=DeliveryChoice("post"))
    (part,) = market.place(cart, key="k", scope=market.as_operator()).merchant_orders
    (shipment,) = part.expected
    more = attrs.evolve(shipment.contents[0], quantity=3, cost=eur("9.00"))
    with market.store.begin(market.as_operator()) as unit:
        kept = unit.repository(MERCHANT_ORDERS).get(part.id)
        wrong = attrs.evolve(kept, expected=(attrs.evolve(shipment, contents=(more,)),))
        unit.repository(MERCHANT_ORDERS).save(wrong)
        unit.commit()
    told = [found.message for found in market.verify() if found.code == "I2"]
    assert told == [
        "line l1 has 2 pieces, and 3 are expected",
        "shipments cost 9.00 EUR, and all charges come to 5.00 EUR",
    ]


@pytest.mark.parametrize(
    ("ready", "transit", "arrives"),
    [
        # Friday 15:00 in Berlin is after the cut-off: it leaves on Monday.
        ("2026-05-15T13:00", TransitTime(1, 1), ("2026-05-18T22:00", "2026-05-19T22:00")),
        ("2026-05-15T11:00", TransitTime(0, 1), ("2026-05-15T11:00", "2026-05-18T22:00")),
        ("2026-05-15T13:00", TransitTime(2, 4, TransitUnit.HOURS), ("2026-05-18T00:00", "2026-05-18T02:00")),
        # The clocks go forward on the last Sunday of March, and back on the last one of October.
        ("2026-03-27T11:00", TransitTime(1, 1), ("2026-03-29T22:00", "2026-03-30T22:00")),
        ("2026-10-23T11:00", TransitTime(1, 1), ("2026-10-25T23:00", "2026-10-26T23:00")),
        ("2026-12-24T11:00", TransitTime(1, 1), ("2026-12-27T23:00", "2026-12-28T23:00")),
    ],
)
def test_estimates_go_by_business_days_on_the_clocks_of_the_calendar(
    ready: str, transit: TransitTime, arrives: tuple[str, str]
) -> None:
    calendar = BusinessCalendar("Europe/Berlin", cut_off=time(14), closed=[date(2026, 12, 25)])
    found = estimate_arrival(datetime.fromisoformat(f"{ready}+00:00"), transit, calendar)
    assert (f"{found.earliest:%Y-%m-%dT%H:%M}", f"{found.latest:%Y-%m-%dT%H:%M}") == arrives


@pytest.mark.parametrize(
    "make",
    [
        lambda: DeliveryMethod("m", "M", basis="weight"),  # type: ignore[arg-type]  # a word, and no basis
        lambda: DeliveryMethod("m", "M", kind="pick-up"),  # type: ignore[arg-type]  # as above
        lambda: DeliveryMethod("m", "M", kind=DeliveryKind.PICK_UP),
        lambda: DeliveryMethod("m", "M", "acme", is_collected_by_operator=True),
        lambda: DeliveryRate(eur("1.00"), step=0),
        lambda: DeliveryRate(eur("1.00"), above=3, most=3),
        lambda: BusinessCalendar("../../etc/passwd"),
        lambda: BusinessCalendar(weekdays=[]),
        lambda: TransitTime(3, 2),
        lambda: TransitTime(1, 2, "hours"),  # type: ignore[arg-type]  # as above
        lambda: make_cart(LAMP, delivery=[DeliveryChoice("a"), DeliveryChoice("b")]),
        lambda: make_cart(LAMP, delivery="post"),
        lambda: make_cart(LAMP, delivery=[DeliveryChoice("a", "p"), DeliveryChoice("b", merchant="acme")]),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_reads_it(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue):
        make()
