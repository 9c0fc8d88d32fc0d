"""From lines, reductions, expenses and taxes to totals: `compute_totals`."""

from collections.abc import Iterable, Sequence

import attrs

from mktcore.money import Currency, Money, round_ratio
from mktcore.notice import Notice
from mktcore.totals.apply_reductions import ReducedAmounts, reduce_in_order
from mktcore.totals.check_inputs import CASH_ROUNDING, find_input_problems
from mktcore.totals.compute_taxes import (
    TaxableColumns,
    TaxColumn,
    TaxDifference,
    compute_taxes,
    find_shares,
    sum_columns,
)
from mktcore.totals.errors import InvalidTotals
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.inputs import Expense, Line, Reduction, TaxTreatment
from mktcore.totals.line_positions import Layout, arrange
from mktcore.totals.quick_input_check import is_plainly_sound
from mktcore.totals.rounding_profile import RoundingProfile
from mktcore.totals.sheet import Sheet, lay_out_amounts
from mktcore.totals.totals import Totals

__all__ = ["compute_totals"]

# What an amount may have in digits.
MAX_SUM = 10**36
# Looking a member up on its class costs more than the arithmetic on a short order.
_STANDARD, _REVERSE_CHARGE = TaxTreatment.STANDARD, TaxTreatment.REVERSE_CHARGE


def compute_totals(
    lines: Iterable[Line],
    reductions: Iterable[Reduction] = (),
    expenses: Iterable[Expense] = (),
    *,
    prices_include_tax: bool,
    profile: RoundingProfile,
    currency: str | Currency | None = None,
) -> Totals:
    """Compute the totals of an order at every level: line, expense, merchant, marketplace and order.

    >>> from decimal import Decimal
    >>> from mktcore.money import Rounding
    >>> from mktcore.totals.rounding_profile import RoundAt
    >>> from mktcore.totals.inputs import TaxRate
    >>> vat = TaxRate("VAT", Decimal("0.19"))
    >>> totals = compute_totals(
    ...     [
    ...         Line("1", "acme", Money.of("10.00", "EUR"), 3, (vat,)),
    ...         Line("2", "bolt", Money.of("0.99", "EUR"), 7, (vat,)),
    ...     ],
    ...     [Reduction("SUMMER", amount=Money.of("5.00", "EUR"))],
    ...     prices_include_tax=True,
    ...     profile=RoundingProfile(RoundAt.LINE, Rounding.HALF_UP),
    ... )
    >>> print(totals.order.grand_total, totals.lines["2"].discount_total, totals.merchants["acme"].tax_total)
    31.93 EUR 0.94 EUR 4.14 EUR

    Prices first, then the reductions in their order, then the taxes on what is left, then the cash rounding. Whatever
    is rounded for several lines is apportioned down to them, so all sums are exact.

    Args:
        lines: What is bought; see `Line`.
        reductions: What is taken off, one after the other; see `Reduction`.
        expenses: Charges that are no lines; see `Expense`.
        prices_include_tax: Whether lines, reductions and expenses are given with their taxes inside.
        profile: Where and how to round.
        currency: Of the order; needed when there is neither a line nor an expense.

    Raises:
        InvalidTotals: Something is wrong with the input; it lists every problem.
    """
    goods, charges = tuple(lines), tuple(expenses)
    found = _find_currency(goods, charges) if currency is None else Currency.of(currency)
    return compute_from(
        Inputs(
            goods, tuple(reductions), charges, prices_include_tax=prices_include_tax, profile=profile, currency=found
        )
    )


