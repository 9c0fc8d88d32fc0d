"""A rule that can match nothing is a finding of its lint, and what matches something is none."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from carts.shop import add_goods, eur, open_shop, sell
from markets import NOON
from mktcore.access import PermissionDenied
from mktcore.catalog import Category, Product, Sku
from mktcore.delivery import SHIPPING_FEES, ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.notice import Notice, Severity
from mktcore.periods import Period
from mktcore.pricing import ASSIGNMENTS, Assignment
from mktcore.promotions import AllOf, Amount, AnyOf, BuyXGetY, Limits, LineFilter, PercentOff, Promotion, WithCode
from mktcore.promotions.conditions import InChannel, Quantity
from mktcore.taxes import TaxRule

TEN = PercentOff(Decimal("0.10"))


@pytest.fixture
def market() -> Marketplace:
    market = open_shop(taxes=[("std", "0.19")])
    for category in (Category("office", "Office"), Category("chairs", "Chairs", parent="office")):
        market.catalog.save_category(category, scope=market.as_operator())
    add_goods(
        market,
        Product("chair", "Chair", tax_category="std", category="chairs", brand="Orlik", attributes={"legs": "4"}),
        Sku("swivel", "Swivel", product="chair"),
        Sku("stool", "Stool", product="chair", brand="Solara"),
    )
    sell(market, "acme-swivel", "swivel", {1: "90.00"})
    sell(market, "bolt-stool", "stool", {1: "30.00"})
    return market


def lint_one(market: Marketplace, effect: Any = TEN, **fields: Any) -> list[str]:
    market.promotions.save(Promotion("p", effect, **fields), scope=market.as_operator())
    return [one.code for one in market.promotions.lint(scope=market.as_operator())]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"targets": LineFilter(categories=("office",), brands=("Orlik",))},
        {"targets": LineFilter(attributes={"legs": ("3", "4")}, merchants=("bolt",))},
        {"targets": LineFilter(skus=("stool",)), "owner": "bolt"},
        {"condition": AllOf((Amount(eur("1.00"), of=LineFilter(brands=("Solara",))), WithCode(("X",))))},
        {"effect": BuyXGetY(1, of=LineFilter(skus=("stool",)))},
        {"targets": LineFilter(skus=("gone",)), "valid": Period(None, NOON - timedelta(days=1))},
    ],
)
def test_what_can_match_is_no_finding(market: Marketplace, fields: dict[str, Any]) -> None:
    assert lint_one(market, **fields) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"targets": LineFilter(skus=("gone",))},
        {"targets": LineFilter(categories=("offices",))},
        {"targets": LineFilter(brands=("Orlic",))},
        {"targets": LineFilter(merchants=("nobody",))},
        {"targets": LineFilter(attributes={"legs": ("5",)})},
        {"targets": LineFilter(brands=("Orlik",), merchants=("bolt",))},
        {"targets": LineFilter(categories=("office",), excluding=LineFilter(categories=("chairs",)))},
        {"targets": LineFilter(skus=("swivel",)), "owner": "bolt"},
        {"condition": Amount(eur("1.00"), of=LineFilter(brands=("Orlic",)))},
        {"condition": AnyOf((Quantity(of=LineFilter(skus=("gone",))), WithCode(("X",))))},
        {"effect": BuyXGetY(1, of=LineFilter(skus=("gone",)))},
    ],
)
def test_a_promotion_for_goods_that_nobody_sells_is_found(market: Marketplace, fields: dict[str, Any]) -> None:
    assert lint_one(market, **fields) == ["promotions.matches-nothing"]


@pytest.mark.parametrize(
    "fields",
    [
        {"condition": AnyOf(())},
        {"condition": InChannel(())},
        {"condition": WithCode(())},
        {"limits": Limits(uses=0)},
        {"limits": Limits(per_buyer=0)},
    ],
)
def test_a_promotion_that_can_never_hold_is_found(market: Marketplace, fields: dict[str, Any]) -> None:
    assert lint_one(market, **fields) == ["promotions.never-holds"]


def test_a_merchant_is_told_of_its_own_promotions(market: Marketplace) -> None:
    gone = LineFilter(skus=("gone",))
    for name, owner in (("a", "acme"), ("b", "bolt"), ("o", None)):
        market.promotions.save(Promotion(name, TEN, owner=owner, targets=gone), scope=market.as_operator())
    told = market.promotions.lint(scope=market.as_merchant("acme"))
    assert [(one.where, one.operands["merchant"]) for one in told] == [("promotion a", "acme")]
    assert len(market.promotions.lint(scope=market.as_operator())) == 3


def test_tax_rules_that_tax_nothing_and_goods_that_nothing_taxes(market: Marketplace) -> None:
    operator = market.as_operator()
    assert market.taxes.lint(scope=operator) == ()
    market.taxes.save(TaxRule.of("reduced", "VAT", Decimal("0.07")), scope=operator)
    add_goods(market, Sku("odd", "Odd", tax_category="standrad"))
    market.shipping_fees.save(ShippingFee("acme", eur("4.90"), tax_category="freight"), scope=operator)
    found = market.taxes.lint(scope=operator)
    assert [(one.code, one.where) for one in found] == [
        ("taxes.matches-nothing", "tax rule reduced:VAT"),
        ("taxes.untaxed", "shipping fee acme"),
        ("taxes.untaxed", "SKU odd"),
    ]
    assert {one.severity for one in found} == {Severity.WARNING}


def test_shipping_fees_that_nobody_is_charged(market: Marketplace) -> None:
    operator = market.as_operator()
    market.shipping_fees.save(ShippingFee("acme", eur("4.90"), eur("50.00")), scope=operator)
    assert market.shipping_fees.lint(scope=operator) == ()
    fees = [ShippingFee("gone", eur("4.90")), ShippingFee("bolt", eur("4.90"), eur("0.00"))]
    with market.store.begin(operator) as unit:
        unit.repository(SHIPPING_FEES).add_many(fees)
        unit.commit()
    assert [(one.code, one.where) for one in market.shipping_fees.lint(scope=operator)] == [
        ("delivery.matches-nothing", "shipping fee gone"),
        ("delivery.never-charged", "shipping fee bolt"),
    ]


def test_assignments_that_price_nothing(market: Marketplace) -> None:
    def lint() -> list[Notice]:
        found = market.prices.lint(scope=market.as_operator())
        return [one for one in found if one.code == "prices.lost-assignment"]

    assigned = [
        Assignment("good", "swivel", "acme-swivel", merchant="acme", group="vip"),
        Assignment("bound", "swivel", "acme-swivel", merchant="acme", offer="acme-swivel"),
        Assignment("gone", "swivels", "acme-swivel", merchant="acme"),
        Assignment("others", "stool", "acme-swivel", merchant="acme"),
        Assignment("offerless", "swivel", "acme-swivel", merchant="acme", offer="acme-chair"),
        Assignment("nobodys", "swivels", "acme-swivel"),
    ]
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(ASSIGNMENTS).add_many(assigned)
        unit.commit()
    assert [one.where for one in lint()] == [
        "assignment gone",
        "assignment nobodys",
        "assignment offerless",
        "assignment others",
    ]
    own = market.prices.lint(scope=market.as_merchant("acme"))
    lost = [one.where for one in own if one.code == "prices.lost-assignment"]
    assert lost == ["assignment gone", "assignment offerless", "assignment others"]


def test_taxes_and_fees_are_the_operators(market: Marketplace) -> None:
    for scope in (market.as_merchant("acme"), market.as_buyer("ann")):
        for ask in (market.taxes.lint, market.shipping_fees.lint, market.taxes.page, market.shipping_fees.page):
            with pytest.raises(PermissionDenied):
                ask(scope=scope)
        with pytest.raises(PermissionDenied):
            market.taxes.save(TaxRule.of("std", "X", Decimal("0.10")), scope=scope)
        with pytest.raises(PermissionDenied):
            market.shipping_fees.save(ShippingFee("acme", eur("0.00")), scope=scope)
    rule = market.taxes.save(TaxRule.of("std", "X", Decimal("0.10")), scope=market.as_operator())
    market.taxes.remove(rule, scope=market.as_operator())
    assert [one.id for one in market.taxes.page(scope=market.as_operator()).items] == ["std:VAT"]
    fee = market.shipping_fees.save(ShippingFee("acme", eur("1.00")), scope=market.as_operator())
    market.shipping_fees.remove(fee, scope=market.as_operator())
    assert market.shipping_fees.page(scope=market.as_operator()).items == ()
