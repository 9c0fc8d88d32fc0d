"""Price schedules, assignments, sales and promotions from a folder: loaded whole, or refused with every place."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import (
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    Not,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import FirstOrder, InChannel, InGroup, Quantity
from mktcore.promotions.promotion import Caps, Level
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.wire import to_json

SCHEDULES = (
    "schedule,merchant,quantity,price,sale_price,sale_from,sale_until,per,maximum,recurs,first_day,opens,minutes\n"
)
PROMOTIONS = "promotion,effect,percent,amount,buy,get,times,merchant,level,codes,from_amount,uses,budget,condition\n"


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def load(market: Marketplace, folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return str(market.load(folder))


def refuse(market: Marketplace, folder: Path, **files: str) -> list[str]:
    with pytest.raises(LoadRefused) as refusal:
        load(market, folder, **files)
    return [f"{one.where} {one.message}" for one in refusal.value.problems]


def find_price(market: Marketplace, offer: str, sku: str, groups: tuple[str, ...] = (), quantity: int = 1) -> str:
    cart = Cart.of("c", buyer="b", lines=[CartLine("l1", sku, quantity, offer=offer)], groups=groups)
    return str(market.simulate(cart, scope=market.as_operator()).lines[0].price.unit_price)


def test_schedules_and_assignments_are_loaded(market: Marketplace, tmp_path: Path) -> None:
    report = load(
        market,
        tmp_path,
        price_schedules=SCHEDULES
        + "vip,acme,,99.00,89.00,2026-07-01T00:00Z,2026-08-01T00:00Z,,9,,,,\nvip,,5,95.00,,,,,,,,,\n"
        + "list,,,150.00,,,,,,,,,\nfridays,acme,1,80.00,,,,2,,FREQ=WEEKLY;BYDAY=FR,2026-01-02,18:00,240\n",
        price_assignments="assignment,sku,schedule,merchant,group,channel\na1,camera,vip,acme,vip,\n"
        "a2,camera,list,,,\na3,camera,fridays,acme,vip,web\n",
    )
    assert report == "price_schedule: 3 added, 0 changed; assignment: 3 added, 0 changed"
    with market.store.begin(market.as_operator()) as unit:
        vip, fridays = unit.repository(PRICE_SCHEDULES).get("vip"), unit.repository(PRICE_SCHEDULES).get("fridays")
        assert unit.repository(PRICE_SCHEDULES).get("list").owner is None
        assert unit.repository(ASSIGNMENTS).get("a3") == Assignment(
            "a3", "camera", "fridays", merchant="acme", group="vip", channel="web", version=1
        )
    assert vip.breaks == (PriceBreak(1, eur("99.00"), eur("89.00")), PriceBreak(5, eur("95.00")))
    assert (vip.owner, vip.maximum, vip.sale.start) == ("acme", 9, datetime(2026, 7, 1, tzinfo=UTC))
    assert fridays.per == 2
    assert fridays.recurs is not None
    assert (fridays.recurs.opens, fridays.recurs.lasts) == (time(18), timedelta(hours=4))
    assert find_price(market, "acme-camera", "camera", ("vip",)) == "89.00 EUR"
    assert find_price(market, "acme-camera", "camera", ("vip",), 5) == "95.00 EUR"
    assert find_price(market, "acme-camera", "camera") == "179.00 EUR"
    assert str(market.load(tmp_path)) == "nothing changed"


def test_a_last_day_lasts_to_its_end(tmp_path: Path) -> None:
    """vc-platform #956, magento2 #39169: a feed of a Berlin merchant, on sale from 2026-11-23 to 2026-11-29."""
    clock = ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
    market = Marketplace.in_memory(currency="EUR", clock=clock, ids=CountingIds())
    (tmp_path / "merchants.csv").write_text("merchant,name\nacme,Acme\n")
    (tmp_path / "skus.csv").write_text("sku,name,tax_category\nmug,Mug,\n")
    (tmp_path / "offers.csv").write_text(
        "offer,merchant,sku,price,stock,sale_price,sale_from,sale_until\n"
        "o1,acme,mug,10.00,5,8.00,2026-11-23,2026-11-29\n"
    )
    with pytest.raises(LoadRefused, match="sale_until: '2026-11-29' has no time zone"):
        market.load(tmp_path)
    with pytest.raises(InvalidValue, match="time_zone"):
        market.load(tmp_path, time_zone="Berlin")
    market.load(tmp_path, time_zone="Europe/Berlin")
    prices = []
    for day, hour in ((22, 23), (23, 0), (23, 12), (28, 23), (29, 12), (29, 23), (30, 0)):
        clock.advance(datetime(2026, 11, day, hour, 30, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC) - clock.now())
        prices.append(find_price(market, "o1", "mug"))
    assert prices == ["10.00 EUR", *["8.00 EUR"] * 5, "10.00 EUR"]