def compute_from(given: Inputs) -> Totals:
    """Compute the totals of inputs that stand together, as `Totals.inputs` keeps them.

    Raises:
        InvalidTotals: Something is wrong with the input; it lists every problem.
    """
    _check(given)
    profile, included = given.profile, given.prices_include_tax
    layout = arrange(given.lines, given.expenses)
    amounts, quantities = lay_out_amounts(given, layout)
    left, taken, problems = reduce_in_order(amounts, quantities, given.reductions, layout=layout, profile=profile)
    if problems:
        InvalidTotals.raise_if(problems)
    taxable = _to_taxable(given, layout, left=left, quantities=quantities)
    if taxable.pinned:
        InvalidTotals.raise_if(_find_pinned_above_base(taxable, layout, given))
    columns = compute_taxes(taxable, profile)
    differences = _compare_pinned(taxable, layout, given) if taxable.pinned else ()
    taxes = sum_columns(columns, _STANDARD, len(left))
    if included and any(column.tax_rate.treatment is _REVERSE_CHARGE for column in columns):
        amounts, left, taken = _strip(amounts, left, taken=taken, columns=columns, taxable=taxable)
    if profile.cash_increment is not None:
        grand = sum(left) if included else sum(left) + sum(taxes)
        cash = _round_cash(grand, profile, given.currency)
        # A coin rounds what is paid, and nothing is delivered for it: no tax.
        amounts, left, taxes = [*amounts, cash], [*left, cash], [*taxes, 0]
        layout = _add_cash(layout)
    sums = _sum_parts(layout, amounts, left=left, taxes=taxes)
    _check_size(sums)
    sheet = Sheet(
        given,
        layout,
        tuple(amounts),
        left=tuple(left),
        taxes=tuple(taxes),
        taken=tuple(taken),
        columns=tuple(columns),
        sums=sums,
    )
    return Totals(sheet, differences)


def _check(given: Inputs) -> None:
    lines, reductions, expenses, profile = given.lines, given.reductions, given.expenses, given.profile
    if not is_plainly_sound(lines, reductions, expenses, profile=profile, currency=given.currency):
        InvalidTotals.raise_if(
            find_input_problems(lines, reductions, expenses, profile=profile, currency=given.currency)
        )


def _find_currency(lines: Sequence[Line], expenses: Sequence[Expense]) -> Currency:
    amount = lines[0].unit_price if lines else expenses[0].amount if expenses else None
    if isinstance(amount, Money):
        return amount.currency
    raise InvalidTotals.of(
        [
            Notice(
                "totals.no-currency",
                "currency",
                "the first amount does not tell a currency",
                "give currency='EUR', say",
            )
        ]
    )


def _to_taxable(given: Inputs, layout: Layout, left: list[int], *, quantities: Sequence[int]) -> TaxableColumns:
    items: tuple[Line | Expense, ...] = (*given.lines, *given.expenses)
    rates = [item.tax_rates for item in items]
    taxes = [item.pinned_taxes for item in items]
    pinned = {}
    if any(taxes):
        places = (*layout.line_positions.values(), *layout.expense_positions.values())
        for position, pinned_taxes in zip(places, taxes, strict=True):
            if pinned_taxes:
                pinned[position] = {(tax.name, tax.rate): tax.amount.minor for tax in pinned_taxes}
    return TaxableColumns(
        left,
        quantities=quantities,
        tax_rates=[rates[i] for i in layout.order],
        bounds=layout.bounds,
        included=given.prices_include_tax,
        pinned=pinned,
    )


def _find_pinned_above_base(taxable: TaxableColumns, layout: Layout, given: Inputs) -> list[Notice]:
    """Return a problem for each place where the pinned taxes are more than what could bear them."""
    problems = []
    for position, pinned in taxable.pinned.items():
        index = layout.order[position]
        nothing = index < len(given.lines) and not given.lines[index].quantity
        if (taxable.included and sum(pinned.values()) > taxable.bases[position]) or (nothing and any(pinned.values())):
            problems.append(
                Notice(
                    "totals.pinned-tax-above-base",
                    _name_place(layout, position, given),
                    "the pinned taxes are more than the amount that should contain them",
                    "pin the tax of the amount after reductions, and none where nothing is bought",
                )
            )
    return problems


