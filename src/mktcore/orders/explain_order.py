"""Why a figure of an order is what it is now: as placed, what was canceled and refunded since, what lapsed. Pure."""

from collections.abc import Callable, Iterator, Sequence

import attrs

from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.orders.placed_totals import FiguredOrder, FiguredPart, recompute_totals
from mktcore.totals.errors import UnknownFigure
from mktcore.totals.figures import Figures, PartTotals
from mktcore.totals.undone import NOTHING_UNDONE

__all__ = ["explain_merchant_order", "explain_order"]

_UNDONE = frozenset({"canceled_total", "canceled_tax_total", "refund_total", "refund_tax_total"})
_LOWERED = frozenset({"grand_total", "gross", "tax_total", "net", "discount_total"})


@attrs.frozen
class _Level:
    """A level of an order by its path, with the levels right below it."""

    path: str
    figures: Figures
    pieces: int = 1
    below: tuple["_Level", ...] = ()

    def iterate(self) -> Iterator["_Level"]:
        """Yield it and every level below it."""
        yield self
        for level in self.below:
            yield from level.iterate()


@attrs.frozen
class _Explainer:
    """Explains the figures of a tree of levels; what is as it was placed, somebody else explains."""

    top: _Level
    explain_placed: Callable[[str], Explanation]

    def explain(self, path: str) -> Explanation:
        name, _, figure = path.rpartition(".")
        level = next((one for one in self.top.iterate() if one.path == name), None)
        if level is None:
            raise UnknownFigure(path, f"there is no {name!r} in this order")
        if figure in _UNDONE:
            return _explain_undone(level, figure)
        if figure not in _LOWERED or level.figures.undone == NOTHING_UNDONE:
            return self.explain_placed(path)
        return self._explain_lowered(level, figure)

    def _explain_lowered(self, level: _Level, figure: str) -> Explanation:
        path, value = f"{level.path}.{figure}", str(getattr(level.figures, figure))
        if figure == "net":
            parts = tuple(self.explain(f"{level.path}.{name}") for name in ("grand_total", "tax_total"))
            return Explanation(path, value, "grand total - tax", parts)
        placed = self.explain_placed(path)
        undone = level.figures.undone
        lapsed = _explain_lapsed(level, tax=figure == "tax_total")
        if figure == "discount_total":
            return Explanation(path, value, "as placed - lapsed", (placed, *lapsed)) if lapsed else placed
        off = ["canceled_tax_total"] if figure == "tax_total" else ["canceled_total"]
        if figure != "tax_total" and undone.tax_on_top:
            off.append("canceled_tax_total")
            lapsed = (*lapsed, *_explain_lapsed(level, tax=True))
        canceled = (_explain_undone(level, name) for name in off)
        parts = (attrs.evolve(placed, title=f"{placed.title}, as placed"), *canceled, *lapsed)
        return Explanation(path, value, f"as placed - canceled{' + lapsed' if lapsed else ''}", parts)


def explain_order(whole: FiguredOrder, parts: Sequence[FiguredPart], path: str) -> Explanation:
    """Return why a figure of an order is what it is.

    Args:
        whole: The marketplace order, as some caller may see it.
        parts: All of its merchant orders.
        path: The figure: `"order.grand_total"`, `"merchants.acme.canceled_total"`, `"lines.1.refund_total"`, ...

    Raises:
        UnknownFigure: No such level, key or figure.
        Hidden: A figure of who bears what, in a buyer's view.
    """
    totals = recompute_totals(whole, parts)
    shown = totals if whole.totals.merchant_borne_minor is not None else totals.without_bearers()
    own = tuple(_to_charge_level(entry) for entry in whole.expenses)
    below = (*(_to_part_level(part) for part in parts), _to_own_level(shown.marketplace, own))
    return _Explainer(_Level("order", whole.totals, below=below), shown.explain).explain(path)


def explain_merchant_order(part: FiguredPart, path: str) -> Explanation:
    """Return why a figure of a merchant order is what it is: what was canceled and refunded, and what that lowers.

    Args:
        part: As some caller may see it.
        path: As of the whole order: `"merchants.acme.grand_total"`, `"lines.1.canceled_total"`, ...

    Raises:
        UnknownFigure: No such level, key or figure.
        Hidden: A figure of who bears what, in a buyer's view.
    """
    top = _to_part_level(part)

    def explain_placed(path: str) -> Explanation:
        # What it was placed at comes of the whole order's lines and reductions, which are not a merchant's to see.
        name, _, figure = path.rpartition(".")
        [level] = [one for one in top.iterate() if one.path == name]
        if not isinstance(getattr(type(level.figures), figure, None), property):
            raise UnknownFigure(path, f"a level has no {figure!r}")
        return Explanation(path, str(getattr(level.figures.as_placed(), figure)), "as placed")

    return _Explainer(top, explain_placed).explain(path)


def _to_part_level(part: FiguredPart) -> _Level:
    lines = tuple(_to_line_level(line) for line in part.lines)
    charges = tuple(_to_charge_level(entry) for entry in part.expenses)
    return _Level(f"merchants.{part.merchant}", part.totals, below=(*lines, *charges))


def _to_own_level(placed: PartTotals, own: tuple[_Level, ...]) -> _Level:
    undone = sum([level.figures.undone for level in own], NOTHING_UNDONE)
    return _Level("marketplace", attrs.evolve(placed, undone=undone), below=own)


def _to_line_level(line: OrderLine) -> _Level:
    return _Level(f"lines.{line.key}", line.totals, pieces=line.quantity)


def _to_charge_level(entry: OrderExpense) -> _Level:
    return _Level(f"expenses.{entry.expense.key}", entry.totals)


def _explain_lapsed(level: _Level, *, tax: bool) -> tuple[Explanation, ...]:
    """Return what a level costs more since a part was canceled, or the tax of that; nothing where nothing rose."""
    undone, currency = level.figures.undone, level.figures.currency
    minor = undone.raised_tax_minor if tax else undone.raised_minor
    if not undone.raised_minor:
        return ()
    title = f"{level.path}, lapsed{' tax' if tax else ''}"
    below = tuple(one for lower in level.below for one in _explain_lapsed(lower, tax=tax))
    return (
        Explanation(title, str(Money.from_minor(minor, currency)), "discounts that the rest no longer earns", below),
    )


def _explain_undone(level: _Level, figure: str) -> Explanation:
    path, value = f"{level.path}.{figure}", getattr(level.figures, figure)
    if level.below:
        parts = [_explain_undone(one, figure) for one in level.below if not getattr(one.figures, figure).is_zero()]
        return Explanation(path, str(value), "the sum of" if parts else "nothing of it was", tuple(parts))
    if value.is_zero():
        return Explanation(path, str(value), "nothing of it was")
    placed = level.figures.as_placed()
    stated = placed.net if level.figures.undone.tax_on_top else placed.grand_total
    whole = placed.tax_total if "tax" in figure else stated
    of = f"of {whole} for {level.pieces} pieces" if level.pieces != 1 else f"of {whole}"
    return Explanation(path, str(value), f"{of} as placed: each time the share of what was left")
