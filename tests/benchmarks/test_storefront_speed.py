"""A page of the storefront, in memory and on SQLite, for small and large catalogues, beside its floor.

    MKTCORE_SKUS=100000 python -m pytest tests/benchmarks/test_storefront_speed.py -q -s

The floor is what is read for it without deciding anything: the same SKUs, offers, schedules and levels.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import thread_time

import pytest

from mktcore.catalog import SKUS, Sku
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import Scope
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.stock import StockCount
from yardstick import check_cost

pytestmark = pytest.mark.slow  # thousands of SKUs are written
PAGE = 50
SMALL, LARGE = 500, int(os.environ.get("MKTCORE_SKUS", "5000"))
"""Writing a hundred thousand takes a minute for each store: the suite is content with fewer."""
SELLERS = ("acme", "bolt")
OPERATOR, VISITOR = Scope.operator(), Scope.visitor()


def fill(market: Marketplace, count: int) -> Marketplace:
    """Write so many SKUs of a hundred categories, each sold by two merchants."""
    with market.store.begin(OPERATOR) as unit:
        unit.repository(SKUS).add_many(
            [Sku(f"s{n:06}", f"Article {n % 997}", category=f"c{n % 10}") for n in range(count)]
        )
        sold = [(f"{m}-{n:06}", m, n) for n in range(count) for m in SELLERS]
        unit.repository(OFFERS).add_many([Offer(id_, m, f"s{n:06}", schedule=id_) for id_, m, n in sold])
        unit.repository(PRICE_SCHEDULES).add_many(
            [PriceSchedule(id_, m, [PriceBreak(1, Money.from_minor(100 + n, "EUR"))]) for id_, m, n in sold]
        )
        unit.stock.set_on_hand([StockCount(id_, m, 9) for id_, m, _ in sold], at=market.clock.now())
        unit.commit()
    return market


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def markets(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Marketplace]]:
    folder: Path = tmp_path_factory.mktemp("markets")
    urls = [f"sqlite:///{folder / name}" if request.param == "sqlite" else "memory://" for name in ("a.db", "b.db")]
    opened = [Marketplace.open(url, currency="EUR") for url in urls]
    yield [fill(market, count) for market, count in zip(opened, (SMALL, LARGE), strict=True)]
    for market in opened:
        market.close()


def ask_page(market: Marketplace, **asked: object) -> Callable[[], object]:
    def ask() -> None:
        found = market.storefront.page(scope=VISITOR, limit=PAGE, **asked)  # type: ignore[arg-type]  # as a page takes
        assert len(found.items) == PAGE

    return ask


def read_only(market: Marketplace) -> Callable[[], object]:
    def read() -> None:
        with market.store.begin(OPERATOR) as unit:
            skus = unit.repository(SKUS).page(limit=PAGE).items
            offers = unit.repository(OFFERS).find_where("sku", [sku.id for sku in skus])
            unit.repository(PRICE_SCHEDULES).find_many([one.schedule for one in offers])
            unit.stock.find_levels([one.id for one in offers])

    return read


def find_best(*works: Callable[[], object]) -> list[float]:
    """Return the milliseconds of CPU of the best round of each, run in turns."""
    best = [1e9] * len(works)
    for _ in range(15):
        for position, work in enumerate(works):
            start = thread_time()
            work()
            best[position] = min(best[position], 1000 * (thread_time() - start))
    return best


@pytest.mark.parametrize(
    "asked",
    [{}, {"order": "name"}, {"where": {"category": "c3"}}, {"where": {"merchant": "bolt"}}],
    ids=["all", "by name", "category", "merchant"],
)
def test_a_page_costs_the_same_in_a_large_catalogue(
    markets: list[Marketplace], asked: dict[str, object], request: pytest.FixtureRequest
) -> None:
    small, large = markets
    floor, short, long = find_best(read_only(large), ask_page(small, **asked), ask_page(large, **asked))
    name = request.node.callspec.id
    print(f"\n{name}: floor {floor:.1f} ms; {SMALL:,} SKUs {short:.1f} ms, {LARGE:,} SKUs {long:.1f} ms")  # noqa: T201
    assert long / short < 1.6
    check_cost(ask_page(large, **asked), yards=1 if "memory" in name else 2.5)
