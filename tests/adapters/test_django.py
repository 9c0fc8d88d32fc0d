"""A host that is a Django project: tables of our names, and one transaction for both."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from adapters.shops import BOLT, OPERATOR, make_cart, place
from markets import copy_loaded
from mktcore.adapters.django import DjangoTransaction
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.persistence.errors import NotJoinable, NoTransaction, TransactionLost
from persistence.django_host import add_database
from persistence.django_shop import MODELS, Offer, Product, views
from persistence.opening import create_database

pytestmark = pytest.mark.slow(counted=True)  # a market on Django's database for each test


@attrs.frozen(eq=False)
class Project:
    """A market, and the alias of its database in Django."""

    market: Marketplace
    alias: str

    def join(self) -> Marketplace:
        return self.market.joined(DjangoTransaction(self.alias))

    def sell(self, key: str = "k1", cart: str = "cart-1") -> str:
        """Write a product, an order and an offer of the host's, which names the order."""
        product = Product.objects.using(self.alias).create(name=cart)
        order = place(self.join(), key, make_cart(cart))
        Offer.objects.using(self.alias).create(product=product, order=order.id)
        return order.id

    def count(self) -> tuple[int, int, int]:
        """Return how many products and offers of the host and orders of the market there are."""
        host = tuple(model.objects.using(self.alias).count() for model in (Product, Offer))
        return (*host, len(self.market.orders.merchant_orders.page(scope=OPERATOR).items))


OPTIONS: dict[str, dict[str, Any]] = {
    "sqlite": {"OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5}},
    "sqlite-deferred": {"OPTIONS": {"timeout": 0.3}},
    "postgresql": {},
    "postgresql-server-side": {"OPTIONS": {"server_side_binding": True}},
}


def open_project(store: str, folder: Path, **options: Any) -> Iterator[Project]:
    url = copy_loaded(store.partition("-")[0], folder / "shop.db")
    alias = add_database(url, **OPTIONS[store], **options)
    with connections[alias].schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    with Marketplace.open(url, "EUR") as market:
        yield Project(market, alias)
    connections[alias].close()
    del connections.settings[alias]
    del connections[alias]


@pytest.fixture(params=OPTIONS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    yield from open_project(request.param, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def atomic_project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    yield from open_project(request.param, tmp_path, ATOMIC_REQUESTS=True)


def test_placing_inside_of_an_atomic_block_is_one_commit(project: Project) -> None:
    begun = time.perf_counter()
    with transaction.atomic(using=project.alias):
        order = project.sell()
        project.join().fire(project.join().orders.get(order, scope=OPERATOR).merchant_orders[0].id, "ship",
                            key="s1", scope=BOLT)  # fmt: skip
    assert time.perf_counter() - begun < 10
    assert project.count() == (1, 1, 1)
    assert Offer.objects.using(project.alias).get().order == order
    assert project.market.verify() == ()


def test_an_error_in_the_block_undoes_both(project: Project) -> None:
    def fail() -> None:
        with transaction.atomic(using=project.alias):
            project.sell()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert project.count() == (0, 0, 0)
    assert place(project.market).id  # stock, key and cart are free


def test_a_block_within_decides_about_its_own_part(project: Project) -> None:
    with transaction.atomic(using=project.alias):
        project.sell()
        with pytest.raises(ZeroDivisionError), transaction.atomic(using=project.alias):
            project.sell("k2", str(1 // 0))
        with transaction.atomic(using=project.alias):
            project.sell("k3", "cart-3")
            transaction.set_rollback(True, using=project.alias)
    assert project.count() == (1, 1, 1)


def test_a_refusal_leaves_the_block_usable(project: Project) -> None:
    with transaction.atomic(using=project.alias):
        Product.objects.using(project.alias).create(name="kept")
        with pytest.raises(PlacementRefused):
            place(project.join(), "k0", make_cart("cart-0", 10_000))
        project.sell()
    assert project.count() == (2, 1, 1)


def test_outside_of_a_block_nothing_is_written(project: Project) -> None:
    with pytest.raises(NoTransaction, match=f"connection '{project.alias}' of Django"):
        place(project.join())
    assert project.count() == (0, 0, 0)


def test_events_leave_after_the_blocks_commit(project: Project) -> None:
    queue: Any = project.market.store.queue  # type: ignore[attr-defined]  # of every store in SQL
    before = queue.count_pending()
    with transaction.atomic(using=project.alias):
        project.sell()
        assert queue.count_pending() == before
    assert queue.count_pending() > before


def test_other_connections_of_django_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotJoinable, match="neither SQLAlchemy's Connection nor Session"):
        project.market.joined(connections[project.alias])
    is_sqlite = project.market.store.engine.name == "sqlite"  # type: ignore[attr-defined]  # of every store in SQL
    other = add_database(create_database() if is_sqlite else f"sqlite:///{tmp_path / 'other.db'}")
    with transaction.atomic(using=other), pytest.raises(NotJoinable, match=r"the marketplace's is a"):
        project.market.joined(DjangoTransaction(other))
    connections[other].close()


def test_a_host_that_commits_meanwhile_makes_a_deferred_block_lose_at_once(tmp_path: Path) -> None:
    for project in open_project("sqlite-deferred", tmp_path):
        with ThreadPoolExecutor(1) as threads, project.market.store.begin(OPERATOR) as unit:
            unit.counters.claim("busy", 1, 5)  # the file has another writer
            begun = time.perf_counter()
            lost = threads.submit(_lose, project).result(10)
            assert time.perf_counter() - begun < 3
        assert isinstance(lost, TransactionLost)
        assert "BEGIN IMMEDIATE" in str(lost)
        assert project.count() == (0, 0, 0)


def _lose(project: Project) -> Exception | None:
    try:
        with transaction.atomic(using=project.alias):
            Product.objects.using(project.alias).count()
            place(project.join())
    except TransactionLost as error:
        return error
    finally:
        connections[project.alias].close()
    return None


def test_a_request_is_one_transaction(atomic_project: Project) -> None:
    project = atomic_project

    def buy(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(project.sell())

    def fail(_request: HttpRequest) -> HttpResponse:
        project.sell("k2", "cart-2")
        raise ZeroDivisionError

    views.update(buy=buy, fail=fail)
    client = Client(raise_request_exception=False)
    bought, failed = client.get("/buy"), client.get("/fail")
    assert (bought.status_code, failed.status_code) == (200, 500)
    assert project.count() == (1, 1, 1)
    assert Offer.objects.using(project.alias).get().order == bought.content.decode()
    assert project.market.verify() == ()


def test_many_requests_sell_each_piece_once(atomic_project: Project) -> None:
    project = atomic_project
    project.market.stock.count("bolt-tripod", 6, scope=OPERATOR)

    def buy(request: HttpRequest) -> HttpResponse:
        number = request.GET["n"]
        Product.objects.using(project.alias).create(name=number)
        try:
            place(project.join(), f"k{number}", make_cart(f"cart-{number}", 1))
        except PlacementRefused:
            return HttpResponse(status=409)
        return HttpResponse()

    def ask(number: int) -> int:
        try:
            return int(Client().get(f"/buy?n={number}").status_code)
        finally:
            connections[project.alias].close()

    views.update(buy=buy)
    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(ask, range(10)))
    assert answers == [200] * 6 + [409] * 4
    assert project.count() == (10, 0, 6)
    assert project.market.verify() == ()
