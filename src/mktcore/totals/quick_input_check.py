"""A quick look at the inputs of totals, which clears almost every order; `check_inputs` looks at the others."""

from collections.abc import Sequence
from itertools import chain

from mktcore.money import Allocation, Currency, Money, Rounding
from mktcore.totals.check_inputs import CASH_ROUNDING, MAX_TAXES, find_input_problems
from mktcore.totals.field_checks import MAX_COUNT, check_fraction
from mktcore.totals.inputs import Expense, Line, Reduction, TaxRate, TaxTreatment
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["is_plainly_sound"]

_MONEYS = {Money}
_NOTHING = Reduction("").merchant_share
"""What almost every reduction has; one object, so it need not be looked at again and again."""
_NONE: tuple[object, ...] = ()
"""There is one empty tuple: what is another object, is something else."""


def is_plainly_sound(
    lines: Sequence[Line],
    reductions: Sequence[Reduction],
    expenses: Sequence[Expense],
    *,
    profile: RoundingProfile,
    currency: Currency,
) -> bool:
    """Tell whether a quick look finds nothing odd; what it finds odd may still be right: `find_input_problems` decides.

    Almost every order is plain, and most are small: each value is looked at once, in one expression.
    """
    if not (
        _is_profile_plain(profile, currency)
        and _are_lines_plain(lines, currency)
        and (not expenses or _are_expenses_plain(expenses, currency))
    ):
        return False
    keys = {line.key for line in lines}
    # Lines mostly share their tuple of rates: each is looked at once, by identity, as comparing costs more.
    items: tuple[Line | Expense, ...] = (*lines, *expenses)
    rates = {id(item.tax_rates): item.tax_rates for item in items}
    return (
        len(keys) == len(lines)
        and all(map(_are_rates_plain, rates.values()))
        and (not reductions or _are_reductions_sound(reductions, keys, lines=lines, currency=currency))
    )


def _is_profile_plain(profile: RoundingProfile, currency: Currency) -> bool:
    if profile.cash_increment is not None:
        return not find_input_problems((), (), (), profile=profile, currency=currency)
    return (
        type(profile.at) is RoundAt
        and type(profile.mode) is Rounding
        and type(profile.allocation) is Allocation
        and (profile.prices_at is None or type(profile.prices_at) is RoundAt)
        and (profile.cash_mode is None or type(profile.cash_mode) is Rounding)
        and (profile.reduction_mode is None or type(profile.reduction_mode) is Rounding)
    )


def _are_lines_plain(lines: Sequence[Line], currency: Currency) -> bool:
    for line in lines:
        price, quantity, key, merchant = line.unit_price, line.quantity, line.key, line.merchant
        if (
            type(price) is not Money
            or (price.currency is not currency and price.currency != currency)
            or price.minor < 0
            or type(quantity) is not int
            or not 0 <= quantity <= MAX_COUNT
            or type(key) is not str
            or not key
            or type(merchant) is not str
            or not merchant
            or line.per != 1
            or line.unit_multiplier != 1
            or line.options is not _NONE
            or line.pinned_taxes is not _NONE
        ):
            return False
    return True


def _are_rates_plain(tax_rates: tuple[TaxRate, ...]) -> bool:
    # Each rate was looked at when it was built; what is left to see is whether they go together.
    if type(tax_rates) is not tuple:
        return False
    for rate in tax_rates:
        if type(rate) is not TaxRate or not rate.is_sound:
            return False
    if len(tax_rates) <= 1:
        return True
    reversed_rates = [rate for rate in tax_rates if rate.treatment is TaxTreatment.REVERSE_CHARGE]
    names = {(rate.name, rate.rate) for rate in tax_rates}
    return len(reversed_rates) <= 1 and len(names) == len(tax_rates) <= MAX_TAXES


def _are_expenses_plain(expenses: Sequence[Expense], currency: Currency) -> bool:
    for expense in expenses:
        amount, key, merchant = expense.amount, expense.key, expense.merchant
        if (
            type(amount) is not Money
            or (amount.currency is not currency and amount.currency != currency)
            or amount.minor < 0
            or type(key) is not str
            or not key
            or key == CASH_ROUNDING
            or (merchant is not None and (type(merchant) is not str or not merchant))
            or expense.pinned_taxes is not _NONE
        ):
            return False
    return len({expense.key for expense in expenses}) == len(expenses)


def _are_reductions_sound(
    reductions: Sequence[Reduction], keys: set[str], *, lines: Sequence[Line], currency: Currency
) -> bool:
    others = []
    for reduction in reductions:
        single = reduction.single
        if single is None:
            others.append(reduction)
        elif single not in keys:  # the rest was found sound when it was built
            return False
        elif reduction.ratio is None:
            found = reduction.amount.currency  # type: ignore[union-attr]  # it has an amount where it has no ratio
            if found is not currency and found != currency:
                return False
    if others:
        merchants = {line.merchant for line in lines}
        if not _are_others_sound(others, lines=keys, merchants=merchants, currency=currency):
            return False
    return len({reduction.key for reduction in reductions}) == len(reductions)


def _are_others_sound(
    reductions: Sequence[Reduction], *, lines: set[str], merchants: set[str], currency: Currency
) -> bool:
    count = len(reductions)
    amounts = [reduction.amount for reduction in reductions if reduction.amount is not None]
    fractions = [reduction.percent for reduction in reductions if reduction.percent is not None]
    shares = [reduction.merchant_share for reduction in reductions]
    chosen = [reduction.lines for reduction in reductions if type(reduction.lines) is tuple]
    # By identity too: a thousand reductions of one coupon share one Decimal.
    numbers = {id(number): number for number in (*fractions, *shares) if number is not _NOTHING}.values()
    return not (
        not all(type(reduction.key) is str and reduction.key for reduction in reductions)
        or not {*map(type, amounts)} <= _MONEYS
        or [amount.currency for amount in amounts].count(currency) != len(amounts)
        or min([amount.minor for amount in amounts], default=0) < 0
        or [reduction.percent for reduction in reductions].count(None) != len(amounts)
        or any(next(check_fraction(number, ""), None) for number in numbers)
        or [reduction.cap for reduction in reductions].count(None) != count
        or [reduction.expenses for reduction in reductions].count(None) != count
        or [reduction.lines for reduction in reductions].count(None) != count - len(chosen)
        or not lines.issuperset(chain.from_iterable(chosen))
        or any(r.merchant is not None and (r.lines is not None or r.merchant not in merchants) for r in reductions)
    )
