"""What if: the same inputs under another rounding profile, and every figure that differs."""

from collections.abc import Iterator, Mapping

import attrs

from mktcore.money import Money
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.figures import Figures
from mktcore.totals.rounding_profile import RoundingProfile
from mktcore.totals.totals import Totals

__all__ = ["Difference", "compare_profiles", "compare_totals"]

_FIGURES = ("subtotal", "discount_total", "expense_total", "tax_total", "grand_total")


@attrs.frozen
class Difference:
    """One figure that differs: its path as `Totals.explain` takes it, and both values."""

    path: str
    first: Money
    second: Money

    @property
    def change(self) -> Money:
        """The second less the first."""
        return self.second - self.first

    def __str__(self) -> str:
        return f"{self.path}: {self.first} -> {self.second}"


def compare_profiles(totals: Totals, profile: RoundingProfile) -> tuple[Difference, ...]:
    """Return every figure that would differ if these totals were rounded by another profile.

    Args:
        totals: The totals as they are.
        profile: The other profile.
    """
    return compare_totals(totals, compute_from(attrs.evolve(totals.inputs, profile=profile)))


def compare_totals(first: Totals, second: Totals) -> tuple[Difference, ...]:
    """Return every figure of two computations that differs, the order's first; what one of them lacks counts as zero.

    Raises:
        CurrencyMismatch: They are of different currencies.
    """
    zero = Money.zero(first.inputs.currency)
    return tuple(
        [
            Difference(path, one, two)
            for path, left, right in _pair_levels(first, second)
            for path, one, two in _pair_figures(path, left, second=right, zero=zero)
            if one - two != zero
        ]
    )


def _pair_levels(first: Totals, second: Totals) -> Iterator[tuple[str, Figures | None, Figures | None]]:
    yield "order", first.order, second.order
    yield "marketplace", first.marketplace, second.marketplace
    tables: tuple[tuple[str, Mapping[str, Figures], Mapping[str, Figures]], ...] = (
        ("merchants", first.merchants, second.merchants),
        ("lines", first.lines, second.lines),
        ("expenses", first.expenses, second.expenses),
    )
    for name, left, right in tables:
        for key in dict.fromkeys((*left, *right)):
            yield f"{name}.{key}", left.get(key), right.get(key)


def _pair_figures(
    path: str, first: Figures | None, second: Figures | None, *, zero: Money
) -> Iterator[tuple[str, Money, Money]]:
    for figure in _FIGURES:
        yield f"{path}.{figure}", getattr(first, figure, zero), getattr(second, figure, zero)
