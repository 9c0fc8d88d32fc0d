"""Laws of offers: who wins, where pieces come from, how reservations live, and what notifications lead to."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mktcore.adapters.memory import MemoryStore
from mktcore.gateways import Succeeded
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.notice import Notice
from mktcore.offers import (
    OFFERS,
    BackOrders,
    BuyBoxPolicy,
    ChangedItem,
    Condition,
    Offer,
    OfferCandidate,
    RefreshPolicy,
    choose_offer,
)
from mktcore.offers.buybox.candidate import ChoiceOccasion
from mktcore.offers.buybox.criteria import (
    ByAvailability,
    ByCondition,
    ByHandling,
    ByLandedPrice,
    ByPrice,
    ByRating,
    ByRotation,
    ByWeightedSum,
)
from mktcore.offers.choose_stock_places import AvailableStock, choose_sources
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES
from mktcore.offers.refresh.use_cases.notifications import NotedItem
from mktcore.persistence import Scope
from mktcore.pricing import PRICE_SCHEDULES, PriceBook, PriceBreak, PriceQuery, PriceSchedule
from mktcore.stock import ReservationRequest, StockCount, StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.testing.fakes import CountingIds, ManualClock
from offers.merchants import NOON, Bindings, FakeMerchants

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OPERATOR = Scope.operator()
SHELVES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5), max_size=6)


@given(SHELVES, st.integers(1, 20))
def test_sources_are_enough_and_as_few_as_can_be(free: Mapping[str, int], quantity: int) -> None:
    chosen = choose_sources(free, quantity)
    if sum(free.values()) < quantity:
        assert chosen == ()
        return
    assert sum(one.quantity for one in chosen) == quantity
    assert len({one.item for one in chosen}) == len(chosen)
    assert all(0 < one.quantity <= free[one.item] for one in chosen)
    fewer = combinations(free.values(), len(chosen) - 1)
    assert all(sum(pieces) < quantity for pieces in fewer)


@given(SHELVES, st.integers(1, 20))
def test_one_location_that_has_all_is_the_first_that_has(free: Mapping[str, int], quantity: int) -> None:
    whole = [item for item, pieces in free.items() if pieces >= quantity]
    if whole:
        assert [(one.item, one.quantity) for one in choose_sources(free, quantity)] == [(whole[0], quantity)]


LEVELS = st.builds(
    StockLevel, st.just("o"), st.just("m"), st.integers(0, 6), reserved=st.integers(0, 6), backorder=st.integers(0, 4)
)


@given(st.lists(LEVELS, min_size=1, max_size=4), st.booleans(), st.lists(st.integers(1, 9), max_size=4))
def test_a_stock_gives_what_it_counts_and_never_more(levels: list[StockLevel], strict: bool, wanted: list[int]) -> None:
    places = [f"l{number}" for number in range(len(levels))]
    policy = BackOrders.REFUSED if strict else BackOrders.ALLOWED
    offer = Offer("o", "m", "lamp", schedule="p", locations=places, backorders=policy)
    named = [attrs.evolve(level, item=item) for level, item in zip(levels, offer.stock_items, strict=True)]
    stock, taken = AvailableStock.of(named), Counter[str]()
    for quantity in wanted:
        before = stock.count(offer)
        sources = stock.source(offer, quantity)
        assert bool(sources) == (before >= quantity)
        if sources:
            assert stock.count(offer) == before - quantity
        taken.update({one.item: one.quantity for one in sources})
    for level in named:
        assert taken[level.item] <= (level.on_hand_free if strict else level.available)


CRITERIA: st.SearchStrategy[Any] = st.sampled_from(
    [
        ByPrice(),
        ByLandedPrice(),
        ByCondition(),
        ByHandling(),
        ByAvailability(),
        ByRating(),
        ByRotation(),
        ByRotation("cart"),
    ]
)
WEIGHED: st.SearchStrategy[Any] = st.lists(st.tuples(CRITERIA, st.integers(0, 90)), min_size=1, max_size=3).map(
    ByWeightedSum
)
POLICIES: st.SearchStrategy[BuyBoxPolicy] = st.lists(CRITERIA | WEIGHED, min_size=1, max_size=3).map(BuyBoxPolicy)
REFUSAL = Notice("offer-closed", "", "closed")


@st.composite
def candidates(draw: st.DrawFn, *, name: str) -> OfferCandidate:
    price = Money.from_minor(draw(st.integers(1, 4)), "EUR")
    schedule = PriceSchedule(name, "m", [PriceBreak(1, price)])
    found = PriceBook([schedule], defaults={name: name}).resolve(
        PriceQuery("lamp", "m", "EUR", offer=name, quantity=2), now=NOW
    )
    offer = Offer(name, "m", "lamp", schedule=name, condition=draw(st.sampled_from(Condition)))
    return OfferCandidate(
        offer,
        price=draw(st.sampled_from([found, found, found, None])),
        available=draw(st.sampled_from([2, 2, 2, 1])),
        quantity=2,
        is_valid=draw(st.sampled_from([True, True, True, False])),
        refusals=draw(st.sampled_from([(), (), (), (REFUSAL,)])),
        is_backordered=draw(st.booleans()),
        handling_days=draw(st.integers(0, 2)),
        shipping=draw(st.none() | st.integers(0, 3).map(lambda minor: Money.from_minor(minor, "EUR"))),
        rating=draw(st.none() | st.integers(40, 60).map(Decimal)),
    )


@st.composite
def fields(draw: st.DrawFn) -> list[OfferCandidate]:
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6))
    return [draw(candidates(name=name)) for name in names]


OCCASIONS = st.builds(
    ChoiceOccasion,
    st.just(NOW) | st.just(NOW + timedelta(days=1)),
    st.sampled_from(["b1", "b2"]),
    st.sampled_from(["c1", "c2"]),
)


@settings(max_examples=120)
@given(fields(), POLICIES, OCCASIONS, st.data())
def test_the_order_of_candidates_decides_nothing(
    field: list[OfferCandidate], policy: BuyBoxPolicy, occasion: ChoiceOccasion, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(field))
    assert choose_offer(shuffled, policy, occasion) == choose_offer(field, policy, occasion)


@settings(max_examples=120)
@given(fields(), POLICIES, OCCASIONS)
def test_one_that_does_not_win_changes_nothing(
    field: list[OfferCandidate], policy: BuyBoxPolicy, occasion: ChoiceOccasion
) -> None:
    box = choose_offer(field, policy, occasion)
    for loser in field:
        if loser is not box.winner:
            without = choose_offer([one for one in field if one is not loser], policy, occasion)
            assert without.winner == box.winner
            assert without.candidates == tuple(one for one in box.candidates if one is not loser)


@settings(max_examples=120)
@given(fields(), POLICIES, OCCASIONS)
def test_somebody_wins_exactly_when_somebody_can_and_each_is_told_why(
    field: list[OfferCandidate], policy: BuyBoxPolicy, occasion: ChoiceOccasion
) -> None:
    box = choose_offer(field, policy, occasion)
    able = [one for one in field if not one.refusal()]
    assert (box.winner is None) == (not able)
    reasons = [part.reason for part in box.explain().parts]
    assert all(reasons)
    assert reasons.count("wins") == bool(able)


@attrs.define
class Held:
    """A reservation as the model has it."""

    item: str
    left: int
    expires: datetime | None


class ReservationLife(RuleBasedStateMachine):
    """Stock at three locations against a model of plain dicts: one unit a step."""

    items = ("o@a", "o@b", "o@c")

    @initialize(on_hand=st.tuples(*[st.integers(0, 6)] * 3), backorder=st.tuples(*[st.integers(0, 2)] * 3))
    def begin(self, on_hand: tuple[int, ...], backorder: tuple[int, ...]) -> None:
        self.store, self.now, self.number = MemoryStore([]), NOW, 0
        self.on_hand: dict[str, int] = {}
        self.backorder: dict[str, int] = {}
        self.held: dict[str, Held] = {}
        for item, pieces, more in zip(self.items, on_hand, backorder, strict=True):
            self.count(item, pieces, more)

    def do(self, work: Any) -> Any:
        with self.store.begin(OPERATOR) as unit:
            found = work(unit)
            unit.commit()
        return found

    def reserved(self, item: str) -> int:
        return sum(one.left for one in self.held.values() if one.item == item)

    @rule(item=st.sampled_from(items), pieces=st.integers(0, 6), more=st.integers(0, 2))
    def count(self, item: str, pieces: int, more: int) -> None:
        self.do(lambda unit: unit.stock.set_on_hand([StockCount(item, "m", pieces, backorder=more)], at=self.now))
        self.on_hand[item], self.backorder[item] = pieces, more

    @rule(quantity=st.integers(1, 12), minutes=st.none() | st.integers(1, 5), strict=st.booleans())
    def reserve(self, quantity: int, minutes: int | None, strict: bool) -> None:
        beyond = dict.fromkeys(self.items, 0) if strict else self.backorder
        free = {item: max(0, self.on_hand[item] + beyond[item] - self.reserved(item)) for item in self.items}
        expires = None if minutes is None else self.now + timedelta(minutes=minutes)
        sources = choose_sources(free, quantity)
        if not sources:
            return
        self.number += 1
        requests = [
            ReservationRequest(f"r{self.number}-{one.item}", one.item, one.quantity, on_hand_only=strict)
            for one in sources
        ]
        assert self.do(lambda unit: unit.stock.reserve(requests, expires_at=expires, at=self.now)) == ()
        self.held |= {one.id: Held(one.item, one.quantity, expires) for one in requests}

    @rule(wanted=st.dictionaries(st.sampled_from(items), st.integers(1, 8), min_size=1), strict=st.booleans())
    def reserve_blindly(self, wanted: dict[str, int], strict: bool) -> None:
        self.number += 1
        requests = [
            ReservationRequest(f"r{self.number}-{item}", item, n, on_hand_only=strict) for item, n in wanted.items()
        ]
        short = self.do(lambda unit: unit.stock.reserve(requests, expires_at=None, at=self.now))
        free = {
            item: max(0, self.on_hand[item] + (0 if strict else self.backorder[item]) - self.reserved(item))
            for item in wanted
        }
        assert {one.item: (one.requested, one.available) for one in short} == {
            item: (n, free[item]) for item, n in wanted.items() if n > free[item]
        }
        if not short:
            self.held |= {one.id: Held(one.item, one.quantity, None) for one in requests}

    @precondition(lambda self: self.held)
    @rule(data=st.data(), how=st.sampled_from(["consume", "give_back", "release", "extend"]))
    def end(self, data: st.DataObject, how: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.held)))
        one = self.held[name]
        if how == "release":
            ended = self.do(lambda unit: unit.stock.release([name], at=self.now))
            assert ended == ((name,) if one.left else ())
            one.left = 0
        elif how == "extend":
            self.do(lambda unit: unit.stock.extend([name], expires_at=None))
            one.expires = None
        elif one.left:
            pieces = data.draw(st.integers(1, one.left))
            self.do(lambda unit: getattr(unit.stock, how)({name: pieces}, at=self.now))
            one.left -= pieces
            if how == "consume":
                self.on_hand[one.item] = max(0, self.on_hand[one.item] - pieces)

    @rule(minutes=st.integers(0, 6))
    def let_time_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        due = {name for name, one in self.held.items() if one.left and one.expires and one.expires <= self.now}
        assert set(self.do(lambda unit: unit.stock.expire(now=self.now, limit=1000))) == due
        for name in due:
            self.held[name].left = 0

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        with self.store.begin(OPERATOR) as unit:
            levels = unit.stock.find_levels(self.items)
            found = unit.stock.find_reservations(self.held)
        for item, level in levels.items():
            assert (level.on_hand, level.reserved) == (self.on_hand[item], self.reserved(item))
        for name, one in self.held.items():
            assert found[name].remaining == one.left
            assert (found[name].state is ReservationState.LIVE) == bool(one.left)


ReservationLife.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestReservationLife = ReservationLife.TestCase


class Notifications(RuleBasedStateMachine):
    """Merchants change, notify and answer in any order, workers come and go: what was told is fetched, and in order."""

    items = tuple((merchant, item) for merchant in ("acme", "bolt") for item in ("1", "2", "3"))

    @initialize()
    def begin(self) -> None:
        self.clock = ManualClock(NOON)
        self.merchants = FakeMerchants(self.clock)
        self.market = Marketplace.in_memory(
            "EUR",
            clock=self.clock,
            ids=CountingIds(),
            merchant_gateway=self.merchants,
            bindings=Bindings(dict.fromkeys(self.items[:-1], "lamp")),
            refresh_policy=RefreshPolicy(batch=2),
        )
        refreshing = self.market.offers.answers
        assert refreshing is not None
        working = attrs.evolve(refreshing, within=self.merchants.within)
        self.market.offers = attrs.evolve(self.market.offers, answers=working)
        self.current = dict.fromkeys(self.items, 1)
        self.told: dict[tuple[str, str], int] = {}
        self.waiting: list[tuple[str, str]] = []
        for key in self.items:
            self.merchants.sell(*key, "1.00", 1)

    def tick(self) -> None:
        self.clock.advance(timedelta(seconds=1))

    @rule(key=st.sampled_from(items), notify=st.booleans())
    def change(self, key: tuple[str, str], notify: bool) -> None:
        self.tick()
        self.current[key] += 1
        self.merchants.sell(*key, f"{self.current[key]}.00", 1)
        if notify:
            self.notify([key])

    @rule(keys=st.lists(st.sampled_from(items), min_size=1, max_size=4))
    def notify(self, keys: list[tuple[str, str]]) -> None:
        self.tick()
        for key in keys:
            [answer] = self.market.offers.notify(key[0], [ChangedItem(key[1])], scope=OPERATOR)
            is_bound = key != self.items[-1]
            assert isinstance(answer, NotedItem) == is_bound
            if is_bound:
                self.told[key] = self.current[key]
                self.waiting += [key] if key not in self.waiting else []
            self.tick()

    @rule(limit=st.integers(1, 4))
    def refresh(self, limit: int) -> None:
        asked = len(self.merchants.asked)
        report = self.market.offers.refresh(limit=limit)
        batches = self.merchants.asked[asked:]
        assert report.asked == sum(len(items) for _, items in batches) == min(limit, len(self.waiting))
        for merchant, items in batches:
            assert merchant == self.waiting[0][0]
            same = [key for key in self.waiting if key[0] == merchant]
            assert [(merchant, item) for item in items] == same[: len(items)]
            self.waiting = [key for key in self.waiting if key not in same[: len(items)]]

    @rule(key=st.sampled_from(items), step=st.sampled_from(["while asked", "before"]))
    def die(self, key: tuple[str, str], step: str) -> None:
        """A worker dies with a claim; when its lease ends, what it had is asked again."""

        def kill() -> None:
            raise KeyboardInterrupt

        self.notify([key])
        self.merchants.meanwhile = kill
        with suppress(KeyboardInterrupt):
            self.market.offers.refresh(limit=1)
        self.merchants.meanwhile = lambda: None
        if step == "before":
            self.market.offers.refresh(limit=100)
        self.clock.advance(timedelta(minutes=1))
        self.market.offers.refresh(limit=100)
        self.waiting = []

    @invariant()
    def what_was_told_and_fetched_is_right(self) -> None:
        with self.market.store.begin(OPERATOR) as unit:
            pending = unit.repository(PENDING_REFRESHES).page(order="due").items
            offers = {(one.merchant, one.item): one for one in unit.repository(OFFERS).page().items}
            schedules = {one.id: one for one in unit.repository(PRICE_SCHEDULES).page().items}
        assert [(one.merchant, one.item) for one in pending] == self.waiting
        for key, told in self.told.items():
            if key not in self.waiting:
                price = schedules[offers[key].id].breaks[0].unit_price
                assert price.minor // 100 >= told  # what was told, or what came after it
                answer = self.merchants.terms[key]
                assert isinstance(answer, Succeeded)
        assert self.items[-1] not in offers


Notifications.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestNotifications = Notifications.TestCase
