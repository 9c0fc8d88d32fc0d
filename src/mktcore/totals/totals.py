"""`Totals`: the computed columns of an order, and the figures of every level read from them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

import attrs

from mktcore.money import Currency, Money, round_ratio
from mktcore.totals.figures import ExpenseTotals, LineTotals, OrderTotals, PartTotals, TaxAmount
from mktcore.totals.inputs import Expense, Line, Reduction, TaxRate, TaxTreatment
from mktcore.totals.layout import Layout
from mktcore.totals.profile import RoundingProfile
from mktcore.totals.reducing import ReductionParts
from mktcore.totals.taxing import TaxColumn, TaxDifference, find_shares

__all__ = ["Inputs", "Totals"]

T = TypeVar("T")


@attrs.frozen
class Inputs:
    """What totals were computed from; kept, so that they can be explained and computed again."""

    lines: tuple[Line, ...]
    reductions: tuple[Reduction, ...]
    expenses: tuple[Expense, ...]
    prices_include_tax: bool
    profile: RoundingProfile
    currency: Currency


@attrs.frozen(eq=False)
class _Table(Mapping[str, T], Generic[T]):
    """A read-only mapping whose values are built when they are asked for."""

    places: Mapping[str, int]
    build: Callable[[str, int], T]

    def __getitem__(self, key: str) -> T:
        return self.build(key, self.places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __repr__(self) -> str:
        return f"<totals of {', '.join(self.places)}>"


@attrs.frozen(repr=False)
class Totals:
    """The totals of an order at every level: `order`, `merchants`, `marketplace`, `lines` and `expenses`.

    Values of one order's computation, immutable. Inside are columns of ints; each figure is built as `Money` when it is
    read. Every figure of a level is the sum of the figures of its parts, exactly, whatever the rounding profile.

    Attributes:
        inputs: What it was computed from.
        tax_differences: The pinned taxes that are not what this library computes.
    """

    inputs: Inputs
    tax_differences: tuple[TaxDifference, ...]
    _layout: Layout = attrs.field(eq=False)
    _amounts: tuple[int, ...]
    _left: tuple[int, ...]
    _taxes: tuple[int, ...]
    _reduced: tuple[ReductionParts, ...]
    _columns: tuple[TaxColumn, ...]
    _sums: tuple[tuple[int, int, int, int], ...]

    @property
    def lines(self) -> Mapping[str, LineTotals]:
        """The totals of each line, by its key, in the order of the input."""
        return _Table(self._layout.line_positions, self._build_line)

    @property
    def expenses(self) -> Mapping[str, ExpenseTotals]:
        """The totals of each expense, by its key; a cash rounding is the last, as `"cash-rounding"`."""
        return _Table(self._layout.expense_positions, self._build_expense)

    @cached_property
    def merchants(self) -> Mapping[str, PartTotals]:
        """The totals of each merchant's part, by merchant."""
        places = {merchant: part for part, merchant in enumerate(self._layout.merchants)}
        return _Table(places, self._build_part)

    @cached_property
    def marketplace(self) -> PartTotals:
        """The totals of the marketplace's own part: its expenses."""
        return self._build_part(None, len(self._layout.merchants))

    @cached_property
    def order(self) -> OrderTotals:
        """The totals of the whole order."""
        subtotal, discount, expense, tax = map(sum, zip(*self._sums, strict=True))
        span = (0, len(self._amounts))
        return OrderTotals(*self._figures(subtotal, discount, expense, tax, span))

    def __repr__(self) -> str:
        counts = f"{len(self.lines)} lines, {len(self.merchants)} merchants"
        return f"<Totals {self.order.grand_total}: {counts}>"

    def _build_line(self, key: str, position: int) -> LineTotals:
        line = self.inputs.lines[self._layout.order[position]]
        amount, left, tax = self._amounts[position], self._left[position], self._taxes[position]
        figures = self._figures(amount, amount - left, 0, tax, (position, position + 1))
        return LineTotals(*figures, key, line.merchant, line.quantity)

    def _build_expense(self, key: str, position: int) -> ExpenseTotals:
        part = next(i for i, (start, end) in enumerate(self._layout.bounds) if start <= position < end)
        merchant = self._layout.merchants[part] if part < len(self._layout.merchants) else None
        amount, left, tax = self._amounts[position], self._left[position], self._taxes[position]
        figures = self._figures(0, amount - left, amount, tax, (position, position + 1))
        return ExpenseTotals(*figures, key, merchant)

    def _build_part(self, merchant: str | None, part: int) -> PartTotals:
        start, end = self._layout.bounds[part]
        keys_of_lines = {position: key for key, position in self._layout.line_positions.items()}
        keys_of_expenses = {position: key for key, position in self._layout.expense_positions.items()}
        return PartTotals(
            *self._figures(*self._sums[part], (start, end)),
            merchant,
            tuple([keys_of_lines[position] for position in range(start, self._layout.first_expenses[part])]),
            tuple([keys_of_expenses[position] for position in range(self._layout.first_expenses[part], end)]),
        )

    def _figures(
        self, subtotal: int, discount: int, expense: int, tax: int, span: tuple[int, int]
    ) -> tuple[Currency, int, int, int, int, int, int, int, tuple[tuple[str, int], ...], tuple[TaxAmount, ...]]:
        grand = subtotal - discount + expense
        if not self.inputs.prices_include_tax:
            grand += tax
        return (
            self.inputs.currency,
            subtotal,
            discount,
            expense,
            tax,
            grand,
            sum([self._borne.get(position, 0) for position in range(*span)]) if self._borne else 0,
            self._merchant_net(span),
            self._reduction_minors(span),
            self._tax_amounts(span),
        )

    @cached_property
    def _narrow(self) -> Mapping[int, Sequence[tuple[int, int]]]:
        """What reductions of only some lines or expenses took off, by position: (number of the reduction, minor)."""
        found: dict[int, list[tuple[int, int]]] = {}
        for number, reduced in enumerate(self._reduced):
            if not isinstance(reduced.positions, range):
                for position, part in zip(reduced.positions, reduced.parts, strict=True):
                    found.setdefault(position, []).append((number, part))
        return found

    def _reduction_minors(self, span: tuple[int, int]) -> tuple[tuple[str, int], ...]:
        sums: dict[int, int] = {}
        for number, reduced in enumerate(self._reduced):
            if isinstance(reduced.positions, range) and reduced.parts[slice(*span)]:
                sums[number] = sum(reduced.parts[slice(*span)])
        if self._narrow:
            for position in range(*span):
                for number, part in self._narrow.get(position, ()):
                    sums[number] = sums.get(number, 0) + part
        return tuple([(self._reduced[number].key, sums[number]) for number in sorted(sums)])

    @cached_property
    def _borne(self) -> Mapping[int, int]:
        """What merchants bear of the discount, by position."""
        borne: dict[int, int] = {}
        for reduced in self._reduced:
            if reduced.borne is not None:
                for position, part in zip(reduced.positions, reduced.borne, strict=True):
                    borne[position] = borne.get(position, 0) + part
        return borne

    def _merchant_net(self, span: tuple[int, int]) -> int:
        net = 0
        for position in range(span[0], min(span[1], self._layout.own_start)):
            net += self._left[position]
            others = self._amounts[position] - self._left[position] - self._borne.get(position, 0)
            if not self.inputs.prices_include_tax:
                net += others
            else:
                net -= self._taxes[position]
                if others:
                    numerator, denominator = _contained_tax(self._rates_at(position))
                    net += others - round_ratio(others * numerator, denominator, self.inputs.profile.mode)
        return net

    def _rates_at(self, position: int) -> tuple[TaxRate, ...]:
        index, lines = self._layout.order[position], self.inputs.lines
        return lines[index].tax_rates if index < len(lines) else self.inputs.expenses[index - len(lines)].tax_rates

    def _tax_amounts(self, span: tuple[int, int]) -> tuple[TaxAmount, ...]:
        currency, included = self.inputs.currency, self.inputs.prices_include_tax
        found = []
        for column in self._columns:
            start, end = _slice(column.positions, span)
            if start == end:
                continue
            rate = column.tax_rate
            positions = column.positions[start:end]
            base = sum([self._left[position] for position in positions])
            if included:
                base -= sum([self._taxes[position] for position in positions])
            tax = sum(column.parts[start:end]) if rate.treatment is TaxTreatment.STANDARD else 0
            amounts = Money.from_minor(base, currency), Money.from_minor(tax, currency)
            found.append(TaxAmount(rate.name, rate.rate, rate.treatment, *amounts))
        return tuple(found)


def _slice(positions: Sequence[int], span: tuple[int, int]) -> tuple[int, int]:
    """Return where the positions inside `span` start and end."""
    start = bisect_left(positions, span[0])
    return start, bisect_left(positions, span[1], start)


@lru_cache(maxsize=4096)
def _contained_tax(tax_rates: tuple[TaxRate, ...]) -> tuple[int, int]:
    """Return the fraction of charged tax in an amount from which a reverse-charged rate is stripped already."""
    shares = find_shares(tax_rates, included=True)
    charged = sum([Fraction(s.numerator, s.denominator) for s in shares if _is(s.tax_rate, TaxTreatment.STANDARD)])
    stripped = sum(
        [Fraction(s.numerator, s.denominator) for s in shares if _is(s.tax_rate, TaxTreatment.REVERSE_CHARGE)]
    )
    return (Fraction(charged) / (1 - stripped)).as_integer_ratio()


def _is(tax_rate: TaxRate, treatment: TaxTreatment) -> bool:
    return tax_rate.treatment is treatment
