"""A FastAPI application without a model of its own: lists, simulates, places, ships, and describes itself."""

from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel

from mktcore.carts import Simulation
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder, Order
from mktcore.persistence import Page, Scope
from mktcore.storefront import StorefrontPage
from mktcore.views import UnknownView, read_cart
from mktcore.views.fastapi_routes import AskedCart, answer, describe_market, shows

MARKET = Path(__file__).parents[2] / "examples" / "market"
WANTED = {"id": "cart-1", "lines": [{"key": "l1", "sku": "tripod", "quantity": 2, "offer": "bolt-tripod"}]}
BOLT = {"caller": "merchant:bolt"}


def find_caller(caller: Annotated[str, Header()] = "buyer:buyer-1") -> Scope:
    party, _, id_ = caller.partition(":")
    return {"buyer": Scope.buyer, "merchant": Scope.merchant}[party](id_)


Caller = Annotated[Scope, Depends(find_caller)]


def create_app(market: Marketplace) -> FastAPI:
    app = FastAPI(title="Shop")
    describe_market(app)

    @app.get("/goods", **shows(StorefrontPage))
    def list_goods(scope: Caller, category: str | None = None) -> Response:
        return answer(market.storefront.page(scope=scope, where={"category": category}), scope)

    @app.post("/simulations", **shows(Simulation))
    def simulate(cart: AskedCart, scope: Caller) -> Response:
        return answer(market.simulate(read_cart(cart, scope=scope), scope=scope), scope)

    @app.post("/orders", **shows(Order, status=201))
    def place(cart: AskedCart, key: Annotated[str, Header()], scope: Caller) -> Response:
        return answer(market.place(read_cart(cart, scope=scope), key=key, scope=scope), scope, status=201)

    @app.get("/merchant-orders", **shows(Page[MerchantOrder]))
    def list_orders(scope: Caller, sku: str) -> Response:
        return answer(market.orders.merchant_orders.page(scope=scope, where={"sku": sku}), scope)

    @app.get("/merchant-orders/{order}", **shows(MerchantOrder))
    def show_order(order: str, scope: Caller) -> Response:
        may = market.orders.allowed(order, scope=scope)
        return answer(market.orders.merchant_orders.get(order, scope=scope), scope, allowed=[may])

    @app.post("/merchant-orders/{order}/ship", **shows(MerchantOrder))
    def ship(order: str, key: Annotated[str, Header()], scope: Caller) -> Response:
        return answer(market.fire(order, "ship", key=key, scope=scope), scope)

    return app


@pytest.fixture(scope="module")
def browser() -> TestClient:
    market = Marketplace.in_memory("EUR")
    market.load(MARKET)
    return TestClient(create_app(market), raise_server_exceptions=False)


def test_a_sale_from_the_list_to_the_parcel_fits_its_description(browser: TestClient) -> None:
    described = browser.get("/openapi.json").json()

    def ask(method: str, path: str, route: str, *, status: int = 200, **given: Any) -> Any:
        found = browser.request(method, path, **given)
        assert found.status_code == status, found.text
        told = described["paths"][route][method.lower()]["responses"][str(status)]["content"]["application/json"]
        jsonschema.validate(found.json(), {**told["schema"], "components": described["components"]})
        return found.json()

    assert len(ask("GET", "/goods?category=tripods", "/goods")["items"]) > 1
    assert ask("POST", "/simulations", "/simulations", json=WANTED)["totals"]["grand_total"]["amount"] == "43.80"
    placed = ask("POST", "/orders", "/orders", status=201, json=WANTED, headers={"key": "k1"})
    assert (placed["stage"], placed["skus"]) == ({"code": "open", "text": "Open"}, ["tripod"])
    [part] = ask("GET", "/merchant-orders?sku=tripod", "/merchant-orders", headers=BOLT)["items"]
    one = f"/merchant-orders/{part['id']}"
    may = ask("GET", one, "/merchant-orders/{order}", headers=BOLT)["allowed"]
    assert "Ship" in [each["event"]["text"] for each in may if each["is_allowed"]]
    shipped = ask("POST", f"{one}/ship", "/merchant-orders/{order}/ship", headers={**BOLT, "key": "s1"})
    assert shipped["states"] == [{"state": {"code": "shipped", "text": "Shipped"}, "quantity": 2}]


