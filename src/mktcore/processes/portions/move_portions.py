"""The moves of a subject's portions: by the event that was fired, and by those that entering a state sets off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.definition import Process
from mktcore.processes.errors import EndlessChain, EventRefused
from mktcore.processes.machine.decide_transition import decide_transition
from mktcore.processes.machine.refusals import describe_early_timeout, describe_lost_timeout
from mktcore.processes.machine.tables import BoundTransition, Tables, Timing
from mktcore.processes.machine.take_steps import GUARD_REFUSED, NO_CHOICE, join_reasons
from mktcore.processes.portions.choose_portions import cut_portion
from mktcore.processes.portions.command_contract import (
    PortionsFired,
    PortionsFiring,
    build_portions_fired,
    build_portions_firing,
)
from mktcore.processes.portions.subject import (
    Move,
    Portion,
    Stay,
    Subject,
    build_move,
    build_portion,
    build_subject,
    to_stay,
)
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["PortionsCourse"]


class PortionsCourse:
    """What happens to the portions of one subject from an event until they rest, and all to be returned with them."""

    __slots__ = (
        "before",
        "by",
        "cancel",
        "changes",
        "entered",
        "events",
        "facts",
        "marked",
        "moves",
        "now",
        "portions",
        "problems",
        "process",
        "reason",
        "schedule",
        "subject",
        "tables",
    )

    def __init__(
        self,
        process: Process,
        tables: Tables[PortionsFiring],
        subject: Subject,
        *,
        now: datetime,
        by: Scope | None,
        facts: Any,
        reason: str,
    ) -> None:
        self.process, self.tables, self.subject = process, tables, subject
        self.now, self.by, self.facts, self.reason = now, by, facts, reason
        self.portions: dict[Stay, Portion] = {to_stay(portion): portion for portion in subject.portions}
        # No two portions of a subject have one stay, unless a host made it so.
        if len(self.portions) < len(subject.portions):
            self.portions = {}
            for portion in subject.portions:
                self._put(portion)
        # Asked once: hardly any subject has a time-out behind it, and `_is_needed` then costs nothing.
        self.marked = any(portion.timed_out for portion in subject.portions)
        self.before: set[TimeOutKey] | None = None
        self.moves: list[Move] = []
        self.entered: list[tuple[str, list[Portion]]] = []
        self.events: list[Event] = []
        self.changes: tuple[object, ...] = ()
        self.schedule: dict[TimeOutKey, TimeOut] = {}
        self.cancel: dict[TimeOutKey, None] = {}
        self.problems: list[Notice] = []

    def finish(self) -> PortionsFired:
        """Let the events on entering happen, and return what was gathered."""
        self._settle(self.entered)
        subject = self.subject
        if self.moves or self.cancel:
            portions = tuple(self.portions.values())
            # positional: in the order of the fields, as all that is built on the inner path of an event
            subject = build_subject(subject.id, subject.process, subject.version, portions)
        # positional: as above
        return build_portions_fired(
            subject,
            tuple(self.moves),
            tuple(self.events),
            self.changes,
            tuple(self.schedule.values()),
            tuple(self.cancel),
            tuple(self.problems),
        )

    def begin(self, entered: list[Portion]) -> None:
        """Put the first portions into the initial state."""
        for portion in entered:
            self._put(portion)
            self._note(portion, None, target=portion.state, event="", why="")
        if entered:
            self._schedule("", entered)
            self.entered.append((entered[0].state, entered))

    def move(self, event: str, chosen: Mapping[str, Sequence[Portion]]) -> int:
        """Move the portions that were chosen, by state; return how many states' portions were refused."""
        refused = 0
        for state, portions in chosen.items():
            problem = self._pass(event, state, portions=portions, entered=self.entered)
            if problem is not None:
                self.problems.append(problem)
                refused += 1
        return refused

    def expire(self, timeouts: Sequence[TimeOut]) -> None:
        """Fire time-outs of one event on the stays they were set for; note those that lost, put back the early ones."""
        marked: dict[str, list[Portion]] = {}
        event = timeouts[0].key.event
        for timeout in timeouts:
            for portion in self._find_due(timeout):
                marked.setdefault(portion.state, []).append(self._mark(portion, event))
        for state, portions in marked.items():
            if self.move(event, {state: portions}):
                for portion in portions:
                    self._note(portion, state, target=state, event=event, why=self.problems[-1].message)

    def _find_due(self, timeout: TimeOut) -> list[Portion]:
        """Return the portions that a time-out is due for; say why where there are none."""
        key = timeout.key
        open_ = [
            portion
            for portion in self.portions.values()
            if (portion.line, portion.state, portion.since) == (key.line, key.state, key.since)
            and key.event not in portion.timed_out
        ]
        # After a migration the state may have this time-out no more.
        known = any(timing.event == key.event for timing in self.tables.timings.get(key.state, ()))
        is_lost = not open_ or not known or key.subject != self.subject.id
        if not is_lost and timeout.due > self.now:
            self.schedule[key] = timeout
            self.problems.append(describe_early_timeout(timeout))
            return []
        self.cancel[key] = None
        if is_lost:
            self.problems.append(describe_lost_timeout(key))
            return []
        return open_

    def _mark(self, portion: Portion, event: str) -> Portion:
        """Remember on the portion that the time-out has fired in this stay."""
        del self.portions[to_stay(portion)]
        fired = (*portion.timed_out, event)
        return self._put(
            Portion(portion.line, portion.state, quantity=portion.quantity, since=portion.since, timed_out=fired)
        )

    def _settle(self, entered: list[tuple[str, list[Portion]]]) -> None:
        """Fire the events on entering, round after round, until everything rests."""
        on_enter, limit = self.tables.on_enter, self.process.semantics.chain_limit
        path: list[str] = []
        while entered and on_enter:
            path.append(entered[0][0])
            following: list[tuple[str, list[Portion]]] = []
            for state, portions in _join_entered(entered):
                for event in on_enter.get(state, ()):
                    before = len(following)
                    problem = self._pass(event, state, portions=portions, entered=following)
                    if problem is not None and problem.code != GUARD_REFUSED:
                        self.problems.append(problem)
                    # They have left by this event; the next ones belonged to the state that they left.
                    if len(following) > before:
                        break
            if following and len(path) > limit:
                raise EndlessChain(self.subject.id, tuple(path), limit)
            entered = following

    def _pass(
        self, event: str, state: str, portions: Sequence[Portion], *, entered: list[tuple[str, list[Portion]]]
    ) -> Notice | None:
        """Take one event out of one state; return why it was refused, if it was."""
        firing = self._to_firing(event, state, tuple(portions))
        try:
            outcome, transition = decide_transition(self.tables.groups[state][event], firing)
        except EventRefused as refusal:
            return refusal.problems[0]
        self.events += outcome.events
        self.changes += outcome.changes
        if transition is None or transition.target == state:
            why = transition.why if transition else NO_CHOICE
            for portion in portions:
                self._note(portion, state, target=state, event=event, why=why)
            return None
        moved = [self._transfer(portion, transition, event) for portion in portions]
        self._schedule(event, moved)
        entered.append((transition.target, moved))
        return None

    def _transfer(self, portion: Portion, transition: BoundTransition[PortionsFiring], event: str) -> Portion:
        self._remove(portion)
        # positional: as in `finish`
        arrived = build_portion(portion.line, transition.target, portion.quantity, self.now, ())
        self._put(arrived)
        self._note(portion, portion.state, target=transition.target, event=event, why=transition.why)
        return arrived

    def _put(self, portion: Portion) -> Portion:
        stay = to_stay(portion)
        there = self.portions.get(stay)
        self.portions[stay] = portion if there is None else cut_portion(there, there.quantity + portion.quantity)
        return portion

    def _remove(self, portion: Portion) -> None:
        stay = to_stay(portion)
        there = self.portions[stay]
        if there.quantity > portion.quantity:
            self.portions[stay] = cut_portion(there, there.quantity - portion.quantity)
            return
        del self.portions[stay]
        for timing in self.tables.timings.get(portion.state, ()):
            key = self._key(portion, timing.event)
            if self._is_needed(key):
                continue
            self.schedule.pop(key, None)
            if self._was_scheduled(key):
                self.cancel[key] = None

    def _is_needed(self, key: TimeOutKey) -> bool:
        """Tell whether units that did not see the time-out yet share the stay of units that did and have left.

        Only a clock that jumped back lets stays of a line begin at one instant with different time-outs behind them.
        """
        return self.marked and any(
            (portion.line, portion.state, portion.since) == (key.line, key.state, key.since)
            and key.event not in portion.timed_out
            for portion in self.portions.values()
        )

    def _was_scheduled(self, key: TimeOutKey) -> bool:
        """Tell whether the store holds the time-out from before; a stay that began and ended in this run has none."""
        if self.before is None:
            self.before = {
                self._key(portion, timing.event)
                for portion in self.subject.portions
                for timing in self.tables.timings.get(portion.state, ())
                if timing.event not in portion.timed_out
            }
        return key in self.before

    def _schedule(self, event: str, entered: list[Portion]) -> None:
        timings = self.tables.timings.get(entered[0].state)
        if timings is None:
            return
        for timing in timings:
            for portion in entered:
                key = self._key(portion, timing.event)
                # Left and entered again at one instant it is the same stay: one record, with its new instant.
                self.cancel.pop(key, None)
                self.schedule[key] = TimeOut(key, self._due(timing, event, portion))

    def _due(self, timing: Timing[PortionsFiring], event: str, portion: Portion) -> datetime:
        return timing.due(portion.since, self._to_firing(event, portion.state, (portion,)))

    def _to_firing(self, event: str, state: str, portions: tuple[Portion, ...]) -> PortionsFiring:
        since = portions[0].since if portions else self.now
        # positional: as in `finish`
        return build_portions_firing(
            event, state, since, self.now, self.by, self.facts, self.changes, None, self.subject, portions
        )

    def _key(self, portion: Portion, event: str) -> TimeOutKey:
        return TimeOutKey(
            self.process.name,
            subject=self.subject.id,
            line=portion.line,
            state=portion.state,
            since=portion.since,
            event=event,
        )

    def _note(self, portion: Portion, source: str | None, target: str, *, event: str, why: str) -> None:
        reason = join_reasons(self.reason, why)
        # positional: as in `finish`
        self.moves.append(build_move(portion.line, portion.quantity, source, target, event, self.now, self.by, reason))


def _join_entered(entered: list[tuple[str, list[Portion]]]) -> Sequence[tuple[str, list[Portion]]]:
    """Return what entered, by state: what came from several states into one is one event there."""
    if len(entered) == 1:
        return entered  # as nearly always
    joined: dict[str, list[Portion]] = {}
    for state, portions in entered:
        joined.setdefault(state, []).extend(portions)
    return tuple(joined.items())
