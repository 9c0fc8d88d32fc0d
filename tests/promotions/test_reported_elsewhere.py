"""What users of other marketplace software reported of their promotions, on a market of this one."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from markets import open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.promotions import Amount, AmountOff, Limits, LineFilter, PercentOff, Promotion, WithCode
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.testing.fakes import ManualClock
from mktcore.totals import OrderTotals
from mktcore.totals.inputs import Basis

MUGS = {
    "merchants.csv": "merchant,name\nacme,Acme\n",
    "tax_rates.csv": "tax_category,name,rate\nstd,VAT,0.22\n",
    "skus.csv": "sku,name,tax_category\nmug,Mug,std\ncup,Cup,std\njar,Jar,std\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,sale_price,least_price\n"
        "a-mug,acme,mug,60.00,99,,\na-cup,acme,cup,20.00,99,15.00,\na-jar,acme,jar,10.00,99,,9.00\n"
    ),
    "shipping_fees.csv": "merchant,fee,free_from,tax_category,free_from_what_is_left\nacme,4.90,50.00,std,yes\n",
}


@pytest.fixture
def mugs(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, clock, MUGS) as market:
        yield market


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def sell(market: Marketplace, sku: str, quantity: int, *promotions: Promotion, code: str = "") -> OrderTotals:
    for promotion in promotions:
        market.promotions.save(promotion, scope=market.as_operator())
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", sku, quantity)], codes=(code,) if code else ())
    return market.simulate(cart, scope=market.as_buyer("ann")).totals.order


def test_an_amount_off_each_article(mugs: Marketplace) -> None:
    found = sell(mugs, "mug", 3, Promotion("p", AmountOff(eur("5.00"), per_piece=True)))
    assert str(found.discount_total) == "15.00 EUR"


def test_percentages_that_add_up(mugs: Marketplace) -> None:
    both = [
        Promotion(name, PercentOff(Decimal(text), basis=Basis.ORIGINAL))
        for name, text in (("p", "0.10"), ("q", "0.05"))
    ]
    assert str(sell(mugs, "cup", 3, *both).discount_total) == "6.75 EUR"


def test_a_minimum_after_other_reductions_for_a_promotion_and_for_free_shipping(mugs: Marketplace) -> None:
    half = Promotion("half", PercentOff(Decimal("0.5")), priority=5)
    five = Promotion("five", AmountOff(eur("5.00")), condition=Amount(eur("50.00"), basis=Basis.REMAINING))
    alone = sell(mugs, "mug", 1, five)
    assert (str(alone.discount_total), str(alone.expense_total)) == ("5.00 EUR", "0.00 EUR")
    found = sell(mugs, "mug", 1, half)
    assert (str(found.discount_total), str(found.expense_total)) == ("30.00 EUR", "4.90 EUR")


def test_one_voucher_for_goods_and_shipping(mugs: Marketplace) -> None:
    voucher = Promotion(
        "v",
        AmountOff(eur("50.00")),
        charges=ChargeFilter(),
        condition=WithCode(("V50",)),
        limits=Limits(uses=1),
    )
    jar = sell(mugs, "cup", 1, voucher, code="v50")
    assert (str(jar.expense_total), str(jar.grand_total), str(jar.tax_total)) == ("4.90 EUR", "0.00 EUR", "0.00 EUR")


def test_shipping_is_free_by_what_promotions_take_off_the_goods_alone(mugs: Marketplace) -> None:
    # With shipping 12.00 would be spread over 60.00 and 4.90, and leave the goods above 50.00 at last.
    voucher = Promotion("v", AmountOff(eur("10.50")), charges=ChargeFilter())
    assert str(sell(mugs, "mug", 1, voucher).expense_total) == "4.90 EUR"


def test_articles_on_sale_are_left_out(mugs: Marketplace) -> None:
    fifth = Promotion("p", PercentOff(Decimal("0.2")), targets=LineFilter(on_sale=False))
    assert str(sell(mugs, "cup", 1, fifth).discount_total) == "0.00 EUR"
    assert str(sell(mugs, "mug", 1).discount_total) == "12.00 EUR"


def test_no_promotion_goes_below_an_offers_least_price(mugs: Marketplace) -> None:
    assert str(sell(mugs, "jar", 2, Promotion("p", PercentOff(Decimal("0.5")))).discount_total) == "2.00 EUR"
    for scope, told in ((mugs.as_merchant("acme"), True), (mugs.as_operator(), True), (mugs.as_buyer("ann"), False)):
        assert (mugs.offers.get("a-jar", scope=scope).least_price is not None) == told
