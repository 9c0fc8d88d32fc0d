"""What the promotions before left of a cart: the amount of each line and charge, and the pieces that none has spent."""

from collections.abc import Mapping
from fractions import Fraction

import attrs

__all__ = ["Remaining", "SpentPieces"]


@attrs.frozen
class SpentPieces:
    """Pieces of a line that served a promotion, and serve no other that spends pieces.

    Attributes:
        count: How many.
        free_share: Which fraction of what is left of the line stands on its other pieces.
    """

    count: int
    free_share: Fraction


@attrs.frozen(eq=False)
class Remaining:
    """What is left.

    Attributes:
        left: In minor units, by position.
        spent: The pieces that are spent, by position.
    """

    left: list[int]
    spent: Mapping[int, SpentPieces] = attrs.field(factory=dict)

    def count_free(self, position: int, pieces: int) -> int:
        """Return how many of a line's pieces are not spent."""
        spent = self.spent.get(position)
        return pieces if spent is None else pieces - spent.count

    def find_free(self, position: int) -> int | Fraction:
        """Return what is left of a line's pieces that are not spent, in minor units and exact."""
        spent, left = self.spent.get(position), self.left[position]
        return left if spent is None else left * spent.free_share

    def spend(self, counts: Mapping[int, int], *, pieces: Mapping[int, int], after: list[int]) -> "Remaining":
        """Return what is left once pieces were spent.

        Args:
            counts: How many more are spent, by position.
            pieces: How many there are, by position.
            after: What is left after what these pieces were given, by position.
        """
        spent = dict(self.spent)
        for position, count in counts.items():
            free, total = self.count_free(position, pieces[position]), after[position]
            # Reductions since are taken evenly off all pieces, so a share stays right where an amount would not.
            kept = self.find_free(position) * Fraction(free - count, free)
            share = min(Fraction(kept) / total, Fraction(1)) if total else Fraction(0)
            spent[position] = SpentPieces(pieces[position] - free + count, share)
        return Remaining(after, spent)
