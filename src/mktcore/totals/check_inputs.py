"""Everything that can be wrong with the inputs of totals, found in one pass and told together."""

from collections.abc import Iterable, Iterator, Sequence

from mktcore.money import Allocation, Currency, Money, MoneyError, Rounding
from mktcore.notice import Notice
from mktcore.totals.field_checks import (
    MAX_COUNT,
    check_count,
    check_fraction,
    check_key,
    check_money,
    check_number,
    check_positive,
    check_rate,
    find_duplicates,
    is_key,
)
from mktcore.totals.inputs import Expense, Line, LineSelection, Option, PinnedTax, Reduction, TaxRate, TaxTreatment
from mktcore.totals.line_amounts import exact_line_amount, exact_unit_amount
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["CASH_ROUNDING", "MAX_TAXES", "find_input_problems"]

CASH_ROUNDING = "cash-rounding"
MAX_TAXES = 50
"""On one line or expense."""


def find_input_problems(
    lines: Sequence[Line],
    reductions: Sequence[Reduction],
    expenses: Sequence[Expense],
    *,
    profile: RoundingProfile,
    currency: Currency,
) -> list[Notice]:
    """Return everything that is wrong, in the order of the input; an empty list when totals can be computed."""
    problems = list(_check_profile(profile, currency))
    for index, line in enumerate(lines):
        if not _is_plain(line, currency):
            problems += _check_line(line, f"lines[{index}]", currency)
    problems += find_duplicates("lines", [line.key for line in lines])
    problems += _find_reduction_problems(reductions, lines, expenses, currency=currency)
    for index, expense in enumerate(expenses):
        problems += _check_expense(expense, f"expenses[{index}]", currency, profile=profile)
    problems += find_duplicates("expenses", [expense.key for expense in expenses])
    return problems


def _find_reduction_problems(
    reductions: Sequence[Reduction], lines: Sequence[Line], expenses: Sequence[Expense], *, currency: Currency
) -> list[Notice]:
    if not reductions:
        return []
    problems: list[Notice] = []
    for index, reduction in enumerate(reductions):
        problems += _check_reduction(reduction, f"reductions[{index}]", currency)
    problems += find_duplicates("reductions", [reduction.key for reduction in reductions])
    problems += _find_lost_targets(lines, reductions, expenses)
    return problems


def _check_profile(profile: RoundingProfile, currency: Currency) -> Iterator[Notice]:
    kinds: tuple[tuple[str, object, type], ...] = (
        ("at", profile.at, RoundAt),
        ("mode", profile.mode, Rounding),
        ("prices_at", profile.prices_at or profile.at, RoundAt),
        ("cash_mode", profile.cash_mode or profile.mode, Rounding),
        ("reduction_mode", profile.reduction_mode or profile.mode, Rounding),
        ("allocation", profile.allocation, Allocation),
    )
    for name, value, kind in kinds:
        if not isinstance(value, kind):
            yield Notice("totals.invalid-profile", f"profile.{name}", f"{value!r} is no {kind.__name__}", "choose one")
    if profile.cash_increment is None:
        return
    try:
        increment = Money.of(profile.cash_increment, currency)
    except MoneyError as error:
        yield error.to_notice("profile.cash_increment")
        return
    if not increment.is_positive():
        yield Notice(
            "totals.invalid-increment", "profile.cash_increment", "a coin is worth more than nothing", "give 0.05, say"
        )


def _is_plain(line: Line, currency: Currency) -> bool:
    """Tell whether a line needs no thorough look, its keys apart; most lines beside one with options do not."""
    price = line.unit_price
    return (
        type(price) is Money
        and price.currency is currency
        and price.minor >= 0
        and type(line.quantity) is int
        and 0 <= line.quantity <= MAX_COUNT
        and type(line.per) is type(line.unit_multiplier) is int
        and line.per == line.unit_multiplier == 1
        and not line.options
        and not line.pinned_taxes
        and is_key(line.key)
        and is_key(line.merchant)
        and next(_check_taxes(line.tax_rates, (), "", currency=currency), None) is None
    )


def _check_line(line: Line, where: str, currency: Currency) -> Iterator[Notice]:
    yield from check_key(line.key, f"{where}.key")
    yield from check_key(line.merchant, f"{where}.merchant")
    sound = True
    checks = (
        check_money(line.unit_price, f"{where}.unit_price", currency),
        check_count(line.quantity, f"{where}.quantity", 0),
        check_count(line.per, f"{where}.per", 1),
        check_number(line.unit_multiplier, f"{where}.unit_multiplier"),
        *[_check_option(option, f"{where}.options[{i}]", currency) for i, option in enumerate(line.options)],
    )
    for problem in (problem for check in checks for problem in check):
        sound = False
        yield problem
    # Computed of sound parts only: of others it would fail on what has been told already.
    if sound and (exact_unit_amount(line) < 0 or exact_line_amount(line) < 0):
        yield Notice(
            "totals.negative-price",
            f"{where}.unit_price",
            "the price with its options is below zero",
            "give a reduction or an expense for what lowers the order",
        )
    yield from _check_taxes(line.tax_rates, line.pinned_taxes, where, currency=currency)


def _check_expense(expense: Expense, where: str, currency: Currency, *, profile: RoundingProfile) -> Iterator[Notice]:
    yield from check_key(expense.key, f"{where}.key")
    if expense.key == CASH_ROUNDING and profile.cash_increment is not None:
        yield Notice(
            "totals.reserved-key",
            f"{where}.key",
            f"{CASH_ROUNDING!r} is the key of the cash rounding",
            "choose another",
        )
    if expense.merchant is not None:
        yield from check_key(expense.merchant, f"{where}.merchant")
    yield from check_positive(expense.amount, f"{where}.amount", currency)
    yield from _check_taxes(expense.tax_rates, expense.pinned_taxes, where, currency=currency)


