"""A merchant's price that is too far from what is known is held, and never sold by mistake."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import attrs
import pytest

from markets import NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.errors import InvalidValue
from mktcore.gateways import Succeeded
from mktcore.loading.record_writer import Outcome, RecordOutcome
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import Approval, ChangedItem, ItemTerms, Offer
from mktcore.offers.price_guards import HeldPriceState, Meanwhile, PriceGuard, PriceHolder, Reference
from mktcore.offers.price_guards.held_price import HELD_PRICE_LIFE, HeldPriceClosed
from mktcore.offers.price_guards.price_breach import GuardedGoods, find_breaches
from mktcore.persistence import NotFound, UniqueViolation
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.processes.verification import verify
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\ncoda,Coda\n",
    "skus.csv": "sku,name,category,tax_category\ntv,TV,screens,\nlamp,Lamp,lights,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-tv,acme,tv,480.00,9\nbolt-tv,bolt,tv,520.00,9\ncoda-tv,coda,tv,500.00,9\nacme-lamp,acme,lamp,20.00,9\n"
    ),
}
THIRD = PriceGuard("third", Reference.PREVIOUS, below=Decimal("0.3"), above=Decimal("0.5"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def market(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, clock, FILES) as market:
        tv = market.catalog.skus.get("tv", scope=market.as_operator())
        market.catalog.save_sku(attrs.evolve(tv, price=eur("500.00")), scope=market.as_operator())
        yield market


def guard(market: Marketplace, *guards: PriceGuard) -> None:
    for one in guards:
        market.offers.guards.save(one, scope=market.as_operator())


def reprice(market: Marketplace, offer: str, price: str, **more: object) -> PriceSchedule:
    merchant = offer.split("-", maxsplit=1)[0]
    scope = market.as_merchant(merchant)
    known = market.prices.get_schedule(offer, scope=scope)
    wanted = attrs.evolve(known, breaks=[PriceBreak(1, eur(price))], **more)  # type: ignore[arg-type]  # of several types
    return market.prices.save_schedule(wanted, scope=scope)


def price_of(market: Marketplace, offer: str) -> str:
    """Return what an offer costs a buyer now, or why it cannot be had."""
    sku = market.offers.get(offer, scope=market.as_operator()).sku
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l", sku, offer=offer)])
    simulation = market.simulate(cart, scope=market.as_buyer("ann"))
    return simulation.issues[0].code if simulation.issues else str(simulation.totals.order.grand_total)


def held_of(market: Marketplace) -> list[tuple[str, str]]:
    found = market.offers.held_prices.iterate(scope=market.as_operator())
    return sorted((one.id, one.state.value) for one in found)


def test_the_life_of_a_held_price_is_a_sound_process() -> None:
    assert verify(HELD_PRICE_LIFE) == ()
    assert {state.name for state in HELD_PRICE_LIFE.states} == set(HeldPriceState)


def test_a_slip_is_held_and_the_old_price_stays(market: Marketplace) -> None:
    guard(market, THIRD)
    # 30 % below 480.00 is 336.00, which passes; a cent less does not.
    assert reprice(market, "acme-tv", "336.00").breaks[0].unit_price == eur("336.00")
    returned = reprice(market, "acme-tv", "48.00")
    assert (returned.breaks[0].unit_price, price_of(market, "acme-tv")) == (eur("336.00"), "336.00 EUR")
    held = market.offers.held_prices.get("schedule:acme-tv", scope=market.as_operator())
    assert str(held) == "48.00 EUR from 1 of tv: the previous price is 336.00 EUR (-85.71%)"
    assert (held.offers, held.state) == (("acme-tv",), HeldPriceState.WAITING)


def test_what_was_meant_is_approved_and_what_was_not_is_denied(market: Marketplace, clock: ManualClock) -> None:
    guard(market, THIRD)
    reprice(market, "acme-tv", "48.00")
    reprice(market, "bolt-tv", "1.00")
    clock.advance(timedelta(hours=1))
    operator = market.as_operator(user="olga")
    approved = market.offers.held_prices.approve("schedule:acme-tv", scope=operator, reason="a clearance")
    assert (approved.state, approved.decided_by, approved.reason) == (HeldPriceState.APPROVED, "olga", "a clearance")
    market.offers.held_prices.deny("schedule:bolt-tv", scope=operator)
    assert [price_of(market, one) for one in ("acme-tv", "bolt-tv")] == ["48.00 EUR", "520.00 EUR"]
    with pytest.raises(HeldPriceClosed):
        market.offers.held_prices.approve("schedule:bolt-tv", scope=operator)
    # What is in force is not judged again, however it is sent.
    assert reprice(market, "acme-tv", "48.00", maximum=5).maximum == 5
    assert market.verify() == ()


def test_a_better_price_takes_the_place_of_what_is_held(market: Marketplace) -> None:
    guard(market, THIRD)
    reprice(market, "acme-tv", "48.00")
    reprice(market, "acme-tv", "4.80")
    assert held_of(market) == [("schedule:acme-tv", "waiting")]
    reprice(market, "acme-tv", "470.00")
    assert held_of(market) == [("schedule:acme-tv", "withdrawn")]
    assert price_of(market, "acme-tv") == "470.00 EUR"
    with pytest.raises(HeldPriceClosed):
        market.offers.held_prices.approve("schedule:acme-tv", scope=market.as_operator())


def test_what_is_removed_and_what_was_held_of_it_go_in_one_commit(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = market.as_merchant("acme")
    spare = market.prices.save_schedule(PriceSchedule("spare", "acme", [PriceBreak(1, eur("9.00"))]), scope=acme)
    given = market.prices.assign(Assignment("vip", "tv", "acme-lamp", merchant="acme"), scope=acme)

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(PriceHolder, "withdraw", fail)
        with pytest.raises(ConnectionError):
            market.prices.remove_schedule(spare, scope=acme)
        with pytest.raises(ConnectionError):
            market.prices.unassign(given, scope=acme)
    assert market.prices.get_schedule("spare", scope=acme) == spare
    assert market.prices.find_assignments("acme-lamp", scope=acme) == (given,)
    market.prices.remove_schedule(spare, scope=acme)
    market.prices.unassign(given, scope=acme)
    assert market.prices.find_assignments("acme-lamp", scope=acme) == ()


def test_nobody_removes_anothers_prices(market: Marketplace) -> None:
    acme, bolt = market.as_merchant("acme"), market.as_merchant("bolt")
    spare = market.prices.save_schedule(PriceSchedule("spare", "acme", [PriceBreak(1, eur("9.00"))]), scope=acme)
    given = market.prices.assign(Assignment("vip", "tv", "acme-lamp", merchant="acme"), scope=acme)
    for attempt in (spare, attrs.evolve(spare, owner="bolt"), attrs.evolve(spare, id="nothing")):
        with pytest.raises(NotFound):
            market.prices.remove_schedule(attempt, scope=bolt)
    for one in (given, attrs.evolve(given, merchant="bolt"), attrs.evolve(given, id="nothing")):
        with pytest.raises(NotFound):
            market.prices.unassign(one, scope=bolt)
    assert market.prices.get_schedule("spare", scope=acme) == spare


def test_a_slip_under_a_name_that_is_taken_is_refused_and_not_held(market: Marketplace) -> None:
    guard(market, attrs.evolve(THIRD, reference=Reference.LIST))
    for merchant in ("bolt", "acme"):
        slip = PriceSchedule("acme-tv", merchant, [PriceBreak(1, eur("1.00"))])
        with pytest.raises(UniqueViolation):
            market.prices.save_schedule(slip, scope=market.as_merchant(merchant))
    assert held_of(market) == []
    assert price_of(market, "acme-tv") == "480.00 EUR"


def test_the_operators_own_word_is_held_by_nothing(market: Marketplace) -> None:
    guard(market, THIRD)
    reprice(market, "acme-tv", "48.00")
    operator = market.as_operator()
    known = market.prices.get_schedule("acme-tv", scope=operator)
    market.prices.save_schedule(attrs.evolve(known, breaks=[PriceBreak(1, eur("9.00"))]), scope=operator)
    assert price_of(market, "acme-tv") == "9.00 EUR"
    assert held_of(market) == [("schedule:acme-tv", "withdrawn")]


def test_a_policy_takes_it_out_of_sale_meanwhile(market: Marketplace) -> None:
    guard(market, attrs.evolve(THIRD, meanwhile=Meanwhile.NOT_SOLD))
    reprice(market, "acme-tv", "48.00")
    assert price_of(market, "acme-tv") == "offer-unavailable"
    why = market.offers.find_freshness("acme-tv", scope=market.as_merchant("acme"))
    assert why is not None
    assert why.unavailable is not None
    assert why.unavailable.why == "its price waits for approval"
    market.offers.held_prices.deny("schedule:acme-tv", scope=market.as_operator())
    assert price_of(market, "acme-tv") == "480.00 EUR"


@pytest.mark.parametrize(
    ("reference", "price", "is_held"),
    [
        # The SKU usually costs 500.00: 750.00 is a half more.
        (Reference.LIST, "750.00", False),
        (Reference.LIST, "750.01", True),
        # Bolt asks 520.00 and Coda 500.00; the median is 510.00, a half more 765.00.
        (Reference.MEDIAN, "765.00", False),
        (Reference.MEDIAN, "765.01", True),
        (Reference.PREVIOUS, "720.00", False),
        (Reference.PREVIOUS, "720.01", True),
    ],
)
def test_what_a_price_is_compared_with(market: Marketplace, reference: Reference, price: str, is_held: bool) -> None:
    guard(market, PriceGuard("g", reference, above=Decimal("0.5")))
    reprice(market, "acme-tv", price)
    assert price_of(market, "acme-tv") == ("480.00 EUR" if is_held else f"{price} EUR")


def test_an_offers_list_price_comes_before_what_the_sku_usually_costs(market: Marketplace) -> None:
    guard(market, PriceGuard("g", Reference.LIST, above=Decimal(0)))
    acme = market.as_merchant("acme")
    offer = market.offers.get("acme-tv", scope=acme)
    market.offers.save(attrs.evolve(offer, list_price=eur("600.00")), scope=acme)
    reprice(market, "acme-tv", "600.00")
    assert price_of(market, "acme-tv") == "600.00 EUR"


def test_the_narrowest_guard_on_a_reference_holds(market: Marketplace) -> None:
    lights = PriceGuard("lights", Reference.PREVIOUS, below=Decimal("0.9"), category="lights")
    bolt = PriceGuard("bolt", Reference.PREVIOUS, below=Decimal(1), merchant="bolt")
    guard(market, THIRD, lights, bolt)
    for offer, price in (("acme-lamp", "3.00"), ("acme-tv", "300.00"), ("bolt-tv", "1.00")):
        reprice(market, offer, price)
    assert [price_of(market, one) for one in ("acme-lamp", "acme-tv", "bolt-tv")] == [
        "3.00 EUR",
        "480.00 EUR",
        "1.00 EUR",
    ]


def test_sales_and_breaks_are_prices_too(market: Marketplace) -> None:
    guard(market, THIRD)
    acme = market.as_merchant("acme")
    known = market.prices.get_schedule("acme-tv", scope=acme)
    on_sale = attrs.evolve(known, breaks=[PriceBreak(1, eur("480.00"), eur("48.00"))])
    assert market.prices.save_schedule(on_sale, scope=acme) == known
    ten = attrs.evolve(known, breaks=[PriceBreak(1, eur("480.00")), PriceBreak(10, eur("48.00"))])
    assert market.prices.save_schedule(ten, scope=acme) == known
    # Ten for what one costs: 48.00 each.
    per_ten = attrs.evolve(known, breaks=[PriceBreak(1, eur("480.00"))], per=10)
    assert market.prices.save_schedule(per_ten, scope=acme) == known


def test_a_switch_to_prices_without_tax_is_compared_as_what_is_paid(market: Marketplace) -> None:
    # Goods without a tax cost the same either way.
    guard(market, PriceGuard("g", Reference.PREVIOUS, above=Decimal(0), below=Decimal(0)))
    assert reprice(market, "acme-lamp", "20.00", includes_tax=False).includes_tax is False


def test_a_feed_is_held_row_by_row(market: Marketplace, tmp_path: Path) -> None:
    guard(market, PriceGuard("g", Reference.LIST, below=Decimal("0.5")), attrs.evolve(THIRD, below=Decimal("0.5")))
    file = tmp_path / "files" / "offers.csv"
    file.write_text(
        "offer,merchant,sku,price,stock\nacme-tv,acme,tv,4.80,7\nbolt-tv,bolt,tv,510.00,8\nbolt-tv-2,bolt,tv,5.00,8\n"
    )
    outcomes: list[RecordOutcome] = []
    report = market.load(tmp_path / "files", outcomes=outcomes.append)
    assert (report.held, str(report).rpartition("; ")[2]) == (2, "2 prices held")
    assert sorted(one.id for one in outcomes if one.outcome is Outcome.HELD) == ["acme-tv", "bolt-tv-2"]
    # The rest of the row is stored; what never had a price has none.
    assert [price_of(market, one) for one in ("acme-tv", "bolt-tv", "bolt-tv-2")] == [
        "480.00 EUR",
        "510.00 EUR",
        "no-price",
    ]
    assert market.stock.levels.get("acme-tv", scope=market.as_operator()).places[""].on_hand == 7
    market.load(tmp_path / "files")
    assert held_of(market) == [("schedule:acme-tv", "waiting"), ("schedule:bolt-tv-2", "waiting")]
    market.offers.held_prices.approve("schedule:bolt-tv-2", scope=market.as_operator())
    assert price_of(market, "bolt-tv-2") == "5.00 EUR"
    # Sent again it is in force.
    assert market.load(tmp_path / "files").held == 1


@attrs.define
class Acme:
    """A merchant's system that answers a price."""

    price: str
    on_hand: int = 5

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, Succeeded[ItemTerms]]:
        del merchant, deadline
        return {item: Succeeded(ItemTerms(item, NOON, eur(self.price), self.on_hand)) for item in items}