def _compare_pinned(taxable: TaxableColumns, layout: Layout, given: Inputs) -> tuple[TaxDifference, ...]:
    differences = []
    for position, pinned in taxable.pinned.items():
        for share in find_shares(taxable.tax_rates[position], taxable.included):
            key = (share.tax_rate.name, share.tax_rate.rate)
            if key not in pinned:
                continue
            computed = round_ratio(taxable.bases[position] * share.numerator, share.denominator, given.profile.mode)
            if computed != pinned[key]:
                amounts = [Money.from_minor(minor, given.currency) for minor in (pinned[key], computed)]
                differences.append(TaxDifference(_name_place(layout, position, given), *key, *amounts))
    return tuple(differences)


def _name_place(layout: Layout, position: int, given: Inputs) -> str:
    index, count = layout.order[position], len(given.lines)
    return f"lines.{given.lines[index].key}" if index < count else f"expenses.{given.expenses[index - count].key}"


def _strip(
    amounts: list[int],
    left: list[int],
    taken: list[ReducedAmounts],
    *,
    columns: list[TaxColumn],
    taxable: TaxableColumns,
) -> tuple[list[int], list[int], list[ReducedAmounts]]:
    """Take the reverse-charged tax out of what is left, out of each reduction's part, and so out of the amount."""
    stripped = sum_columns(columns, _REVERSE_CHARGE, len(left))
    net = [amount - tax for amount, tax in zip(left, stripped, strict=True)]
    discounts = [0] * len(net)
    net_taken: list[ReducedAmounts] = []
    for positions, gross, bears in taken:
        parts = tuple([_strip_part(part, taxable, p) for part, p in zip(gross, positions, strict=True)])
        borne = bears and tuple([_strip_part(part, taxable, p) for part, p in zip(bears, positions, strict=True)])
        for position, part in zip(positions, parts, strict=True):
            discounts[position] += part
        net_taken.append((positions, parts, borne))
    # What is left and each reduction are stripped and rounded; the amount is their sum, so that all still adds up.
    before = [
        amount if not _reverse_share(taxable, position) else left + discount
        for position, (amount, left, discount) in enumerate(zip(amounts, net, discounts, strict=True))
    ]
    return before, net, net_taken


def _strip_part(part: int, taxable: TaxableColumns, position: int) -> int:
    share = _reverse_share(taxable, position)
    return part - part * share[0] // share[1] if share else part


def _reverse_share(taxable: TaxableColumns, position: int) -> tuple[int, int] | None:
    for share in find_shares(taxable.tax_rates[position], taxable.included):
        if share.tax_rate.treatment is _REVERSE_CHARGE:
            return share.numerator, share.denominator
    return None


def _round_cash(grand: int, profile: RoundingProfile, currency: Currency) -> int:
    increment = Money.of(profile.cash_increment or 1, currency).minor
    return round_ratio(grand, increment, profile.cash_mode or profile.mode) * increment - grand


def _add_cash(layout: Layout) -> Layout:
    """Return the layout with the cash rounding as the last of the marketplace's own expenses."""
    start, end = layout.bounds[-1]
    return attrs.evolve(
        layout,
        bounds=(*layout.bounds[:-1], (start, end + 1)),
        order=(*layout.order, end),
        expense_positions={**layout.expense_positions, CASH_ROUNDING: end},
    )


def _sum_parts(
    layout: Layout, amounts: Sequence[int], left: Sequence[int], *, taxes: Sequence[int]
) -> tuple[tuple[int, int, int, int], ...]:
    """Return subtotal, discount, expenses and tax of each part."""
    sums = []
    for part, (start, end) in enumerate(layout.bounds):
        middle = layout.first_expenses[part]
        if start == end:  # mostly the marketplace's own part
            sums.append((0, 0, 0, 0))
            continue
        subtotal, expense = sum(amounts[start:middle]), sum(amounts[middle:end])
        sums.append((subtotal, subtotal + expense - sum(left[start:end]), expense, sum(taxes[start:end])))
    return tuple(sums)


def _check_size(sums: Iterable[tuple[int, int, int, int]]) -> None:
    if sum(map(sum, sums)) >= MAX_SUM:
        raise InvalidTotals.of([Notice("totals.too-large", "", "the order's amounts pass every practical size")])
