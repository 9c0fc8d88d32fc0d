"""Prices in carts and orders go through the price book."""

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.delivery import SHIPPING_FEES
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.notice import Notice
from mktcore.offers import OFFERS
from mktcore.persistence import Scope
from mktcore.persistence.errors import ColumnFixed
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.totals import Option


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def priced(market: Marketplace) -> Marketplace:
    screws = PriceSchedule(
        "vip-tripod",
        "bolt",
        [PriceBreak(2, eur("25.00"))],
        per=2,
        maximum=4,
        options=(Option("strap", mark_up=eur("1.01")),),
    )
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(PRICE_SCHEDULES).add(screws)
        unit.repository(ASSIGNMENTS).add(Assignment("a1", "tripod", "vip-tripod", merchant="bolt", group="vip"))
        unit.commit()
    return market


def make_cart(quantity: int, *, groups: tuple[str, ...] = ("vip",), **line: object) -> Cart:
    tripod = CartLine("l1", "tripod", quantity, offer="bolt-tripod", **line)  # type: ignore[arg-type]  # of several types
    return Cart.of("cart-1", buyer="buyer-1", lines=[tripod], groups=groups)


def test_an_assigned_price_is_for_its_group_only(priced: Marketplace) -> None:
    scope = priced.as_operator()
    vip, other = (priced.simulate(make_cart(2, groups=groups), scope=scope) for groups in (("vip",), ("staff",)))
    assert [str(one.totals.order.subtotal) for one in (vip, other)] == ["25.00 EUR", "39.90 EUR"]
    assert vip.lines[0].price.rule == "merchant-assignment"


def test_prices_per_a_count_with_options_are_frozen_on_the_order_and_verified(priced: Marketplace) -> None:
    order = priced.place(make_cart(3, options=("strap",)), key="k1", scope=priced.as_operator())
    [line] = order.merchant_orders[0].lines
    assert (line.per, [option.key for option in line.options], line.unit_price) == (2, ["strap"], eur("25.00"))
    assert str(line.totals.subtotal) == "39.02 EUR"  # 3 x 26.01 / 2, half up
    assert priced.verify() == ()
    assert priced.orders.get(order.id, scope=priced.as_operator()) == order


def test_a_refused_quantity_is_an_issue_that_says_what_is_accepted(priced: Marketplace) -> None:
    [issue] = priced.simulate(make_cart(5), scope=priced.as_operator()).issues
    assert (issue.code, issue.remedy, issue.operands["accepted"]) == ("quantity-refused", "take 2 to 4", "2 to 4")
    with pytest.raises(PlacementRefused, match="take 2 to 4"):
        priced.place(make_cart(5), key="k1", scope=priced.as_operator())


def test_the_buy_box_compares_what_a_piece_costs(priced: Marketplace) -> None:
    simulation = priced.simulate(
        Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", "tripod", 2)], groups=("vip",)),
        scope=priced.as_operator(),
    )
    assert simulation.lines[0].offer.id == "bolt-tripod"  # 25.00 for two, although 25.00 is more than 19.95


@pytest.mark.parametrize(("agreed", "codes"), [("19.94", ["price-rose"]), ("19.95", []), ("25.00", [])])
def test_a_rise_needs_consent_and_a_drop_passes_on(market: Marketplace, agreed: str, codes: list[str]) -> None:
    cart = make_cart(2, agreed=eur(agreed))
    assert [issue.code for issue in market.simulate(cart, scope=market.as_operator()).issues] == codes
    if codes:
        with pytest.raises(PlacementRefused, match=r"costs 19\.95 EUR now, 19\.94 EUR was agreed"):
            market.place(cart, key="k1", scope=market.as_operator())


def test_a_merchant_reads_and_writes_its_own_prices_only(priced: Marketplace) -> None:
    for scope, seen in ((Scope.merchant("bolt"), True), (Scope.merchant("acme"), False), (Scope.buyer("b1"), False)):
        with priced.store.begin(scope) as unit:
            assert (unit.repository(PRICE_SCHEDULES).find("vip-tripod") is not None) is seen
            assert (unit.repository(ASSIGNMENTS).find("a1") is not None) is seen


def test_a_schedule_of_another_merchant_prices_nothing(priced: Marketplace) -> None:
    with priced.store.begin(priced.as_operator()) as unit:
        own, offer = unit.repository(PRICE_SCHEDULES).get("bolt-tripod"), unit.repository(OFFERS).get("bolt-tripod")
        for owner in ("acme", None):
            unit.repository(PRICE_SCHEDULES).add(attrs.evolve(own, id=f"of-{owner}", owner=owner, version=0))
        offer = unit.repository(OFFERS).save(attrs.evolve(offer, schedule="of-acme"))
        unit.commit()
    assert [issue.code for issue in simulate_one(priced)] == ["no-price"]
    with priced.store.begin(priced.as_operator()) as unit:
        unit.repository(OFFERS).save(attrs.evolve(offer, schedule="of-None"))
        unit.commit()
    assert [issue.code for issue in simulate_one(priced)] == ["no-price"]


def simulate_one(market: Marketplace) -> tuple[Notice, ...]:
    return market.simulate(make_cart(1, groups=()), scope=market.as_operator()).issues


def test_the_owner_of_a_schedule_is_set_at_its_creation_only(priced: Marketplace) -> None:
    with priced.store.begin(priced.as_operator()) as unit:
        given = attrs.evolve(unit.repository(PRICE_SCHEDULES).get("bolt-tripod"), owner="acme")
        with pytest.raises(ColumnFixed):
            unit.repository(PRICE_SCHEDULES).save(given)


def test_the_buyer_agrees_to_what_it_was_shown(market: Marketplace) -> None:
    scope = market.as_operator()
    shown = market.simulate(make_cart(2), scope=scope)
    agreed = shown.to_agreed()
    assert (agreed.lines[0].agreed, agreed.agreed_total) == (eur("19.95"), shown.totals.order.grand_total)
    assert market.simulate(agreed, scope=scope).is_placeable()
    with market.store.begin(scope) as unit:  # nothing costs more each, but shipping does
        fee = unit.repository(SHIPPING_FEES).get("bolt")
        unit.repository(SHIPPING_FEES).save(attrs.evolve(fee, amount=fee.amount + eur("0.01"), free_from=None))
        unit.commit()
    with pytest.raises(PlacementRefused, match=r"the order costs 43\.81 EUR now, 43\.80 EUR was agreed") as refusal:
        market.place(agreed, key="k1", scope=scope)
    assert [(issue.code, issue.operands) for issue in refusal.value.issues] == [
        ("total-rose", {"agreed": "43.80 EUR", "due": "43.81 EUR"})
    ]
    again = market.simulate(make_cart(2), scope=scope).to_agreed()
    assert market.place(again, key="k2", scope=scope).totals.grand_total == eur("43.81")
    cheaper = attrs.evolve(again, id="cart-2", agreed_total=eur("99.00"))
    assert market.place(cheaper, key="k3", scope=scope).totals.grand_total == eur("43.81")
    foreign = attrs.evolve(again, id="cart-3", agreed_total=Money.of("99.00", "USD"))
    assert [issue.code for issue in market.simulate(foreign, scope=scope).issues] == ["total-rose"]
