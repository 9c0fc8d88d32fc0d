"""Why a figure is what it is: recomputed from the inputs when someone asks, at no cost otherwise."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property

import attrs

from mktcore.explain import Explanation
from mktcore.money import Currency, Money, Rounding
from mktcore.totals.apply_reductions import reduce_in_order
from mktcore.totals.errors import UnknownFigure
from mktcore.totals.explained_amounts import (
    FIXED,
    UNCHARGED,
    AmountFlow,
    Sums,
    reduction_flows,
    tax_flows,
    write_cut_exact,
    write_percent,
)
from mktcore.totals.figures import Figures
from mktcore.totals.inputs import Line, TaxTreatment
from mktcore.totals.line_amounts import exact_line_amount, exact_unit_amount
from mktcore.totals.line_positions import Layout, arrange
from mktcore.totals.rounding_profile import RoundAt
from mktcore.totals.sheet import Sheet, lay_out_amounts

__all__ = ["explain_figure"]

_SUMMED = {"subtotal", "expense_total"}
_COMPOSED = {
    "grand_total": ("subtotal", "discount_total", "expense_total", "tax_total"),
    "gross": ("subtotal", "discount_total", "expense_total", "tax_total"),
    "net": ("grand_total", "tax_total"),
    "marketplace_borne": ("discount_total", "merchant_borne"),
    "merchant_net": ("net", "marketplace_borne"),
    "merchant_borne": (),
}


@attrs.frozen(eq=False)
class _Place:
    """A level of the order: the order (0), a part (1), or a line or expense (2)."""

    path: str
    level: int
    span: tuple[int, int]
    figures: Figures


def explain_figure(sheet: Sheet, path: str) -> Explanation:
    """Return the tree of reasons behind one figure.

    Raises:
        UnknownFigure: The path names none.
    """
    explainer = _Explainer(sheet)
    name, _, figure = path.rpartition(".")
    place = explainer.find_place(path, name)
    if figure not in {*_COMPOSED, *_SUMMED, "discount_total", "tax_total"}:
        raise UnknownFigure(path, f"a level has no {figure!r}")
    return explainer.explain(place, figure)


class _Explainer:
    """Recomputes the steps between the inputs and the columns, and tells them."""

    def __init__(self, sheet: Sheet) -> None:
        given = sheet.inputs
        self.sheet = sheet
        self.currency: Currency = given.currency
        self.layout: Layout = arrange(given.lines, given.expenses)
        self.amounts, quantities = lay_out_amounts(given, self.layout)
        self.left, self.taken, _ = reduce_in_order(
            self.amounts, quantities, given.reductions, layout=self.layout, profile=given.profile
        )
        self.line_keys = sheet.line_keys
        self.expense_keys = sheet.expense_keys

    def find_place(self, path: str, name: str) -> _Place:
        if name == "order":
            return self._order()
        for place in self.parts:
            if place.path == name:
                return place
        for position in range(len(self.sheet.amounts)):
            if self._name(position) == name:
                return self._entry(position)
        raise UnknownFigure(path, f"there is no {name!r} in this order")

    def _name(self, position: int) -> str:
        if position in self.line_keys:
            return f"lines.{self.line_keys[position]}"
        return f"expenses.{self.expense_keys[position]}"

    def _order(self) -> _Place:
        return _Place("order", 0, span=(0, len(self.sheet.amounts)), figures=self.sheet.build_order())

    @cached_property
    def parts(self) -> Sequence[_Place]:
        """The merchants' parts, and at last the marketplace's own."""
        layout = self.sheet.layout
        found = []
        for part, span in enumerate(layout.bounds):
            merchant = layout.merchants[part] if part < len(layout.merchants) else None
            path = "marketplace" if merchant is None else f"merchants.{merchant}"
            found.append(_Place(path, 1, span=span, figures=self.sheet.build_part(merchant, part)))
        return found

    def _entry(self, position: int) -> _Place:
        span = (position, position + 1)
        if position in self.line_keys:
            figures: Figures = self.sheet.build_line(self.line_keys[position], position)
        else:
            figures = self.sheet.build_expense(self.expense_keys[position], position)
        return _Place(self._name(position), 2, span=span, figures=figures)

    def _below(self, place: _Place, positions: Sequence[int]) -> list[_Place]:
        """Return the levels right below that hold some of these positions."""
        if place.level == 0:
            starts = [part.span[0] for part in self.parts]
            return [self.parts[number] for number in dict.fromkeys(bisect_right(starts, p) - 1 for p in positions)]
        return [self._entry(position) for position in positions] if place.level == 1 else []

    def _parent(self, place: _Place) -> tuple[int, int]:
        if place.level == 1:
            return 0, len(self.sheet.amounts)
        return next((start, end) for start, end in self.sheet.layout.bounds if start <= place.span[0] < end)

    def explain(self, place: _Place, figure: str) -> Explanation:
        value: Money = getattr(place.figures, figure)
        title = f"{place.path}.{figure}"
        if figure == "tax_total":
            flows = tax_flows(self.sheet, self.left)
            return Explanation(title, str(value), self._tax_reason(), tuple(self._tell_all(flows, place)))
        if figure == "discount_total":
            flows = reduction_flows(self.sheet, self.amounts, self.taken)
            return Explanation(title, str(value), self._stripped(place), tuple(self._tell_all(flows, place)))
        if figure in _SUMMED:
            return self._explain_sum(place, figure, title=title, value=value)
        named = [name for name in _COMPOSED[figure] if not getattr(place.figures, name).is_zero()]
        parts = tuple([self.explain(place, name) for name in named])
        return Explanation(title, str(value), self._composition(figure), parts)

    def _composition(self, figure: str) -> str:
        if figure in {"grand_total", "gross"}:
            included = self.sheet.inputs.prices_include_tax
            tax = "; the tax is contained" if included else " + tax"
            return f"subtotal - discount + expenses{tax}"
        return {
            "net": "grand total - tax",
            "marketplace_borne": "discount - what merchants bear",
            "merchant_net": "net + the reductions that the marketplace bears, their tax left out",
            "merchant_borne": "the merchants' share of each reduction",
        }[figure]

    def _explain_sum(self, place: _Place, figure: str, title: str, *, value: Money) -> Explanation:
        if place.level < 2:  # noqa: PLR2004 - the levels are counted from the order's 0
            below = [
                part for part in self._below(place, range(*place.span)) if not getattr(part.figures, figure).is_zero()
            ]
            return Explanation(title, str(value), "the sum of", tuple([self.explain(one, figure) for one in below]))
        position = place.span[0]
        stripped = self._stripped(place)
        if figure == "subtotal" and position in self.line_keys:
            line = self.sheet.inputs.lines[self.layout.order[position]]
            reason, parts = self._explain_line(line, self.amounts[position])
            return Explanation(title, str(value), f"{reason}; {stripped}" if stripped else reason, parts)
        # The cash rounding stands behind everything that is recomputed here.
        cash = position >= len(self.amounts)
        reason = "brings the order's grand total to a multiple of the smallest coin" if cash else "as given"
        return Explanation(title, str(value), f"{reason}; {stripped}" if stripped else reason)

    def _explain_line(self, line: Line, minor: int) -> tuple[str, tuple[Explanation, ...]]:
        profile = self.sheet.inputs.profile
        at = profile.prices_at or profile.at
        unit, exact = exact_unit_amount(line), exact_line_amount(line)
        options = [
            Explanation(f"option {o.key}", str(o.mark_up) if o.mark_up is not None else write_percent(o.percent or 0))
            for o in line.options
        ]
        per = f" per {line.per}" if line.per != 1 else ""
        each = f" x {line.unit_multiplier}" if line.unit_multiplier != 1 else ""
        parts = (Explanation("unit price", f"{line.unit_price}{per}"), *options)
        count = f"{line.quantity} x {line.unit_price}{per}{each}"
        if exact == minor:
            return count, parts
        mode = _name_mode(self.sheet.inputs.profile.mode)
        if at is RoundAt.UNIT:
            return f"{count}; a unit of {self._show(unit)} rounds {mode}", parts
        if at is RoundAt.LINE:
            return f"{count} = {self._show(exact)} rounds {mode}", parts
        return f"{count} = {self._show(exact)}, rounded {mode} with the {at.value}'s sum and apportioned", parts

    def _tax_reason(self) -> str:
        return "contained in the prices" if self.sheet.inputs.prices_include_tax else "on top of the prices"

    def _stripped(self, place: _Place) -> str:
        """Say that a reverse-charged tax was taken out of what stands here, where one was."""
        if not self.sheet.inputs.prices_include_tax:
            return ""
        reverse = [c.tax_rate for c in self.sheet.columns if c.tax_rate.treatment is TaxTreatment.REVERSE_CHARGE]
        here = [rate for rate in reverse if any(rate in self.sheet.rates_at(p) for p in range(*place.span))]
        names = ", ".join([f"{rate.name} {write_percent(rate.rate)}" for rate in here])
        return f"stripped of {names}, which the buyer owes" if names else ""

    def _tell_all(self, flows: Iterable[AmountFlow], place: _Place) -> Iterator[Explanation]:
        for flow in flows:
            if flow.inside(place.span):
                yield self._tell(flow, place)

    def _tell(self, flow: AmountFlow, place: _Place, above: Sums | None = None) -> Explanation:
        exact, taken = flow.sums(place.span)
        whole = sum([flow.parts[position] for position in flow.inside(place.span)])
        reason = self._step(flow, place, sums=(exact, taken), above=above)
        if flow.given.intersection(flow.inside(place.span)):
            pinned = f"{self._money(whole - taken)} of it is given from outside"
            reason = f"{reason}; {pinned}" if taken else pinned
        touched = [position for position in flow.inside(place.span) if flow.parts[position]]
        below = [self._tell(flow, one, (exact, taken)) for one in self._below(place, touched)]
        title = flow.title if place.level == 0 else f"{flow.title}, {place.path}"
        return Explanation(title, str(self._money(whole)), reason, tuple(below))

    def _step(self, flow: AmountFlow, place: _Place, sums: Sums, *, above: Sums | None) -> str:
        exact, taken = sums
        at, mode = self.sheet.inputs.profile.at, _name_mode(flow.mode or self.sheet.inputs.profile.mode)
        by = self.sheet.inputs.profile.allocation.name.lower().replace("_", " ")
        if flow.level == UNCHARGED or (flow.level == FIXED and place.level == 0):
            return flow.head
        if place.level < flow.level:
            return "the sum of"
        if place.level == flow.level:
            if exact == taken:
                return f"{flow.head}exact"
            unit = ", unit by unit," if at is RoundAt.UNIT else ""
            return f"{flow.head}exactly {self._show(exact)}{unit} rounds {mode}"
        parent_exact, parent = above or flow.sums(self._parent(place))
        if parent_exact == exact:
            return "all of it"
        share = parent * exact / parent_exact if parent_exact else Fraction(0)
        moved = "" if share == taken else f", by {by}"
        return f"{self._show(share)} is its exact share of {self._money(parent)}{moved}"

    def _money(self, minor: int) -> Money:
        return Money.from_minor(minor, self.currency)

    def _show(self, minor: Fraction) -> str:
        return write_cut_exact(minor, self.currency)


def _name_mode(mode: Rounding) -> str:
    return mode.name.lower().replace("_", " ")
