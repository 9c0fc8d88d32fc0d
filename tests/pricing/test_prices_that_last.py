"""What names a schedule that ended is not walked over, whichever of the two was written, moved or removed last."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.periods import Period
from mktcore.persistence import NotFound, Scope, StaleVersion
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.pricing.assignment import EVERYONE, to_asked
from mktcore.pricing.load_price_book import unless_schedule_over
from mktcore.stock import MarketUnit
from persistence.opening import create_database

OPERATOR = Scope.operator()
DAY = timedelta(days=1)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
BREAKS = [PriceBreak(1, Money.of("5.00", "EUR"))]
STORES = ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(params=STORES, name="url")
def give_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    urls = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path / 'market.db'}"}
    return urls.get(request.param) or create_database()


@pytest.fixture(name="market")
def give_market(url: str) -> Iterator[Marketplace]:
    with Marketplace.open(url, "EUR") as market:
        yield market


def make_schedule(name: str, end: datetime | None) -> PriceSchedule:
    return PriceSchedule(name, "acme", BREAKS, valid=Period(None, end))


def find(unit: MarketUnit, at: datetime, *skus: str) -> set[str]:
    asked = {to_asked(sku, EVERYONE) for sku in skus}
    return {one.id for one in unit.repository(ASSIGNMENTS).find_lasting("asked", asked, unless_schedule_over(at))}


class Life:
    """Writes prices at random, and knows by itself what lasts."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - a test
        self.ends = dict[str, datetime | None]()
        self.names = dict[str, tuple[str, str]]()

    def step(self, unit: MarketUnit) -> None:
        schedules, assignments = unit.repository(PRICE_SCHEDULES), unit.repository(ASSIGNMENTS)
        schedule, key, sku = (self.draw.choice(names) for names in (("x", "y", "z"), ("a", "b", "c"), ("s", "t")))
        end = self.draw.choice([None, NOW - DAY, NOW, NOW + DAY])
        stored, known = schedules.find(schedule), assignments.find(key)
        match self.draw.choice(["end", "end", "name", "name", "drop", "forget"]):
            case "end":
                made = make_schedule(schedule, end)
                if stored is None:
                    schedules.add_many([made])
                else:
                    schedules.save(attrs.evolve(made, version=stored.version))
                self.ends[schedule] = end
            case "name":
                given = Assignment(key, sku, schedule, merchant="acme")
                if known is None:
                    assignments.add(given)
                else:
                    assignments.save_many([attrs.evolve(given, version=known.version)])
                self.names[key] = (sku, schedule)
            case "drop" if stored is not None:
                schedules.remove(stored)
                del self.ends[schedule]
            case "forget" if known is not None:
                assignments.remove(known)
                del self.names[key]

    def list_lasting(self, at: datetime, *skus: str) -> set[str]:
        ends = {key: self.ends.get(schedule) for key, (sku, schedule) in self.names.items() if sku in skus}
        return {key for key, end in ends.items() if end is None or end > at}


@pytest.mark.parametrize("seed", range(2))
def test_what_lasts_is_what_the_schedules_say(market: Marketplace, seed: int) -> None:
    life = Life(seed)
    for _ in range(25):
        with market.store.begin(OPERATOR) as unit:
            for _ in range(life.draw.randint(1, 3)):
                life.step(unit)
                assert find(unit, NOW, "s", "t") == life.list_lasting(NOW, "s", "t"), "its own writes"
            unit.commit()
        with market.store.begin(OPERATOR) as unit:
            for at in (NOW - 2 * DAY, NOW - DAY, NOW, NOW + DAY):
                assert find(unit, at, "s") == life.list_lasting(at, "s")
    assert not [one for one in market.verify() if "marks" in one.where]


def test_what_was_undone_ends_nothing(market: Marketplace) -> None:
    with market.store.begin(OPERATOR) as unit:
        unit.repository(PRICE_SCHEDULES).add(make_schedule("x", NOW + DAY))
        unit.repository(ASSIGNMENTS).add(Assignment("a", "s", "x", merchant="acme"))
        unit.commit()
    with market.store.begin(OPERATOR) as unit:
        kept = unit.repository(PRICE_SCHEDULES).get("x")
        ended = attrs.evolve(kept, valid=Period(None, NOW))
        with pytest.raises((NotFound, StaleVersion)):
            unit.repository(PRICE_SCHEDULES).save_many([ended, attrs.evolve(ended, id="y", version=1)])
        assert find(unit, NOW, "s") == {"a"}
    with market.store.begin(OPERATOR) as unit:
        unit.repository(PRICE_SCHEDULES).save(ended)
    with market.store.begin(OPERATOR) as unit:
        assert find(unit, NOW, "s") == {"a"}


@pytest.fixture(name="path")
def give_path(tmp_path: Path) -> Path:
    path = tmp_path / "kept.db"
    with Marketplace.open(f"sqlite:///{path}", "EUR") as market, market.store.begin(OPERATOR) as unit:
        unit.repository(PRICE_SCHEDULES).add(make_schedule("x", NOW))
        unit.repository(ASSIGNMENTS).add(Assignment("a", "s", "x", merchant="acme"))
        unit.commit()
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_database_without_these_marks_gets_them_when_it_is_opened(path: Path) -> None:
    change(
        path,
        "DELETE FROM mktcore_mark WHERE kind = 'assignment'",
        "DELETE FROM mktcore_layout WHERE name = 'assignment*marks'",
    )
    with Marketplace.open(f"sqlite:///{path}", "EUR") as market, market.store.begin(OPERATOR) as unit:
        assert (find(unit, NOW - DAY, "s"), find(unit, NOW, "s")) == ({"a"}, set())


def test_a_price_that_ends_before_its_schedule_is_told(path: Path) -> None:
    change(path, "UPDATE mktcore_mark SET ends = '2020-01-01T00:00:00.000000+00:00' WHERE kind = 'assignment'")
    with Marketplace.open(f"sqlite:///{path}", "EUR") as market:
        assert [one.where for one in market.verify()] == ["assignment a.marks"]


@pytest.mark.slow
@pytest.mark.parametrize("is_assigned_first", [True, False])
def test_who_ends_a_schedule_and_who_names_it_wait_for_each_other(is_assigned_first: bool) -> None:
    with Marketplace.open(create_database(), "EUR") as market:
        with market.store.begin(OPERATOR) as unit:
            kept = unit.repository(PRICE_SCHEDULES).add(make_schedule("x", None))
            unit.commit()

        def assign(unit: MarketUnit) -> None:
            unit.repository(ASSIGNMENTS).add(Assignment("a", "s", "x", merchant="acme"))

        def end(unit: MarketUnit) -> None:
            unit.repository(PRICE_SCHEDULES).save(attrs.evolve(kept, valid=Period(None, NOW)))

        first, second = (assign, end) if is_assigned_first else (end, assign)
        has_written, has_begun = threading.Event(), threading.Event()

        def follow() -> None:
            has_written.wait(10)
            with market.store.begin(OPERATOR) as unit:
                has_begun.set()
                second(unit)
                unit.commit()

        other = threading.Thread(target=follow)
        other.start()
        with market.store.begin(OPERATOR) as unit:
            first(unit)
            has_written.set()
            has_begun.wait(10)
            other.join(0.3)
            assert other.is_alive()
            unit.commit()
        other.join(10)
        with market.store.begin(OPERATOR) as unit:
            assert (find(unit, NOW - DAY, "s"), find(unit, NOW, "s")) == ({"a"}, set())
