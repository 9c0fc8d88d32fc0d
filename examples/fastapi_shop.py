"""A FastAPI application of one file: a request that makes an order and the host's own row in one transaction.

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

from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.problem_details import MEDIA_TYPE, describe_problem

METADATA = MetaData()
INVOICE = Table("invoice", METADATA, Column("order_id", Text, primary_key=True), Column("due", Text, nullable=False))


class Order(BaseModel):
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


# A plain `def`, which FastAPI runs in a thread of its own: the calls inside wait for a database.
def buy(number: int, order: Order, key: Annotated[str, Header()], market: Market, session: InRequest) -> dict[str, str]:
    """Place an order, and write the host's own row beside it."""
    line = CartLine("l1", order.sku, order.pieces, offer=order.offer)
    cart = Cart.of(f"cart-{number}", buyer="buyer-1", lines=[line])
    placed = market.place(cart, key=key, scope=market.as_buyer("buyer-1"))
    if not session.execute(INVOICE.select().where(INVOICE.c.order_id == placed.id)).first():
        session.execute(INVOICE.insert(), {"order_id": placed.id, "due": order.due})
    return {"order": placed.id, "total": str(placed.totals.grand_total)}


def tell_problem(_request: Request, error: Exception) -> JSONResponse:
    """Answer whatever was refused as problem details (RFC 9457)."""
    assert isinstance(error, MktcoreError)
    found = describe_problem(error)
    return JSONResponse(found.to_document(), found.status, headers=found.headers, media_type=MEDIA_TYPE)


def create_app(engine: Engine, url: str) -> FastAPI:
    """Return the application, whose tables and the marketplace's are made in one database."""

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        METADATA.create_all(engine)
        app.state.engine = engine
        with Marketplace.open(url, currency="EUR") as app.state.market:
            yield

    app = FastAPI(lifespan=live)
    app.post("/buy/{number}")(buy)
    app.exception_handler(MktcoreError)(tell_problem)
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
        for number, body in ((1, tripod), (1, tripod), (2, tripod | {"due": None}), (3, tripod | {"pieces": 10_000})):
            answer = browser.post(f"/buy/{number}", json=body, headers={"key": f"checkout-{number}"})
            told = answer.json() if answer.headers["content-type"] == MEDIA_TYPE else {}
            print(number, answer.status_code, *(problem["detail"] for problem in told.get("problems", ())))
        market: Marketplace = app.state.market
        orders = market.orders.page_merchant_orders(scope=market.as_operator()).items
        with engine.connect() as connection:
            invoices = len(connection.execute(INVOICE.select()).all())
        print(f"{len(orders)} order, {invoices} invoice")
        print(f"verify: {len(market.verify())} findings")


if __name__ == "__main__":
    main()
