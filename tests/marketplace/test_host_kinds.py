"""A host stores kinds of its own beside the library's: same unit, same guards, same events, on every store."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from mktcore.adapters.event_publishers import FilePublisher, InProcessPublisher
from mktcore.adapters.event_relay import Relay
from mktcore.adapters.system import SystemIds
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.events import Event
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.orders import MARKETPLACE_ORDERS, MarketplaceOrder
from mktcore.parties import Merchant
from mktcore.persistence import Kind, NotFound, Party, Scope, StaleVersion, column
from mktcore.persistence.stored import Stored, StoredRefused
from mktcore.testing.fakes import ManualClock
from mktcore.wire import REGISTRY, Codec
from persistence.opening import STORES, create_database

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@attrs.frozen
class Points:
    """A buyer's points: it reads them, the operator writes them."""

    id: str
    buyer: str
    balance: int
    worth: Money
    version: int = 0


@attrs.frozen(kw_only=True)
class PointsEarned(Event):
    subject_kind: ClassVar[str] = "points"
    points: int


POINTS = Kind("points", Points, {"buyer": column("buyer")}, buyer="buyer", writers=frozenset[Party]())
STORED = (Stored("my-shop.points", 1, Points, kind=POINTS), Stored("my-shop.points-earned", 1, PointsEarned))
FIVE = Money.of("5.00", "EUR")


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return "memory://"
    return f"sqlite:///{tmp_path / 'market.db'}" if request.param == "sqlite" else create_database()


@pytest.fixture
def market(url: str) -> Iterator[Marketplace]:
    with Marketplace.open(url, currency="EUR", stored=STORED, clock=ManualClock(NOW)) as market:
        market.load(EXAMPLE)
        yield market


def earn(market: Marketplace, *, commits: bool = True) -> None:
    with market.store.begin(Scope.operator()) as unit:
        unit.repository(POINTS).add(Points("p1", "b1", 50, FIVE))
        unit.publish([PointsEarned(subject="p1", at=NOW, buyer="b1", points=50)])
        if commits:
            unit.commit()


def test_a_hosts_record_is_written_and_published_in_one_unit_with_the_librarys_own(market: Marketplace) -> None:
    cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", sku="camera")])
    order = market.place(cart, key="k1", scope=market.as_operator())
    with market.store.begin(Scope.operator()) as unit:
        unit.repository(POINTS).add(Points("p1", "b1", 50, FIVE))
        placed = unit.repository(MARKETPLACE_ORDERS).get(order.id)
        unit.repository(MARKETPLACE_ORDERS).save(attrs.evolve(placed, channel="app"))
        unit.publish([PointsEarned(subject="p1", at=NOW, buyer="b1", points=50)])
        unit.commit()
    with market.store.begin(Scope.buyer("b1")) as unit:
        assert unit.repository(POINTS).get("p1") == Points("p1", "b1", 50, FIVE, version=1)
        assert unit.repository(MARKETPLACE_ORDERS).get(order.id).channel == "app"
        assert [envelope.event for envelope in unit.find_events("points", "p1")] == [
            PointsEarned(subject="p1", at=NOW, buyer="b1", points=50)
        ]
    assert market.verify() == ()


def test_a_unit_that_is_not_committed_leaves_neither_record_nor_event(market: Marketplace) -> None:
    earn(market, commits=False)
    with market.store.begin(Scope.operator()) as unit:
        assert unit.repository(POINTS).find("p1") is None
        assert unit.find_events("points", "p1") == ()


def test_a_hosts_kind_is_guarded_by_its_own_readers_writers_and_versions(market: Marketplace) -> None:
    earn(market)
    with market.store.begin(Scope.buyer("b2")) as unit:
        assert unit.repository(POINTS).find("p1") is None
        assert unit.repository(POINTS).count() == 0
        assert unit.find_events("points", "p1") == ()
    with market.store.begin(Scope.buyer("b1")) as unit:
        own = unit.repository(POINTS).get("p1")
        with pytest.raises(NotFound):
            unit.repository(POINTS).save(attrs.evolve(own, balance=10**6))
    with market.store.begin(Scope.operator()) as unit, pytest.raises(StaleVersion):
        unit.repository(POINTS).save(attrs.evolve(own, version=7))


def test_a_hosts_events_reach_its_publishers(market: Marketplace, tmp_path: Path) -> None:
    earn(market)
    seen: list[Event] = []
    handler = InProcessPublisher(lambda envelope: seen.append(envelope.event))
    Relay(market.store.queue, handler, ManualClock(NOW), SystemIds()).run_until_empty()  # type: ignore[attr-defined]
    assert [event for event in seen if isinstance(event, PointsEarned)] == [
        PointsEarned(subject="p1", at=NOW, buyer="b1", points=50)
    ]
    with FilePublisher(tmp_path / "events.jsonl", codec=Codec(REGISTRY.join(STORED))) as file:
        with market.store.begin(Scope.operator()) as unit:
            [envelope] = unit.find_events("points", "p1")
        file.send(envelope)
    assert '"$type":"my-shop.points-earned.v1"' in (tmp_path / "events.jsonl").read_text()


