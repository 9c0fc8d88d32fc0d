"""What hosts are told of use cases: outcomes, codes and counts, and never a name."""

import ast
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mktcore
from markets import EXAMPLE
from mktcore.access import User
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.extra import Extra
from mktcore.marketplace import Marketplace
from mktcore.persistence import NotFound, Party, Retryable, Scope
from mktcore.persistence.errors import Busy
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.store_inspection import Inspected
from mktcore.telemetry import Told, UseCaseOutcome, WatchedStore

SECRETS = ("Ada Lovelace", "ada@example.org", "secret-key-7", "49-30-1234567", "buyer-ada")


class Watching:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.told: list[Told] = []

    def begin(self, use_case: str) -> "Watching":
        self.begun.append(use_case)
        return self

    def end(self, told: Told) -> None:
        self.told.append(told)


@pytest.fixture
def watching() -> Watching:
    return Watching()


@pytest.fixture
def market(watching: Watching) -> Marketplace:
    market = Marketplace.in_memory("EUR", observer=watching)
    market.load(EXAMPLE)
    return market


def buy(cart: str, sku: str = "camera", quantity: int = 1, buyer: str = "buyer-ada") -> Cart:
    return Cart.of(cart, buyer=buyer, lines=[CartLine("l1", sku=sku, quantity=quantity)])


def test_every_use_case_is_told_once_with_what_it_cost(market: Marketplace, watching: Watching) -> None:
    buyer = market.as_buyer("buyer-ada")
    order = market.place(buy("c1"), key="k1", scope=buyer)
    market.fire(order.merchant_orders[0].id, "ship", key="k2", scope=market.as_operator())
    market.orders.get(order.id, scope=buyer)
    market.simulate(buy("c2"), scope=buyer)
    market.verify()
    told = [(one.use_case, str(one.outcome), one.party, one.units) for one in watching.told if one.use_case]
    assert told[0][:2] == ("loading.LoadFolder.load", "decided")
    assert told[1:] == [
        ("checkout.PlaceOrder.place", "decided", "buyer", 1),
        ("orders.FireAction.fire", "decided", "operator", 1),
        ("orders.ReadOrders.get", "read", "buyer", 1),
        ("checkout.SimulateCart.simulate", "read", "buyer", 1),
        ("marketplace.VerifyMarket.verify", "read", "", 0),
    ]
    assert watching.begun == [one.use_case for one in watching.told]
    placed = watching.told[1]
    assert placed.store_calls > 20  # facts, stock, orders, events, the key
    assert placed.seconds > 0
    assert (placed.code, placed.issues, placed.retries) == ("", (), 0)


def test_a_refusal_is_told_by_its_codes(market: Marketplace, watching: Watching) -> None:
    with pytest.raises(PlacementRefused):
        market.place(buy("c1", quantity=5000), key="k1", scope=market.as_buyer("buyer-ada"))
    refused = watching.told[-1]
    assert (refused.outcome, refused.code) == (UseCaseOutcome.REFUSED, "checkout.refused")
    assert refused.issues == ("out-of-stock",)
    assert str(refused).startswith("checkout.PlaceOrder.place refused checkout.refused out-of-stock in ")


class LosingStore:
    """A store whose first units lose against somebody."""

    def __init__(self, store: Any, times: int) -> None:
        self.store, self.times = store, times

    def begin(self, scope: Scope) -> Any:
        if self.times > 0:
            self.times -= 1
            raise Retryable("secret-key-7 was used in the meantime")
        return self.store.begin(scope)


def test_retries_are_counted_and_a_loss_is_told(watching: Watching, caplog: pytest.LogCaptureFixture) -> None:
    store = LosingStore(Marketplace.in_memory("EUR").store, 0)
    market = Marketplace(store, "EUR", observer=watching, retry=RetryPolicy(attempts=3))
    market.load(EXAMPLE)
    caplog.set_level(logging.INFO, "mktcore")
    store.times = 2
    market.place(buy("c1"), key="secret-key-7", scope=market.as_buyer("buyer-ada"))
    assert (watching.told[-1].outcome, watching.told[-1].retries) == (UseCaseOutcome.DECIDED, 2)
    store.times = 9
    with pytest.raises(Busy):
        market.place(buy("c2"), key="k2", scope=market.as_buyer("buyer-ada"))
    assert (watching.told[-1].outcome, watching.told[-1].code) == (UseCaseOutcome.LOST, "store.busy")
    told = [(record.name, record.levelname, record.getMessage().partition(" in ")[0]) for record in caplog.records]
    assert told[:3] == [
        ("mktcore.runtime", "INFO", "checkout.PlaceOrder.place lost attempt 1: store.retryable"),
        ("mktcore.runtime", "INFO", "checkout.PlaceOrder.place lost attempt 2: store.retryable"),
        ("mktcore.checkout", "INFO", "checkout.PlaceOrder.place decided"),
    ]
    assert told[-1] == ("mktcore.checkout", "WARNING", "checkout.PlaceOrder.place lost store.busy")
    assert not [record for record in caplog.records if "secret" in record.getMessage()]


