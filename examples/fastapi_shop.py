"""A FastAPI application of one file: it shows goods, simulates, places, lists and ships orders, described by OpenAPI.

A request that makes an order and the host's own row is one transaction. What a browser is shown is the view of the
answer, and its schema is the library's: no model of an answer is written by hand.

    python examples/fastapi_shop.py [DATABASE]

It starts from a fresh SQLite database (`fastapi-shop.db` in the working directory unless named), and asks itself, as a
browser would. An application of your own is served by `uvicorn`, from several processes on one database.
"""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import Column, Engine, MetaData, Table, Text, create_engine, event
from sqlalchemy.orm import Session

from mktcore.carts import Cart, CartLine, Simulation
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.actions import Ship
from mktcore.persistence import Page, Scope
from mktcore.problem_details import MEDIA_TYPE
from mktcore.storefront import StorefrontPage
from mktcore.views.fastapi_routes import answer, describe_market, shows

METADATA = MetaData()
INVOICE = Table("invoice", METADATA, Column("order_id", Text, primary_key=True), Column("due", Text, nullable=False))


class Wish(BaseModel):
    """What a browser sends."""

    sku: str
    offer: str
    pieces: int = 1
    due: str | None = None


def get_session(request: Request) -> Iterator[Session]:
    """One session and one transaction for a request: committed when the endpoint returns, undone when it raises."""
    with Session(request.app.state.engine) as session, session.begin():
        yield session


# The scope matters: without it FastAPI commits after the answer was sent, and a commit that fails then is told nobody.
InRequest = Annotated[Session, Depends(get_session, scope="function")]


def get_market(request: Request, session: InRequest) -> Marketplace:
    """The marketplace inside of the request's transaction."""
    joined: Marketplace = request.app.state.market.joined(session)
    return joined


Market = Annotated[Marketplace, Depends(get_market, scope="function")]


def get_scope(caller: Annotated[str, Header()] = "buyer:buyer-1") -> Scope:
    """Return who asks; an application of your own asks its sessions, and not whoever asks."""
    if caller == "visitor":
        return Scope.visitor()
    party, _, id_ = caller.partition(":")
    return {"buyer": Scope.buyer, "merchant": Scope.merchant}[party](id_)


Caller = Annotated[Scope, Depends(get_scope)]


def build_cart(number: int, wish: Wish, scope: Scope) -> Cart:
    line = CartLine("l1", wish.sku, wish.pieces, offer=wish.offer)
    return Cart.of(f"cart-{number}", buyer=scope.id, lines=[line])


def simulate(number: int, wish: Wish, market: Market, scope: Caller) -> JSONResponse:
    """Say what it would cost, and what stands in the way."""
    return answer(market.simulate(build_cart(number, wish, scope), scope=scope), scope)


def list_goods(
    market: Market,
    scope: Caller,
    *,
    category: str | None = None,
    merchant: str | None = None,
    after: str | None = None,
    limit: int = 20,
) -> JSONResponse:
    """List what can be bought, with the offer that leads and its price for the caller."""
    where = {"category": category, "merchant": merchant}
    return answer(market.storefront.page(scope=scope, where=where, after=after, limit=limit), scope)


def list_orders(market: Market, scope: Caller, after: str | None = None, limit: int = 20) -> JSONResponse:
    """List the caller's merchant orders, the newest first."""
    page = market.orders.merchant_orders.page(scope=scope, order="-placed_at", after=after, limit=limit)
    return answer(page, scope)


def show_order(order: str, market: Market, scope: Caller) -> JSONResponse:
    """Show an order with its parts."""
    return answer(market.orders.get(order, scope=scope), scope)


def ship(
    order: str, carrier: str, tracking: str, *, key: Annotated[str, Header()], market: Market, scope: Caller
) -> JSONResponse:
    """Tell that a merchant order left."""
    shipped = market.fire(order, Ship(carrier=carrier, tracking=tracking), key=key, scope=scope)
    return answer(shipped, scope)


# A plain `def`, which FastAPI runs in a thread of its own: the calls inside wait for a database.
def buy(
    number: int, wish: Wish, *, key: Annotated[str, Header()], market: Market, session: InRequest, scope: Caller
) -> JSONResponse:
    """Place an order, and write the host's own row beside it."""
    placed = market.place(build_cart(number, wish, scope), key=key, scope=scope)
    if not session.execute(INVOICE.select().where(INVOICE.c.order_id == placed.id)).first():
        session.execute(INVOICE.insert(), {"order_id": placed.id, "due": wish.due})
    return answer(placed, scope)


def create_app(engine: Engine, url: str) -> FastAPI:
    """Return the application, whose tables and the marketplace's are made in one database."""

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        METADATA.create_all(engine)
        app.state.engine = engine
        with Marketplace.open(url, currency="EUR") as app.state.market:
            yield

    app = FastAPI(title="Shop", lifespan=live)
    describe_market(app)
    app.get("/goods", **shows(StorefrontPage))(list_goods)
    app.post("/simulate/{number}", **shows(Simulation))(simulate)
    app.post("/buy/{number}", **shows(Order))(buy)
    app.get("/merchant-orders", **shows(Page[MerchantOrder]))(list_orders)
    app.get("/orders/{order}", **shows(Order))(show_order)
    app.post("/merchant-orders/{order}/ship", **shows(MerchantOrder))(ship)
    return app


def create_writing_engine(url: str) -> Engine:
    """Return an engine whose transactions begin as writers, as SQLite wants it."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def begin_ourselves(driver: Any, _record: object) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin_as_a_writer(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def main() -> None:
    database = Path(sys.argv[1] if len(sys.argv) > 1 else "fastapi-shop.db")
    database.unlink(missing_ok=True)
    url = f"sqlite:///{database}"
    engine = create_writing_engine(url)
    app = create_app(engine, url)
    tripod = {"sku": "tripod", "offer": "bolt-tripod", "due": "2026-08-01"}
    with TestClient(app, raise_server_exceptions=False) as browser:
        app.state.market.load(Path(__file__).parent / "market")
        goods = browser.get("/goods", params={"category": "tripods", "limit": 1}, headers={"caller": "visitor"}).json()
        for entry in goods["items"]:
            lead = entry["lead"]
            print(f"{entry['title']}: {lead['unit_price']['amount']} of {lead['merchant']}")
        for number, body in ((1, tripod), (1, tripod), (2, tripod | {"due": None}), (3, tripod | {"pieces": 10_000})):
            answer = browser.post(f"/buy/{number}", json=body, headers={"key": f"checkout-{number}"})
            told = answer.json() if answer.headers["content-type"] == MEDIA_TYPE else {}
            print(number, answer.status_code, *(problem["detail"] for problem in told.get("problems", ())))
        market: Marketplace = app.state.market
        orders = market.orders.merchant_orders.page(scope=market.as_operator()).items
        with engine.connect() as connection:
            invoices = len(connection.execute(INVOICE.select()).all())
        print(f"{len(orders)} order, {invoices} invoice")
        print(f"verify: {len(market.verify())} findings")


if __name__ == "__main__":
    main()