@attrs.frozen
class Loyalty:
    """What `Points` became: renamed, and with another field."""

    id: str
    buyer: str
    balance: int
    tier: str
    version: int = 0


LOYALTY = Kind("points", Loyalty, {"buyer": column("buyer"), "tier": column("tier")}, buyer="buyer")


def _to_tiers(old: dict[str, Any]) -> dict[str, object]:
    kept = {name: value for name, value in old.items() if name != "worth"}
    return {**kept, "tier": "gold" if old["worth"]["minor"] >= 500 else "none"}


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_an_older_database_is_read_and_rewritten_in_the_present_version(name: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if name == "sqlite" else create_database()
    with Marketplace.open(url, currency="EUR", stored=STORED) as market:
        earn(market)
    later = (Stored("my-shop.points", 2, Loyalty, kind=LOYALTY, upcasters={1: _to_tiers}), STORED[1])
    with Marketplace.open(url, currency="EUR", stored=later) as market, market.store.begin(Scope.operator()) as unit:
        assert unit.repository(LOYALTY).get("p1") == Loyalty("p1", "b1", 50, "gold", version=1)
        assert unit.repository(LOYALTY).count({"tier": "gold"}) == 1


def test_two_marketplaces_of_one_process_know_each_its_own_types(tmp_path: Path) -> None:
    other = (Stored("my-shop.points", 1, Loyalty, kind=Kind("loyalty", Loyalty)),)
    with (
        Marketplace.open(f"sqlite:///{tmp_path / 'one.db'}", currency="EUR", stored=STORED) as first,
        Marketplace.open(f"sqlite:///{tmp_path / 'two.db'}", currency="EUR", stored=other),
    ):
        earn(first)
    assert REGISTRY.find_type(Points) is None


@attrs.frozen
class Gift:
    id: str
    version: int = 0


class Plain:
    id = "p"
    version = 0


@pytest.mark.parametrize(
    ("declared", "problems"),
    [
        ([Stored("orders.gift", 1, Gift)], {"stored[0].tag": "stored.tag-reserved"}),
        ([Stored("mktcore.gift", 1, Gift)], {"stored[0].tag": "stored.tag-reserved"}),
        ([Stored("my-shop.order", 1, MarketplaceOrder)], {"stored[0].type": "stored.type-taken"}),
        ([Stored("my-shop.gift", 1, Gift, kind=Kind("offer", Gift))], {"stored[0].kind": "stored.kind-taken"}),
        (
            [Stored("my-shop.gift", 1, Gift, kind=Kind("mktcore_stock", Gift))],
            {"stored[0].kind": "stored.kind-reserved"},
        ),
        ([*STORED, Stored("my-shop.points", 2, Gift)], {"stored[2].tag": "stored.tag-taken"}),
        ([*STORED, Stored("my-shop.gift", 1, Points)], {"stored[2].type": "stored.type-taken"}),
        ([Stored("my-shop.plain", 1, Plain)], {"stored[0].type": "stored.no-attrs-class"}),
        (
            [Stored("orders.order", 1, Merchant, kind=Kind("merchant", Merchant)), Stored("my-shop.plain", 1, Plain)],
            {
                "stored[0].tag": "stored.tag-taken",
                "stored[0].type": "stored.type-taken",
                "stored[0].kind": "stored.kind-taken",
                "stored[1].type": "stored.no-attrs-class",
            },
        ),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("name", ["memory", "sqlite"])
def test_what_is_taken_is_refused_when_the_market_is_composed(
    name: str, declared: list[Stored], problems: dict[str, str], tmp_path: Path
) -> None:
    url = "memory://" if name == "memory" else f"sqlite:///{tmp_path / 'market.db'}"
    with pytest.raises(StoredRefused) as caught:
        Marketplace.open(url, currency="EUR", stored=declared)
    assert {problem.where: problem.code for problem in caught.value.problems} == problems
    assert all(problem.remedy for problem in caught.value.problems)
    assert not (tmp_path / "market.db").exists()


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("tag", lambda: Stored("points", 1, Points)),
        ("tag", lambda: Stored("My-Shop.points", 1, Points)),
        ("version", lambda: Stored("my-shop.points", 0, Points)),
        ("kind", lambda: Stored("my-shop.gift", 1, Gift, kind=POINTS)),
        ("upcasters", lambda: Stored("my-shop.points", 2, Points, upcasters={2: dict})),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_at_once(field: str, build: Any) -> None:
    with pytest.raises(InvalidValue, match=f"Stored.{field}"):
        build()
