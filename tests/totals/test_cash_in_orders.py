"""What rounding to coins makes is a figure of the marketplace's own: the order is the sum of its parts."""

from decimal import Decimal

import pytest

from carts.shop import add_goods, eur, open_shop, sell
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.money import Rounding
from mktcore.totals import RoundAt, RoundingProfile

PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP, cash_increment=Decimal("0.05"))


@pytest.mark.parametrize(
    ("prices", "due", "own"),
    [(("1.02", "2.01"), "3.05", ["0.02"]), (("1.02", "2.05"), "3.05", ["-0.02"]), (("1.00", "2.05"), "3.05", [])],
)
def test_the_difference_is_an_expense_of_the_marketplace(prices: tuple[str, str], due: str, own: list[str]) -> None:
    market = open_shop(profile=PROFILE)
    add_goods(market, Sku("pen", "Pen"), Sku("cup", "Cup"))
    sell(market, "acme-pen", "pen", {1: prices[0]})
    sell(market, "bolt-cup", "cup", {1: prices[1]})
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "pen"), CartLine("l2", "cup")])
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    assert order.totals.grand_total == eur(due)
    kept = order.marketplace_order.expenses
    assert [str(entry.totals.grand_total.amount) for entry in kept] == own
    assert [(entry.expense.key, entry.expense.merchant) for entry in kept] == [("cash-rounding", None)] * len(own)
    assert [str(part.totals.grand_total.amount) for part in order.merchant_orders] == list(prices)
    assert market.verify() == ()
