"""Where every line and expense stands in the columns that totals are computed in."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import attrs

from mktcore.totals.apportionment import Bounds
from mktcore.totals.inputs import Expense, Line, LineSelection, Reduction

__all__ = ["Layout", "arrange", "segment"]


@attrs.frozen(eq=False)
class Layout:
    """The order of the columns: merchant by merchant, each one's lines before its expenses; the marketplace's own last.

    Attributes:
        merchants: The merchants, in the order in which the input first names them.
        bounds: Per merchant, and at last for the marketplace's own part, the positions (start, end).
        first_expenses: Per part, the position of its first expense.
        order: Per position, the index in the input, lines first and then expenses.
        line_positions: Where each line stands, by key, in the order of the input.
        expense_positions: Where each expense stands, likewise.
    """

    merchants: tuple[str, ...]
    bounds: tuple[tuple[int, int], ...]
    first_expenses: tuple[int, ...]
    order: Sequence[int]
    line_positions: Mapping[str, int]
    expense_positions: Mapping[str, int]

    @property
    def own_start(self) -> int:
        """Where the marketplace's own part starts."""
        return self.bounds[-1][0]

    def find_targets(self, reduction: Reduction) -> Sequence[int]:
        """Return the positions that a reduction looks at, ascending."""
        if reduction.merchant is None and reduction.lines is None and reduction.expenses is None:
            # A range where it can be one: what follows then works on whole columns.
            return sorted(self.line_positions.values()) if self.expense_positions else range(self.own_start)
        chosen: set[int] = set()
        if reduction.lines is not None or reduction.expenses is None:
            chosen.update(_choose(reduction.lines, self.line_positions))
        if reduction.expenses is not None:
            chosen.update(_choose(reduction.expenses, self.expense_positions))
        if reduction.merchant is not None:
            start, end = self.find_merchant(reduction.merchant)
            return sorted([position for position in chosen if start <= position < end])
        return sorted(chosen)

    def find_merchant(self, merchant: str) -> tuple[int, int]:
        """Return the positions of a merchant's part, an empty stretch for one that has none."""
        return self.bounds[self.merchants.index(merchant)] if merchant in self.merchants else (0, 0)


def _choose(keys: Sequence[str] | LineSelection | None, known: Mapping[str, int]) -> list[int]:
    if keys is None or isinstance(keys, LineSelection):
        return list(known.values())
    return [known[key] for key in keys]


def arrange(lines: Sequence[Line], expenses: Sequence[Expense]) -> Layout:
    """Group lines and expenses by merchant; within a merchant the order of the input stays."""
    groups: dict[str | None, list[int]] = {}
    for index, line in enumerate(lines):
        group = groups.get(line.merchant)
        if group is None:
            groups[line.merchant] = [index]
        else:
            group.append(index)
    charges: dict[str | None, list[int]] = {}
    for index, expense in enumerate(expenses, len(lines)):
        if expense.merchant not in groups:
            groups[expense.merchant] = []
        charges.setdefault(expense.merchant, []).append(index)
    groups[None] = groups.pop(None, [])  # the marketplace's own part is the last, and always there
    bounds: list[tuple[int, int]] = []
    first_expenses: list[int] = []
    order: list[int] = []
    for merchant, group in groups.items():
        start = len(order)
        order += group
        first_expenses.append(len(order))
        if merchant in charges:
            order += charges[merchant]
        bounds.append((start, len(order)))
    positions = [0] * len(order)
    for position, index in enumerate(order):
        positions[index] = position
    items: tuple[Line | Expense, ...] = (*lines, *expenses)
    keys = [item.key for item in items]
    count = len(lines)
    return Layout(
        tuple([merchant for merchant in groups if merchant is not None]),
        tuple(bounds),
        tuple(first_expenses),
        order=order,
        line_positions=dict(zip(keys[:count], positions[:count], strict=True)),
        expense_positions=dict(zip(keys[count:], positions[count:], strict=True)) if expenses else {},
    )


def segment(positions: Sequence[int], bounds: Bounds) -> Bounds:
    """Return the stretches of `positions` that fall into each of the bounds, empty ones left out.

    >>> segment([0, 2, 7], [(0, 3), (3, 6), (6, 9)])
    [(0, 2), (2, 3)]
    """
    if len(positions) == 1:
        return [(0, 1)]
    stretches = []
    start = 0
    for _, bound in bounds:
        end = bisect_left(positions, bound, start)
        if end > start:
            stretches.append((start, end))
        start = end
    return stretches