def test_what_is_refused_is_a_problem_that_the_description_knows(browser: TestClient) -> None:
    described = browser.get("/openapi.json").json()
    asked = {"key": "k1", "caller": "merchant:acme"}
    refused = {
        404: browser.get("/merchant-orders/nothing", headers=BOLT),
        422: browser.post("/orders", json={**WANTED, "price": 1}, headers=asked),
        409: browser.post("/orders", json={"id": "c9", "lines": []}, headers={"key": "k9"}),
    }
    keyless = browser.post("/orders", json=WANTED)
    assert [one["where"] for one in keyless.json()["problems"]] == ["header.key"]
    for status, found in [*refused.items(), (422, keyless)]:
        assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json"), found.text
        jsonschema.validate(found.json(), described["components"]["schemas"]["ProblemDetails"])
    assert [one["code"] for one in refused[422].json()["problems"]] == ["no-buyer", "unknown-field"]


def test_a_request_body_is_described_by_the_schema_of_carts(browser: TestClient) -> None:
    body = browser.get("/openapi.json").json()["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["required"] == ["id", "lines"]
    jsonschema.validate(WANTED, body["schema"])


def test_a_type_without_a_view_is_no_answer() -> None:
    with pytest.raises(UnknownView):
        shows(TestClient)


def create_shop_with(name: str) -> FastAPI:
    """Return an application that has a model of this name, and a route that shows orders."""
    app = FastAPI()
    describe_market(app)
    model = type(name, (BaseModel,), {"__annotations__": {"cents": int}})

    @app.post("/tips")
    def tip(money: model) -> None: ...  # type: ignore[valid-type]  # made here

    @app.get("/orders", **shows(Order))
    def show() -> None: ...

    return app


def test_a_model_by_the_name_of_a_shown_view_is_told_each_time() -> None:
    app = create_shop_with("Money")
    for _ in range(2):
        with pytest.raises(ValueError, match="called as views are: Money"):
            app.openapi()


def test_names_of_views_that_no_route_shows_are_the_hosts() -> None:
    described = create_shop_with("StorefrontPage").openapi()
    assert described["components"]["schemas"]["StorefrontPage"]["properties"].keys() == {"cents"}
    assert "Order" in described["components"]["schemas"]
    assert "Feed" not in described["components"]["schemas"]


def test_what_the_host_refuses_is_a_problem_too(browser: TestClient) -> None:
    app = FastAPI()
    describe_market(app)

    @app.get("/mine", **shows(Order))
    def show() -> None:
        raise HTTPException(401, "sign in", headers={"WWW-Authenticate": "Bearer"})

    @app.get("/moved")
    def move() -> None:
        raise HTTPException(304)

    host = TestClient(app)
    found = host.get("/mine")
    assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
    assert found.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "sign in",
        "code": "http.401",
        "category": "forbidden",
    }
    assert [host.get("/nowhere").json()["category"], host.post("/mine").json()["status"]] == ["not-found", 405]
    assert (host.get("/moved").status_code, host.get("/moved").content) == (304, b"")
    schema = browser.get("/openapi.json").json()["components"]["schemas"]["ProblemDetails"]
    jsonschema.validate(found.json(), schema)


def test_a_fault_is_told_in_the_log_and_not_to_whoever_asked(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    describe_market(app)

    @app.get("/wrong")
    def show() -> Response:
        return answer(object(), Scope.operator())

    found = TestClient(app).get("/wrong")
    assert (found.status_code, found.json().get("detail")) == (500, None)
    assert [(one.name, one.levelname, one.exc_info is not None) for one in caplog.records if "mktcore" in one.name] == [
        ("mktcore.views", "ERROR", True)
    ]
