"""`Totals`: the figures of every level of an order."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Generic, TypeVar

import attrs

from mktcore.explain import Explanation
from mktcore.totals.compute_taxes import TaxDifference
from mktcore.totals.explain_figure import explain_figure
from mktcore.totals.figures import ExpenseTotals, LineTotals, OrderTotals, PartTotals
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.sheet import Sheet

__all__ = ["Totals"]

T = TypeVar("T")


@attrs.frozen(eq=False)
class _Table(Mapping[str, T], Generic[T]):
    """A read-only mapping whose values are built when they are asked for."""

    places: Mapping[str, int]
    build: Callable[[str, int], T]

    def __getitem__(self, key: str) -> T:
        # Only now: of an order of thousands of lines mostly the sums are read.
        return self.build(key, self.places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __repr__(self) -> str:
        return f"<totals of {', '.join(self.places)}>"


@attrs.frozen(repr=False, eq=False)
class Totals:
    """The totals of an order at every level: `order`, `merchants`, `marketplace`, `lines` and `expenses`.

    Immutable. Inside are columns of ints; each figure is built as `Money` when it is read. Every figure of a level is
    the sum of the figures of its parts, exactly, whatever the rounding profile. Totals of equal inputs are equal.

    Attributes:
        tax_differences: The pinned taxes that are not what this library computes.
    """

    _sheet: Sheet
    tax_differences: tuple[TaxDifference, ...]

    @property
    def inputs(self) -> Inputs:
        """What these totals were computed from."""
        return self._sheet.inputs

    @property
    def lines(self) -> Mapping[str, LineTotals]:
        """The totals of each line, by its key, in the order of the input."""
        return _Table(self._sheet.layout.line_positions, self._sheet.build_line)

    @property
    def expenses(self) -> Mapping[str, ExpenseTotals]:
        """The totals of each expense, by its key; a cash rounding is the last, as `"cash-rounding"`."""
        return _Table(self._sheet.layout.expense_positions, self._sheet.build_expense)

    @cached_property
    def merchants(self) -> Mapping[str, PartTotals]:
        """The totals of each merchant's part, by merchant."""
        places = {merchant: part for part, merchant in enumerate(self._sheet.layout.merchants)}
        return _Table(places, self._sheet.build_part)

    @cached_property
    def marketplace(self) -> PartTotals:
        """The totals of the marketplace's own part: its expenses."""
        return self._sheet.build_part(None, len(self._sheet.layout.merchants))

    @cached_property
    def order(self) -> OrderTotals:
        """The totals of the whole order."""
        return self._sheet.build_order()

    def without_bearers(self) -> "Totals":
        """Return the totals as a buyer is shown them: what reductions took off, and not who bears it."""
        return Totals(self._sheet.without_bearers(), self.tax_differences)

    def explain(self, path: str = "order.grand_total") -> Explanation:
        """Return why a figure is what it is, down to each rounding step; computed only now.

        Args:
            path: The figure: `"order.grand_total"`, `"merchants.acme.tax_total"`, `"lines.1.discount_total"`, ...

        Raises:
            UnknownFigure: No such level, key or figure.
            Hidden: A figure of who bears what, in a buyer's view.
        """
        return explain_figure(self._sheet, path)

    def __eq__(self, other: object) -> bool:
        return self.inputs == other.inputs if isinstance(other, Totals) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.inputs)

    def __repr__(self) -> str:
        counts = f"{len(self.lines)} lines, {len(self.merchants)} merchants"
        return f"<Totals {self.order.grand_total}: {counts}>"
