"""What a host's type checker sees: mypy in strict mode and basedpyright check this file, nothing runs it."""

from decimal import Decimal
from fractions import Fraction
from typing import assert_type

from mktcore.money import Currency, ExactMoney, Money, Rounding, allocate
from mktcore.totals import (
    Expense,
    Line,
    OrderTotals,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    Totals,
    compute_totals,
)

price = Money.of("19.99", "EUR")
assert_type(price, Money)
assert_type(price.minor, int)
assert_type(price.amount, Decimal)
assert_type(price + price, Money)
assert_type(price - price.exact, ExactMoney)
assert_type(price * 2, Money)
assert_type(2 * price, Money)
assert_type(price * Decimal("0.19"), ExactMoney)
assert_type(Fraction(1, 3) * price, ExactMoney)
assert_type(price / 3, ExactMoney)
assert_type((price / 3).round(Rounding.HALF_UP), Money)
assert_type(price.exact + price, ExactMoney)
assert_type(price < price.exact, bool)
assert_type(price.allocate([1, Decimal("0.5"), Fraction(1, 3)]), tuple[Money, ...])
assert_type(price.allocate([1, 1], caps=[price, None]), tuple[Money, ...])
assert_type(allocate(100, [2, 3, 1]), tuple[int, ...])
assert_type(Money.sum([price, price]), Money)
assert_type(price.currency, Currency)
assert_type(abs(-price), Money)

totals = compute_totals(
    [Line("1", "acme", price, 3, (TaxRate("VAT", Decimal("0.19")),))],
    [Reduction("SUMMER", percent=Decimal("0.1"), lines=["1"])],
    [Expense("shipping", merchant="acme", amount=price)],
    prices_include_tax=True,
    profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP),
)
assert_type(totals, Totals)
assert_type(totals.order, OrderTotals)
assert_type(totals.lines["1"].tax_total, Money)
assert_type(totals.merchants["acme"].taxes["VAT", Decimal("0.19")], Money)
