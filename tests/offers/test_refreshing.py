"""What merchants say has changed is fetched: once, in order, by whoever is there, and never wrong."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from mktcore.adapters.call_within_deadline import PatientCalls, call_within
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.errors import InvalidValue
from mktcore.gateways import Succeeded
from mktcore.marketplace import Marketplace
from mktcore.merchant_items.merchant_item import to_item_key
from mktcore.merchant_items.use_cases.row_outcomes import TooManyRows
from mktcore.money.amount import Money
from mktcore.offers import OFFERS, Approval, ChangedItem, ItemTerms, Offer, RefreshPolicy, RefreshReport
from mktcore.offers.events import OfferRefreshed, OfferUnavailable
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES
from mktcore.offers.refresh.use_cases.fetch_answers import FetchAnswers, NoMerchantGateway
from mktcore.offers.refresh.use_cases.notifications import NotBound, NotedItem
from mktcore.offers.stop_unbound_offers import stop_offers
from mktcore.parties import MERCHANTS, Merchant
from mktcore.persistence import NotFound, StaleVersion, UniqueViolation
from mktcore.persistence.errors import Busy, InvalidLimit
from mktcore.persistence.record_quotas import Quotas
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.testing.fakes import ManualClock
from offers.merchants import NOON, Bindings, FakeMerchants, on_every_store, open_market, to_url


@attrs.frozen
class World:
    market: Marketplace
    clock: ManualClock
    merchants: FakeMerchants
    bindings: Bindings

    def notify(self, *items: str, merchant: str = "acme") -> tuple[NotedItem | NotBound, ...]:
        notices = [ChangedItem(item) for item in items]
        return self.market.offers.notify(merchant, notices, scope=self.market.as_merchant(merchant))

    @property
    def refreshing(self) -> FetchAnswers:
        assert self.market.offers.answers is not None
        return self.market.offers.answers

    def find_offer(self, item: str, merchant: str = "acme") -> Offer | None:
        with self.market.store.begin(self.market.as_operator()) as unit:
            return next(iter(unit.repository(OFFERS).find_where("item", [to_item_key(merchant, item)])), None)

    def count_pending(self) -> int:
        with self.market.store.begin(self.market.as_operator()) as unit:
            return unit.repository(PENDING_REFRESHES).count()

    def simulate(self, sku: str = "lamp", quantity: int = 1) -> Simulation:
        cart = Cart.of("cart-1", buyer="buyer-1", lines=(CartLine("l1", sku, quantity),))
        return self.market.simulate(cart, scope=self.market.as_buyer("buyer-1"))

    def price(self, sku: str = "lamp") -> str:
        return str(self.simulate(sku).totals.order.grand_total)

    def find_events(self, offer: str) -> list[Any]:
        with self.market.store.begin(self.market.as_operator()) as unit:
            return [entry.event for entry in unit.find_events("offer", offer)]

    def fork(self) -> "World":
        """Return another worker on the same store."""
        other = Marketplace(
            self.market.store,
            "EUR",
            clock=self.clock,
            merchant_gateway=self.merchants,
            bindings=self.bindings,
        )
        return attrs.evolve(self, market=other)


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    clock = ManualClock(NOON)
    merchants = FakeMerchants(clock)
    bindings = Bindings({("acme", "A-1"): "lamp", ("acme", "A-2"): "chair", ("bolt", "B-1"): "lamp"})
    with open_market(to_url(request.param, tmp_path), clock, merchants, bindings) as market:
        # The fake tells how long an answer takes, so that no test waits.
        world = World(market, clock, merchants, bindings)
        market.offers = attrs.evolve(market.offers, answers=attrs.evolve(world.refreshing, within=merchants.within))
        yield world


def test_a_bound_item_is_fetched_and_an_unbound_one_is_told_so(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    answers = world.notify("A-1", "A-9")
    assert answers == (NotedItem("A-1", "lamp"), NotBound("A-9"))
    assert str(answers[1]) == "item A-9 is bound to no SKU (send the item, and wait until it is bound to a SKU)"
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.merchants.asked == [("acme", ("A-1",))]
    offer = world.find_offer("A-1")
    assert offer is not None
    assert (offer.id, offer.sku, offer.schedule) == ("acme/A-1", "lamp", "acme/A-1")
    assert world.price() == "19.00 EUR"
    assert world.count_pending() == 0
    assert world.market.offers.refresh() == RefreshReport()


def test_offers_that_answers_make_count_in_the_quota(world: World) -> None:
    world.bindings.bound[("acme", "A-3")] = world.bindings.bound[("acme", "A-4")] = "lamp"
    market = world.market
    market.offers = attrs.evolve(
        market.offers, answers=attrs.evolve(world.refreshing, quotas=Quotas(offers=2), policy=RefreshPolicy())
    )
    for item in ("A-1", "A-2", "A-3", "A-4"):
        world.merchants.sell("acme", item, "19.00", 5)
    world.notify("A-1", "A-2", "A-3", "A-4")
    # The chair is another SKU; of the lamp two are offered, and the third waits for a place.
    assert market.offers.refresh() == RefreshReport(asked=4, refreshed=3, unavailable=1)
    assert [world.find_offer(item) is not None for item in ("A-1", "A-2", "A-3", "A-4")] == [True, True, True, False]
    assert world.count_pending() == 1
    # What is offered already is refreshed all the same.
    world.notify("A-1")
    assert market.offers.refresh().refreshed == 1
    with market.store.begin(market.as_operator()) as unit:
        [removed] = unit.repository(OFFERS).find_where("item", [to_item_key("acme", "A-1")])
        unit.repository(OFFERS).remove(removed)
        unit.commit()
    world.clock.advance(timedelta(hours=1))
    assert market.offers.refresh().refreshed == 1
    assert world.find_offer("A-4") is not None


def test_a_call_tells_of_a_thousand_items_at_most(world: World) -> None:
    assert len(world.notify(*[f"X-{number}" for number in range(1000)])) == 1000
    with pytest.raises(TooManyRows, match="1001 rows in one call"):
        world.notify(*[f"X-{number}" for number in range(1001)])


def test_what_waits_is_not_noted_twice(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    for _ in range(3):
        world.notify("A-1", "A-1")
    assert world.count_pending() == 1
    world.market.offers.refresh()
    assert world.merchants.asked == [("acme", ("A-1",))]


def test_a_change_that_was_noted_by_a_clock_a_year_ahead_waits_for_no_year(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.clock.advance(timedelta(days=365))
    world.notify("A-1")
    world.clock.advance(timedelta(days=-365))
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.price() == "19.00 EUR"


def test_merchants_are_asked_in_batches_the_longest_waiting_first(world: World) -> None:
    for merchant, item in (("bolt", "B-1"), ("acme", "A-2"), ("acme", "A-1")):
        world.merchants.sell(merchant, item, "9.00", 1)
        world.notify(item, merchant=merchant)
        world.clock.advance(timedelta(seconds=1))
    assert world.market.offers.refresh(limit=1).asked == 1
    assert world.market.offers.refresh().asked == 2
    assert world.merchants.asked == [("bolt", ("B-1",)), ("acme", ("A-2", "A-1"))]


def test_a_change_while_the_merchant_is_asked_is_fetched_too(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")

    def change() -> None:
        world.merchants.meanwhile = lambda: None
        world.clock.advance(timedelta(seconds=1))
        world.merchants.sell("acme", "A-1", "21.00", 5)
        world.notify("A-1")

    world.merchants.meanwhile = change
    assert world.market.offers.refresh() == RefreshReport(asked=2, refreshed=2)
    assert world.price() == "21.00 EUR"
    assert world.count_pending() == 0


def test_a_stale_answer_changes_nothing(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.sell("acme", "A-1", "15.00", 9, as_of=NOON - timedelta(minutes=1))
    world.notify("A-1")
    assert world.market.offers.refresh() == RefreshReport(asked=1, stale=1)
    assert world.price() == "19.00 EUR"
    assert world.count_pending() == 0


def test_a_merchant_whose_clock_was_wrong_is_heard_again(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5, as_of=NOON + timedelta(days=365))
    world.notify("A-1")
    world.market.offers.refresh()
    world.clock.advance(timedelta(seconds=1))
    world.merchants.sell("acme", "A-1", "18.00", 5)
    world.notify("A-1")
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.price() == "18.00 EUR"


def test_a_slow_merchant_makes_the_offer_unavailable_until_it_answers(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.sell("acme", "A-1", "25.00", 5)
    world.merchants.takes = timedelta(seconds=2.6)
    world.clock.advance(timedelta(hours=1))
    world.notify("A-1")
    assert world.market.offers.refresh() == RefreshReport(asked=1, unavailable=1)
    simulation = world.simulate()
    assert [str(issue) for issue in simulation.issues] == [
        "line l1: offer acme/A-1 is unavailable since 2026-07-01 13:00 UTC (try again later)"
    ]
    assert world.market.offers.explain("acme/A-1", scope=world.market.as_merchant("acme")).to_text().splitlines() == [
        "offer acme/A-1: cannot be had - as of 2026-07-01 12:00 UTC",
        "├─ offer-unavailable - offer acme/A-1 is unavailable since 2026-07-01 13:00 UTC: no answer within 2.5 s",
        "└─ stock acme/A-1: 5 available - 5 on hand, 0 reserved",
    ]
    world.clock.advance(timedelta(seconds=9))
    assert world.market.offers.refresh() == RefreshReport()
    world.merchants.takes = timedelta(0)
    world.clock.advance(timedelta(seconds=1))
    world.merchants.sell("acme", "A-1", "25.00", 5)
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.price() == "25.00 EUR"
    assert [type(event).__name__ for event in world.find_events("acme/A-1")] == [
        "OfferRefreshed",
        "OfferUnavailable",
        "OfferRefreshed",
    ]
    assert [event.was_unavailable for event in world.find_events("acme/A-1") if isinstance(event, OfferRefreshed)] == [
        False,
        True,
    ]


def test_a_silent_merchant_is_asked_again_less_and_less_often(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.fall_silent("acme", "A-1")
    world.notify("A-1")
    for seconds in (10, 20, 40, 80, 160, 320, 600, 600):
        assert world.market.offers.refresh() == RefreshReport(asked=1, unavailable=1)
        world.clock.advance(timedelta(seconds=seconds - 1))
        assert world.market.offers.refresh() == RefreshReport()
        world.clock.advance(timedelta(seconds=1))
    told = [event for event in world.find_events("acme/A-1") if isinstance(event, OfferUnavailable)]
    assert [event.why for event in told] == ["no connection"]


def test_a_merchant_that_tells_of_a_change_is_asked_at_once(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.merchants.error = RuntimeError("down")
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.error = None
    assert world.market.offers.refresh() == RefreshReport()
    world.notify("A-1")
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)


@pytest.mark.parametrize("how", ["declined", "raised", "left out", "other item", "other currency", "list price"])
def test_whatever_is_no_good_answer_makes_it_unavailable(world: World, how: str) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    good = ItemTerms("A-1", NOON, Money.of("1.00", "EUR"), 1)
    wrong = {
        "other item": attrs.evolve(good, item="A-2"),
        "other currency": attrs.evolve(good, price=Money.of("1.00", "USD")),
        "list price": attrs.evolve(good, list_price=Money.of("1.00", "USD")),
    }
    if how == "declined":
        world.merchants.decline("acme", "A-1", "discontinued")
    elif how == "raised":
        world.merchants.error = RuntimeError("the line is dead")
    elif how == "left out":
        del world.merchants.terms["acme", "A-1"]
    else:
        world.merchants.terms["acme", "A-1"] = Succeeded(wrong[how])
    world.notify("A-1")
    assert world.market.offers.refresh() == RefreshReport(asked=1, unavailable=1)
    [issue] = world.simulate().issues
    why = {
        "declined": "acme does not sell it: discontinued",
        "raised": "the gateway failed: RuntimeError",
        "left out": "the answer leaves it out",
        "other item": "the answer is of another item, A-2",
        "other currency": "the answer is in USD, not in EUR",
        "list price": "the answer is in USD, not in EUR",
    }[how]
    assert (issue.code, why in str(issue)) == ("offer-unavailable", False)
    freshness = world.market.offers.find_freshness("acme/A-1", scope=world.market.as_merchant("acme"))
    assert freshness is not None
    assert freshness.as_of == NOON
    assert freshness.unavailable is not None
    assert freshness.unavailable.why == why
    assert world.count_pending() == (0 if how == "declined" else 1)


@pytest.mark.parametrize("answer", [None, Succeeded(None), "out of order"])
def test_an_answer_that_is_none_spoils_no_other(world: World, answer: Any) -> None:
    world.merchants.sell("acme", "A-2", "9.00", 1)
    world.merchants.terms["acme", "A-1"] = answer
    world.notify("A-1", "A-2")
    assert world.market.offers.refresh() == RefreshReport(asked=2, refreshed=1, unavailable=1)
    assert world.find_offer("A-1") is None  # what was never offered is not made because nobody knows its price
    assert world.count_pending() == 1


def test_an_answer_that_cannot_be_applied_spoils_no_other(world: World) -> None:
    for item in ("A-1", "A-2"):
        world.merchants.sell("acme", item, "9.00", 1)
    world.notify("A-1", "A-2")
    world.market.offers.refresh()
    world.merchants.sell("acme", "A-1", "9.00", {"no room" * 20: 1})
    world.notify("A-1", "A-2")
    assert world.market.offers.refresh() == RefreshReport(asked=2, refreshed=1, unavailable=1)
    freshness = world.market.offers.find_freshness("acme/A-1", scope=world.market.as_operator())
    assert freshness is not None
    assert freshness.unavailable is not None
    assert freshness.unavailable.why.startswith("the answer cannot be applied: 'acme/A-1@:no+20roomno+20")


def test_a_gateway_that_returns_nothing_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.merchants.sell("acme", "A-1", "9.00", 1)
    world.notify("A-1")
    monkeypatch.setattr(FakeMerchants, "fetch", lambda *_, **__: None)
    assert world.market.offers.refresh() == RefreshReport(asked=1, unavailable=1)


def test_what_is_bound_no_longer_is_not_asked_again(world: World) -> None:
    world.notify("A-1")
    world.merchants.fall_silent("acme", "A-1")
    del world.bindings.bound["acme", "A-1"]
    assert world.market.offers.refresh() == RefreshReport(asked=1, lost=1)
    assert world.count_pending() == 0


def test_a_worker_that_dies_with_a_claim_loses_nothing(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")

    def die() -> None:
        raise KeyboardInterrupt

    world.merchants.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        world.market.offers.refresh()
    world.merchants.meanwhile = lambda: None
    assert world.market.offers.refresh() == RefreshReport()  # its lease holds
    world.clock.advance(timedelta(minutes=1))
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.price() == "19.00 EUR"


@pytest.mark.parametrize("step", ["claim", "apply"])
def test_a_commit_that_fails_leaves_the_item_waiting(world: World, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    commits = []
    with world.market.store.begin(world.market.as_operator()) as unit:
        kind = type(unit)
    commit = kind.commit

    def fail(unit: Any) -> None:
        commits.append(1)
        if len(commits) == (1 if step == "claim" else 2):
            raise KeyboardInterrupt
        commit(unit)

    monkeypatch.setattr(kind, "commit", fail)
    with pytest.raises(KeyboardInterrupt):
        world.market.offers.refresh()
    monkeypatch.undo()
    assert world.find_offer("A-1") is None
    world.clock.advance(timedelta(minutes=1))
    assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
    assert world.price() == "19.00 EUR"


@on_every_store("world")
def test_an_answer_that_comes_after_the_lease_changes_nothing(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    other = world.fork()

    def overtake() -> None:
        world.merchants.meanwhile = lambda: None
        world.clock.advance(timedelta(minutes=1))
        world.merchants.sell("acme", "A-1", "23.00", 5, as_of=NOON)
        assert other.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)

    world.merchants.meanwhile = overtake
    assert world.market.offers.refresh() == RefreshReport(asked=1, lost=1)
    assert world.price() == "23.00 EUR"


def test_two_workers_ask_about_different_items(world: World) -> None:
    for merchant, item in (("acme", "A-1"), ("bolt", "B-1")):
        world.merchants.sell(merchant, item, "9.00", 1)
        world.notify(item, merchant=merchant)
    other = world.fork()

    def work_beside() -> None:
        world.merchants.meanwhile = lambda: None
        other.market.offers.refresh()

    world.merchants.meanwhile = work_beside
    world.market.offers.refresh()
    assert sorted(world.merchants.asked) == [("acme", ("A-1",)), ("bolt", ("B-1",))]


@on_every_store("world")
def test_many_threads_ask_about_each_item_once(world: World) -> None:
    items = [f"A-{number}" for number in range(40)]
    for item in items:
        world.bindings.bound["acme", item] = "lamp"
        world.merchants.sell("acme", item, "9.00", 1)
    world.notify(*items)
    policy = RefreshPolicy(batch=3)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            refreshing = attrs.evolve(world.refreshing, policy=policy)
            while refreshing.refresh(limit=3).asked:
                pass
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(item for _, batch in world.merchants.asked for item in batch) == sorted(items)
    assert world.count_pending() == 0
    assert world.market.verify() == ()


def test_unbinding_stops_updates_and_rebinding_moves_the_offer(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.sell("acme", "A-1", "25.00", 5)
    world.notify("A-1")
    del world.bindings.bound["acme", "A-1"]
    assert world.market.offers.refresh() == RefreshReport(asked=1, lost=1)
    assert (world.price(), world.count_pending()) == ("19.00 EUR", 0)
    assert world.notify("A-1") == (NotBound("A-1"),)
    world.bindings.bound["acme", "A-1"] = "chair"
    world.notify("A-1")
    world.market.offers.refresh()
    assert world.price("chair") == "25.00 EUR"
    assert [issue.code for issue in world.simulate().issues] == ["no-offer"]


def test_locations_come_and_go_with_the_answers(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", {"porto": 2, "berlin": 3})
    world.notify("A-1")
    world.market.offers.refresh()
    offer = world.find_offer("A-1")
    assert offer is not None
    assert offer.locations == ("berlin", "porto")
    assert world.simulate(quantity=5).is_placeable()
    world.merchants.sell("acme", "A-1", "19.00", {"porto": 2, "vigo": 1})
    world.notify("A-1")
    world.market.offers.refresh()
    assert [issue.operands["available"] for issue in world.simulate(quantity=9).issues] == [3]
    world.merchants.sell("acme", "A-1", "19.00", 7)
    world.notify("A-1")
    world.market.offers.refresh()
    assert [issue.operands["available"] for issue in world.simulate(quantity=9).issues] == [7]
    with world.market.store.begin(world.market.as_operator()) as unit:
        levels = unit.stock.find_levels(["acme/A-1", "acme/A-1@berlin", "acme/A-1@porto", "acme/A-1@vigo"])
    assert {item: level.on_hand for item, level in levels.items()} == {
        "acme/A-1": 7,
        "acme/A-1@berlin": 0,
        "acme/A-1@porto": 0,
        "acme/A-1@vigo": 0,
    }


def test_the_breaks_of_an_offer_outlive_a_new_price(world: World) -> None:
    def eur(amount: str) -> Money:
        return Money.of(amount, "EUR")

    schedule = PriceSchedule("shared", "acme", [PriceBreak(1, eur("20.00")), PriceBreak(10, eur("15.00"))])
    with world.market.store.begin(world.market.as_operator()) as unit:
        unit.repository(PRICE_SCHEDULES).add(schedule)
        unit.repository(OFFERS).add(Offer("o1", "acme", "lamp", schedule="shared", item="A-1"))
        unit.commit()
    world.merchants.sell("acme", "A-1", "19.00", 50)
    world.notify("A-1")
    world.market.offers.refresh()
    assert world.price() == "19.00 EUR"
    assert str(world.simulate(quantity=10).totals.order.grand_total) == "150.00 EUR"
    with world.market.store.begin(world.market.as_operator()) as unit:
        assert unit.repository(PRICE_SCHEDULES).get("shared").breaks == schedule.breaks
        unchanged = unit.repository(OFFERS).get("o1")
    assert unchanged.schedule == "o1"
    world.notify("A-1")
    world.market.offers.refresh()
    with world.market.store.begin(world.market.as_operator()) as unit:
        assert unit.repository(OFFERS).get("o1").version == unchanged.version  # nothing new, nothing stored


def test_a_new_offer_can_wait_for_the_operator(world: World) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    policy = RefreshPolicy(approval=Approval.PENDING)
    attrs.evolve(world.refreshing, policy=policy).refresh()
    assert [issue.code for issue in world.simulate().issues] == ["no-offer"]
    world.market.offers.decide("acme/A-1", Approval.APPROVED, scope=world.market.as_operator())
    assert world.price() == "19.00 EUR"


@pytest.mark.parametrize("item", ["x" * 60, "with space", "at@home", "Ünicode"])
def test_an_item_may_be_called_anything(world: World, item: str) -> None:
    world.bindings.bound["acme", item] = "lamp"
    world.merchants.sell("acme", item, "19.00", 5)
    world.notify(item)
    assert world.market.offers.refresh().refreshed == 1
    offer = world.find_offer(item)
    assert offer is not None
    assert offer.id.startswith("acme/")
    assert len(offer.id) == len("acme/") + 40


def test_a_list_price_below_zero_spoils_no_price_and_no_stock(world: World) -> None:
    good = ItemTerms("A-1", NOON, Money.of("19.00", "EUR"), 5)
    world.merchants.terms["acme", "A-1"] = Succeeded(attrs.evolve(good, list_price=Money.of("-1.00", "EUR")))
    world.notify("A-1")
    assert world.market.offers.refresh().refreshed == 1
    offer = world.find_offer("A-1")
    assert (world.price(), offer and offer.list_price) == ("19.00 EUR", None)


def test_an_id_that_is_taken_is_left_alone(world: World) -> None:
    with world.market.store.begin(world.market.as_operator()) as unit:
        unit.repository(OFFERS).add(Offer("acme/A-1", "acme", "chair", schedule="p"))
        unit.commit()
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    assert world.market.offers.refresh().refreshed == 1
    assert world.price() == "19.00 EUR"


def test_another_merchants_schedule_of_the_offers_name_is_left_alone(world: World) -> None:
    squatted = PriceSchedule("acme/A-1", "bolt", [PriceBreak(1, Money.of("1.00", "EUR"))])
    world.market.prices.save_schedule(squatted, scope=world.market.as_merchant("bolt"))
    world.merchants.sell("acme", "A-1", "19.00", 5)
    for price in ("19.00", "20.00"):
        world.merchants.sell("acme", "A-1", price, 5)
        world.notify("A-1")
        assert world.market.offers.refresh() == RefreshReport(asked=1, refreshed=1)
        assert world.price() == f"{price} EUR"
    kept = world.market.prices.get_schedule("acme/A-1", scope=world.market.as_merchant("bolt"))
    assert (kept.owner, kept.version) == ("bolt", 1)


def test_a_merchant_answers_for_nobody_else(world: World) -> None:
    with pytest.raises(NotFound):
        world.market.offers.notify("bolt", [ChangedItem("B-1")], scope=world.market.as_merchant("acme"))
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    for scope in (world.market.as_merchant("bolt"), world.market.as_buyer("buyer-1")):
        with pytest.raises(NotFound):
            world.market.offers.find_freshness("acme/A-1", scope=scope)
        with pytest.raises(NotFound):
            world.market.offers.explain("acme/A-1", scope=scope)


def test_without_a_gateway_nobody_can_be_asked() -> None:
    market = Marketplace.in_memory(currency="EUR")
    with pytest.raises(NoMerchantGateway, match="has no merchant gateway"):
        market.offers.refresh()
    assert market.offers.notify("acme", [ChangedItem("A-1")], scope=market.as_operator()) == (NotBound("A-1"),)


def test_notifying_again_and_again_loses_to_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    repository = _find_repository_type(world)
    add_many = repository.add_many
    losses: list[int] = []

    def lose_once(self: Any, values: Any) -> None:
        if not losses:
            losses.append(1)
            raise UniqueViolation("pending_refresh", ("key",), ("k",))
        add_many(self, values)

    monkeypatch.setattr(repository, "add_many", lose_once)
    assert world.notify("A-1") == (NotedItem("A-1", "lamp"),)
    losses.clear()
    assert world.market.offers.refresh().refreshed == 1
    assert losses


def _find_repository_type(world: World) -> Any:
    with world.market.store.begin(world.market.as_operator()) as unit:
        return type(unit.repository(PENDING_REFRESHES))


def test_an_offer_that_was_changed_meanwhile_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")
    world.market.offers.refresh()
    world.merchants.sell("acme", "A-1", "20.00", 5)
    world.notify("A-1")
    repository = _find_repository_type(world)
    save_many = repository.save_many
    losses: list[int] = []

    def lose_once(self: Any, values: Any) -> None:
        if values and not losses:
            losses.append(1)
            raise StaleVersion("offer", "acme/A-1", 1)
        save_many(self, values)

    monkeypatch.setattr(repository, "save_many", lose_once)
    assert world.market.offers.refresh().refreshed == 1
    assert world.price() == "20.00 EUR"


@pytest.mark.parametrize(
    "settings",
    [
        {"deadline": timedelta(minutes=2)},
        {"deadline": timedelta(0)},
        {"batch": 0},
        {"first_pause": timedelta(hours=1)},
    ],
)
def test_a_policy_that_cannot_work_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        RefreshPolicy(**settings)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": Money.of("-1.00", "EUR")},
        {"on_hand": {}},
        {"on_hand": {"": 1, "berlin": 2}},
        {"on_hand": {"a@b": 1}},
    ],
)
def test_terms_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        attrs.evolve(ItemTerms("A-1", NOON, Money.of("1.00", "EUR"), 1), **changes)


def test_a_call_is_waited_for_until_its_deadline() -> None:
    assert call_within(lambda: 7, timedelta(seconds=5)) == 7
    with pytest.raises(ZeroDivisionError):
        call_within(lambda: 1 // 0, timedelta(seconds=5))
    released, ended = threading.Event(), threading.Event()

    def answer_late() -> None:
        released.wait(60)
        ended.set()

    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
        call_within(answer_late, timedelta(seconds=0.05))
    assert not ended.is_set()  # it goes on, and nobody waits for it
    released.set()


def test_a_merchant_that_hangs_costs_one_thread_and_holds_up_no_other(tmp_path: Path) -> None:
    released, asked = threading.Event(), []

    class Hanging:
        def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> dict[str, Any]:
            assert deadline
            asked.append(merchant)
            if merchant == "acme":
                released.wait(60)
            terms = {item: ItemTerms(item, NOON, Money.of("1.00", "EUR"), 5) for item in items}
            return {item: Succeeded(one) for item, one in terms.items()}

    clock = ManualClock(NOON)
    bindings = Bindings({("acme", "A-1"): "lamp", ("bolt", "B-1"): "lamp"})
    policy = RefreshPolicy(deadline=timedelta(seconds=0.2))
    with open_market(to_url("memory", tmp_path), clock, Hanging(), bindings, policy) as market:
        before = threading.active_count()
        for number in range(4):
            for merchant, item in (("acme", "A-1"), ("bolt", "B-1")):
                market.offers.notify(merchant, [ChangedItem(item)], scope=market.as_merchant(merchant))
            assert market.offers.refresh() == RefreshReport(asked=2, refreshed=1, unavailable=1), number
            clock.advance(timedelta(hours=1))
        assert threading.active_count() <= before + 1
        assert (asked.count("acme"), asked.count("bolt")) == (1, 4)
        released.set()
        for thread in threading.enumerate():
            if thread.daemon and thread is not threading.current_thread():
                thread.join(0.2)
        market.offers.notify("acme", [ChangedItem("A-1")], scope=market.as_merchant("acme"))
        assert market.offers.refresh().refreshed == 1


def test_no_more_are_called_than_may_be_late() -> None:
    released = threading.Event()
    calls = PatientCalls(most_late=2)
    for name in ("a", "b"):
        with pytest.raises(TimeoutError, match="no answer"):
            calls(lambda: released.wait(60), timedelta(seconds=0.01), whom=name)
    with pytest.raises(TimeoutError, match="2 others are late"):
        calls(lambda: 1, timedelta(seconds=5), whom="c")
    with pytest.raises(TimeoutError, match="before is not answered"):
        calls(lambda: 1, timedelta(seconds=5), whom="a")
    released.set()
    for _ in range(500):
        with suppress(TimeoutError):
            assert calls(lambda: 1, timedelta(seconds=5), whom="a") == 1
            break
        threading.Event().wait(0.01)
    else:
        pytest.fail("what is over is late for ever")


@pytest.mark.parametrize("kind", ["price_schedule", "pending_refresh"])
def test_an_item_that_others_change_all_the_time_spoils_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    runtime = attrs.evolve(world.refreshing.runtime, retries=RetryPolicy(attempts=3), pause=None)
    world.market.offers = attrs.evolve(world.market.offers, answers=attrs.evolve(world.refreshing, runtime=runtime))
    for price in ("19.00", "20.00"):
        world.merchants.sell("acme", "A-1", price, 5)
        world.merchants.sell("acme", "A-2", price, 5)
        world.notify("A-1", "A-2")
        if price == "19.00":
            world.market.offers.refresh()
    repository, versions = _find_repository_type(world), itertools.count()
    # Prices are saved together, what waited is removed one by one.
    verb = "save_many" if kind == "price_schedule" else "remove"
    write = getattr(repository, verb)

    def lose(self: Any, given: Any) -> None:
        values = list(given) if verb == "save_many" else [given]
        if self.kind.name == kind and any(
            "A-1" in {getattr(one, "item", ""), one.id.removeprefix("acme/")} for one in values
        ):
            raise StaleVersion(kind, "A-1", next(versions))
        write(self, values if verb == "save_many" else given)

    monkeypatch.setattr(repository, verb, lose)
    assert world.market.offers.refresh() == RefreshReport(asked=2, refreshed=1, lost=1)
    assert (world.price("lamp"), world.price("chair")) == ("19.00 EUR", "20.00 EUR")
    monkeypatch.undo()
    world.clock.advance(timedelta(hours=1))
    assert world.market.offers.refresh().refreshed == 1
    assert world.price("lamp") == "20.00 EUR"


def test_a_worker_is_told_of_no_version(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = attrs.evolve(world.refreshing.runtime, retries=RetryPolicy(attempts=3), pause=None)
    world.market.offers = attrs.evolve(world.market.offers, answers=attrs.evolve(world.refreshing, runtime=runtime))
    world.merchants.sell("acme", "A-1", "19.00", 5)
    world.notify("A-1")

    def lose(self: Any, values: Any) -> None:
        raise StaleVersion(self.kind.name, values[0].id, 1)

    monkeypatch.setattr(_find_repository_type(world), "save_many", lose)
    with pytest.raises(Busy):
        world.market.offers.refresh()
    for limit in (0, 1.5, 2**63, "5"):
        with pytest.raises(InvalidLimit):
            world.market.offers.refresh(limit=limit)  # type: ignore[arg-type]  # on purpose


def test_merchants_whose_ids_and_items_run_together_are_kept_apart(world: World) -> None:
    world.bindings.bound |= {("acme", "b/c"): "lamp", ("acme/b", "c"): "chair"}
    with world.market.store.begin(world.market.as_operator()) as unit:
        unit.repository(MERCHANTS).add(Merchant("acme/b", "Acme B"))
        unit.commit()
    for merchant, item, price in (("acme", "b/c", "19.00"), ("acme/b", "c", "5.00")):
        world.merchants.sell(merchant, item, price, 5)
        world.notify(item, merchant=merchant)
    assert world.market.offers.refresh() == RefreshReport(asked=2, refreshed=2)
    first, second = world.find_offer("b/c"), world.find_offer("c", "acme/b")
    assert first is not None
    assert second is not None
    assert [(one.merchant, one.sku) for one in (first, second)] == [("acme", "lamp"), ("acme/b", "chair")]
    with world.market.store.begin(world.market.as_operator()) as unit:
        stop_offers(unit, "acme", "b/c", at=world.clock.now())
        unit.commit()
    assert world.simulate("lamp").issues
    assert world.price("chair") == "5.00 EUR"
