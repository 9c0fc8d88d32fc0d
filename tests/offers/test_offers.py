"""What an offer may say of itself, and what older documents and calls say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from carts.shop import add_goods, eur, open_shop, sell
from mktcore.access import PermissionDenied
from mktcore.catalog import SKUS, Sku
from mktcore.errors import InvalidValue
from mktcore.ids import InvalidId
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import CLOSURES, OFFERS, Approval, BackOrders, Closure, Offer
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.choose_stock_places import StockSource
from mktcore.offers.merchant_closure import find_closed_until, find_extra_days
from mktcore.offers.refresh.last_answer import Freshness, Unavailability
from mktcore.parties import MEMBERSHIPS, MERCHANTS, ActivityRefused, Merchant
from mktcore.parties.onboarding.membership import start_membership
from mktcore.periods import Period
from mktcore.persistence import NotFound, Scope, UniqueViolation
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.wire import from_json, to_json

OFFER = Offer("o1", "acme", "lamp", schedule="p1")
OPERATOR, ACME, BOLT = Scope.operator(), Scope.merchant("acme"), Scope.merchant("bolt")


def day(number: int) -> datetime:
    return datetime(2026, 8, number, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"minimum": 0},
        {"minimum": True},
        {"minimum": 3, "maximum": 2},
        {"handling_days": -1},
        {"backorder_days": 1.5},
        {"list_price": Money.of("-1.00", "EUR")},
        {"item": "x" * 201},
        {"item": " padded"},
        {"item": "two\nlines"},
        {"locations": ["berlin", "berlin"]},
        {"locations": ["a@b"]},
        {"locations": ["a\x00b"]},
    ],
)
def test_an_offer_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        attrs.evolve(OFFER, **changes)


def test_a_location_is_called_what_its_merchant_calls_it() -> None:
    places = ["berlin", "Lager 2 (Nord)", "Lager+202", ":Lager+202", "Łódź", "a/b", "-x"]
    offer = attrs.evolve(OFFER, locations=places)
    assert len(set(offer.stock_items)) == len(places)
    assert [StockSource(item, 1).location for item in offer.stock_items] == places
    assert offer.stock_items[:2] == ("o1@berlin", "o1@:Lager+202+20+28Nord+29")


def test_an_id_has_room_for_its_locations() -> None:
    with pytest.raises(InvalidId):
        Offer("o" * 115, "acme", "lamp", schedule="p1", locations=["berlin"])


def test_a_document_from_before_is_read_as_it_was_meant() -> None:
    document = (
        b'{"$type":"offers.offer.v1","condition":"used","id":"o1","merchant":"acme","schedule":"p1","sku":"lamp",'
        b'"valid":{"end":null,"start":null},"version":3}'
    )
    read = from_json(document, Offer)
    assert (read.version, read.approval, read.channels, read.minimum, read.maximum) == (3, "approved", None, 1, None)
    assert read.backorders is BackOrders.ALLOWED
    assert read.stock_items == ("o1",)


def test_everything_an_offer_says_travels() -> None:
    offer = Offer(
        "o1",
        "acme",
        "lamp",
        schedule="p1",
        list_price=Money.of("9.00", "EUR"),
        channels=["app", "web"],
        minimum=2,
        maximum=8,
        handling_days=3,
        approval=Approval.PENDING,
        backorders=BackOrders.REFUSED,
        backorder_days=5,
        item="A-1",
        locations=["berlin", "porto"],
    )
    assert from_json(to_json(offer), Offer) == offer


@pytest.mark.parametrize(
    ("periods", "until"),
    [
        ([(1, 5)], day(5)),
        ([(1, 5), (5, 9)], day(9)),
        ([(1, 5), (2, 7), (6, 9)], day(9)),
        ([(1, 5), (6, 9)], day(5)),
        ([(1, None)], None),
        ([(1, 5), (4, None)], None),
        ([(5, 9)], "open"),
        ([], "open"),
    ],
)
def test_a_closure_ends_when_all_that_follow_it_do(
    periods: list[tuple[int, int | None]], until: datetime | str | None
) -> None:
    closures = [
        Closure(f"c{number}", "acme", Period(day(start), None if end is None else day(end)))
        for number, (start, end) in enumerate(periods)
    ]
    found = find_closed_until(OFFER, closures, day(3))
    assert ("open" if found is None else found[1]) == until


def test_a_closure_may_only_slow_down_and_only_some_offers() -> None:
    slow = Closure("c1", "acme", Period(day(1), day(9)), extra_days=4, offers=["o1"])
    slower = Closure("c2", "acme", Period(day(1), day(9)), extra_days=7)
    foreign = Closure("c3", "bolt", Period(day(1), day(9)))
    assert find_closed_until(OFFER, [slow, slower, foreign], day(3)) is None
    assert find_extra_days(OFFER, [slow, foreign], day(3)) == 4
    assert find_extra_days(OFFER, [slow, slower], day(3)) == 7
    assert find_extra_days(attrs.evolve(OFFER, id="o2"), [slow], day(3)) == 0
    assert find_extra_days(OFFER, [slow], day(9)) == 0
    with pytest.raises(InvalidValue):
        attrs.evolve(slow, extra_days=-1)


def test_unavailable_since_the_first_miss_and_because_of_the_last() -> None:
    fresh = Freshness("o1", "acme", as_of=day(1), answered_at=day(1))
    missed = fresh.mark_unavailable("no answer", day(2)).mark_unavailable("no connection", day(3))
    assert missed.unavailable == Unavailability(day(2), "no connection")
    assert missed.mark_answered(day(4), day(4)) == Freshness("o1", "acme", day(4), day(4))
    assert (fresh.is_newer_than(day(1)), fresh.is_newer_than(day(1) - timedelta(1))) == (False, True)
    assert not Freshness("o1", "acme").is_newer_than(day(1))


@pytest.mark.parametrize("score", [Decimal("NaN"), Decimal(101), Decimal(-1), 50])
def test_a_rating_is_between_0_and_100(score: Any) -> None:
    with pytest.raises(InvalidValue):
        MerchantRating("acme", score)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, currency="EUR") as market:
        with market.store.begin(OPERATOR) as unit:
            unit.repository(SKUS).add(Sku("lamp", "Lamp"))
            unit.repository(MERCHANTS).add_many([Merchant("acme", "Acme"), Merchant("bolt", "Bolt")])
            priced = [PriceBreak(1, eur("5.00"))]
            schedules = [PriceSchedule("p1", "acme", priced), PriceSchedule("p2", "bolt", priced)]
            unit.repository(PRICE_SCHEDULES).add_many(schedules)
            unit.commit()
        yield market


def test_a_merchant_keeps_its_own_offers(market: Marketplace) -> None:
    stored = market.offers.save(OFFER, scope=ACME)
    assert stored.version == 1
    changed = market.offers.save(attrs.evolve(stored, minimum=5), scope=ACME)
    assert (changed.version, changed.minimum) == (2, 5)
    for scope in (BOLT, Scope.buyer("b1")):
        with pytest.raises(NotFound):
            market.offers.save(changed, scope=scope)
    with pytest.raises(NotFound):
        market.offers.save(attrs.evolve(changed, merchant="bolt"), scope=BOLT)
    with pytest.raises(InvalidValue, match="no @"):
        market.offers.save(Offer("o@1", "acme", "lamp", schedule="p1"), scope=ACME)
    clerk = Scope(ACME.party, "acme", "u1", permissions=frozenset({"stock.write"}))
    with pytest.raises(PermissionDenied):
        market.offers.save(changed, scope=clerk)


def test_an_offer_is_of_a_sku_and_a_merchant_that_are_there(market: Marketplace) -> None:
    for offer in (attrs.evolve(OFFER, sku="lmap"), attrs.evolve(OFFER, merchant="acne")):
        with pytest.raises(NotFound):
            market.offers.save(offer, scope=OPERATOR)


def test_a_merchant_that_is_not_registered_yet_prepares_nothing(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        unit.repository(MEMBERSHIPS).add(start_membership("acme", now=day(1), by=OPERATOR, state="invited"))
        unit.commit()
    market.offers.save(OFFER, scope=OPERATOR)
    for refused in (
        lambda: market.offers.save(attrs.evolve(OFFER, id="o2"), scope=ACME),
        lambda: market.stock.count("o1", 1, scope=ACME),
        lambda: market.offers.close(Closure("c1", "acme", Period(day(1))), scope=ACME),
    ):
        with pytest.raises(ActivityRefused):
            refused()


def test_an_item_has_one_offer(market: Marketplace) -> None:
    market.offers.save(attrs.evolve(OFFER, item="A-1"), scope=ACME)
    with pytest.raises(UniqueViolation):
        market.offers.save(Offer("o2", "acme", "lamp", schedule="p1", item="A-1"), scope=ACME)
    market.offers.save(Offer("o3", "bolt", "lamp", schedule="p2", item="A-1"), scope=BOLT)


def test_the_operator_alone_approves(market: Marketplace) -> None:
    market.offers.save(OFFER, scope=ACME)
    denied = market.offers.decide("o1", Approval.DENIED, scope=OPERATOR, reason="a fake")
    kept = market.offers.save(attrs.evolve(denied, approval=Approval.APPROVED, minimum=2), scope=ACME)
    assert (kept.approval, kept.minimum) == (Approval.DENIED, 2)
    with pytest.raises(PermissionDenied):
        market.offers.decide("o1", Approval.APPROVED, scope=ACME)
    with pytest.raises(NotFound):
        market.offers.decide("o9", Approval.APPROVED, scope=OPERATOR)
    with market.store.begin(ACME) as unit:
        first, told, last = [entry.event for entry in unit.find_events("offer", "o1")]
    assert (first.sku, first.number, last.number) == (OFFER.sku, 1, 3)  # type: ignore[attr-defined]  # OfferChanged
    assert (told.approval, told.reason) == (Approval.DENIED, "a fake")  # type: ignore[attr-defined]  # OfferDecided
    assert market.offers.save(attrs.evolve(kept, approval=Approval.APPROVED), scope=OPERATOR).approval == "approved"


def test_stock_is_counted_where_the_offer_has_it(market: Marketplace) -> None:
    market.offers.save(OFFER, scope=ACME)
    market.offers.save(Offer("o2", "acme", "lamp", schedule="p1", locations=["berlin", "porto"]), scope=ACME)
    market.stock.count("o1", 5, scope=ACME, backorder=2)
    market.stock.count("o2", {"porto": 3}, scope=OPERATOR)
    with market.store.begin(OPERATOR) as unit:
        levels = unit.stock.find_levels(["o1", "o2", "o2@berlin", "o2@porto"])
    assert {item: (level.on_hand, level.available) for item, level in levels.items()} == {
        "o1": (5, 7),
        "o2@porto": (3, 3),
    }
    for offer, on_hand in (("o1", {"berlin": 1}), ("o2", 4), ("o2", {"vigo": 1})):
        with pytest.raises(InvalidValue, match="locations of the offer"):
            market.stock.count(offer, on_hand, scope=ACME)
    for scope in (BOLT, Scope.buyer("b1")):
        with pytest.raises((NotFound, PermissionDenied)):
            market.stock.count("o1", 5, scope=scope)


def test_a_merchant_closes_and_reopens(market: Marketplace) -> None:
    closure = Closure("c1", "acme", Period(day(1), day(9)), reason="summer")
    stored = market.offers.close(closure, scope=ACME)
    longer = market.offers.close(attrs.evolve(stored, period=Period(day(1), day(20))), scope=ACME)
    with pytest.raises(NotFound):
        market.offers.close(attrs.evolve(closure, id="c2"), scope=BOLT)
    with pytest.raises(NotFound):
        market.offers.close(attrs.evolve(longer, merchant="bolt"), scope=BOLT)
    for closure_id, scope in (("c1", BOLT), ("c9", ACME)):
        with pytest.raises(NotFound):
            market.offers.reopen(closure_id, scope=scope)
    with market.store.begin(ACME) as unit:
        assert unit.repository(CLOSURES).get("c1") == longer
    market.offers.reopen("c1", scope=ACME)
    with market.store.begin(OPERATOR) as unit:
        assert unit.repository(CLOSURES).count() == 0


def test_the_operator_rates_merchants(market: Marketplace) -> None:
    market.offers.rate([MerchantRating("acme", Decimal(90))], scope=OPERATOR)
    market.offers.rate([MerchantRating("acme", Decimal(80)), MerchantRating("bolt", Decimal(70))], scope=OPERATOR)
    with market.store.begin(Scope.buyer("b1")) as unit:
        rated = unit.repository(MERCHANT_RATINGS).find_many(["acme", "bolt"])
    assert {name: (rating.score, rating.version) for name, rating in rated.items()} == {
        "acme": (Decimal(80), 2),
        "bolt": (Decimal(70), 1),
    }
    with pytest.raises(PermissionDenied):
        market.offers.rate([MerchantRating("acme", Decimal(100))], scope=ACME)


def test_loading_again_keeps_what_no_file_tells(market: Marketplace, tmp_path: Any) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "merchants.csv").write_text("merchant,name\nacme,Acme\n")
    (folder / "skus.csv").write_text("sku,name,tax_category\nlamp,Lamp,\n")
    (folder / "offers.csv").write_text("offer,merchant,sku,price,stock\no1,acme,lamp,9.00,5\n")
    market.load(folder)
    with market.store.begin(OPERATOR) as unit:
        loaded = unit.repository(OFFERS).get("o1")
    market.offers.save(attrs.evolve(loaded, minimum=3, approval=Approval.DENIED), scope=OPERATOR)
    assert str(market.load(folder)) == "nothing changed"
    with market.store.begin(OPERATOR) as unit:
        kept = unit.repository(OFFERS).get("o1")
    assert (kept.minimum, kept.approval) == (3, Approval.DENIED)


@pytest.mark.parametrize("field", ["channels", "locations"])
def test_one_text_is_not_taken_letter_by_letter(field: str) -> None:
    given: Any = {field: "web"}
    with pytest.raises(InvalidValue, match=r"\['web'\]"):
        Offer("o", "acme", "lamp", schedule="p", **given)


@pytest.mark.parametrize("schedule", ["nowhere", "bolt-tee", "house"])
def test_an_offer_names_a_price_schedule_of_its_merchant(schedule: str) -> None:
    market = open_shop()
    add_goods(market, Sku("tee", "Tee"))
    sell(market, "acme-tee", "tee", {1: "5.00"})
    sell(market, "bolt-tee", "tee", {1: "4.00"})
    house = PriceSchedule("house", None, [PriceBreak(1, eur("1.00"))])
    market.prices.save_schedule(house, scope=market.as_operator())
    stored = market.offers.get("acme-tee", scope=market.as_merchant("acme"))
    for scope in (market.as_merchant("acme"), market.as_operator()):
        with pytest.raises(NotFound) as new:
            market.offers.save(Offer("o2", "acme", "tee", schedule=schedule), scope=scope)
        with pytest.raises(NotFound) as changed:
            market.offers.save(attrs.evolve(stored, schedule=schedule), scope=scope)
        assert {(one.value.kind, one.value.id) for one in (new, changed)} == {("price_schedule", schedule)}


def test_an_offer_that_follows_an_item_may_wait_for_its_own_schedule_and_for_no_others() -> None:
    market = open_shop()
    add_goods(market, Sku("tee", "Tee"))
    sell(market, "bolt-tee", "tee", {1: "4.00"})
    acme = market.as_merchant("acme")
    assert market.offers.save(Offer("o2", "acme", "tee", schedule="o2", item="A-1"), scope=acme).version == 1
    for offer in (
        Offer("o3", "acme", "tee", schedule="o2", item="A-2"),
        Offer("o3", "acme", "tee", schedule="o3"),
        Offer("bolt-tee", "acme", "tee", schedule="bolt-tee", item="A-2"),
    ):
        with pytest.raises(NotFound):
            market.offers.save(offer, scope=acme)


def test_an_offer_whose_schedule_is_gone_can_still_be_changed() -> None:
    market = open_shop()
    add_goods(market, Sku("tee", "Tee"))
    sell(market, "acme-tee", "tee", {1: "5.00"})
    acme = market.as_merchant("acme")
    with market.store.begin(market.as_operator()) as unit:  # behind the back of the use case, which refuses it
        unit.repository(PRICE_SCHEDULES).remove(unit.repository(PRICE_SCHEDULES).get("acme-tee"))
        unit.commit()
    stored = market.offers.get("acme-tee", scope=acme)
    assert market.offers.save(attrs.evolve(stored, handling_days=3), scope=acme).handling_days == 3
