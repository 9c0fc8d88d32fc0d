"""Which pieces of some lines a promotion takes: the cheapest, the dearest, or those that make up sets. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import attrs

from mktcore.promotions.cart_layout import CartLayout
from mktcore.promotions.piece_selection import Sets, Which
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.remaining_amounts import Remaining

__all__ = ["PieceStack", "choose_pieces", "choose_sets", "list_stacks"]

_FINE = 10**6
"""Piece prices are compared to a millionth of a minor unit."""


@attrs.frozen(eq=False)
class PieceStack:
    """Pieces of one line that cost the same.

    Attributes:
        line: The line.
        position: Where it stands.
        count: How many pieces; 1 or more.
        amount: What they cost together after the promotions before, in minor units and exact.
    """

    line: PromotionLine
    position: int = attrs.field(kw_only=True)
    count: int = attrs.field(kw_only=True)
    amount: int | Fraction = attrs.field(kw_only=True)

    @property
    def key(self) -> tuple[int, str]:
        """By what it is compared: what a piece costs, and then the line's key."""
        return int(self.amount * _FINE // self.count), self.line.line.key

    def find_cost(self, pieces: int) -> Fraction:
        """Return what some of them cost."""
        return Fraction(self.amount) if pieces == self.count else Fraction(self.amount * pieces) / self.count


Chosen = list[tuple[PieceStack, int]]
"""Pieces that were chosen of stacks."""


def list_stacks(
    lines: Iterable[PromotionLine], layout: CartLayout, remaining: Remaining, *, spends: bool
) -> list[PieceStack]:
    """Return the pieces of lines; for a promotion that spends them, those only that none has spent."""
    stacks = []
    for line in lines:
        position, count = layout.find_position(line), line.line.quantity
        amount: int | Fraction = remaining.left[position]
        if spends:
            count, amount = remaining.count_free(position, count), remaining.find_free(position)
        if count:
            stacks.append(PieceStack(line, position=position, count=count, amount=amount))
    return stacks


def choose_pieces(stacks: Iterable[PieceStack], most: int, which: Which = Which.CHEAPEST) -> Chosen:
    """Return so many pieces, the cheapest or the dearest first."""
    chosen: Chosen = []
    for stack in _sort(stacks, which):
        count = min(stack.count, most)
        if not count:
            break
        most -= count
        chosen.append((stack, count))
    return chosen


def choose_sets(stacks: Sequence[PieceStack], sets: Sets, price: int | None = None) -> tuple[int, Chosen]:
    """Return how many sets are made, and of which pieces: the dearest that make up so many.

    Args:
        stacks: The pieces there are.
        sets: What a set is made of.
        price: What a set costs, in minor units: no more are made than those that cost more by themselves.
    """
    serving = [(stack, _find_parts(stack, sets)) for stack in _sort(stacks, Which.DEAREST)]
    serving = [(stack, parts) for stack, parts in serving if parts]
    needed = _count_needed(sets)
    most = _count_sets(serving, needed)
    most = most if sets.times is None else min(most, sets.times)
    if price is None:
        return most, _fill_sets(serving, needed, most)

    def pays(count: int) -> bool:
        return _find_value(serving, needed, count) - _find_value(serving, needed, count - 1) > price

    made = _find_last(most, pays)
    return made, _fill_sets(serving, needed, made)


def _sort(stacks: Iterable[PieceStack], which: Which) -> list[PieceStack]:
    if which is Which.CHEAPEST:
        return sorted(stacks, key=lambda stack: stack.key)
    return sorted(stacks, key=lambda stack: (-stack.key[0], stack.key[1]))


_Serving = Sequence[tuple[PieceStack, int]]
"""Stacks, the dearest first, with the parts of a set that their pieces may serve: a bit for each part."""


def _find_parts(stack: PieceStack, sets: Sets) -> int:
    return sum(1 << at for at, part in enumerate(sets.parts) if part.of.matches(stack.line))


def _count_needed(sets: Sets) -> Mapping[int, int]:
    """Return how many pieces one set needs for every choice of its parts."""
    pieces = [part.pieces for part in sets.parts]
    choices = range(1, 1 << len(pieces))
    return {choice: sum(count for at, count in enumerate(pieces) if choice >> at & 1) for choice in choices}


def _count_sets(serving: _Serving, needed: Mapping[int, int]) -> int:
    # Hall's theorem: so many can be made when each choice of parts has pieces enough that serve one of them.
    have: dict[int, int] = {}
    for stack, parts in serving:
        have[parts] = have.get(parts, 0) + stack.count
    return min(sum(count for parts, count in have.items() if parts & choice) // need for choice, need in needed.items())


def _fill_sets(serving: _Serving, needed: Mapping[int, int], count: int) -> Chosen:
    """Choose the dearest pieces that make up so many sets, which there are pieces enough for."""
    taken: dict[int, int] = {}
    chosen: Chosen = []
    for stack, parts in serving:
        # Taking the dearest first loses nothing: what can be matched to parts is a matroid. And it can be matched as
        # long as no choice of parts gets more pieces that serve nothing else than it has places.
        room = min(
            count * need - sum(pieces for known, pieces in taken.items() if known | choice == choice)
            for choice, need in needed.items()
            if parts | choice == choice
        )
        pieces = min(stack.count, room)
        if pieces > 0:
            taken[parts] = taken.get(parts, 0) + pieces
            chosen.append((stack, pieces))
    return chosen


def _find_value(serving: _Serving, needed: Mapping[int, int], count: int) -> Fraction:
    return sum((stack.find_cost(pieces) for stack, pieces in _fill_sets(serving, needed, count)), Fraction(0))


def _find_last(most: int, pays: Callable[[int], bool]) -> int:
    """Return the last number that pays, of numbers from 1 of which those that pay come first."""
    low, high = 0, most
    # One set more never costs more by itself than the one before it.
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if pays(middle) else (low, middle - 1)
    return low
