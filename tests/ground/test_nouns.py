"""Values refuse what breaks their invariants."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mktcore.delivery import ShippingFee
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money
from mktcore.payments import Payment
from mktcore.taxes import TaxBook, TaxedSale, TaxRule


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(("subtotal", "charge"), [("0.00", "4.90"), ("49.99", "4.90"), ("50.00", "0.00")])
def test_shipping_is_free_from_a_subtotal_on(subtotal: str, charge: str) -> None:
    assert ShippingFee("acme", eur("4.90"), eur("50.00")).charge(eur(subtotal)) == eur(charge)
    assert ShippingFee("acme", eur("4.90")).charge(eur(subtotal)) == eur("4.90")


def test_a_fee_is_an_amount_of_one_currency() -> None:
    assert ShippingFee("acme", eur("4.90")).merchant == "acme"
    with pytest.raises(InvalidValue, match="zero or more"):
        ShippingFee("acme", eur("-0.01"))
    with pytest.raises(CurrencyMismatch):
        ShippingFee("acme", eur("4.90"), Money.of("50", "USD"))


@pytest.mark.parametrize("rate", [Decimal(1), Decimal(-1), Decimal("NaN"), 0.19, 19])
def test_a_tax_rate_is_a_fraction(rate: object) -> None:
    with pytest.raises(InvalidValue, match="a fraction from 0 to below 1"):
        TaxRule("x", "standard", "VAT", rate=rate)  # type: ignore[arg-type]  # what a caller may pass


def test_the_rates_of_a_category_are_in_the_order_of_their_rules() -> None:
    rules = [
        TaxRule("us:state", "us", "state", rate=Decimal("0.06")),
        TaxRule("us:city", "us", "city", rate=Decimal("0.01")),
        TaxRule("de:VAT", "de", "VAT", rate=Decimal("0.19")),
    ]
    book, sale = TaxBook.of(rules), TaxedSale(datetime(2026, 7, 1, tzinfo=UTC))
    rates = {category: [rate.name for rate in book.find_rates(category, sale)] for category in ("de", "us", "fr")}
    assert rates == {"de": ["VAT"], "us": ["city", "state"], "fr": []}


def test_a_payment_is_above_zero() -> None:
    with pytest.raises(InvalidValue, match="above zero"):
        Payment("card", eur("0.00"))