@pytest.mark.parametrize(
    ("meanwhile", "found"), [(Meanwhile.OLD_PRICE, "490.00 EUR"), (Meanwhile.NOT_SOLD, "offer-unavailable")]
)
def test_a_merchants_answer_is_held_and_its_stock_is_not(
    market: Marketplace, clock: ManualClock, meanwhile: Meanwhile, found: str
) -> None:
    acme = Acme("490.00")
    fresh = Marketplace(
        market.store,
        "EUR",
        clock=clock,
        merchant_gateway=acme,
        bindings=lambda _unit, _merchant, items: dict.fromkeys(items, "tv"),
    )

    def refresh() -> None:
        fresh.offers.notify("acme", [ChangedItem("A-1")], scope=fresh.as_merchant("acme"))
        assert fresh.offers.refresh().refreshed == 1

    refresh()
    guard(fresh, attrs.evolve(THIRD, meanwhile=meanwhile))
    acme.price, acme.on_hand = "49.00", 3
    refresh()
    assert price_of(fresh, "acme/A-1") == found
    assert fresh.stock.levels.get("acme/A-1", scope=fresh.as_operator()).places[""].on_hand == 3
    acme.price = "480.00"
    refresh()
    assert price_of(fresh, "acme/A-1") == "480.00 EUR"
    assert held_of(fresh) == [("schedule:acme/A-1", "withdrawn")]


