"""Hypothesis strategies for the values of this library, for property tests of hosts and of the library itself.

Names are plural, options are keyword-only, and what they draw shrinks to small, plain examples.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from attrs import evolve
from hypothesis import strategies as st

from mktcore.money import Allocation, Currency, ExactMoney, Money, Rounding
from mktcore.money.rounding import Number
from mktcore.totals import (
    ALL,
    Basis,
    Expense,
    Inputs,
    Line,
    Option,
    PinnedTax,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    TaxTreatment,
)
from mktcore.totals.inputs import Selection

__all__ = [
    "allocations",
    "currencies",
    "exact_amounts",
    "expenses",
    "lines",
    "moneys",
    "order_inputs",
    "reductions",
    "rounding_modes",
    "rounding_profiles",
    "tax_rates",
    "weights",
]

_CODES = ("EUR", "USD", "JPY", "KWD", "CHF", "BRL", "CLF")
_RATES = ("0", "0.05", "0.07", "0.0725", "0.19", "0.2", "0.25", "1")
_PERCENTS = ("0", "0.01", "0.1", "0.15", "0.333", "0.5", "0.999", "1")
_SHARES: tuple[Number, ...] = (0, 1, Decimal("0.5"), Fraction(1, 3))
_MERCHANTS = ("acme", "bolt", "cosy", "dune")


def currencies() -> st.SearchStrategy[Currency]:
    """Draw currencies with 0, 2, 3 and 4 decimals."""
    return st.sampled_from(_CODES).map(Currency.of)


def rounding_modes() -> st.SearchStrategy[Rounding]:
    """Draw one of the seven modes."""
    return st.sampled_from(Rounding)


def allocations() -> st.SearchStrategy[Allocation]:
    """Draw a way to hand out left-over units."""
    return st.sampled_from(Allocation)


def moneys(
    *, currency: str | Currency = "EUR", min_minor: int = -(10**12), max_minor: int = 10**12
) -> st.SearchStrategy[Money]:
    """Draw amounts of one currency between two counts of minor units."""
    found = Currency.of(currency)
    return st.integers(min_minor, max_minor).map(lambda minor: Money.from_minor(minor, found))


def exact_amounts(
    *, currency: str | Currency = "EUR", max_minor: int = 10**9, max_denominator: int = 10**6
) -> st.SearchStrategy[ExactMoney]:
    """Draw exact amounts of one currency: any fraction of a minor unit."""
    found = Currency.of(currency)
    fractions = st.fractions(-max_minor, max_minor, max_denominator=max_denominator)
    return fractions.map(lambda minor: ExactMoney(minor, found))


def weights(
    *, min_size: int = 1, max_size: int = 20, whole: bool = False
) -> st.SearchStrategy[list[int] | list[int | Decimal | Fraction]]:
    """Draw weights with at least one above zero: ints, or with `whole=False` also Decimals and Fractions."""
    ints = st.integers(0, 10**6)
    decimals = ints.map(lambda number: Decimal(number).scaleb(-3))
    fractions = st.builds(Fraction, ints, st.integers(1, 97))
    each = ints if whole else st.one_of(ints, decimals, fractions)
    return st.lists(each, min_size=min_size, max_size=max_size).filter(
        lambda drawn: any(weight > 0 for weight in drawn)
    )


def rounding_profiles(*, cash: bool = True) -> st.SearchStrategy[RoundingProfile]:
    """Draw profiles of every level and mode, some with another level for prices, some with a smallest coin of 5."""
    return st.builds(
        RoundingProfile,
        at=st.sampled_from(RoundAt),
        mode=rounding_modes(),
        prices_at=st.one_of(st.none(), st.sampled_from(RoundAt)),
        cash_increment=st.sampled_from([None, Decimal(5)]) if cash else st.none(),
        cash_mode=st.one_of(st.none(), rounding_modes()),
        allocation=st.sampled_from(Allocation),
    )


def _no_duplicates(rates: Sequence[TaxRate]) -> tuple[TaxRate, ...]:
    """Leave out what an order refuses: a name and rate that stands twice, a second reverse-charged rate."""
    kept: dict[object, TaxRate] = {}
    for rate in rates:
        reverse = rate.treatment is TaxTreatment.REVERSE_CHARGE
        kept.setdefault("reverse" if reverse else (rate.name, rate.rate), rate)
    return tuple({(rate.name, rate.rate): rate for rate in kept.values()}.values())


_TREATMENTS = [TaxTreatment.STANDARD] * 4 + [TaxTreatment.EXEMPT, TaxTreatment.REVERSE_CHARGE]
_ANY_RATE = st.sampled_from(
    [
        TaxRate(name, Decimal(rate), compound, treatment)
        for rate in _RATES
        for name in ("VAT", "state", "city")
        for treatment in _TREATMENTS
        for compound in (False, True)
    ]
)


def tax_rates(*, max_size: int = 3) -> st.SearchStrategy[tuple[TaxRate, ...]]:
    """Draw the taxes of one line: added up or compound, zero-rated, exempt, at most one reverse-charged."""
    return st.lists(_ANY_RATE, max_size=max_size).map(_no_duplicates)


def lines(
    *, key: str = "1", currency: str | Currency = "EUR", plain: bool = False, max_minor: int = 10**6
) -> st.SearchStrategy[Line]:
    """Draw a line; a plain one has a whole price, no options and nothing pinned."""
    found = Currency.of(currency)
    simple = st.builds(
        Line,
        key=st.just(key),
        merchant=st.sampled_from(_MERCHANTS),
        unit_price=moneys(currency=found, min_minor=0, max_minor=max_minor),
        quantity=st.integers(0, 12),
        tax_rates=tax_rates(),
    )
    return simple if plain else st.one_of(simple, simple.flatmap(_dress))


def _dress(line: Line) -> st.SearchStrategy[Line]:
    """Draw the same line with everything that makes a price less plain."""
    return st.builds(
        evolve,
        st.just(line),
        per=st.sampled_from([1, 1, 3, 100]),
        unit_multiplier=st.sampled_from([1, Decimal("0.35"), Fraction(1, 3), Decimal("2.5")]),
        options=_option_lists(line.unit_price.currency),
        pinned_taxes=_pins(line.tax_rates, line.unit_price.currency),
    )


@cache
def _option_lists(currency: Currency) -> st.SearchStrategy[tuple[Option, ...]]:
    mark_ups = moneys(currency=currency, min_minor=0, max_minor=5000)
    each = st.one_of(
        st.builds(Option, key=st.just("engraving"), mark_up=mark_ups, once=st.booleans()),
        st.builds(Option, key=st.just("colour"), percent=st.sampled_from(_PERCENTS).map(Decimal)),
    )
    return st.lists(each, max_size=2).map(tuple)


def _pins(rates: Sequence[TaxRate], currency: Currency) -> st.SearchStrategy[tuple[PinnedTax, ...]]:
    charged = [rate for rate in rates if rate.treatment is TaxTreatment.STANDARD and rate.rate]
    if not charged:
        return st.just(())
    amounts = moneys(currency=currency, min_minor=0, max_minor=20)
    return st.one_of(st.just(()), amounts.map(lambda tax: (PinnedTax(charged[0].name, charged[0].rate, tax),)))


def expenses(*, key: str = "shipping", currency: str | Currency = "EUR") -> st.SearchStrategy[Expense]:
    """Draw an expense of a merchant or of the marketplace."""
    return st.builds(
        Expense,
        key=st.just(key),
        merchant=st.sampled_from([*_MERCHANTS, None]),
        amount=moneys(currency=currency, min_minor=0, max_minor=2000),
        tax_rates=tax_rates(max_size=2),
    )


def _choose_lines(scope: str, keys: Sequence[str]) -> Sequence[str] | Selection | None:
    if scope == "everything":
        return ALL
    return tuple(keys[:1] if scope == "line" else keys) if scope in {"line", "lines"} else None


@st.composite
def reductions(
    draw: st.DrawFn,
    *,
    key: str = "voucher",
    currency: str | Currency = "EUR",
    lines: Sequence[Line] = (),
    expenses: Sequence[Expense] = (),
) -> Reduction:
    """Draw a reduction of some of these lines and expenses: most are clamped to their base, some may be above it."""
    is_amount = draw(st.booleans())
    line_keys = st.lists(st.sampled_from([line.key for line in lines]), max_size=4) if lines else st.just([])
    expense_keys = st.lists(st.sampled_from([e.key for e in expenses]), max_size=3) if expenses else st.just([])
    named = {line.merchant for line in lines} | {expense.merchant for expense in expenses}
    merchants = sorted([merchant for merchant in named if merchant is not None])
    scope = draw(st.sampled_from(["all", "line", "lines", "merchant", "expenses", "everything"]))
    amount = moneys(currency=currency, min_minor=0, max_minor=10**5)
    return Reduction(
        key,
        amount=draw(amount) if is_amount else None,
        percent=None if is_amount else Decimal(draw(st.sampled_from(_PERCENTS))),
        lines=_choose_lines(scope, draw(line_keys)),
        merchant=draw(st.sampled_from(merchants)) if scope == "merchant" and merchants else None,
        expenses=tuple(draw(expense_keys)) if scope == "expenses" else ALL if scope == "everything" else None,
        basis=draw(st.sampled_from(Basis)),
        cap=draw(st.one_of(st.none(), amount)),
        cap_at_base=bool(draw(st.integers(0, 5))),
        merchant_share=draw(st.sampled_from(_SHARES)),
    )


_lines = cache(lines)  # building a strategy costs more than drawing from it
_expenses = cache(expenses)


@st.composite
def order_inputs(
    draw: st.DrawFn, *, currency: str | Currency | None = None, max_lines: int = 5, plain: bool = False
) -> Inputs:
    """Draw everything that totals are computed from, of one currency; see `compute_totals`."""
    found = draw(currencies()) if currency is None else Currency.of(currency)
    some_lines = tuple(
        [draw(_lines(key=str(n), currency=found, plain=plain)) for n in range(draw(st.integers(0, max_lines)))]
    )
    some_expenses = tuple([draw(_expenses(key=f"e{n}", currency=found)) for n in range(draw(st.integers(0, 3)))])
    some_reductions = tuple(
        [
            draw(reductions(key=f"r{n}", currency=found, lines=some_lines, expenses=some_expenses))
            for n in range(draw(st.integers(0, 3)))
        ]
    )
    return Inputs(some_lines, some_reductions, some_expenses, draw(st.booleans()), draw(rounding_profiles()), found)
