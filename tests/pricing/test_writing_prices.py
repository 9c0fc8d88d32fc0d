"""Owners write their prices and promotions, are told of what is wrong with them, and nobody else can."""

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from markets import EXAMPLE, NOON
from mktcore.access import PermissionDenied
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import OFFERS, Offer
from mktcore.periods import Period
from mktcore.persistence import NotFound, Party, Scope, StaleVersion
from mktcore.pricing import PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.pricing.precedence import OnQuantity, Precedence, PriceRule
from mktcore.promotions import PercentOff, Promotion
from mktcore.promotions.events import PromotionChanged
from mktcore.testing.fakes import ManualClock

TEN = PercentOff(Decimal("0.1"))
YEAR = Period(NOON + timedelta(days=100), NOON + timedelta(days=200))
CLERK = Scope(Party.MERCHANT, "acme", "clerk", permissions=frozenset({"orders.read"}))


def make(name: str, price: str, owner: str | None = "acme", sale: str | None = None) -> PriceSchedule:
    entry = PriceBreak(1, Money.of(price, "EUR"), None if sale is None else Money.of(sale, "EUR"))
    return PriceSchedule(name, owner, [entry])


def find_events(market: Marketplace, kind: str, subject: str, scope: Scope) -> list[object]:
    with market.store.begin(scope) as unit:
        return [one.event for one in unit.find_events(kind, subject)]


def test_a_merchant_writes_its_own_prices(market: Marketplace) -> None:
    acme, bolt, now = market.as_merchant("acme"), market.as_merchant("bolt"), market.clock.now()
    stored = market.prices.save_schedule(make("vip", "99.00"), scope=acme)
    changed = market.prices.save_schedule(attrs.evolve(stored, per=2), scope=acme)
    given = market.prices.assign(Assignment("a1", "camera", "vip", merchant="acme", group="vip"), scope=acme)
    with pytest.raises(StaleVersion):
        market.prices.save_schedule(stored, scope=acme)
    assert market.prices.get_schedule("vip", scope=acme) == changed
    assert market.prices.find_assignments("vip", scope=acme) == (given,)
    assert changed in market.prices.schedules.page(scope=acme, limit=1000).items
    buyer = market.as_buyer("b1")
    assert market.prices.find_assignments("vip", scope=bolt) == ()
    assert changed not in market.prices.schedules.page(scope=bolt, limit=1000).items
    for hidden in (market.prices.schedules.page, lambda scope: market.prices.find_assignments("vip", scope=scope)):
        with pytest.raises(PermissionDenied):  # refused: an empty list would say that there are none
            hidden(scope=buyer)
    for scope in (bolt, buyer):
        with pytest.raises(NotFound):
            market.prices.get_schedule("vip", scope=scope)
    market.prices.unassign(given, scope=acme)
    market.prices.remove_schedule(changed, scope=acme)
    assert find_events(market, "price_schedule", "vip", acme) == [
        PriceScheduleChanged(subject="vip", at=now, merchant="acme", number=number) for number in (1, 2, 0)
    ]
    assert find_events(market, "assignment", "a1", acme) == [
        AssignmentChanged(subject="a1", at=now, merchant="acme", sku="camera", number=number) for number in (1, 0)
    ]
    assert find_events(market, "price_schedule", "vip", bolt) == []


def test_nobody_writes_anothers_prices(market: Marketplace) -> None:
    acme, bolt, operator = market.as_merchant("acme"), market.as_merchant("bolt"), market.as_operator()
    own = market.prices.save_schedule(make("vip", "99.00"), scope=operator)
    for wrong in (make("new", "9.00", "acme"), make("new", "9.00", None), own):
        with pytest.raises(NotFound):
            market.prices.save_schedule(wrong, scope=bolt)
    with pytest.raises(NotFound):
        market.prices.remove_schedule(own, scope=bolt)
    for foreign in (
        Assignment("a1", "camera", "vip", merchant="acme"),  # in another's name
        Assignment("a1", "camera", "vip", merchant="bolt"),  # another's schedule
        Assignment("a1", "camera", "bolt-tripod"),  # the product's default, which is the operator's
    ):
        with pytest.raises(NotFound):
            market.prices.assign(foreign, scope=bolt)
    given = market.prices.assign(Assignment("a1", "camera", "vip", merchant="acme"), scope=operator)
    with pytest.raises(NotFound):
        market.prices.assign(Assignment("a2", "camera", "vip", merchant="bolt"), scope=operator)
    with pytest.raises(NotFound):
        market.prices.unassign(given, scope=bolt)
    with pytest.raises(PermissionDenied):
        market.prices.unassign(given, scope=CLERK)
    market.prices.unassign(given, scope=acme)


def test_a_lint_of_the_example_finds_nothing(market: Marketplace) -> None:
    assert [str(one) for one in market.prices.lint(scope=market.as_operator())] == []


