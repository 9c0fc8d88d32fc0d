"""What is loaded for a cart decides it as everything that is stored would, however promotions are composed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markets import TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, Scope
from mktcore.promotions import PROMOTIONS, AllOf, Amount, AmountOff, AnyOf, LineFilter, Not, PercentOff, Promotion
from mktcore.promotions.conditions import (
    Condition,
    During,
    FirstOrder,
    InChannel,
    InGroup,
    Quantity,
    WithCode,
    WithPoolCode,
)
from mktcore.promotions.effects import Effect, Gift, ShippingOff
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.promotions.promotion import Level, Limits
from mktcore.stock import MarketUnit
from mktcore.testing.fakes import ManualClock
from mktcore.totals.inputs import Basis

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OPERATOR = Scope.operator()
FILES = TWO_MERCHANTS | {
    "categories.csv": "category,parent,name\nphoto,,Photo\ncameras,photo,Cameras\nhome,,Home\n",
    "skus.csv": (
        "sku,name,tax_category,category,brand\ncamera,Camera,,cameras,Orlik\nlens,Lens,,photo,Solara\n"
        "lamp,Lamp,,home/light,Orlik\nmug,Mug,,,\n"
    ),
    "offers.csv": (
        "offer,merchant,sku,price,stock\nacme-camera,acme,camera,90.00,9999\nbolt-camera,bolt,camera,80.00,9999\n"
        "acme-lens,acme,lens,20.00,9999\nbolt-lamp,bolt,lamp,30.00,9999\nacme-mug,acme,mug,5.00,9999\n"
        "bolt-mug,bolt,mug,6.00,9999\n"
    ),
    "shipping_fees.csv": "merchant,fee\nacme,4.90\nbolt,3.90\n",
}
PERIODS = st.sampled_from(
    [
        ALWAYS,
        Period(None, NOW),
        Period(NOW, None),
        Period(NOW - timedelta(days=1), NOW + timedelta(days=1)),
        Period(NOW + timedelta(microseconds=1), None),
        Period(NOW - timedelta(days=9), NOW - timedelta(days=8)),
    ]
)


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


FILTERS = st.builds(
    LineFilter,
    skus=st.just(()) | some("camera", "lens", "lamp", "other"),
    categories=st.just(()) | some("photo", "cameras", "home", "home/light", "other", ""),
    brands=st.just(()) | some("Orlik", "Solara", "other", ""),
    merchants=st.just(()) | some("acme", "bolt", "other"),
    on_sale=st.none() | st.booleans(),
    excluding=st.none() | st.builds(LineFilter, skus=some("camera")),
)
MONEY = st.sampled_from(["0.00", "1.00", "50.00", "500.00"]).map(lambda amount: Money.of(amount, "EUR"))
SIMPLE: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Amount, MONEY, of=FILTERS, basis=st.sampled_from(Basis)),
    st.builds(Quantity, st.integers(0, 3), of=FILTERS),
    st.builds(InChannel, some("app", "shop")),
    st.builds(InGroup, some("vip", "staff")),
    st.just(FirstOrder()),
    st.builds(During, PERIODS),
    st.builds(WithCode, some("SUN", "Straße", "other")),
    st.builds(WithPoolCode, st.sampled_from(["sent-out", "other"])),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=4,
)
EFFECTS: st.SearchStrategy[Effect] = st.one_of(
    st.just(PercentOff(Decimal("0.1"))),
    st.just(AmountOff(Money.of("3.00", "EUR"))),
    st.just(ShippingOff(Decimal(1))),
    st.builds(Gift, st.sampled_from(["mug", "other"])),
)
CARTS = st.builds(
    lambda lines, codes, groups, channel: Cart.of(
        "CART",
        buyer="ann",
        lines=[
            CartLine(f"l{n}", sku, quantity, offer=offer)
            for n, (sku, offer, quantity) in enumerate(dict.fromkeys(lines))
        ],
        codes=codes,
        groups=groups,
        channel=channel,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["camera", "lens", "lamp", "mug"]),
            st.none() | st.sampled_from(["acme-camera", "bolt-camera", "acme-mug"]),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=3,
    ),
    some("sun", "STRASSE", "pool-1", "nonsense"),
    some("vip", "staff"),
    st.none() | st.sampled_from(["app", "web"]),
)


@st.composite
def promotions(draw: st.DrawFn, number: int) -> Promotion:
    return Promotion(
        f"p{number}",
        draw(EFFECTS),
        draw(st.sampled_from([None, None, "acme", "bolt", "other"])),
        condition=draw(st.none() | CONDITIONS),
        targets=draw(st.just(LineFilter()) | FILTERS),
        level=draw(st.sampled_from(Level)),
        judged=draw(st.none() | st.sampled_from(Level)),
        valid=draw(PERIODS),
        priority=draw(st.integers(0, 1)),
        group=draw(st.sampled_from(["", "season"])),
        limits=draw(st.sampled_from([Limits(), Limits(uses=0), Limits(per_code=1, per_buyer=1)])),
    )


class Everything:
    """A unit that finds every promotion of an owner in the cart, whatever it is asked for, as it did once."""

    def __init__(self, unit: MarketUnit) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def repository(self, kind: Kind[Any]) -> Any:
        found = self._unit.repository(kind)
        return AllPromotions(found) if kind is PROMOTIONS else found


class AllPromotions:
    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def find_marked(self, marks: Sequence[str], at: datetime) -> tuple[Promotion, ...]:
        del at
        owners = {mark.split(" ")[1] or None for mark in marks}
        return tuple(one for one in self._repository.stream() if one.owner in owners)


class LoadsEverything:
    def __init__(self, store: Any) -> None:
        self._store = store

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[Any]:
        with self._store.begin(scope) as unit:
            yield Everything(unit)


def simulate_with_all(market: Marketplace, cart: Cart) -> Simulation:
    """Simulate with every promotion that is stored: what decides is the same, what is loaded is not."""
    honest = market._simulating
    everything: Any = LoadsEverything(market.store)
    return attrs.evolve(honest, runtime=attrs.evolve(honest.runtime, store=everything)).simulate(cart, scope=OPERATOR)


def tell(found: Simulation) -> object:
    """Return what a buyer would notice of a simulation's promotions, and what an order would claim."""
    told = found.promotions.for_buyer()
    return found.totals, told.applied, told.passed, found.promotions.claims, found.issues, told.explain()


