"""A subject whose lines go through a process in quantities, and the record of every move."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.persistence import Scope
from mktcore.processes.errors import InvalidSubject
from mktcore.processes.fast_values import make_builder

__all__ = [
    "Move",
    "Portion",
    "Stay",
    "Subject",
    "build_move",
    "build_portion",
    "build_subject",
    "find_stays",
    "replay",
    "to_stay",
]


@attrs.frozen(weakref_slot=False)
class Portion:
    """A quantity of one line that is in one state since one instant.

    Attributes:
        line: Key of the line, unique in its subject.
        state: Name of the state.
        quantity: How many units, at least 1.
        since: When it entered the state, UTC; its time-outs count from here.
        timed_out: Names of the time-outs that have fired in this stay, so that none fires twice (invariant I15).
    """

    line: str
    state: str
    quantity: int
    since: datetime
    timed_out: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if type(self.quantity) is not int or self.quantity < 1:
            raise InvalidSubject(f"{self.quantity!r} is no quantity of line {self.line!r}")


@attrs.frozen(weakref_slot=False)
class Subject:
    """What goes through a process: an order, a return, a quote. The host keeps it inside its own value.

    Attributes:
        id: Id of the host's value.
        process: Name of the process it is on.
        version: Version of the process it is on.
        portions: Where each quantity of each line is.
    """

    id: str
    process: str
    version: int
    portions: tuple[Portion, ...]

    def count(self, *, line: str | None = None, state: str | None = None) -> int:
        """Return how many units there are, of one line or all, in one state or any."""
        return sum(
            portion.quantity
            for portion in self.portions
            if (line is None or portion.line == line) and (state is None or portion.state == state)
        )

    def states(self) -> dict[str, dict[str, int]]:
        """Return the quantity of each line in each state: `{"l1": {"new": 2, "shipped": 1}}`."""
        found: dict[str, dict[str, int]] = {}
        for portion in self.portions:
            line = found.setdefault(portion.line, {})
            line[portion.state] = line.get(portion.state, 0) + portion.quantity
        return found

    def describe_places(self) -> Mapping[str, str]:
        """Return what a drawing writes into the states it is in: how many units are there."""
        states = dict.fromkeys(portion.state for portion in self.portions)
        return {state: f"{self.count(state=state)} here" for state in states}


@attrs.frozen(weakref_slot=False)
class Move:
    """One line of the history: who made which quantity go from where to where, when, by which event, and why.

    Attributes:
        line: Key of the line.
        quantity: How many units.
        source: Name of the state left; None when the subject started.
        target: Name of the state entered; the source itself when the portion stayed.
        event: Name of the event; empty at the start and for a migration.
        at: When, UTC.
        by: Who fired it; None for the program itself: the clock, a gateway's answer, a link.
        why: What decided: the conditions that held, and the reason the caller gave.
    """

    line: str
    quantity: int
    source: str | None
    target: str
    event: str
    at: datetime
    by: Scope | None
    why: str

    def is_migration(self) -> bool:
        """Tell whether it took pieces to another version of their process, and nothing happened to them."""
        return self.source is not None and not self.event


Stay = tuple[str, str, datetime, tuple[str, ...]]
"""What makes two portions one: line, state, since, and the time-outs that have fired."""


def to_stay(portion: Portion) -> Stay:
    """Return what a portion has in common with others of its line that cannot be told from it."""
    return portion.line, portion.state, portion.since, portion.timed_out


build_portion = make_builder(Portion)
build_subject = make_builder(Subject)
build_move = make_builder(Move)


def find_stays(history: Iterable[Move]) -> set[tuple[str, str, datetime]]:
    """Return which lines were in which states since when, as portions tell it, by a whole history."""
    since: dict[tuple[str, str], set[datetime]] = {}
    for move in history:
        if move.source is not None and move.is_migration():
            # Nothing is entered by it: what goes by another name goes on, unless its time counts anew.
            since.setdefault((move.line, move.target), set()).update(since.get((move.line, move.source), ()))
        if move.source != move.target or move.is_migration():
            since.setdefault((move.line, move.target), set()).add(move.at)
    return {(line, state, instant) for (line, state), instants in since.items() for instant in instants}


_NOWHERE: Mapping[str, dict[str, int]] = {}


def replay(history: Iterable[Move], *, start: Mapping[str, dict[str, int]] = _NOWHERE) -> dict[str, dict[str, int]]:
    """Return where each quantity of each line must be after a whole history, as `Subject.states` shows it.

    Args:
        history: The moves, in order.
        start: Where they were before the first of these.

    Raises:
        InvalidSubject: A move takes more out of a state than ever entered it.
    """
    found: dict[str, dict[str, int]] = {}
    for move in history:
        states = found.get(move.line)
        if states is None:
            states = found[move.line] = {**start.get(move.line, {})}
        source, quantity = move.source, move.quantity
        if source is not None:
            left = states.get(source, 0) - quantity
            if left < 0:
                raise InvalidSubject(f"line {move.line!r} never had {quantity} in {source!r}")
            states[source] = left
            if not left:
                del states[source]
        states[move.target] = states.get(move.target, 0) + quantity
    return {**start, **found}