def test_a_sale_is_part_of_the_offers_feed(market: Marketplace, tmp_path: Path) -> None:
    head = "offer,merchant,sku,price,stock,sale_price,sale_from,sale_until\n"
    row = "acme-camera,acme,camera,179.00,5,159.00,2026-07-01T00:00Z,2026-07-02T00:00Z\n"
    load(market, tmp_path, offers=head + row)
    assert find_price(market, "acme-camera", "camera") == "159.00 EUR"
    (tmp_path / "offers.csv").write_text("offer,merchant,sku,price,stock\nacme-camera,acme,camera,178.00,5\n")
    market.load(tmp_path)
    assert find_price(market, "acme-camera", "camera") == "159.00 EUR"  # a feed without sales keeps them
    breaks = "offer,quantity,price,sale_price\nacme-camera,2,150.00,140.00\nacme-camera,3,149.00,\n"
    load(market, tmp_path, price_breaks=breaks)
    assert [find_price(market, "acme-camera", "camera", quantity=n) for n in (1, 2, 3)] == [
        "159.00 EUR",
        "140.00 EUR",
        "149.00 EUR",
    ]
    load(market, tmp_path, offers=head + "acme-camera,acme,camera,178.00,5,,,\n")
    assert find_price(market, "acme-camera", "camera") == "178.00 EUR"


def test_promotions_are_loaded(market: Marketplace, tmp_path: Path) -> None:
    document = to_json(Not(InChannel(("outlet",)))).decode().replace('"', '""')
    report = load(
        market,
        tmp_path,
        promotions=PROMOTIONS
        + "p,percent-off,0.1,,,,,,,SUMMER; winter,50.00,100,900.00,\n"
        + "a,amount-off,,5.00,,,,acme,merchant,,,,,\nf,fixed-price,,9.99,,,,,,,,,,\n"
        + "b,buy-x-get-y,,,2,,3,,line,,,,,\nc,cheapest-free,,,3,,,,,,,,,\n"
        + f's,shipping-off,1,,,,,,,,,,,"{document}"\nt,shipping-off,,2.00,,,,,,,,,,\n',
    )
    assert report == "promotion: 7 added, 0 changed"
    expected = {
        "p": Promotion(
            "p",
            PercentOff(Decimal("0.1")),
            condition=AllOf((WithCode(("SUMMER", "winter")), Amount(eur("50.00")))),
            limits=Limits(uses=100, per_buyer=None, budget=eur("900.00")),
        ),
        "a": Promotion("a", AmountOff(eur("5.00")), "acme", level=Level.MERCHANT),
        "f": Promotion("f", FixedPrice(eur("9.99"))),
        "b": Promotion("b", BuyXGetY(2, times=3), level=Level.LINE),
        "c": Promotion("c", CheapestFree(3)),
        "s": Promotion("s", ShippingOff(Decimal(1)), condition=Not(InChannel(("outlet",)))),
        "t": Promotion("t", ShippingOff(amount=eur("2.00"))),
    }
    for name, promotion in expected.items():
        found = market.promotions.get(name, scope=market.as_operator())
        assert found.version == 1
        assert attrs_without_version(found) == promotion
    assert str(market.load(tmp_path)) == "nothing changed"


def attrs_without_version(promotion: Promotion) -> Promotion:
    return attrs.evolve(promotion, version=0)


