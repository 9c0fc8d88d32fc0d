"""Live change: taking subjects from one version of a process to another, after saying what that would do to each.

A subject stays on the version it started on until it is migrated. Migrating is a pure decision like firing: a dry run
is the same call without storing what it returns.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from mktcore.clock import to_utc
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.definition import Process
from mktcore.processes.elements import RESERVED
from mktcore.processes.errors import EventRefused, WrongProcess
from mktcore.processes.portions.command_contract import PortionsFired, PortionsFiring
from mktcore.processes.portions.machine import PortionsMachine
from mktcore.processes.portions.subject import Move, Portion, Subject
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["Migration", "Planned"]


@attrs.frozen
class Planned:
    """What migrating one subject would do.

    Attributes:
        subject: Id of the subject.
        moves: What its history would say; the state of some of these moves may stay the same.
        kept: Time-outs that stay as they are.
        schedule: Time-outs that would be scheduled.
        cancel: Time-outs that would be cancelled.
        overdue: Those of `schedule` that are due at once.
        problems: Why it cannot be migrated; then nothing else is filled in.
    """

    subject: str
    moves: tuple[Move, ...] = ()
    kept: tuple[TimeOut, ...] = ()
    schedule: tuple[TimeOut, ...] = ()
    cancel: tuple[TimeOutKey, ...] = ()
    overdue: tuple[TimeOut, ...] = ()
    problems: tuple[Notice, ...] = ()

    def to_text(self) -> str:
        """Return the plan as lines for a person to read."""
        lines = [f"{self.subject}:"]
        lines += [f"  cannot be migrated: {problem}" for problem in self.problems]
        lines += [f"  {move.quantity} of {move.line}: {move.source} -> {move.target}" for move in self.moves]
        lines += [f"  time-out {_tell(t.key)} kept, due {t.due.isoformat()}" for t in self.kept]
        lines += [f"  time-out {_tell(key)} cancelled" for key in self.cancel]
        for timeout in self.schedule:
            at_once = " (at once)" if timeout in self.overdue else ""
            lines.append(f"  time-out {_tell(timeout.key)} scheduled, due {timeout.due.isoformat()}{at_once}")
        return "\n".join(lines)


def _tell(key: TimeOutKey) -> str:
    return f"{key.event!r} of {key.line} in {key.state!r}"


def _to_map(states: Mapping[str, str]) -> dict[str, str]:
    return dict(states)


@attrs.frozen
class Migration:
    """How subjects get from one version of a process to another.

    Attributes:
        old: The version they are on.
        new: The version they are to be on, bound.
        states: Where each state of the old version leads; those not named keep their name.
        restart: Let the time in a state count anew from the migration; otherwise it goes on.
    """

    old: Process
    new: PortionsMachine
    states: Mapping[str, str] = attrs.field(factory=dict, converter=_to_map)
    restart: bool = False

    def check(self) -> tuple[Notice, ...]:
        """Return what is wrong with the map itself, before any subject is looked at."""
        return tuple(self._find())

    def apply(
        self, subject: Subject, *, now: datetime, by: Scope | None = None, facts: Any = None, reason: str = ""
    ) -> PortionsFired:
        """Return the subject on the new version, with its history, and its time-outs set right.

        Events on entering do not fire: nothing is entered, it goes by another name. A time-out that has fired in the
        present stay does not fire again.

        Args:
            subject: A subject on the old version.
            now: The instant (aware).
            by: Who migrates.
            facts: Passed to deadlines.
            reason: Why, for the history.

        Raises:
            WrongProcess: It is not on the old version.
            EventRefused: It is in a state that leads nowhere in the new version.
        """
        if subject.process != self.old.name or subject.version != self.old.version:
            raise WrongProcess(subject.id, self.old.label, f"{subject.process} v{subject.version}")
        now = to_utc(now)
        EventRefused.raise_if(self._find_unmapped(subject))
        versions = f"{self.old.label} to {self.new.process.label}"
        why = f"migrated from {versions}" + (f": {reason}" if reason else "")
        # Two old states may become one: stays that then look alike are one portion.
        portions: dict[tuple[object, ...], Portion] = {}
        moves = []
        for portion in subject.portions:
            target = self._map(portion.state)
            moved = self._carry_over(portion, target, now)
            key = (moved.line, moved.state, moved.since, moved.timed_out)
            quantity = moved.quantity + (portions[key].quantity if key in portions else 0)
            portions[key] = attrs.evolve(moved, quantity=quantity)
            moves.append(
                Move(
                    portion.line,
                    quantity=portion.quantity,
                    source=portion.state,
                    target=target,
                    event="",
                    at=now,
                    by=by,
                    why=why,
                )
            )
        changed = Subject(
            subject.id, self.new.process.name, version=self.new.process.version, portions=tuple(portions.values())
        )
        before = set(self._old_keys(subject))
        after = {timeout.key: timeout for timeout in self._new_timeouts(changed, now, by=by, facts=facts)}
        # A key of both versions is one record of the store: what waits alike needs no write, the rest a new instant.
        kept = {key for key in before & after.keys() if self._waits_alike(key)}
        return PortionsFired(
            changed,
            tuple(moves),
            schedule=tuple(timeout for key, timeout in after.items() if key not in kept),
            # A set has no order, and a plan should read the same each time.
            cancel=tuple(sorted(before - after.keys(), key=str)),
        )

    def plan(
        self, subjects: Iterable[Subject], *, now: datetime, facts: Mapping[str, Any] | None = None
    ) -> Iterator[Planned]:
        """Yield, for each subject, what migrating it would do; nothing is changed.

        Args:
            subjects: The subjects.
            now: The instant (aware) at which they would be migrated.
            facts: What deadlines are given, by the subject's id.
        """
        now = to_utc(now)
        for subject in subjects:
            known = facts.get(subject.id) if facts else None
            try:
                fired = self.apply(subject, now=now, facts=known)
            except EventRefused as refusal:
                yield Planned(subject.id, problems=refusal.problems)
                continue
            except WrongProcess as wrong:
                yield Planned(subject.id, problems=(wrong.to_notice(),))
                continue
            set_anew = {timeout.key for timeout in fired.schedule}
            timeouts = self._new_timeouts(fired.subject, now, by=None, facts=known)
            kept = tuple(timeout for timeout in timeouts if timeout.key not in set_anew)
            overdue = tuple(timeout for timeout in fired.schedule if timeout.due <= now)
            yield Planned(
                subject.id, moves=fired.moves, kept=kept, schedule=fired.schedule, cancel=fired.cancel, overdue=overdue
            )

    def _map(self, state: str) -> str:
        return self.states.get(state, state)

    def _find(self) -> Iterator[Notice]:
        old = {state.name: state for state in self.old.flatten().states}
        new = {state.name: state for state in self.new.process.states}
        if self.old.name != self.new.process.name or self.old.version >= self.new.process.version:
            message = f"{self.new.process.label} is no later version of {self.old.label}"
            yield Notice("not-a-later-version", "version", message)
        for name in self.states:
            if name not in old:
                yield Notice("unknown-old-state", f"states[{name!r}]", f"{self.old.label} has no state {name!r}")
        for name, state in old.items():
            where, target = f"states[{name!r}]", self._map(name)
            if target not in new:
                message = f"{name!r} leads to {target!r}, which {self.new.process.label} does not have"
                yield Notice("unmapped-state", where, message, "name the state it leads to")
                continue
            if state.final != new[target].final:
                kinds = ("final", "not final") if state.final else ("not final", "final")
                yield Notice("final-changes", where, f"{name!r} is {kinds[0]}, and {target!r} is {kinds[1]}")
            if state.has(RESERVED) != new[target].has(RESERVED):
                verb = "releases" if state.has(RESERVED) else "reserves"
                yield Notice("reservation-changes", where, f"going from {name!r} to {target!r} {verb} stock")
            if target in self.new.tables.on_enter:
                message = f"{target!r} has an event on entering, which a migration does not fire"
                yield Notice("on-enter-skipped", where, message, "fire it by hand afterwards")

    def _find_unmapped(self, subject: Subject) -> Iterator[Notice]:
        for number, portion in enumerate(subject.portions):
            if self._map(portion.state) not in self.new.tables.groups:
                message = f"{portion.state!r} leads nowhere in {self.new.process.label}"
                yield Notice("processes.unmapped-state", f"portions[{number}].state", message, "map the state")

    def _carry_over(self, portion: Portion, target: str, now: datetime) -> Portion:
        timed = {timing.event for timing in self.new.tables.timings.get(target, ())}
        fired = tuple(name for name in portion.timed_out if name in timed and not self.restart)
        return Portion(
            portion.line,
            target,
            quantity=portion.quantity,
            since=now if self.restart else portion.since,
            timed_out=fired,
        )

    def _old_keys(self, subject: Subject) -> Iterator[TimeOutKey]:
        timed = _timed_events(self.old)
        for portion in subject.portions:
            for event in timed.get(portion.state, ()):
                if event not in portion.timed_out:
                    yield TimeOutKey(
                        subject.process,
                        subject=subject.id,
                        line=portion.line,
                        state=portion.state,
                        since=portion.since,
                        event=event,
                    )

    def _new_timeouts(self, subject: Subject, now: datetime, by: Scope | None, *, facts: Any) -> list[TimeOut]:
        found = []
        for portion in subject.portions:
            for timing in self.new.tables.timings.get(portion.state, ()):
                if timing.event in portion.timed_out:
                    continue
                key = TimeOutKey(
                    subject.process,
                    subject=subject.id,
                    line=portion.line,
                    state=portion.state,
                    since=portion.since,
                    event=timing.event,
                )
                firing = PortionsFiring(
                    "",
                    state=portion.state,
                    since=portion.since,
                    now=now,
                    by=by,
                    facts=facts,
                    changes=(),
                    outcome=None,
                    subject=subject,
                    portions=(portion,),
                )
                found.append(TimeOut(key, timing.due(portion.since, firing)))
        return found

    def _waits_alike(self, key: TimeOutKey) -> bool:
        """Tell whether a time-out that both versions have is due at the same instant."""
        old, new = self.old.find_event(key.event), self.new.tables.events[key.event]
        # A deadline is asked of the facts, which may answer otherwise today: it is always set anew.
        return old is not None and old.after is not None and old.after == new.after


def _timed_events(process: Process) -> dict[str, set[str]]:
    flat = process.flatten()
    timed = {event.name for event in flat.events if event.is_timeout()}
    found: dict[str, set[str]] = {}
    for transition in flat.transitions:
        if transition.event in timed:
            found.setdefault(transition.source, set()).add(transition.event)
    return found
