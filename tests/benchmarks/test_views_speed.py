"""Views of large orders, in CPU time: python -m pytest tests/benchmarks/test_views_speed.py -q -s."""

from collections.abc import Iterator
from pathlib import Path
from time import thread_time

import pytest

from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.persistence import Scope
from mktcore.views import schemas, view
from yardstick import check_cost

LINES = 100
FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\n" + "".join(f"s{n},Article {n},full\n" for n in range(LINES)),
    "tax_rates.csv": "tax_category,name,rate\nfull,VAT,0.19\n",
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"o{n},{('acme', 'bolt')[n % 2]},s{n},{n + 1}.99,9\n" for n in range(LINES)),
    "commission_rules.csv": "rule,group,rate\nsale,sale,0.10\n",
}


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Order]:
    folder: Path = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Marketplace.in_memory(currency="EUR") as market:
        market.load(folder)
        cart = Cart.of("c1", buyer="b1", lines=[CartLine(f"l{n}", f"s{n}") for n in range(LINES)])
        yield market.place(cart, key="k", scope=Scope.operator())


@pytest.mark.parametrize("scope", [Scope.operator(), Scope.buyer("b1")], ids=["operator", "buyer"])
def test_an_order_of_a_hundred_lines_is_shown_within_a_few_milliseconds(order: Order, scope: Scope) -> None:
    best = float("inf")
    for _ in range(20):
        start = thread_time()
        view(order, scope)
        best = min(best, thread_time() - start)
    print(f"\n{LINES} lines, {scope}: {best * 1000:.1f} ms")  # noqa: T201 - what it is for
    check_cost(lambda: view(order, scope), yards=1)


def test_all_schemas_are_made_within_a_blink() -> None:
    check_cost(schemas, yards=2)