def test_every_other_column_of_a_promotion(market: Marketplace, tmp_path: Path) -> None:
    columns = {
        "promotion": "x",
        "effect": "percent-off",
        "percent": "0.2",
        "title": "X for you",
        "priority": "7",
        "group": "season",
        "exclusive": "yes",
        "combines_with": "season;loyal",
        "merchant_share": "0.5",
        "valid_until": "2027-01-01T00:00Z",
        "skus": "camera;tripod",
        "categories": "photo",
        "brands": "Orlik",
        "merchants": "acme",
        "user_groups": "vip",
        "channels": "web",
        "first_order": "yes",
        "from_quantity": "2",
        "uses_per_buyer": "1",
        "order_cap": "9.00",
        "line_cap": "5.00",
        "price_floor": "1.00",
    }
    load(market, tmp_path, promotions=f"{','.join(columns)}\n{','.join(columns.values())}\n")
    targets = LineFilter(skus=("camera", "tripod"), categories=("photo",), brands=("Orlik",), merchants=("acme",))
    found = market.promotions.get("x", scope=market.as_operator())
    assert (found.title, found.priority, found.group, found.exclusive) == ("X for you", 7, "season", True)
    assert (found.combines_with, found.merchant_share, found.targets) == (("season", "loyal"), Decimal("0.5"), targets)
    assert found.condition == AllOf((InGroup(("vip",)), InChannel(("web",)), FirstOrder(), Quantity(2, of=targets)))
    assert (found.caps, found.limits) == (
        Caps(order=eur("9.00"), line=eur("5.00"), floor=eur("1.00")),
        Limits(per_buyer=1),
    )
    assert found.valid.end == datetime(2027, 1, 1, tzinfo=UTC)


def test_every_faulty_column_is_told(market: Marketplace, tmp_path: Path) -> None:
    found = refuse(
        market,
        tmp_path,
        price_schedules=SCHEDULES
        + "s1,ghost,1,9.00,-1.00,2026-07-02T00:00Z,2026-07-01T00:00Z,0,,,,,\ns1,acme,1,x,,,,,,,,,\n"
        + "s2,,1,9.00,,,,,0,FREQ=NEVER,someday,25:00,0\ns3,,1,9.00,,,,,,FREQ=DAILY,2026-01-01,18:00,0\n"
        + "s3,,1,8.00,,,,,,,,,\n",
        price_assignments="assignment,sku,schedule,merchant,user,group\na1,nosku,nothing,acme,u1,vip\na1,camera,s3,,,\n",
        promotions=PROMOTIONS
        + "p1,teleport,,,,,,,sideways,,,-1,,{}\np2,percent-off,10,,,,,ghost,,,x,,,\n"
        + 'p3,amount-off,,0.00,,,,,,,,,,"{""$type"":""promotions.not.v1""}"\n'
        + 'p4,shipping-off,0.5,,,,,,,,,,,"{""$type"":""core.period.v1"",""start"":null,""end"":null}"\n',
    )
    assert [line.split(" ")[0] for line in found] == [
        "price_assignments.csv:2:group",
        "price_assignments.csv:2:sku",
        "price_assignments.csv:2:schedule",
        "price_assignments.csv:3:assignment",
        "price_schedules.csv:2:sale_price",
        "price_schedules.csv:2:sale_until",
        "price_schedules.csv:2:merchant",
        "price_schedules.csv:3:merchant",
        "price_schedules.csv:3:price",
        "price_schedules.csv:4:first_day",
        "price_schedules.csv:4:opens",
        "price_schedules.csv:5:recurs",
        "price_schedules.csv:6:quantity",
        "promotions.csv:2:effect",
        "promotions.csv:2:level",
        "promotions.csv:2:condition",
        "promotions.csv:2:uses",
        "promotions.csv:3:percent",
        "promotions.csv:3:from_amount",
        "promotions.csv:3:merchant",
        "promotions.csv:4:amount",
        "promotions.csv:4:condition",
        "promotions.csv:5:condition",
    ]
    told = dict(line.split(" ", 1) for line in found)
    assert told["promotions.csv:4:condition"] == "it is no condition: condition: it is missing"
    assert told["price_schedules.csv:3:merchant"] == "the schedule's first row, in line 2, says otherwise"


def test_an_owner_never_changes_by_a_folder(market: Marketplace, tmp_path: Path) -> None:
    operator = market.as_operator()
    market.prices.save_schedule(PriceSchedule("s1", None, [PriceBreak(1, eur("9.00"))]), scope=operator)
    market.promotions.save(Promotion("p1", PercentOff(Decimal("0.1")), "acme"), scope=operator)
    assert refuse(
        market,
        tmp_path,
        price_schedules="schedule,price,merchant\ns1,8.00,acme\n",
        promotions="promotion,effect,percent\np1,percent-off,0.2\n",
    ) == [
        "price_schedules.csv:2:merchant price schedule s1 is of the operator, not of acme",
        "promotions.csv:2:merchant promotion p1 is of merchant acme, not of the operator",
    ]


def test_a_list_of_ids_holds_ids(market: Marketplace, tmp_path: Path) -> None:
    found = refuse(market, tmp_path, promotions="promotion,effect,percent,skus\np1,percent-off,0.1,camera; not an id\n")
    assert [line.split(" ")[0] for line in found] == ["promotions.csv:2:skus"]
