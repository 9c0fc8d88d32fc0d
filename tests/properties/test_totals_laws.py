"""The laws of totals (invariants I1 and I2), for everything that can be computed, in every rounding profile."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from mktcore.money import Money, Rounding
from mktcore.testing import strategies
from mktcore.totals import (
    Expense,
    Line,
    Reduction,
    RoundAt,
    RoundingProfile,
    TaxRate,
    Totals,
    apportion_progress,
    compare_profiles,
    compute_totals,
)
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.figures import Figures
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.parts_over_time import apportion_amount
from mktcore.totals.profile_comparison import compare_totals
from properties.test_totals import compute

FIGURES = (
    "subtotal",
    "discount_total",
    "expense_total",
    "tax_total",
    "grand_total",
    "net",
    "gross",
    "merchant_borne",
    "marketplace_borne",
    "merchant_net",
)


def entries(totals: Totals) -> list[Figures]:
    return [*totals.lines.values(), *totals.expenses.values()]


def add_up(amounts: Iterable[Mapping[str, Money]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for mapping in amounts:
        for key, amount in mapping.items():
            sums[key] = sums.get(key, 0) + amount.minor
    return sums


def tax_sums(levels: Iterable[Figures]) -> dict[object, tuple[int, int]]:
    sums: dict[object, tuple[int, int]] = {}
    for level in levels:
        for tax in level.tax_amounts:
            base, amount = sums.get((tax.name, tax.rate, tax.treatment), (0, 0))
            sums[tax.name, tax.rate, tax.treatment] = base + tax.base.minor, amount + tax.tax.minor
    return sums


def check_that_every_figure_is_the_sum_of_its_parts(totals: Totals) -> None:
    parts = [*totals.merchants.values(), totals.marketplace]
    zero = Money.zero(totals.inputs.currency)
    for figure in FIGURES:
        whole = getattr(totals.order, figure)
        assert whole == sum([getattr(part, figure) for part in parts], zero)
        assert whole == sum([getattr(entry, figure) for entry in entries(totals)], zero)
        for part in parts:
            lines = [totals.lines[key] for key in part.line_keys]
            expenses = [totals.expenses[key] for key in part.expense_keys]
            assert getattr(part, figure) == sum([getattr(entry, figure) for entry in (*lines, *expenses)], zero)


def check_that_taxes_and_reductions_sum(totals: Totals) -> None:
    parts = [*totals.merchants.values(), totals.marketplace]
    for level in (parts, entries(totals)):
        assert add_up([one.reductions for one in level]) == add_up([totals.order.reductions])
        assert tax_sums(level) == tax_sums([totals.order])
    for one in (totals.order, *parts, *entries(totals)):
        assert sum([amount.minor for amount in one.taxes.values()]) == one.tax_minor
        assert sum([amount.minor for amount in one.reductions.values()]) == one.discount_minor


def check_that_the_grand_total_follows_from_the_others(totals: Totals) -> None:
    for one in (totals.order, totals.marketplace, *totals.merchants.values(), *entries(totals)):
        grand = one.subtotal - one.discount_total + one.expense_total
        assert one.grand_total == (grand if totals.inputs.prices_include_tax else grand + one.tax_total)
        assert one.net == one.gross - one.tax_total
        assert one.discount_total == one.merchant_borne + one.marketplace_borne


def check_that_nothing_flips_its_sign(totals: Totals) -> None:
    for one in entries(totals):
        if getattr(one, "key", None) == "cash-rounding":
            continue
        assert one.subtotal_minor >= 0
        assert one.expense_minor >= 0
        assert one.tax_minor >= 0
        assert 0 <= one.merchant_borne.minor <= one.discount_minor <= one.subtotal_minor + one.expense_minor
        assert all(not amount.is_negative() for amount in one.reductions.values())


def check_that_units_of_a_line_sum_to_it(totals: Totals) -> None:
    for line in totals.lines.values():
        for figure in ("subtotal", "discount_total", "tax_total", "grand_total", "net"):
            units = line.units(figure)
            assert sum([unit.amount.minor * unit.units for unit in units]) == getattr(line, figure).minor
            assert sum([unit.units for unit in units]) == line.quantity
            assert len({unit.amount.minor for unit in units}) == len(units) <= 2


def check_that_equal_inputs_give_equal_totals(totals: Totals) -> None:
    again = compute_from(totals.inputs)
    assert again == totals
    assert hash(again) == hash(totals)
    assert again.order == totals.order
    assert compare_totals(totals, again) == ()


def check_that_cash_comes_to_a_coin(totals: Totals) -> None:
    profile, currency = totals.inputs.profile, totals.inputs.currency
    if profile.cash_increment is None:
        assert "cash-rounding" not in totals.expenses
        return
    coin = Money.of(profile.cash_increment, currency).minor
    cash = totals.expenses["cash-rounding"]
    assert list(totals.expenses)[-1] == "cash-rounding"
    assert totals.order.grand_minor % coin == 0
    assert abs(cash.grand_minor) < coin
    assert (cash.tax_minor, cash.discount_minor, cash.merchant) == (0, 0, None)


LAWS = (
    check_that_cash_comes_to_a_coin,
    check_that_equal_inputs_give_equal_totals,
    check_that_every_figure_is_the_sum_of_its_parts,
    check_that_taxes_and_reductions_sum,
    check_that_the_grand_total_follows_from_the_others,
    check_that_nothing_flips_its_sign,
    check_that_units_of_a_line_sum_to_it,
)


def check_that_what_if_lists_exactly_what_differs(totals: Totals, profile: RoundingProfile) -> None:
    other = compute(attrs.evolve(totals.inputs, profile=profile))
    zero = Money.zero(totals.inputs.currency)
    found = {difference.path: difference.change for difference in compare_profiles(totals, profile)}
    assert all(not change.is_zero() for change in found.values())
    for figure in FIGURES[:5]:
        assert found.get(f"order.{figure}", zero) == getattr(other.order, figure) - getattr(totals.order, figure)
        for key, line in totals.lines.items():
            change = getattr(other.lines[key], figure) - getattr(line, figure)
            assert found.get(f"lines.{key}.{figure}", zero) == change


def check_that_a_figure_explains_itself(totals: Totals, choice: int) -> None:
    places: list[tuple[str, Figures]] = [("order", totals.order), ("marketplace", totals.marketplace)]
    places += [(f"merchants.{key}", part) for key, part in totals.merchants.items()]
    places += [(f"lines.{key}", line) for key, line in totals.lines.items()]
    places += [(f"expenses.{key}", expense) for key, expense in totals.expenses.items()]
    path, figures = places[choice % len(places)]
    figure = FIGURES[choice % len(FIGURES)]
    explanation = totals.explain(f"{path}.{figure}")
    assert explanation.title == f"{path}.{figure}"
    assert explanation.value == str(getattr(figures, figure))
    if figure in {"tax_total", "discount_total"} and "stripped" not in explanation.reason:
        listed = [Money.of(part.value.split()[0], totals.inputs.currency) for part in explanation.parts]
        assert sum(listed, Money.zero(totals.inputs.currency)) == getattr(figures, figure)


@given(strategies.order_inputs(), strategies.rounding_profiles(), st.integers(0, 999))
def test_every_law_holds(inputs: Inputs, other: RoundingProfile, choice: int) -> None:
    # One example serves all laws: drawing an order takes ten times as long as checking one.
    totals = compute(inputs)
    for law in LAWS:
        law(totals)
    check_that_a_figure_explains_itself(totals, choice)
    check_that_what_if_lists_exactly_what_differs(totals, other)


def shares(weights: list[int], total: int) -> list[Fraction]:
    return [Fraction(total * weight, sum(weights)) for weight in weights]


baskets = st.lists(
    st.builds(
        Line,
        key=st.integers(0, 99).map(str),
        merchant=st.sampled_from("abc"),
        unit_price=strategies.moneys(currency="EUR", min_minor=0, max_minor=10**5),
        quantity=st.integers(0, 5),
        tax_rates=st.just((TaxRate("VAT", Decimal("0.19")),)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: line.key,
)
levels_of_sums = st.sampled_from([RoundAt.MERCHANT, RoundAt.ORDER])


@given(baskets, st.integers(0, 10**6), strategies.rounding_modes())
def test_a_spread_amount_is_near_its_share_of_the_parent(lines: list[Line], amount: int, mode: Rounding) -> None:
    voucher = Reduction("voucher", amount=Money.from_minor(amount, "EUR"), cap_at_base=True)
    profile = RoundingProfile(RoundAt.LINE, mode)
    totals = compute_totals(lines, [voucher], prices_include_tax=True, profile=profile)
    levels: list[tuple[list[Figures], Figures]] = [(list(totals.merchants.values()), totals.order)]
    levels += [([totals.lines[key] for key in part.line_keys], part) for part in totals.merchants.values()]
    for parts, parent in levels:
        weights = [part.subtotal_minor for part in parts]
        if not sum(weights):
            continue
        taken = [part.discount_minor for part in parts]
        for share, part in zip(shares(weights, parent.discount_minor), taken, strict=True):
            assert abs(share - part) < 1
        by_weight = sorted(zip(weights, taken, strict=True))
        for (less, smaller), (more, larger) in pairwise(by_weight):
            assert less == more or smaller <= larger


@given(baskets, st.lists(st.integers(0, 999), max_size=2), levels_of_sums, strategies.rounding_modes(), st.booleans())
def test_a_tax_rounded_higher_up_is_near_its_share_of_the_parent(
    lines: list[Line], fees: list[int], at: RoundAt, mode: Rounding, included: bool
) -> None:
    vat = lines[0].tax_rates
    expenses = [Expense(str(n), None, Money.from_minor(fee, "EUR"), vat) for n, fee in enumerate(fees)]
    totals = compute_totals(lines, (), expenses, prices_include_tax=included, profile=RoundingProfile(at, mode))
    parts = [*totals.merchants.values(), totals.marketplace]
    levels: list[tuple[list[Figures], Figures]] = [(list(parts), totals.order)] if at is RoundAt.ORDER else []
    for part in parts:
        below = [totals.lines[key] for key in part.line_keys]
        levels.append(([*below, *[totals.expenses[key] for key in part.expense_keys]], part))
    for children, parent in levels:
        weights = [c.subtotal_minor + c.expense_minor - c.discount_minor for c in children]
        if sum(weights):
            for share, child in zip(shares(weights, parent.tax_minor), children, strict=True):
                assert abs(share - child.tax_minor) < 1


steps = st.lists(st.fractions(0, 1), max_size=6).map(sorted)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=8), steps, strategies.rounding_modes())
def test_progress_is_monotone_and_closes_exactly(parts: list[int], progress: list[Fraction], mode: Rounding) -> None:
    done = [0] * len(parts)
    for step in (*progress, Fraction(1)):
        more = apportion_progress(parts, done, step, mode=mode)
        assert all(change * part >= 0 for change, part in zip(more, parts, strict=True))
        done = [before + change for before, change in zip(done, more, strict=True)]
        assert all(abs(now) <= abs(part) for now, part in zip(done, parts, strict=True))
        positive = sum([now for now, part in zip(done, parts, strict=True) if part > 0])
        whole = sum([part for part in parts if part > 0])
        assert abs(positive - whole * step) < 1
    assert done == parts


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.lists(st.integers(0, 10**6), max_size=8))
def test_amounts_in_any_order_close_exactly(parts: list[int], amounts: list[int]) -> None:
    done = [0] * len(parts)
    for wanted in (*amounts, sum(parts)):
        amount = min(wanted, sum(parts) - sum(done))
        more = apportion_amount(parts, done, amount)
        assert sum(more) == amount
        done = [before + change for before, change in zip(done, more, strict=True)]
        assert all(0 <= now <= part for now, part in zip(done, parts, strict=True))
    assert done == parts