def _check_reduction(reduction: Reduction, where: str, currency: Currency) -> Iterator[Notice]:
    yield from check_key(reduction.key, f"{where}.key")
    if (reduction.amount is None) == (reduction.percent is None):
        yield Notice(
            "totals.amount-or-percent", where, "a reduction has an amount or a percent", "give exactly one of them"
        )
    if reduction.amount is not None:
        yield from check_positive(reduction.amount, f"{where}.amount", currency)
    if reduction.cap is not None:
        yield from check_positive(reduction.cap, f"{where}.cap", currency)
    if reduction.percent is not None:
        yield from check_fraction(reduction.percent, f"{where}.percent")
    yield from check_fraction(reduction.merchant_share, f"{where}.merchant_share")


def _check_option(option: Option, where: str, currency: Currency) -> Iterator[Notice]:
    if (option.mark_up is None) == (option.percent is None):
        yield Notice("totals.amount-or-percent", where, "an option has a mark-up or a percent", "give exactly one")
    if option.mark_up is not None:
        yield from check_money(option.mark_up, f"{where}.mark_up", currency)
    if option.percent is not None:
        yield from check_number(option.percent, f"{where}.percent", positive=False)


def _check_taxes(
    tax_rates: tuple[TaxRate, ...], pinned: tuple[PinnedTax, ...], where: str, *, currency: Currency
) -> Iterator[Notice]:
    """Find fault with the taxes of a line or an expense."""
    if len(tax_rates) > MAX_TAXES or len(pinned) > MAX_TAXES:
        message = f"{max(len(tax_rates), len(pinned))} taxes, more than {MAX_TAXES}"
        yield Notice("totals.too-many-taxes", f"{where}.tax_rates", message, "sum up those of one authority")
        return
    names = [(rate.name, rate.rate) for rate in tax_rates]
    for index, rate in enumerate(tax_rates):
        yield from check_key(rate.name, f"{where}.tax_rates[{index}].name")
        yield from check_rate(rate.rate, f"{where}.tax_rates[{index}].rate")
        if (rate.name, rate.rate) in names[:index]:
            yield Notice(
                "totals.duplicate-tax",
                f"{where}.tax_rates[{index}]",
                f"{rate.name!r} at {rate.rate} stands twice",
                "name them apart, by jurisdiction for example",
            )
    if sum([rate.treatment is TaxTreatment.REVERSE_CHARGE for rate in tax_rates]) > 1:
        yield Notice(
            "totals.reverse-charges", f"{where}.tax_rates", "more than one rate is reverse-charged", "leave at most one"
        )
    for index, tax in enumerate(pinned):
        at = f"{where}.pinned_taxes[{index}]"
        if (tax.name, tax.rate) in [(other.name, other.rate) for other in pinned[:index]]:
            yield Notice(
                "totals.duplicate-tax", at, f"{tax.name!r} at {tax.rate} is pinned twice", "pin one amount per rate"
            )
        yield from check_positive(tax.amount, f"{at}.amount", currency)
        standing = [r for r in tax_rates if (r.name, r.rate) == (tax.name, tax.rate)]
        if not standing or standing[0].treatment is not TaxTreatment.STANDARD:
            yield Notice(
                "totals.unknown-tax",
                at,
                f"no charged tax rate {tax.name!r} at {tax.rate} stands here",
                "add the rate to tax_rates, or leave out the pinned amount",
            )


def _find_lost_targets(
    lines: Sequence[Line], reductions: Sequence[Reduction], expenses: Sequence[Expense]
) -> Iterator[Notice]:
    if all(r.lines is None and r.merchant is None and r.expenses is None for r in reductions):
        return
    line_merchants: dict[str, str | None] = {line.key: line.merchant for line in lines if is_key(line.key)}
    expense_merchants = {expense.key: expense.merchant for expense in expenses if is_key(expense.key)}
    merchants = {m for m in (*line_merchants.values(), *expense_merchants.values()) if is_key(m)}
    for index, reduction in enumerate(reductions):
        where = f"reductions[{index}]"
        if reduction.merchant is not None and reduction.merchant not in merchants:
            yield Notice(
                "totals.unknown-merchant",
                f"{where}.merchant",
                f"nothing here is of merchant {reduction.merchant!r}",
                "leave the reduction out, or name a merchant of a line or expense",
            )
            continue
        yield from _check_targets(reduction.lines, line_merchants, reduction, kind="line", where=f"{where}.lines")
        charged = f"{where}.expenses"
        yield from _check_targets(reduction.expenses, expense_merchants, reduction, kind="expense", where=charged)


def _check_targets(
    keys: Iterable[str] | LineSelection | None,
    merchants: dict[str, str | None],
    reduction: Reduction,
    *,
    kind: str,
    where: str,
) -> Iterator[Notice]:
    if keys is None or isinstance(keys, LineSelection):
        return
    if isinstance(keys, str):
        yield Notice("totals.not-keys", where, f"{keys!r} is a text, not a sequence of keys", f"write ({keys!r},)")
        return
    for key in keys:
        if key not in merchants:
            yield Notice(
                f"totals.unknown-{kind}",
                where,
                f"there is no {kind} {key!r}",
                f"name a {kind} of this order",
                operands={"key": key},
            )
        elif reduction.merchant is not None and merchants[key] != reduction.merchant:
            yield Notice(
                "totals.foreign-target",
                where,
                f"{kind} {key!r} is not of merchant {reduction.merchant!r}",
                operands={"key": key},
            )
