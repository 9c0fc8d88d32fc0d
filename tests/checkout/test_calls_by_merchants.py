"""Calls of the store are as many for one line of one merchant as for thirty lines of ten."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from counting_store import CountingStore
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order

MERCHANTS, SKUS = 10, 30
FILES = {
    "merchants.csv": "merchant,name\n" + "".join(f"m{n},Merchant {n}\n" for n in range(MERCHANTS)),
    "tax_rates.csv": "tax_category,name,rate\nstandard,VAT,0.19\n",
    "skus.csv": "sku,name,tax_category\n" + "".join(f"s{n},Thing {n},standard\n" for n in range(SKUS)),
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"o{n},m{n % MERCHANTS},s{n},{10 + n}.00,99\n" for n in range(SKUS)),
    "shipping_fees.csv": "merchant,fee,tax_category\n" + "".join(f"m{n},4.90,standard\n" for n in range(MERCHANTS)),
    "commission_rules.csv": "rule,group,priority,rate\nsale,sale,0,0.12\n",
}
Use = Callable[[Marketplace, Order], object]


def ship(market: Marketplace, order: Order) -> None:
    """Ship what one merchant sells, whatever else is in the order."""
    market.shipments.ship(order.merchant_orders[0].id, key="ship", scope=market.as_operator())


def fire(market: Marketplace, order: Order) -> None:
    market.fire(order.merchant_orders[0].id, "ship", key="fire", scope=market.as_operator())


def cancel(market: Marketplace, order: Order) -> None:
    """Cancel the whole order: every merchant's part moves with it."""
    market.orders.cancel(order.id, key="cancel", scope=market.as_operator())


AFTER: dict[str, Use] = {"ship": ship, "fire": fire, "cancel": cancel}


def count_calls(use: str, folder: Path, *, lines: int, merchants: int) -> Counter[str]:
    store = CountingStore()
    market = Marketplace(store, "EUR")
    market.load(folder)
    owner, picked = market.as_operator(), [n % merchants + n // merchants * MERCHANTS for n in range(lines)]
    cart = Cart.of("c1", buyer="ann", lines=[CartLine(f"l{n}", f"s{n}", 1, offer=f"o{n}") for n in picked])
    store.calls.clear()
    if use == "simulate":
        market.simulate(cart, scope=owner)
        return store.calls
    order = market.place(cart, key="k1", scope=owner)
    if use in AFTER:
        store.calls.clear()
        AFTER[use](market, order)
    return store.calls


@pytest.fixture(name="folder")
def give_folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("use", ["simulate", "place", *AFTER])
def test_many_merchants_take_no_more_calls_than_one(use: str, folder: Path) -> None:
    one = count_calls(use, folder, lines=1, merchants=1)
    assert count_calls(use, folder, lines=3, merchants=1) == one
    assert count_calls(use, folder, lines=10, merchants=10) == one
    assert count_calls(use, folder, lines=30, merchants=10) == one