def test_an_assignment_that_would_sell_below_is_held(market: Marketplace) -> None:
    guard(market, PriceGuard("g", Reference.LIST, below=Decimal("0.5")))
    acme = market.as_merchant("acme")
    given = Assignment("vip", "tv", "acme-lamp", merchant="acme")
    assert market.prices.assign(given, scope=acme).version == 0
    assert price_of(market, "acme-tv") == "480.00 EUR"
    market.offers.held_prices.approve("assignment:vip", scope=market.as_operator())
    assert price_of(market, "acme-tv") == "20.00 EUR"


def test_an_offer_at_a_schedule_of_other_goods_waits_for_approval(market: Marketplace) -> None:
    guard(market, PriceGuard("g", Reference.LIST, below=Decimal("0.5")))
    acme = market.as_merchant("acme")
    saved = market.offers.save(Offer("acme-tv-2", "acme", "tv", schedule="acme-lamp"), scope=acme)
    assert saved.approval is Approval.PENDING
    market.offers.decide("acme-tv-2", Approval.APPROVED, scope=market.as_operator())
    kept = market.offers.save(attrs.evolve(market.offers.get("acme-tv-2", scope=acme), handling_days=3), scope=acme)
    assert kept.approval is Approval.APPROVED


def test_who_may_do_what(market: Marketplace) -> None:
    guard(market, THIRD)
    reprice(market, "acme-tv", "48.00")
    acme, bolt, operator = market.as_merchant("acme"), market.as_merchant("bolt"), market.as_operator()
    held = market.offers.held_prices
    assert [one.is_allowed for one in held.allowed("schedule:acme-tv", scope=operator).events] == [True, True]
    assert [one.is_allowed for one in held.allowed("schedule:acme-tv", scope=acme).events] == [False, False]
    assert [one.id for one in held.page(where={"state": "waiting"}, scope=acme).items] == ["schedule:acme-tv"]
    assert held.page(scope=bolt).items == ()
    with pytest.raises(NotFound):
        held.get("schedule:acme-tv", scope=bolt)
    for answer in (held.approve, held.deny):
        with pytest.raises(PermissionDenied):
            answer("schedule:acme-tv", scope=acme)
    with pytest.raises(PermissionDenied):
        market.offers.guards.save(THIRD, scope=acme)


