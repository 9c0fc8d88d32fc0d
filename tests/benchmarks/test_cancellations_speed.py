"""Previews of cancellations of large orders, in CPU time: pytest tests/benchmarks/test_cancellations_speed.py -s."""

from collections.abc import Iterator
from pathlib import Path
from time import thread_time

import pytest

from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from yardstick import check_cost

LINES, MERCHANTS = 100, 10
FILES = {
    "merchants.csv": "merchant,name\n" + "".join(f"m{n},Merchant {n}\n" for n in range(MERCHANTS)),
    "skus.csv": "sku,name,tax_category\n" + "".join(f"s{n},Article {n},full\n" for n in range(LINES)),
    "tax_rates.csv": "tax_category,name,rate\nfull,VAT,0.19\n",
    "offers.csv": "offer,merchant,sku,price,stock\n"
    + "".join(f"o{n},m{n % MERCHANTS},s{n},{n + 1}.99,9\n" for n in range(LINES)),
    "commission_rules.csv": "rule,group,rate\nsale,sale,0.10\n",
}
EACH = {f"l{n}": 1 for n in range(LINES)}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    folder: Path = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Marketplace.in_memory(currency="EUR") as opened:
        opened.load(folder)
        cart = Cart.of("order-1", buyer="b1", lines=[CartLine(f"l{n}", f"s{n}", 3) for n in range(LINES)])
        opened.place(cart, key="k", scope=Scope.operator())
        yield opened


@pytest.mark.parametrize("scope", [Scope.operator(), Scope.buyer("b1")], ids=["operator", "buyer"])
def test_a_cancellation_of_a_hundred_lines_is_previewed_within_a_few_milliseconds(
    market: Marketplace, scope: Scope
) -> None:
    [order] = [one.id for one in market.orders.marketplace_orders.page(scope=Scope.operator()).items]

    def preview() -> object:
        return market.orders.preview_cancel(order, EACH, scope=scope)

    best = float("inf")
    for _ in range(10):
        start = thread_time()
        preview()
        best = min(best, thread_time() - start)
    print(f"\n{LINES} lines of {MERCHANTS} merchants, {scope.party}: {best * 1000:.1f} ms")  # noqa: T201 - what it is for
    check_cost(preview, yards=0.75)
