"""Hypothesis strategies for the values of this library, for property tests of hosts and of the library itself.

Names are plural, options are keyword-only, and what they draw shrinks to small, plain examples.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from mktcore.money import Allocation, Currency, ExactMoney, Money, Rounding
from mktcore.money.rounding import Number
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
    TaxTreatment,
)
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.inputs import ALL, Basis

__all__ = [
    "allocations",
    "currencies",
    "exact_amounts",
    "expenses",
    "lines",
    "moneys",
    "order_inputs",
    "ordinary_orders",
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
        reduction_mode=st.one_of(st.none(), rounding_modes()),
    )


def _no_duplicates(rates: Sequence[TaxRate]) -> tuple[TaxRate, ...]:
    """Leave out what an order refuses: a name and rate that stands twice, a second reverse-charged rate."""
    kept: dict[object, TaxRate] = {}
    for rate in rates:
        reverse = rate.treatment is TaxTreatment.REVERSE_CHARGE
        kept.setdefault("reverse" if reverse else (rate.name, rate.rate), rate)
    return tuple({(rate.name, rate.rate): rate for rate in kept.values()}.values())


# Two thirds are charged: where nearly nothing is taxed there is little to get wrong.
_TREATMENTS = [TaxTreatment.STANDARD] * 4 + [TaxTreatment.EXEMPT, TaxTreatment.REVERSE_CHARGE]
_ANY_RATE = st.sampled_from(
    [
        TaxRate(name, Decimal(rate), compound=compound, treatment=treatment)
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
    if plain:
        return simple
    return st.one_of(simple, st.builds(_dress, simple, **_dressings(found)))


@cache
def _dressings(currency: Currency) -> dict[str, st.SearchStrategy[Any]]:
    """Draw everything that makes a price less plain, by the arguments of `_dress`."""
    return {
        "per": st.sampled_from([1, 1, 3, 100]),
        "multiplier": st.sampled_from([1, Decimal("0.35"), Fraction(1, 3), Decimal("2.5")]),
        "options": _option_lists(currency),
        "pinned": st.one_of(st.none(), moneys(currency=currency, min_minor=0, max_minor=20)),
    }


def _dress(line: Line, per: int, multiplier: Number, *, options: tuple[Option, ...], pinned: Money | None) -> Line:
    charged = [rate for rate in line.tax_rates if rate.treatment is TaxTreatment.STANDARD]
    pins = (PinnedTax(charged[0].name, charged[0].rate, pinned),) if charged and pinned is not None else ()
    return evolve(line, per=per, unit_multiplier=multiplier, options=options, pinned_taxes=pins)


@cache
def _option_lists(currency: Currency) -> st.SearchStrategy[tuple[Option, ...]]:
    mark_ups = moneys(currency=currency, min_minor=0, max_minor=5000)
    each = st.one_of(
        st.builds(Option, key=st.just("engraving"), mark_up=mark_ups, once=st.booleans()),
        st.builds(Option, key=st.just("colour"), percent=st.sampled_from(_PERCENTS).map(Decimal)),
    )
    return st.lists(each, max_size=2).map(tuple)


def expenses(*, key: str = "shipping", currency: str | Currency = "EUR") -> st.SearchStrategy[Expense]:
    """Draw an expense of a merchant or of the marketplace."""
    return st.builds(
        Expense,
        key=st.just(key),
        merchant=st.sampled_from([*_MERCHANTS, None]),
        amount=moneys(currency=currency, min_minor=0, max_minor=2000),
        tax_rates=tax_rates(max_size=2),
    )


@cache
def _reduction_drafts(currency: Currency) -> st.SearchStrategy[Reduction]:
    """Draw reductions without their targets."""
    amounts = moneys(currency=currency, min_minor=0, max_minor=10**5)
    rest = {
        "basis": st.sampled_from(Basis),
        "cap": st.one_of(st.none(), st.none(), amounts),
        # Mostly capped: an order that is refused for one reduction above its base tests nothing else.
        "cap_at_base": st.sampled_from([True, True, True, True, False]),
        "merchant_share": st.sampled_from(_SHARES),
    }
    percents = st.sampled_from(_PERCENTS).map(Decimal)
    plain = st.one_of(
        st.builds(Reduction, key=st.just(""), amount=amounts),
        st.builds(Reduction, key=st.just(""), percent=percents),
    )
    fancy = st.one_of(
        st.builds(Reduction, key=st.just(""), amount=amounts, **rest),
        st.builds(Reduction, key=st.just(""), percent=percents, **rest),
    )
    return st.one_of(fancy, plain)


_SCOPES = st.sampled_from(["all", "line", "lines", "merchant", "expenses", "everything"])
_PICKS = st.lists(st.integers(0, 9), max_size=3)


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
    draft = evolve(draw(_reduction_drafts(Currency.of(currency))), key=key)
    scope, picks = draw(_SCOPES), draw(_PICKS)
    if scope == "everything":
        return evolve(draft, lines=ALL, expenses=ALL)
    if scope == "expenses":
        return evolve(draft, expenses=_pick([expense.key for expense in expenses], picks))
    if scope == "lines":
        return evolve(draft, lines=_pick([line.key for line in lines], picks))
    if scope == "line" and lines:
        # With one more pick, so that there is a first where none was drawn.
        return evolve(draft, lines=_pick([line.key for line in lines], [*picks, 0])[:1])
    named = {line.merchant for line in lines} | {expense.merchant for expense in expenses}
    merchants = sorted([merchant for merchant in named if merchant is not None])
    return evolve(draft, merchant=_pick(merchants, [*picks, 0])[0]) if scope == "merchant" and merchants else draft


def _pick(keys: Sequence[str], picks: Sequence[int]) -> tuple[str, ...]:
    return tuple([keys[pick % len(keys)] for pick in picks]) if keys else ()


_lines = cache(lines)  # building a strategy costs more than drawing from it
_expenses = cache(expenses)


_SHOP_RATES = (
    (TaxRate("VAT", Decimal("0.19")),),
    (TaxRate("VAT", Decimal("0.07")),),
    (TaxRate("state", Decimal("0.0725")), TaxRate("city", Decimal("0.0125"))),
    (),
)
_SHOP_PERCENTS = st.sampled_from(["0.05", "0.1", "0.15", "0.333"]).map(Decimal)
# As shops round: nearly all by the line, half up; a few by the unit or on the order, or to the even cent.
_SHOP_LEVELS = st.sampled_from([*[RoundAt.LINE] * 5, RoundAt.UNIT, RoundAt.MERCHANT, RoundAt.ORDER])
_SHOP_MODES = st.sampled_from([*[Rounding.HALF_UP] * 3, Rounding.HALF_EVEN])


@st.composite
def ordinary_orders(draw: st.DrawFn, *, currency: str | Currency | None = None, max_lines: int = 6) -> Inputs:
    """Draw an order as shops have them: taxed, mostly rounded by the line, often discounted and shipped.

    Two orders of three have several lines under one tax, so that what rounds their sum in place of each shows.
    """
    found = Currency.of(draw(st.sampled_from(["EUR", "USD", "CHF", "JPY"])) if currency is None else currency)
    merchants = draw(st.sampled_from([("acme",), ("acme", "bolt"), ("acme", "bolt", "cosy")]))
    rates = draw(st.sampled_from(_SHOP_RATES))
    # Prices end in any digit: those that end in 99 alone would hide much of what rounding does.
    prices = st.integers(1, 300) | st.integers(301, 30_000)
    some_lines = tuple(
        [
            Line(
                str(number),
                merchants[number % len(merchants)],
                unit_price=Money.from_minor(draw(prices), found),
                quantity=draw(st.sampled_from([1, 1, 1, 2, 3, 5])),
                tax_rates=rates if draw(st.integers(0, 3)) else draw(st.sampled_from(_SHOP_RATES)),
            )
            for number in range(draw(st.integers(1, max_lines)))
        ]
    )
    shipped = merchants[: len(some_lines)] if draw(st.booleans()) else ()
    some_expenses = tuple(
        [
            Expense(f"shipping-{one}", merchant=one, amount=Money.from_minor(490, found), tax_rates=rates)
            for one in shipped
        ]
    )
    return Inputs(
        some_lines,
        reductions=tuple(draw(st.lists(_shop_reductions(found), max_size=2, unique_by=lambda one: one.key))),
        expenses=some_expenses,
        prices_include_tax=draw(st.booleans()),
        profile=RoundingProfile(
            at=draw(_SHOP_LEVELS),
            mode=draw(_SHOP_MODES),
            cash_increment=Decimal("0.05") if found.code == "CHF" else None,
        ),
        currency=found,
    )


@cache
def _shop_reductions(currency: Currency) -> st.SearchStrategy[Reduction]:
    """Draw a voucher over the whole order, or a merchant's percentage on its own lines."""
    amounts, all_ = st.integers(1, 2000).map(lambda minor: Money.from_minor(minor, currency)), st.just(ALL)
    return st.one_of(
        st.builds(Reduction, key=st.just("sale"), percent=_SHOP_PERCENTS, merchant=st.just("acme")),
        st.builds(Reduction, key=st.just("voucher"), percent=_SHOP_PERCENTS),
        st.builds(
            Reduction,
            key=st.just("credit"),
            amount=amounts,
            lines=all_,
            expenses=all_,
            cap_at_base=st.sampled_from([True]),
        ),
    )