def check(market: Marketplace, cart: Cart, stored: tuple[Promotion, ...]) -> None:
    with market.store.begin(OPERATOR) as unit:
        unit.repository(PROMOTIONS).add_many(stored)
        unit.commit()
    try:
        assert tell(market.simulate(cart, scope=OPERATOR)) == tell(simulate_with_all(market, cart))
    finally:
        with market.store.begin(OPERATOR) as unit:
            for one in unit.repository(PROMOTIONS).find_many([one.id for one in stored]).values():
                unit.repository(PROMOTIONS).remove(one)
            unit.commit()


@contextmanager
def open_shop(store: str, folder: Path) -> Iterator[Marketplace]:
    with open_market(store, folder, ManualClock(NOW), FILES) as market:
        with market.store.begin(OPERATOR) as unit:
            pools = [PoolCode("sent-out", "POOL-1"), PoolCode("sent-out", "pool-1", "acme")]
            unit.repository(POOL_CODES).add_many(pools)
            unit.commit()
        yield market


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    with open_shop("memory", tmp_path_factory.mktemp("found")) as market:
        yield market


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    with open_shop(request.param, tmp_path_factory.mktemp("found")) as market:
        yield market


STORED = st.integers(1, 4).flatmap(lambda count: st.tuples(*[promotions(n) for n in range(count)]))
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(cart=CARTS, stored=STORED)
@settings(max_examples=100, deadline=None, suppress_health_check=SHARED)
@pytest.mark.slow
def test_what_is_found_decides_as_everything_does(shop: Marketplace, cart: Cart, stored: tuple[Promotion, ...]) -> None:
    check(shop, cart, stored)


@given(cart=CARTS, stored=STORED)
@settings(max_examples=15, deadline=None, suppress_health_check=SHARED)
@pytest.mark.slow
def test_databases_find_the_same(database: Marketplace, cart: Cart, stored: tuple[Promotion, ...]) -> None:
    check(database, cart, stored)
