"""Where the pieces of an order were after some of its steps: moves tell it, or the step itself does. Pure."""

from collections.abc import Iterable

import attrs

from mktcore.orders.history import OrderStep
from mktcore.processes.errors import InvalidSubject
from mktcore.processes.portions import Move, Portion
from mktcore.processes.portions.subject import Stay, build_portion, to_stay

__all__ = ["is_told_by_moves", "list_portions"]


class _Walk:
    """Portions while moves are followed, in the order in which an event leaves them."""

    def __init__(self, portions: Iterable[Portion]) -> None:
        self.portions = {(one.line, one.state, one.since, one.timed_out): one for one in portions}
        # By line, once it is asked for: looking for a portion in a state must not cost as much as there are lines.
        self.lines: dict[str, dict[Stay, None]] | None = None

    def follow(self, moves: Iterable[Move]) -> bool:
        """Follow moves, and tell whether each could be."""
        for move in moves:
            if move.source == move.target:
                continue  # it stayed, and only a time-out leaves a mark on it: then the step itself tells
            if move.source is not None and not self._leave(move.line, move.source, move.quantity):
                return False
            self._enter(build_portion(move.line, move.target, move.quantity, move.at, ()))  # positional: in their order
        return True

    def _leave(self, line: str, state: str, quantity: int) -> bool:
        stay = next((stay for stay in self._get_line(line) if stay[1] == state), None)
        if stay is None or self.portions[stay].quantity < quantity:
            return False
        left = self.portions[stay].quantity - quantity
        if left:
            self.portions[stay] = attrs.evolve(self.portions[stay], quantity=left)
        else:
            del self.portions[stay], self._get_line(line)[stay]
        return True

    def _enter(self, portion: Portion) -> None:
        stay = to_stay(portion)
        there = self.portions.get(stay)
        together = portion if there is None else attrs.evolve(there, quantity=there.quantity + portion.quantity)
        self.portions[stay] = together
        self._get_line(portion.line)[stay] = None

    def _get_line(self, line: str) -> dict[Stay, None]:
        if self.lines is None:
            self.lines = {}
            for stay in self.portions:
                self.lines.setdefault(stay[0], {})[stay] = None
        return self.lines.setdefault(line, {})


def is_told_by_moves(before: Iterable[Portion], moves: Iterable[Move], after: tuple[Portion, ...]) -> bool:
    """Tell whether the portions before, and what moved, tell the portions after, down to the order of them."""
    walk = _Walk(before)
    return walk.follow(moves) and tuple(walk.portions.values()) == after


def list_portions(steps: Iterable[OrderStep]) -> tuple[Portion, ...]:
    """Return where the pieces of an order are after steps, which are all that it went through from its first on.

    Raises:
        InvalidSubject: They cannot have happened: more pieces left a state than were there.
    """
    walk = _Walk(())
    for step in steps:
        if step.portions is not None:
            walk = _Walk(step.portions)
        elif not walk.follow(step.moves):
            raise InvalidSubject(f"step {step.id} moves pieces from where they never were")
    return tuple(walk.portions.values())