@st.composite
def order_inputs(
    draw: st.DrawFn,
    *,
    currency: str | Currency | None = None,
    max_lines: int = 5,
    plain: bool = False,
    above_base: bool = False,
) -> Inputs:
    """Draw everything that totals are computed from, of one currency; see `compute_totals`.

    One of three is ordinary, as shops have them; the others are as odd as may be.

    Args:
        draw: Hypothesis's own.
        currency: Of all amounts; any when None.
        max_lines: How many lines there are at most.
        plain: Lines have a whole price, no options and nothing pinned.
        above_base: Also draw what is refused: a reduction or a pinned tax above what it is taken from.
    """
    if draw(st.sampled_from([False, False, True])):
        return draw(ordinary_orders(currency=currency, max_lines=max(max_lines, 1)))
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
    drawn = Inputs(
        some_lines,
        reductions=some_reductions,
        expenses=some_expenses,
        prices_include_tax=draw(st.booleans()),
        profile=draw(rounding_profiles()),
        currency=found,
    )
    return drawn if above_base else _lower_to_base(drawn)


def _lower_to_base(inputs: Inputs) -> Inputs:
    """Return an order that is not refused: reductions stop at their base, and no tax is pinned above its own."""
    capped = [evolve(one, cap_at_base=True) for one in inputs.reductions]
    lowered = evolve(inputs, reductions=tuple(capped))
    # Pins go only where the order is refused still: most are below their tax, and worth keeping.
    try:
        compute_from(lowered)
    except InvalidTotals:
        return evolve(lowered, lines=tuple([evolve(line, pinned_taxes=()) for line in lowered.lines]))
    return lowered
