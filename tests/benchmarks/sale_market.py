"""The marketplace of which a whole sale is measured: 2,000 SKUs of 10 merchants, three offers each, two tax rates."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.persistence import Scope

__all__ = ["MERCHANTS", "OPERATOR", "SKUS", "Sale", "load_market", "pick", "price_of"]

SKUS, MERCHANTS, OFFERS = 2000, 10, 3
OPERATOR = Scope.operator()


def price_of(sku: int) -> int:
    """Return the net price of a SKU in cents; every contender sells at it."""
    return 500 + sku * 137 % 9000


def pick(number: int, line: int) -> tuple[int, int]:
    """Return the SKU and the quantity of a line of the cart of a number."""
    return (line * 37 + number * 11) % SKUS, 1 + line % 3


def load_market(url: str, folder: Path) -> Marketplace:
    """Open a market at a URL and load it."""
    folder.mkdir()
    for name, rows in _write_rows().items():
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    market = Marketplace.open(url, "EUR", prices_include_tax=False)
    market.load(folder)
    return market


def _write_rows() -> dict[str, list[str]]:
    goods = range(SKUS)
    return {
        "merchants.csv": ["merchant,name", *[f"m{one},Merchant {one}" for one in range(MERCHANTS)]],
        "tax_rates.csv": ["tax_category,name,rate", "standard,VAT,0.19", "reduced,VAT,0.07"],
        "skus.csv": [
            "sku,name,brand,category,tax_category",
            *[f"s{one},Thing {one},Brand,things,{'standard' if one % 3 else 'reduced'}" for one in goods],
        ],
        "offers.csv": [
            "offer,merchant,sku,price,stock",
            *[
                f"o{one}-{rank},m{(one + rank) % MERCHANTS},s{one},{(price_of(one) + rank) / 100:.2f},1000000"
                for one in goods
                for rank in range(OFFERS)
            ],
        ],
        "shipping_fees.csv": [
            "merchant,fee,free_from,tax_category",
            *[f"m{one},4.90,150.00,standard" for one in range(MERCHANTS)],
        ],
        "commission_rules.csv": [
            "rule,group,priority,merchant,category,rate,fixed,valid_from,valid_until",
            "sale,sale,0,,,0.12,,,",
        ],
    }


class Sale:
    """Carts of one size, each with a number of its own, and what is done with them."""

    def __init__(self, market: Marketplace, lines: int) -> None:
        """Start with none."""
        self.market, self.lines = market, lines
        self._numbers = count()

    def make_cart(self) -> Cart:
        """Return a cart that nobody had before."""
        number = next(self._numbers)
        wanted = [(f"l{line}", *pick(number, line)) for line in range(self.lines)]
        lines = [CartLine(key, f"s{sku}", quantity, offer=f"o{sku}-0") for key, sku, quantity in wanted]
        return Cart.of(f"c{self.lines}-{number}", buyer=f"b{number % 50}", lines=lines)

    def place(self, cart: Cart) -> Order:
        """Place a cart."""
        return self.market.place(cart, key=cart.id, scope=OPERATOR)

    def prepare(self) -> dict[str, Callable[[], Callable[[], object]]]:
        """Return, by name, what makes ready one measured call: nothing of a call's making is in its time."""

        def simulate() -> Callable[[], object]:
            cart = self.make_cart()
            return lambda: self.market.simulate(cart, scope=OPERATOR)

        def place() -> Callable[[], object]:
            cart = self.make_cart()
            return lambda: self.place(cart)

        def fire() -> Callable[[], object]:
            order = self.place(self.make_cart()).merchant_orders[0]
            return lambda: self.market.fire(order.id, "ship", key=f"ship-{order.id}", scope=OPERATOR)

        return {"simulate": simulate, "place": place, "fire": fire}
