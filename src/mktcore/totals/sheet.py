"""The computed columns of an order, and the figures of any stretch of them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache

import attrs

from mktcore.money import Currency, Money, round_ratio
from mktcore.totals.apply_reductions import ReducedAmounts
from mktcore.totals.compute_taxes import TaxColumn, find_shares
from mktcore.totals.figures import ExpenseTotals, LineTotals, OrderTotals, PartTotals, TaxAmount
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.inputs import Expense, Line, PinnedTax, TaxRate, TaxTreatment
from mktcore.totals.line_amounts import line_amounts, round_amounts
from mktcore.totals.line_positions import Layout
from mktcore.totals.rounding_profile import RoundAt

__all__ = ["Sheet", "lay_out_amounts"]

_UNIT = RoundAt.UNIT  # looking a member up on its class costs more than the arithmetic on a short line


def lay_out_amounts(given: Inputs, layout: Layout) -> tuple[list[int], Sequence[int]]:
    """Return the amounts before reductions, and the quantities where a unit's rounding needs them, by position."""
    profile = given.profile
    prices_at = profile.prices_at or profile.at
    amounts, loose = line_amounts(given.lines, prices_at, profile.mode)
    amounts += [expense.amount.minor for expense in given.expenses]
    if loose:
        round_amounts(amounts, loose, order=layout.order, bounds=layout.bounds, profile=profile)
    quantities: Sequence[int] = ()
    if profile.at is _UNIT:
        units = [line.quantity for line in given.lines] + [1] * len(given.expenses)
        quantities = [units[index] for index in layout.order]
    return [amounts[index] for index in layout.order], quantities


