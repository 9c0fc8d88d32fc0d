"""A host's shop: a market, and a table of invoices that is the host's own, in one database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
from sqlalchemy import Engine, create_engine, text

from markets import copy_loaded
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.persistence import Scope

__all__ = ["ADD_INVOICE", "BOLT", "OPERATOR", "Shop", "make_cart", "open_shop", "place"]

BUYER, BOLT, OPERATOR = Scope.buyer("buyer-1"), Scope.merchant("bolt"), Scope.operator()
ADD_INVOICE = text("INSERT INTO invoice VALUES (:id, 0)")


@attrs.frozen(eq=False)
class Shop:
    """A market, and the engine of a host on the same database."""

    market: Marketplace
    engine: Engine
    url: str

    def count_invoices(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM invoice")).scalar_one())

    def count_orders(self) -> int:
        return len(self.market.orders.merchant_orders.page(scope=OPERATOR).items)

    def find_reserved(self) -> int:
        with self.market.store.begin(OPERATOR) as unit:
            return unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"].reserved


@contextmanager
def open_shop(store: str, folder: Path) -> Iterator[Shop]:
    """Open a shop on "sqlite" or "postgresql", with the example market."""
    url = copy_loaded(store, folder / "shop.db")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (id varchar(200) PRIMARY KEY, paid integer)"))
    with Marketplace.open(url, "EUR") as market:
        yield Shop(market, engine, url)
    engine.dispose()


def make_cart(name: str = "cart-1", pieces: int = 2) -> Cart:
    return Cart.of(name, buyer="buyer-1", lines=[CartLine("l1", "tripod", pieces, offer="bolt-tripod")])


def place(market: Marketplace, key: str = "k1", cart: Cart | None = None) -> Order:
    return market.place(cart or make_cart(), key=key, scope=BUYER)