def test_the_lint_tells_of_guards_that_nobody_can_have_meant(market: Marketplace) -> None:
    guard(
        market, THIRD, attrs.evolve(THIRD, id="fourth"), attrs.evolve(THIRD, id="x", merchant="nobody", category="toys")
    )
    found = market.offers.guards.lint(scope=market.as_operator())
    assert [(one.code, one.operands["guard"]) for one in found] == [
        ("guards.tied", "fourth"),
        ("guards.tied", "third"),
        ("guards.unknown-merchant", "x"),
        ("guards.unknown-category", "x"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"above": Decimal(-1)},
        {"below": Decimal("1.1")},
        {"above": 0.5},
        {"above": Decimal("NaN")},
        {"below": Decimal("1E+30")},
    ],
)
def test_a_guard_checks_itself(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        PriceGuard("g", Reference.LIST, **wrong)  # type: ignore[arg-type]  # what a caller may pass


def test_the_rule_by_itself_compares_with_tax_and_without() -> None:
    nature = GoodsNature("", "", {}, ancestors=())
    before = PriceSchedule("p", "acme", [PriceBreak(1, eur("119.00"))])
    goods = GuardedGoods("tv", nature, previous=before, with_tax=Fraction(119, 100))
    exact = PriceGuard("g", Reference.PREVIOUS, above=Decimal(0), below=Decimal(0))
    same = PriceSchedule("p", "acme", [PriceBreak(1, eur("100.00"))], includes_tax=False)
    dearer = PriceSchedule("p", "acme", [PriceBreak(1, eur("119.00"))], includes_tax=False)
    assert find_breaches(same, [goods], [exact], merchant="acme") == ()
    [breach] = find_breaches(dearer, [goods], [exact], merchant="acme")
    assert (breach.compared, breach.apart) == (eur("100.00"), Decimal("0.1900"))
