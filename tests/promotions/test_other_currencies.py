"""What speaks of another currency would silently never apply, or always: it is refused where it is written."""

from decimal import Decimal

import pytest

from carts.shop import add_goods, eur, open_shop, sell, simulate
from mktcore.carts import CartLine
from mktcore.catalog import Sku
from mktcore.delivery import ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.money import CurrencyMismatch
from mktcore.money.amount import Money
from mktcore.offers import Offer
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    Amount,
    AmountOff,
    AnyOf,
    FixedPrice,
    Limits,
    Not,
    PercentOff,
    Promotion,
    ShippingOff,
)
from mktcore.promotions.piece_selection import SetPart, Sets
from mktcore.promotions.promotion import Caps
from mktcore.totals.inputs import Basis
from mktcore.totals.thresholds import Threshold, ThresholdKind

USD = Money.of("10.00", "USD")
TEN = PercentOff(Decimal("0.10"))
NESTED = AllOf((AnyOf((Not(Amount(USD)),)),))
FOREIGN = [
    Promotion("p", AmountOff(USD)),
    Promotion("p", FixedPrice(USD)),
    Promotion("p", ShippingOff(amount=USD)),
    Promotion("p", ShippingOff(price=USD, per_charge=True)),
    Promotion("p", AmountOff(USD, per_piece=True)),
    Promotion("p", FixedPrice(USD), pieces=Sets((SetPart(3),))),
    Promotion("p", TEN, condition=Amount(USD, basis=Basis.REMAINING)),
    Promotion("p", TEN, caps=Caps(order=USD)),
    Promotion("p", TEN, caps=Caps(line=USD)),
    Promotion("p", TEN, caps=Caps(floor=USD)),
    Promotion("p", TEN, limits=Limits(budget=USD)),
    Promotion("p", TEN, condition=Amount(USD)),
    Promotion("p", TEN, condition=Not(Amount(USD))),
    Promotion("p", TEN, condition=NESTED),
]


@pytest.fixture
def market() -> Marketplace:
    market = open_shop()
    add_goods(market, Sku("pen", "Pen"))
    sell(market, "acme-pen", "pen", {1: "90.00"})
    return market


@pytest.mark.parametrize("promotion", FOREIGN, ids=range(len(FOREIGN)))
def test_a_promotion_in_another_currency_is_refused(market: Marketplace, promotion: Promotion) -> None:
    with pytest.raises(CurrencyMismatch, match="USD"):
        market.promotions.save(promotion, scope=market.as_operator())
    assert market.promotions.page(scope=market.as_operator()).items == ()


@pytest.mark.parametrize("promotion", FOREIGN, ids=range(len(FOREIGN)))
def test_one_that_was_stored_before_applies_to_nothing_and_is_found(market: Marketplace, promotion: Promotion) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(PROMOTIONS).add(promotion)
        unit.commit()
    simulation = simulate(market, CartLine("l1", "pen"))
    assert (simulation.totals.order.discount_total, len(simulation.promotions.applied)) == (eur("0.00"), 0)
    assert "promotions.foreign-currency" in [one.code for one in market.promotions.lint(scope=market.as_operator())]


def test_prices_and_fees_in_another_currency_are_refused(market: Marketplace) -> None:
    with pytest.raises(CurrencyMismatch, match="USD"):
        market.prices.save_schedule(
            PriceSchedule("usd", "acme", [PriceBreak(1, USD)]), scope=market.as_merchant("acme")
        )
    with pytest.raises(CurrencyMismatch, match="USD"):
        market.shipping_fees.save(ShippingFee("acme", USD), scope=market.as_operator())


def test_a_threshold_is_of_one_currency() -> None:
    with pytest.raises(CurrencyMismatch, match="USD"):
        Threshold("small", ThresholdKind.SOFT_MINIMUM, eur("10.00"), fee=USD)


@pytest.mark.parametrize("field", ["list_price", "least_price"])
def test_what_an_offer_says_of_a_piece_is_in_the_markets_currency(market: Marketplace, field: str) -> None:
    with pytest.raises(CurrencyMismatch, match="USD"):
        market.offers.save(
            Offer("o", "acme", "pen", schedule="acme-pen", **{field: USD}),  # type: ignore[arg-type]  # of several types
            scope=market.as_merchant("acme"),
        )