def test_each_is_told_of_its_own_prices(market: Marketplace) -> None:
    operator = market.as_operator()
    market.prices.save_schedule(make("acme-odd", "9.00", sale="9.50"), scope=operator)
    market.prices.save_schedule(make("bolt-odd", "9.00", "bolt", sale="9.50"), scope=operator)
    market.prices.save_schedule(make("list", "8.00", None), scope=operator)
    market.prices.assign(Assignment("d1", "camera", "list"), scope=operator)
    with market.store.begin(operator) as unit:
        unit.repository(OFFERS).add(Offer("bolt-new", "bolt", "sku-new", schedule="acme-camera"))
        unit.commit()
    found = {
        name: [(one.code, one.where) for one in market.prices.lint(scope=scope)]
        for name, scope in (("acme", market.as_merchant("acme")), ("bolt", market.as_merchant("bolt")))
    }
    assert found == {
        "acme": [
            ("prices.sale-above-price", "price schedule acme-odd"),
            ("prices.unused-schedule", "price schedule acme-odd"),
        ],
        "bolt": [
            ("prices.missing-schedule", "offer bolt-new"),
            ("prices.sale-above-price", "price schedule bolt-odd"),
            ("prices.unpriced", "offer bolt-new"),
            ("prices.unused-schedule", "price schedule bolt-odd"),
        ],
    }
    every = [(one.code, one.where) for one in market.prices.lint(scope=operator)]
    # The list price stands behind prices of merchants that always come first. That a schedule is another's is told to
    # the operator alone.
    of_all = {("prices.unreachable", "price schedule list"), ("prices.foreign-schedule", "offer bolt-new")}
    assert set(every) == {*found["acme"], *found["bolt"]} - {("prices.missing-schedule", "offer bolt-new")} | of_all
    for scope in (market.as_buyer("buyer-1"), CLERK):
        with pytest.raises(PermissionDenied):
            market.prices.lint(scope=scope)


def test_to_a_merchant_anothers_schedule_is_as_one_that_is_not_there(market: Marketplace) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    market.prices.save_schedule(make("theirs", "9.00", "acme"), scope=operator)
    market.prices.save_schedule(make("operators", "9.00", None), scope=operator)
    market.prices.assign(Assignment("d1", "tripod", "operators"), scope=operator)

    def lint(schedule: str) -> list[str]:
        with market.store.begin(operator) as unit:
            offers = unit.repository(OFFERS)
            offers.save(attrs.evolve(offers.get("bolt-tripod"), schedule=schedule))
            unit.commit()
        found = market.prices.lint(scope=bolt)
        return [f"{one} {sorted(one.operands.items(), key=str)}".replace(schedule, "?") for one in found]

    assert lint("theirs") == lint("operators") == lint("nobodys") == lint("marketplace-1")
    assert lint("theirs")[0].startswith("offer bolt-tripod: there is no price schedule ?")


@pytest.mark.parametrize("on_quantity", OnQuantity)
def test_a_merchants_findings_name_nothing_of_the_operators(on_quantity: OnQuantity) -> None:
    # Where the products' defaults come first, they beat what merchants have.
    steps = (PriceRule.PRODUCT_DEFAULT, PriceRule.MERCHANT_ASSIGNMENT, PriceRule.MERCHANT_DEFAULT)
    market = Marketplace.in_memory(
        "EUR", precedence=Precedence(steps=steps, on_quantity=on_quantity), clock=ManualClock(NOON)
    )
    market.load(EXAMPLE)
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    most = 5 if on_quantity is OnQuantity.REFUSE else None  # what falls through would leave the rest to the merchant
    for name, more in (("secret-1", {"maximum": most}), ("secret-2", {"valid": YEAR}), ("secret-3", {"maximum": 2})):
        market.prices.save_schedule(attrs.evolve(make(name, "9.00", None), **more), scope=operator)
    market.prices.assign(Assignment("secret-a", "tripod", "secret-1"), scope=operator)
    market.prices.assign(Assignment("secret-b", "tripod", "secret-2", buyer="secret-buyer"), scope=operator)
    market.prices.assign(Assignment("secret-c", "tripod", "secret-3", group="secret-group"), scope=operator)
    market.prices.assign(Assignment("secret-d", "tripod", "secret-2", user="secret-user"), scope=operator)
    found = market.prices.lint(scope=bolt)
    assert found
    assert "secret" not in " ".join(f"{one} {one.operands}" for one in found)
    assert "secret" in " ".join(f"{one} {one.operands}" for one in market.prices.lint(scope=operator))


def test_promotions_are_written_and_read_by_their_owner(market: Marketplace) -> None:
    acme, bolt, operator = market.as_merchant("acme"), market.as_merchant("bolt"), market.as_operator()
    stored = market.promotions.save(Promotion("acme-10", TEN, "acme"), scope=acme)
    changed = market.promotions.save(attrs.evolve(stored, title="Ten"), scope=operator)
    assert market.promotions.get("acme-10", scope=acme) == changed
    market.promotions.save(Promotion("OPEN", TEN), scope=operator)
    assert [one.id for one in market.promotions.page(scope=operator).items] == ["OPEN", "acme-10"]
    assert [one.id for one in market.promotions.page(scope=acme).items] == ["acme-10"]
    with pytest.raises(PermissionDenied):
        market.promotions.page(scope=market.as_buyer("b1"))
    for wrong in (changed, Promotion("new", TEN, "acme"), Promotion("new", TEN)):
        with pytest.raises(NotFound):
            market.promotions.save(wrong, scope=bolt)
    for scope in (bolt, market.as_buyer("b1")):
        with pytest.raises(NotFound):
            market.promotions.get("acme-10", scope=scope)
    for scope in (CLERK, market.as_buyer("b1")):
        with pytest.raises(PermissionDenied):
            market.promotions.remove(changed, scope=scope)
    with pytest.raises(NotFound):
        market.promotions.remove(changed, scope=bolt)
    market.promotions.remove(changed, scope=acme)
    assert find_events(market, "promotion", "acme-10", acme)[-1] == PromotionChanged(
        subject="acme-10", at=market.clock.now(), merchant="acme", number=0
    )


def test_what_is_lint_is_what_is_stored(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        schedule = unit.repository(PRICE_SCHEDULES).get("acme-camera")
        unit.repository(PRICE_SCHEDULES).remove(schedule)
        unit.commit()
    codes = {(one.code, one.where) for one in market.prices.lint(scope=market.as_merchant("acme"))}
    assert codes == {("prices.missing-schedule", "offer acme-camera"), ("prices.unpriced", "offer acme-camera")}