def test_a_watched_store_can_what_the_store_can(market: Marketplace) -> None:
    seen = WatchedStore(market.store)
    assert isinstance(seen, Inspected)
    with seen.inspect() as inspection:
        assert len(list(inspection.iterate_stock())) == 167
    assert not hasattr(WatchedStore(LosingStore(None, 0)), "inspect")


class Broken:
    """An observer that fails wherever it can."""

    def __init__(self, *, at_begin: bool) -> None:
        self.at_begin = at_begin

    def begin(self, use_case: str) -> "Broken":
        if self.at_begin:
            raise RuntimeError(use_case)
        return self

    def end(self, told: Told) -> None:
        raise RuntimeError(told.use_case)


@pytest.mark.parametrize("at_begin", [True, False])
def test_an_observer_that_fails_harms_nothing_and_is_named_in_the_log(
    at_begin: bool, caplog: pytest.LogCaptureFixture
) -> None:
    market = Marketplace.in_memory("EUR", observer=Broken(at_begin=at_begin))
    market.load(EXAMPLE)
    order = market.place(buy("c1"), key="k1", scope=market.as_buyer("buyer-ada"))
    assert market.orders.get(order.id, scope=market.as_operator()).id == order.id
    complaints = [record.getMessage() for record in caplog.records if record.name == "mktcore.telemetry"]
    assert complaints == ["the observer raised RuntimeError"] * 3


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the last detail, as a host's JSON logger would write it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)

    class AsJson(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return json.dumps({**record.__dict__, "message": record.getMessage()}, default=str)

    handler.setFormatter(AsJson())
    logger = logging.getLogger("mktcore")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(1)
    yield written
    logger.setLevel(before)
    logger.removeHandler(handler)


def test_no_record_names_anybody(market: Marketplace, watching: Watching, log: io.StringIO) -> None:
    name, email, key, phone, buyer = SECRETS
    operator = market.as_operator()
    market.access.save_user(
        User(email, Party.BUYER, buyer, roles=["buyer-admin"], extra=Extra({"name": name})), scope=operator
    )
    cart = buy("cart-of-ada@example.org", buyer=buyer)
    market.place(cart, key=key, scope=market.as_buyer(buyer, user=email))
    for attempt in (buy("c3", sku=phone, buyer=buyer), buy(f"c4-{email}", quantity=9999, buyer=buyer)):
        with pytest.raises(PlacementRefused):
            market.place(attempt, key=f"{attempt.id}-{key}", scope=market.as_buyer(buyer))
    with pytest.raises(NotFound):
        market.as_user(f"no-{email}")
    with pytest.raises(MktcoreError):
        market.orders.get(phone, scope=operator)
    text = log.getvalue()
    assert text.count("\n") >= 6
    assert [secret for secret in SECRETS if secret in text] == []
    assert [secret for secret in SECRETS if secret in str(watching.told)] == []


@pytest.mark.slow
def test_nothing_is_printed_unless_the_host_asks() -> None:
    script = (
        "from mktcore.marketplace import Marketplace\n"
        "from mktcore.carts import Cart, CartLine\n"
        "market = Marketplace.in_memory('EUR')\n"
        "cart = Cart.of('c', buyer='b', lines=[CartLine('l1', sku='none')])\n"
        "try:\n    market.place(cart, key='k', scope=market.as_buyer('b'))\nexcept Exception:\n    pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_threads_do_not_count_for_each_other(market: Marketplace, watching: Watching) -> None:
    count = len(watching.told)
    carts = [buy(f"c{number}", buyer=f"b{number}") for number in range(4)]

    def place(cart: Cart) -> None:
        market.place(cart, key=cart.id, scope=market.as_buyer(cart.buyer))

    threads = [threading.Thread(target=place, args=(cart,)) for cart in carts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.use_case for one in watching.told[count:]] == ["checkout.PlaceOrder.place"] * 4
    assert len({one.store_calls for one in watching.told[count:] if not one.retries}) == 1


def list_use_cases() -> Iterator[tuple[str, bool]]:
    """Yield every class of the library that holds a runtime, and whether it is watched."""
    for path in sorted(Path(mktcore.__file__).parent.rglob("*.py")):
        for one in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(one, ast.ClassDef) and any("runtime: Runtime[" in ast.unparse(part) for part in one.body):
                # A list watches each class that is made of it, under that class's own name.
                is_watched = any(ast.unparse(mark) == "watched" for mark in one.decorator_list)
                yield f"{path.name}: {one.name}", is_watched or "watched(cls)" in ast.unparse(one)


@pytest.mark.slow(counted=True)
def test_every_class_of_use_cases_is_watched() -> None:
    found = dict(list_use_cases())
    assert len(found) >= 31
    assert [name for name, is_watched in found.items() if not is_watched] == []  # mktcore.telemetry.watched
