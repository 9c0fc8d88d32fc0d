"""Whether what was answered under keys is what orders went through: the states, and what was asked (I13). Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import attrs

from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder
from mktcore.orders.actions.action import list_facts
from mktcore.orders.history import OrderStep, collect_moves, list_former_steps
from mktcore.persistence.answer_once import to_canonical
from mktcore.processes.portions.subject import Move, find_stays

__all__ = ["AnsweredHistory"]

AnyOrder = MarketplaceOrder | MerchantOrder


class AnsweredHistory:
    """What an order went through, for its answers to be compared with: what all of them ask is found out once."""

    def __init__(self, stored: AnyOrder, steps: Sequence[OrderStep]) -> None:
        """Look at an order as it is, and at its steps in order; of 0.1.0, its document still carries the first ones."""
        self._stored = stored
        self._steps = (*list_former_steps(stored), *steps)
        self._moves = collect_moves(stored, steps)

    def is_told(self) -> bool:
        """Tell whether anything of it was recorded: a market without that effect records nothing."""
        return bool(self._steps)

    def check_states(self, where: str, told: AnyOrder) -> Iterator[Notice]:
        """Yield a finding where an answer under a key tells states that the order was never in."""
        portions = told.fulfilment.portions
        if portions == self._stored.fulfilment.portions:
            return  # where it is, it came to by its history, or that is told of itself
        if sum([hash((one.line, one.state)) * one.quantity for one in portions]) not in self._passed:
            yield Notice("I13", where, f"its answer tells states that {told.id} was never in")
        if any((one.line, one.state, one.since) not in self._entered for one in portions):
            yield Notice("I13", where, f"its answer tells of {told.id} that pieces moved when they did not")

    def has_entered(self, line: str, state: str) -> bool:
        """Tell whether pieces of a line were ever in a state."""
        return (line, state) in self._places

    def check_asked(self, where: str, request: Mapping[str, object]) -> Iterator[Notice]:
        """Yield a finding where nothing that happened is what was asked: the event with its facts, of which pieces."""
        event, lines = request.get("event"), request.get("lines")
        # Why it happened, the process itself may have said instead.
        runs = self._runs.get(event, {}) if isinstance(event, str) else {}
        asked = {one for one in lines.items() if one[1]} if isinstance(lines, Mapping) else set()
        first = next(iter(asked), None)
        near = runs.get(first, []) if first is not None else [run for own in runs.values() for run in own]
        facts = {name: fact for name, fact in request.items() if name.startswith("action.")}
        if not any(asked <= run.moved.items() and facts == run.facts for run in near):
            yield Notice("I13", where, f"it asks for {event!r}, and nothing of that kind happened so")

    def find_states(self, version: int) -> Counter[str] | None:
        """Return how many pieces were in which states in a version; None where that cannot be told.

        Steps are numbered by the versions that they made, but for those of an order of an earlier release.
        """
        if self._stored.former_moves:
            return None
        place = bisect_right(self._steps, version, key=lambda step: step.number)
        return self._counted[place - 1] if place else None

    def has_step(self, version: int) -> bool:
        """Tell whether it came to a version by a step, or nobody knows, see `find_states`."""
        return bool(self._stored.former_moves) or version in self._numbers

    def is_migrated(self) -> bool:
        """Tell whether it came to another version of its process since it was placed."""
        return any(move.is_migration() for move in self._moves)

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(step.number for step in self._steps)

    @cached_property
    def _counted(self) -> tuple[Counter[str], ...]:
        """After each step, how many pieces were in which states."""
        counted, now = [], Counter[str]()
        for step in self._steps:
            for move in step.moves:
                now[move.target] += move.quantity
                if move.source is not None:
                    now[move.source] -= move.quantity
            counted.append(+now)
        return tuple(counted)

    @cached_property
    def _passed(self) -> frozenset[int]:
        """After which moves it was in which states: all pieces in theirs, as one sum of hashes.

        Which moves they are, the version does not tell: the steps of an order of 0.1.0 were numbered later.
        """
        passed, now = {0}, 0
        for move in self._moves:
            now += hash((move.line, move.target)) * move.quantity
            if move.source is not None:
                now -= hash((move.line, move.source)) * move.quantity
            passed.add(now)
        return frozenset(passed)

    @cached_property
    def _entered(self) -> frozenset[tuple[str, str, datetime]]:
        moved = {(move.line, move.target, move.at) for move in self._moves}
        return frozenset(find_stays(self._moves) | moved)

    @cached_property
    def _places(self) -> frozenset[tuple[str, str]]:
        return frozenset((move.line, move.target) for move in self._moves)

    @cached_property
    def _runs(self) -> Mapping[str, Mapping[tuple[str, object], list["_Run"]]]:
        """Return the pieces that moved together by one event, by line; found by the event, and by each of them."""
        found: dict[str, dict[tuple[str, object], list[_Run]]] = {}
        for step in self._steps:
            told = {} if step.action is None else list_facts(step.action)
            facts = {f"action.{name}": to_canonical(fact) for name, fact in told.items()}
            for event, moved in _count_moved(step.moves).items():
                for one in moved.items():
                    found.setdefault(event, {}).setdefault(one, []).append(_Run(moved, facts))
        return found


@attrs.frozen
class _Run:
    """What moved by one event of a step, by line, and with which facts."""

    moved: Mapping[str, int]
    facts: Mapping[str, object]


def _count_moved(moves: Iterable[Move]) -> dict[str, Counter[str]]:
    """Return how many pieces of each line moved, by the event."""
    found: dict[str, Counter[str]] = {}
    for move in moves:
        found.setdefault(move.event, Counter())[move.line] += move.quantity
    return found