@attrs.frozen(eq=False)
class Sheet:
    """The columns: per position of the layout, and per part.

    Attributes:
        inputs: What they were computed from.
        layout: What stands at which position.
        amounts: Before reductions.
        left: After reductions, with or without tax as the prices are.
        taxes: Charged.
        taken: What each reduction took off.
        columns: Each tax.
        sums: Per part, its subtotal, discount, expenses and tax.
        hides_bearers: Whether it is a buyer's, who is not told who bears what.
    """

    inputs: Inputs
    layout: Layout
    amounts: tuple[int, ...]
    left: tuple[int, ...]
    taxes: tuple[int, ...]
    taken: tuple[ReducedAmounts, ...]
    columns: tuple[TaxColumn, ...]
    sums: tuple[tuple[int, int, int, int], ...]
    hides_bearers: bool = attrs.field(default=False, kw_only=True)

    def without_bearers(self) -> "Sheet":
        """Return the columns as a buyer is shown them: what reductions took off, and not who bears it."""
        reductions = tuple([attrs.evolve(one, merchant_share=None) for one in self.inputs.reductions])
        taken = tuple([(positions, parts, None) for positions, parts, _ in self.taken])
        inputs = attrs.evolve(self.inputs, reductions=reductions)
        return attrs.evolve(self, inputs=inputs, taken=taken, hides_bearers=True)

    @cached_property
    def line_keys(self) -> Mapping[int, str]:
        """The key of the line at each position."""
        return {position: key for key, position in self.layout.line_positions.items()}

    @cached_property
    def expense_keys(self) -> Mapping[int, str]:
        """The key of the expense at each position."""
        return {position: key for key, position in self.layout.expense_positions.items()}

    def build_order(self) -> OrderTotals:
        """Return the figures of the whole order."""
        subtotal, discount, expense, tax = map(sum, zip(*self.sums, strict=True))
        # positional: as in `build_line`
        return OrderTotals(*self._figures(subtotal, discount, expense, tax, (0, len(self.amounts))))

    def build_line(self, key: str, position: int) -> LineTotals:
        """Return the figures of a line."""
        line = self.inputs.lines[self.layout.order[position]]
        amount, left, tax = self.amounts[position], self.left[position], self.taxes[position]
        # positional: four figures in the order in which every level tells them; built for each line that is asked for
        figures = self._figures(amount, amount - left, 0, tax, (position, position + 1))
        return LineTotals(*figures, key, line.merchant, line.quantity)

    def build_expense(self, key: str, position: int) -> ExpenseTotals:
        """Return the figures of an expense."""
        part = next(i for i, (start, end) in enumerate(self.layout.bounds) if start <= position < end)
        merchant = self.layout.merchants[part] if part < len(self.layout.merchants) else None
        amount, left, tax = self.amounts[position], self.left[position], self.taxes[position]
        # positional: as in `build_line`
        figures = self._figures(0, amount - left, amount, tax, (position, position + 1))
        return ExpenseTotals(*figures, key, merchant)

    def build_part(self, merchant: str | None, part: int) -> PartTotals:
        """Return the figures of a merchant's part, or of the marketplace's own."""
        start, end = self.layout.bounds[part]
        middle = self.layout.first_expenses[part]
        return PartTotals(
            *self._figures(*self.sums[part], (start, end)),
            merchant,
            tuple([self.line_keys[position] for position in range(start, middle)]),
            tuple([self.expense_keys[position] for position in range(middle, end)]),
        )

    # positional: for each line, merchant and order; four figures in the order in which every level tells them
    def _figures(
        self, subtotal: int, discount: int, expense: int, tax: int, span: tuple[int, int]
    ) -> tuple[
        Currency, int, int, int, int, int, int | None, int | None, tuple[tuple[str, int], ...], tuple[TaxAmount, ...]
    ]:
        grand = subtotal - discount + expense
        if not self.inputs.prices_include_tax:
            grand += tax
        borne: int | None = None
        net: int | None = None
        if not self.hides_bearers:
            borne = sum([self._borne.get(position, 0) for position in range(*span)]) if self._borne else 0
            net = self._merchant_net(span)
        return (
            self.inputs.currency,
            subtotal,
            discount,
            expense,
            tax,
            grand,
            borne,
            net,
            self._reduction_minors(span),
            self._tax_amounts(span),
        )

    @cached_property
    def _wide(self) -> Sequence[tuple[int, tuple[int, ...]]]:
        """What reductions of everything took off: (number of the reduction, minor at each position)."""
        # Kept as whole columns, so that what they took off a stretch is the sum of a slice.
        return [(n, parts) for n, (positions, parts, _) in enumerate(self.taken) if isinstance(positions, range)]

    @cached_property
    def _narrow(self) -> Mapping[int, Sequence[tuple[int, int]]]:
        """What the other reductions took off, by position: (number of the reduction, minor)."""
        found: dict[int, list[tuple[int, int]]] = {}
        for number, (positions, parts, _) in enumerate(self.taken):
            if not isinstance(positions, range):
                for position, part in zip(positions, parts, strict=True):
                    found.setdefault(position, []).append((number, part))
        return found

    def _reduction_minors(self, span: tuple[int, int]) -> tuple[tuple[str, int], ...]:
        here = slice(*span)
        sums = {number: sum(parts[here]) for number, parts in self._wide if parts[here]}
        if self._narrow:
            for position in range(*span):
                for number, part in self._narrow.get(position, ()):
                    sums[number] = sums.get(number, 0) + part
        reductions = self.inputs.reductions
        return tuple([(reductions[number].key, sums[number]) for number in sorted(sums)])

    @cached_property
    def _borne(self) -> Mapping[int, int]:
        """What merchants bear of the discount, by position."""
        found: dict[int, int] = {}
        for positions, _, borne in self.taken:
            if borne is not None:
                for position, part in zip(positions, borne, strict=True):
                    found[position] = found.get(position, 0) + part
        return found

    def _merchant_net(self, span: tuple[int, int]) -> int:
        net = 0
        for position in range(span[0], min(span[1], self.layout.own_start)):
            # What the marketplace bears is not the merchant's loss: it comes back below, without the tax in it.
            net += self.left[position]
            others = self.amounts[position] - self.left[position] - self._borne.get(position, 0)
            if not self.inputs.prices_include_tax:
                net += others
            else:
                net -= self.taxes[position]
                if others:
                    numerator, denominator = _contained_tax(self.rates_at(position))
                    net += others - round_ratio(others * numerator, denominator, self.inputs.profile.mode)
        return net

    def _item_at(self, position: int) -> Line | Expense | None:
        index, lines, expenses = self.layout.order[position], self.inputs.lines, self.inputs.expenses
        if index < len(lines):
            return lines[index]
        return expenses[index - len(lines)] if index < len(lines) + len(expenses) else None

    def rates_at(self, position: int) -> tuple[TaxRate, ...]:
        """Return the taxes of the line or expense at a position; none for the cash rounding."""
        item = self._item_at(position)
        return () if item is None else item.tax_rates

    def pinned_at(self, position: int) -> tuple[PinnedTax, ...]:
        """Return the pinned taxes of the line or expense at a position."""
        item = self._item_at(position)
        return () if item is None else item.pinned_taxes

    def _tax_amounts(self, span: tuple[int, int]) -> tuple[TaxAmount, ...]:
        currency, included = self.inputs.currency, self.inputs.prices_include_tax
        found = []
        for column in self.columns:
            start, end = _slice(column.positions, span)
            if start == end:
                continue
            rate = column.tax_rate
            positions = column.positions[start:end]
            base = sum([self.left[position] for position in positions])
            if included:
                base -= sum([self.taxes[position] for position in positions])
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
