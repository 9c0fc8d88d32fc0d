"""What totals refuse: all of it at once, each with its place and the remedy."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.money import Money, Rounding
from mktcore.notice import Notice
from mktcore.totals import (
    Expense,
    InvalidTotals,
    Line,
    Option,
    PinnedTax,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    compute_totals,
)
from mktcore.totals.inputs import ALL, Basis

FLOAT: Any = 0.1
PROFILE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)
VAT = TaxRate("VAT", Decimal("0.19"))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


LINE = Line("1", "acme", eur("10.00"), 2, (VAT,))


def altered(**fields: Any) -> Line:
    """The line with some fields changed, whatever the types say."""
    return attrs.evolve(LINE, **fields)


def refuse(
    lines: Iterable[Line] = (LINE,),
    reductions: Iterable[Reduction] = (),
    expenses: Iterable[Expense] = (),
    profile: RoundingProfile = PROFILE,
) -> list[Notice]:
    with pytest.raises(InvalidTotals) as caught:
        compute_totals(lines, reductions, expenses, prices_include_tax=True, profile=profile, currency="EUR")
    return list(caught.value.problems)


def found(problems: Iterable[Notice]) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in problems]


def test_all_problems_at_once_in_the_order_of_the_input() -> None:
    problems = refuse(
        lines=[
            Line("1", "acme", Money.of("5.00", "USD"), -1),
            Line("2", "acme", eur("1.00"), 1, (TaxRate("VAT", Decimal(19)),)),
            Line("2", "acme", eur("1.00")),
        ],
        reductions=[Reduction("X", amount=eur("1.00"), lines=("9",))],
        expenses=[Expense("shipping", "acme", Money.of("1.00", "CHF"))],
    )
    assert found(problems) == [
        ("totals.currency-mismatch", "lines[0].unit_price"),
        ("totals.negative-quantity", "lines[0].quantity"),
        ("totals.rate-above-one", "lines[1].tax_rates[0].rate"),
        ("totals.duplicate-key", "lines[2].key"),
        ("totals.unknown-line", "reductions[0].lines"),
        ("totals.currency-mismatch", "expenses[0].amount"),
    ]
    assert "19 % is Decimal('0.19')" in str(problems[2])
    assert "expected EUR, not USD" in str(problems[0])


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        (altered(key=""), "totals.invalid-key", "lines[0].key"),
        (altered(key=7), "totals.invalid-key", "lines[0].key"),
        (altered(merchant=None), "totals.invalid-key", "lines[0].merchant"),
        (altered(unit_price=10), "totals.not-money", "lines[0].unit_price"),
        (altered(unit_price=eur("-1.00")), "totals.negative-price", "lines[0].unit_price"),
        (altered(quantity=-1), "totals.negative-quantity", "lines[0].quantity"),
        (altered(quantity=True), "totals.not-a-count", "lines[0].quantity"),
        (altered(quantity=1.5), "totals.not-a-count", "lines[0].quantity"),
        (altered(quantity=10**19), "totals.not-a-count", "lines[0].quantity"),
        (altered(per=0), "totals.not-a-count", "lines[0].per"),
        (altered(unit_multiplier=0.35), "money.invalid-number", "lines[0].unit_multiplier"),
        (altered(unit_multiplier=Decimal(0)), "totals.not-positive", "lines[0].unit_multiplier"),
        (altered(unit_multiplier=Decimal("1E+3000000")), "money.invalid-number", "lines[0].unit_multiplier"),
        (altered(options=(Option("o"),)), "totals.amount-or-percent", "lines[0].options[0]"),
        (
            altered(options=(Option("o", mark_up=Money.of("1", "USD")),)),
            "totals.currency-mismatch",
            "lines[0].options[0].mark_up",
        ),
        (
            altered(options=(Option("o", mark_up=eur("-10.01")),)),
            "totals.negative-price",
            "lines[0].unit_price",
        ),
        (
            altered(options=(Option("o", percent=Decimal("NaN")),)),
            "money.invalid-number",
            "lines[0].options[0].percent",
        ),
        (
            altered(tax_rates=(TaxRate("VAT", Decimal("-0.1")),)),
            "totals.negative-rate",
            "lines[0].tax_rates[0].rate",
        ),
        (altered(tax_rates=(attrs.evolve(VAT, rate=FLOAT),)), "money.invalid-number", "lines[0].tax_rates[0].rate"),
        (altered(tax_rates=(VAT, VAT)), "totals.duplicate-tax", "lines[0].tax_rates[1]"),
        (
            attrs.evolve(
                LINE,
                tax_rates=(
                    TaxRate.reverse_charge("VAT", Decimal("0.19")),
                    TaxRate.reverse_charge("GST", Decimal("0.05")),
                ),
            ),
            "totals.reverse-charges",
            "lines[0].tax_rates",
        ),
        (
            altered(pinned_taxes=(PinnedTax("VAT", Decimal("0.07"), eur("1.00")),)),
            "totals.unknown-tax",
            "lines[0].pinned_taxes[0]",
        ),
        (
            altered(pinned_taxes=(PinnedTax("VAT", Decimal("0.19"), eur("-1.00")),)),
            "totals.negative-amount",
            "lines[0].pinned_taxes[0].amount",
        ),
        (
            altered(pinned_taxes=(PinnedTax("VAT", Decimal("0.19"), eur("20.01")),)),
            "totals.pinned-tax-above-base",
            "lines.1",
        ),
    ],
)
def test_a_faulty_line(line: Line, code: str, where: str) -> None:
    assert found(refuse([line])) == [(code, where)]


@pytest.mark.parametrize(
    ("reduction", "code", "where"),
    [
        (Reduction("X"), "totals.amount-or-percent", "reductions[0]"),
        (Reduction("X", amount=eur("1"), percent=Decimal("0.1")), "totals.amount-or-percent", "reductions[0]"),
        (Reduction("X", amount=eur("-1")), "totals.negative-amount", "reductions[0].amount"),
        (Reduction("X", amount=Money.of("1", "USD")), "totals.currency-mismatch", "reductions[0].amount"),
        (Reduction("X", percent=Decimal(10)), "totals.not-a-fraction", "reductions[0].percent"),
        (attrs.evolve(Reduction("X"), percent=FLOAT), "money.invalid-number", "reductions[0].percent"),
        (Reduction("X", amount=eur("1"), cap=eur("-1")), "totals.negative-amount", "reductions[0].cap"),
        (Reduction("X", amount=eur("1"), merchant_share=2), "totals.not-a-fraction", "reductions[0].merchant_share"),
        (Reduction("X", amount=eur("1"), merchant="cosy"), "totals.unknown-merchant", "reductions[0].merchant"),
        (Reduction("X", amount=eur("1"), expenses=("post",)), "totals.unknown-expense", "reductions[0].expenses"),
        (Reduction("X", amount=eur("1"), lines="1"), "totals.not-keys", "reductions[0].lines"),
        (
            Reduction("X", amount=eur("1"), merchant="bolt", lines=("1",)),
            "totals.foreign-target",
            "reductions[0].lines",
        ),
        (Reduction("X", amount=eur("25.01"), lines=ALL), "totals.reduction-above-base", "reductions[0]"),
        (Reduction("", amount=eur("1")), "totals.invalid-key", "reductions[0].key"),
    ],
)
def test_a_faulty_reduction(reduction: Reduction, code: str, where: str) -> None:
    lines = [LINE, Line("2", "bolt", eur("5.00"))]
    assert found(refuse(lines, [reduction])) == [(code, where)]


def test_a_reduction_above_its_base_is_clamped_only_when_it_says_so() -> None:
    voucher = Reduction("X", amount=eur("25.00"))
    (problem,) = refuse(reductions=[voucher])
    assert problem.operands["available_minor"] == 2000
    assert "cap_at_base=True" in str(problem)
    clamped = attrs.evolve(voucher, cap_at_base=True)
    totals = compute_totals([LINE], [clamped], prices_include_tax=True, profile=PROFILE)
    assert totals.order.grand_total == eur("0.00")
    assert totals.order.discount_total == eur("20.00")


def test_two_percentages_of_the_original_can_be_above_the_base() -> None:
    twice = [Reduction(key, percent=Decimal("0.6"), basis=Basis.ORIGINAL) for key in ("A", "B")]
    assert found(refuse(reductions=twice)) == [("totals.reduction-above-base", "reductions[1]")]
    clamped = [twice[0], attrs.evolve(twice[1], cap_at_base=True)]
    totals = compute_totals([LINE], clamped, prices_include_tax=True, profile=PROFILE)
    assert [str(amount) for amount in totals.order.reductions.values()] == ["12.00 EUR", "8.00 EUR"]


@pytest.mark.parametrize(
    ("expense", "code", "where"),
    [
        (Expense("", "acme", eur("1.00")), "totals.invalid-key", "expenses[0].key"),
        (Expense("fee", "", eur("1.00")), "totals.invalid-key", "expenses[0].merchant"),
        (Expense("fee", "acme", eur("-1.00")), "totals.negative-amount", "expenses[0].amount"),
        (Expense("fee", "acme", eur("1.00"), (VAT, VAT)), "totals.duplicate-tax", "expenses[0].tax_rates[1]"),
    ],
)
def test_a_faulty_expense(expense: Expense, code: str, where: str) -> None:
    assert found(refuse(expenses=[expense])) == [(code, where)]


def test_the_key_of_the_cash_rounding_is_taken() -> None:
    profile = attrs.evolve(PROFILE, cash_increment=Decimal("0.05"))
    expense = Expense("cash-rounding", None, eur("1.00"))
    assert found(refuse(expenses=[expense], profile=profile)) == [("totals.reserved-key", "expenses[0].key")]


@pytest.mark.parametrize(("increment", "code"), [("0.001", "money.invalid-amount"), ("0", "totals.invalid-increment")])
def test_a_coin_that_does_not_exist(increment: str, code: str) -> None:
    profile = attrs.evolve(PROFILE, cash_increment=Decimal(increment))
    assert found(refuse(profile=profile)) == [(code, "profile.cash_increment")]


@pytest.mark.parametrize("field", ["at", "mode", "prices_at", "cash_mode", "allocation", "reduction_mode"])
def test_a_profile_of_texts(field: str) -> None:
    fields: Any = {field: "line"}
    assert ("totals.invalid-profile", f"profile.{field}") in found(refuse(profile=attrs.evolve(PROFILE, **fields)))


def test_a_tax_that_is_pinned_twice() -> None:
    pin = PinnedTax("VAT", Decimal("0.19"), eur("1.00"))
    assert found(refuse([altered(pinned_taxes=(pin, pin))])) == [("totals.duplicate-tax", "lines[0].pinned_taxes[1]")]


def test_a_merchant_that_is_the_key_of_a_line() -> None:
    reduction = Reduction("X", percent=Decimal("0.1"), merchant="1")
    assert found(refuse(reductions=[reduction])) == [("totals.unknown-merchant", "reductions[0].merchant")]


def test_an_order_of_impractical_size() -> None:
    lines = [Line(str(n), "acme", Money.from_minor(10**35, "EUR"), 10**18) for n in range(2)]
    assert found(refuse(lines)) == [("totals.too-large", "")]


def test_a_key_that_is_no_text_beside_a_reduction_that_names_another() -> None:
    bad = altered(key=["1"])
    problems = refuse([bad], [Reduction("X", amount=eur("1"), lines=("1",))])
    assert found(problems) == [("totals.invalid-key", "lines[0].key"), ("totals.unknown-line", "reductions[0].lines")]


@pytest.mark.parametrize(("merchant", "key"), [("acme", "b"), ("bolt", "a")])
def test_a_reduction_of_a_merchant_takes_no_line_of_another(merchant: str, key: str) -> None:
    lines = [Line("a", "acme", eur("10.00")), Line("b", "bolt", eur("10.00"))]
    foreign = Reduction("X", amount=eur("1"), merchant=merchant, lines=(key,))
    with pytest.raises(InvalidTotals) as refused:
        compute_totals(lines, [foreign], prices_include_tax=True, profile=PROFILE, currency="EUR")
    assert [(one.code, one.operands["key"]) for one in refused.value.problems] == [("totals.foreign-target", key)]


def test_only_the_faulty_line_of_two_is_told() -> None:
    good = [altered(key=str(quantity), quantity=quantity) for quantity in (0, 2, 10**18)]
    assert found(refuse([altered(unit_price=eur("-1.00")), *good])) == [
        ("totals.negative-price", "lines[0].unit_price")
    ]


@pytest.mark.parametrize("share", [-1, 2])
def test_a_merchant_bears_no_less_than_nothing_and_no_more_than_all_of_one_line(share: int) -> None:
    reduction = Reduction("X", amount=eur("1"), lines=("1",), merchant_share=share)
    assert found(refuse(reductions=[reduction])) == [("totals.not-a-fraction", "reductions[0].merchant_share")]
