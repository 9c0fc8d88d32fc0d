"""The FastAPI application of one file: what a request does is one transaction."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

EXAMPLE = Path(__file__).parents[2] / "examples" / "fastapi_shop.py"
TRIPOD = {"sku": "tripod", "offer": "bolt-tripod", "due": "2026-08-01"}


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fastapi_shop", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # FastAPI looks the names of annotations up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[TestClient, Any, Engine]]:
    module = load_example()
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = module.create_writing_engine(url)
    app = module.create_app(engine, url)
    with TestClient(app, raise_server_exceptions=False) as browser:
        app.state.market.load(EXAMPLE.parent / "market")
        yield browser, app.state.market, engine
    engine.dispose()


def count_orders(market: Any) -> int:
    return len(market.orders.merchant_orders.page(scope=market.as_operator()).items)


@pytest.mark.slow
def test_every_request_is_kept_or_undone_whole(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, EXAMPLE, tmp_path / "shop.db"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    assert shown.splitlines() == [
        "Monopod: 38.99 of bolt",
        "1 200",
        "1 200",
        "2 500",
        "3 409 10000 x Travel tripod T1 wanted, 11 available",
        "1 order, 1 invoice",
        "verify: 0 findings",
    ]


def test_a_commit_that_fails_is_told_to_whoever_asked(shop: tuple[TestClient, Any, Engine]) -> None:
    browser, market, engine = shop

    def fail(_connection: object) -> None:
        raise OSError("the disk is full")

    event.listen(engine, "commit", fail)
    answer = browser.post("/buy/1", json=TRIPOD, headers={"key": "checkout-1"})
    assert answer.status_code == 500
    assert count_orders(market) == 0
    event.remove(engine, "commit", fail)
    assert browser.post("/buy/1", json=TRIPOD, headers={"key": "checkout-1"}).status_code == 200
    assert count_orders(market) == 1
    assert market.verify() == ()


def test_a_sale_is_simulated_placed_listed_shipped_and_shown(shop: tuple[TestClient, Any, Engine]) -> None:
    browser, _, _ = shop
    described = browser.get("/openapi.json").json()
    jsonschema.Draft202012Validator.check_schema(described["components"]["schemas"]["Order"])

    def ask(method: str, path: str, route: str, **given: Any) -> Any:
        answer = browser.request(method, path, **given)
        assert answer.status_code == 200, answer.text
        content = described["paths"][route][method.lower()]["responses"]["200"]["content"]["application/json"]
        jsonschema.validate(answer.json(), {**content["schema"], "components": described["components"]})
        return answer.json()

    goods = ask("GET", "/goods?category=tripods&merchant=bolt", "/goods", headers={"caller": "visitor"})["items"]
    tripod = next(entry for entry in goods if entry["sku"] == "tripod")
    assert (tripod["lead"]["unit_price"]["amount"], tripod["availability"]["text"]) == ("20.45", "In stock")
    costs = ask("POST", "/simulate/1", "/simulate/{number}", json=TRIPOD)
    assert (costs["is_placeable"], costs["totals"]["grand_total"]["amount"]) == (True, "24.35")
    placed = ask("POST", "/buy/1", "/buy/{number}", json=TRIPOD, headers={"key": "checkout-1"})
    part = ask("GET", "/merchant-orders", "/merchant-orders")["items"][0]
    assert part["id"] == placed["merchant_orders"][0]["id"]
    shipped = ask(
        "POST",
        f"/merchant-orders/{part['id']}/ship?carrier=DHL&tracking=JD01",
        "/merchant-orders/{order}/ship",
        headers={"key": "ship-1", "caller": "merchant:bolt"},
    )
    assert "commission" in shipped
    order = ask("GET", f"/orders/{placed['id']}", "/orders/{order}")
    assert order["merchant_orders"][0]["states"] == [{"state": {"code": "shipped", "text": "Shipped"}, "quantity": 1}]
    assert "commission" not in order["merchant_orders"][0]


def test_anothers_order_is_a_problem_that_the_description_knows(shop: tuple[TestClient, Any, Engine]) -> None:
    browser, _, _ = shop
    placed = browser.post("/buy/1", json=TRIPOD, headers={"key": "checkout-1"}).json()
    answer = browser.get(f"/orders/{placed['id']}", headers={"caller": "buyer:buyer-2"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    jsonschema.validate(answer.json(), browser.get("/openapi.json").json()["components"]["schemas"]["ProblemDetails"])


@pytest.mark.slow
def test_requests_at_the_same_time_each_have_a_transaction_of_their_own(shop: tuple[TestClient, Any, Engine]) -> None:
    browser, market, _ = shop

    def buy(number: int) -> int:
        return browser.post(f"/buy/{number}", json=TRIPOD, headers={"key": f"checkout-{number}"}).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(buy, range(16)))
    assert set(answers) <= {200, 409}
    assert count_orders(market) == answers.count(200) > 0
    assert market.verify() == ()
