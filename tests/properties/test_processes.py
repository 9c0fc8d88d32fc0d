"""Laws of processes: whatever happens in whatever order, only declared transitions do (invariant I15)."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.errors import MktcoreError
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.persistence import Party
from mktcore.processes import (
    CommandDeclined,
    CommandOutcome,
    EventRefused,
    InvalidProcess,
    PortionsMachine,
    Process,
    ProcessEvent,
    State,
    Subject,
    Transition,
    Trigger,
    bind,
    bind_portions,
    verify,
)
from mktcore.processes.definition import SubProcess
from mktcore.processes.elements import Choose, OnFailure, Semantics
from mktcore.processes.errors import EndlessChain, InvalidSubject
from mktcore.processes.machine import DONE, Fired
from mktcore.processes.memory_timeouts import InMemoryTimeOuts
from mktcore.processes.portions import Move, Portion, PortionsFired, PortionsFiring, replay
from mktcore.processes.process_json import process_from_json, process_to_json
from mktcore.processes.timeouts import TimeOut, TimeOutKey

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = ("a", "b", "c", "d", "e")
F = TypeVar("F")


def fail(_: PortionsFiring) -> CommandOutcome:
    raise InvalidSubject("planned")


CONDITIONS = {f"bit {bit}": lambda firing, bit=bit: bool(firing.facts >> bit & 1) for bit in range(3)}
COMMANDS: dict[str, Any] = {
    "work": lambda firing: CommandOutcome(changes=(firing.event,)),
    "may fail": lambda firing: CommandDeclined("planned") if firing.facts & 8 else DONE,
    "raises": lambda firing: fail(firing) if firing.facts & 16 else DONE,
}
DEADLINES = {"in an hour": lambda firing: firing.now + timedelta(hours=1)}


@st.composite
def events(draw: st.DrawFn, name: str) -> ProcessEvent:
    on = draw(st.sets(st.sampled_from(Trigger), min_size=1, max_size=2))
    if Trigger.TIMEOUT not in on:
        return ProcessEvent(name, on, parties=draw(st.sets(st.sampled_from(Party), max_size=2)))
    if draw(st.booleans()):
        return ProcessEvent(name, on, deadline="in an hour")
    return ProcessEvent(name, on, after=timedelta(minutes=draw(st.sampled_from([30, 60, 90]))))


@st.composite
def processes(draw: st.DrawFn, *, parts: bool = True) -> Process:
    """Return any process that is not refused, sensible or not."""
    finals = draw(st.sets(st.sampled_from(NAMES[1:]), max_size=2))
    states = [
        State(name, final=name in finals, flags=draw(st.sets(st.sampled_from(["reserved", "own"])))) for name in NAMES
    ]
    known = [draw(events(f"event {number}")) for number in range(draw(st.integers(1, 4)))]
    condition, command = st.none() | st.sampled_from(list(CONDITIONS)), st.none() | st.sampled_from(list(COMMANDS))
    moves = st.builds(
        Transition,
        st.sampled_from([name for name in NAMES if name not in finals]),
        st.sampled_from(NAMES),
        st.sampled_from([event.name for event in known]),
        guard=condition,
        command=command,
        choice=condition,
        happy=st.booleans(),
    )
    part = [SubProcess(draw(processes(parts=False)), "part")] if parts and draw(st.booleans()) else []
    into = [Transition("a", "part - a", known[0].name)] if part and "a" not in finals else []
    return Process(
        "any",
        states=states,
        events=known,
        transitions=[*draw(st.lists(moves, min_size=1, max_size=10)), *into],
        subprocesses=part,
        version=draw(st.integers(1, 9)),
        semantics=Semantics(
            draw(st.sampled_from(Choose)),
            draw(st.sampled_from(OnFailure)),
            draw(st.booleans()),
            draw(st.integers(1, 8)),
        ),
    )


class World:
    """A subject with its history and its time-outs, as a store would keep them."""

    def __init__(self, machine: PortionsMachine, facts: int) -> None:
        self.machine = machine
        self.now = NOON
        self.timeouts = InMemoryTimeOuts()
        self.scheduled: dict[TimeOutKey, TimeOut] = {}
        self.ever: list[TimeOut] = []
        self.fired: Counter[TimeOutKey] = Counter()
        self.history: list[Move] = []
        started = machine.start("s", {"l1": 3, "l2": 1}, now=self.now, facts=facts)
        self.subject = started.subject
        self.keep(started)

    def keep(self, fired: PortionsFired) -> None:
        self.subject = fired.subject
        self.history += fired.moves
        self.timeouts.cancel(fired.cancel)
        self.timeouts.schedule(fired.schedule)
        for key in fired.cancel:
            self.scheduled.pop(key, None)
        self.scheduled.update({timeout.key: timeout for timeout in fired.schedule})
        self.ever += fired.schedule

    def step(self, action: tuple[str, Any, Any, int]) -> None:
        kind, one, other, facts = action
        if kind == "jump":
            self.now += timedelta(minutes=one)
        elif kind == "fire":
            name = self.machine.process.events[one // 30 % len(self.machine.process.events)].name
            try:
                self.keep(self.machine.fire(self.subject, name, quantities=other, now=self.now, facts=facts))
            except (EventRefused, EndlessChain):
                return
        elif kind == "time-outs":
            for timeout in self.timeouts.find_due(self.now):
                self.expire(timeout, facts)
        elif self.ever:
            self.expire(self.ever[one // 30 % len(self.ever)], facts)

    def expire(self, timeout: TimeOut, facts: int) -> None:
        try:
            fired = self.machine.fire_timeout(self.subject, timeout, now=self.now, facts=facts)
        except EndlessChain:
            return
        codes = {problem.code for problem in fired.problems}
        if not codes & {"processes.timeout-lost", "processes.timeout-early"}:
            assert timeout.due <= self.now
            self.fired[timeout.key] += 1
        self.keep(fired)

    def check(self, process: Process) -> None:
        declared = {(move.source, move.event, move.target) for move in process.transitions}
        finals = {state.name for state in process.states if state.final}
        for move in self.history:
            if move.source is not None and move.source != move.target:
                assert (move.source, move.event, move.target) in declared
                assert move.source not in finals
        assert replay(self.history) == self.subject.states()
        assert {line: sum(states.values()) for line, states in self.subject.states().items()} == {"l1": 3, "l2": 1}
        assert {timeout.key for timeout in self.timeouts.find_due(NOON + timedelta(days=999), limit=10**6)} == (
            expected_keys(self.machine, self.subject)
        )


def expected_keys(machine: PortionsMachine, subject: Subject) -> set[TimeOutKey]:
    return {
        TimeOutKey(subject.process, subject.id, portion.line, portion.state, portion.since, timing.event)
        for portion in subject.portions
        for timing in machine.tables.timings.get(portion.state, ())
        if timing.event not in portion.timed_out
    }


quantities = st.none() | st.dictionaries(st.sampled_from(["l1", "l2"]), st.integers(1, 3), min_size=1)
kinds = st.sampled_from(["fire", "fire", "jump", "time-outs", "again"])
steps_of_time = st.integers(-3, 6).map(lambda number: 30 * number)  # coarse, so that instants meet
actions = st.tuples(kinds, steps_of_time, st.none(), st.integers(0, 31)) | st.tuples(
    st.just("fire"), steps_of_time, quantities, st.integers(0, 31)
)


def run(process: Process, steps: list[tuple[str, Any, Any, int]], facts: int) -> World | None:
    flat = process.flatten()
    try:
        world = World(bind_portions(process, conditions=CONDITIONS, commands=COMMANDS, deadlines=DEADLINES), facts)
    except EndlessChain:
        return None
    for step in steps:
        world.step(step)
        world.check(flat)
    return world


@settings(max_examples=180, deadline=None)
@given(processes(), st.lists(actions, max_size=25), st.integers(0, 31))
def test_only_declared_transitions_happen_and_history_explains_the_present(
    process: Process, steps: list[tuple[str, Any, Any, int]], facts: int
) -> None:
    run(process, steps, facts)


@settings(max_examples=100, deadline=None)
@given(st.lists(actions, max_size=40), st.sampled_from([MARKETPLACE_PROCESS, MERCHANT_PROCESS]))
def test_the_same_holds_for_the_processes_that_come_with_the_library(
    steps: list[tuple[str, Any, Any, int]], process: Process
) -> None:
    run(process, steps, 0)


@settings(max_examples=100, deadline=None)
@given(processes(), st.lists(actions, max_size=25), st.integers(0, 31))
def test_a_stay_sees_each_of_its_time_outs_at_most_once(
    process: Process, steps: list[tuple[str, Any, Any, int]], facts: int
) -> None:
    """A key names one stay; a clock that jumps back may begin another at the same instant, so here it only goes on."""
    onward = [(kind, abs(one), other, bits) for kind, one, other, bits in steps]
    world = run(process, onward, facts)
    assert world is None or max(world.fired.values(), default=0) <= 1


def tell_standing(fired: Fired) -> tuple[object, ...]:
    """Return what came of an event for one subject, as `tell_piece` says it of a piece."""
    standing = fired.standing
    return (
        (standing.state, standing.since, standing.timed_out),
        [(step.source, step.target, step.event, step.at, step.by, step.why) for step in fired.steps],
        (fired.events, fired.changes, [problem.code for problem in fired.problems]),
    )


def tell_piece(fired: PortionsFired) -> tuple[object, ...]:
    (portion,) = fired.subject.portions
    return (
        (portion.state, portion.since, portion.timed_out),
        [(move.source, move.target, move.event, move.at, move.by, move.why) for move in fired.moves],
        (fired.events, fired.changes, [problem.code for problem in fired.problems]),
    )


class Pair:
    """A subject on the plain machine, and one piece of a line on the machine of portions: what happens to both."""

    def __init__(self, process: Process, facts: int) -> None:
        functions: dict[str, Any] = {"conditions": CONDITIONS, "commands": COMMANDS, "deadlines": DEADLINES}
        self.plain, self.portions = bind(process, **functions), bind_portions(process, **functions)
        self.now = NOON
        self.waiting: tuple[dict[TimeOutKey, TimeOut], dict[TimeOutKey, TimeOut]] = ({}, {})
        self.ever: list[tuple[TimeOut, TimeOut]] = []
        one = self.plain.start("s", now=NOON, facts=facts)
        other = self.portions.start("s", {"": 1}, now=NOON, facts=facts)
        self.keep(one, other)

    def keep(self, one: Fired, other: PortionsFired) -> None:
        assert tell_standing(one) == tell_piece(other)
        self.standing, self.subject = one.standing, other.subject
        self.note(self.waiting[0], one.schedule, one.cancel)
        self.note(self.waiting[1], other.schedule, other.cancel)
        assert self.waiting[0] == self.waiting[1]
        self.ever += zip(one.schedule, other.schedule, strict=True)

    def note(
        self, waiting: dict[TimeOutKey, TimeOut], schedule: Iterable[TimeOut], cancel: Iterable[TimeOutKey]
    ) -> None:
        for key in cancel:
            waiting.pop(key, None)
        waiting.update({timeout.key: timeout for timeout in schedule})

    def step(self, kind: str, number: int, facts: int) -> None:
        if kind == "jump":
            self.now += timedelta(minutes=number)
        elif kind == "fire":
            name = self.plain.process.events[number // 30 % len(self.plain.process.events)].name
            given: dict[str, Any] = {"now": self.now, "facts": facts, "reason": "why" if facts & 1 else ""}
            self.both(
                lambda: self.plain.fire(self.standing, name, **given),
                lambda: self.portions.fire(self.subject, name, **given),
            )
        elif self.ever:
            one, other = self.ever[number // 30 % len(self.ever)]
            self.both(
                lambda: self.plain.fire_timeout(self.standing, one, now=self.now, facts=facts),
                lambda: self.portions.fire_timeout(self.subject, other, now=self.now, facts=facts),
            )

    def both(self, plain: Callable[[], Fired], portions: Callable[[], PortionsFired]) -> None:
        one, other = attempt(plain), attempt(portions)
        if isinstance(one, Fired) and isinstance(other, PortionsFired):
            self.keep(one, other)
        else:
            assert one == other


def attempt(fire: Callable[[], F]) -> F | Notice:
    try:
        return fire()
    except (EventRefused, EndlessChain) as refusal:
        return refusal.to_notice()


@settings(max_examples=200, deadline=None)
@given(processes(), st.lists(actions, max_size=25), st.integers(0, 31))
def test_one_subject_and_the_only_piece_of_a_line_go_the_same_way(
    process: Process, steps: list[tuple[str, Any, Any, int]], facts: int
) -> None:
    try:
        pair = Pair(process, facts)
    except EndlessChain:
        return
    for kind, number, _, bits in steps:
        pair.step(kind, number, bits)


@settings(max_examples=100, deadline=None)
@given(processes(), st.integers(0, 3), st.integers(0, 31), st.integers(1, 5))
def test_the_short_path_through_the_run_time_decides_as_the_long_one(
    process: Process, number: int, facts: int, quantity: int
) -> None:
    machine = bind_portions(process, conditions=CONDITIONS, commands=COMMANDS, deadlines=DEADLINES)
    event = machine.process.events[number % len(machine.process.events)].name
    for state in machine.process.states:
        portion = Portion("l", state.name, quantity, NOON - timedelta(hours=1), ("before",))
        subject = Subject("s", "any", process.version, (portion,))
        if event in machine.tables.unfollowed.get(state.name, {}):
            both = [
                outcome(machine.fire, subject, event, now=NOON, facts=facts, reason="why"),
                outcome(
                    machine.fire_portions, subject, event, {state.name: [portion]}, now=NOON, facts=facts, reason="why"
                ),
            ]
            assert both[0] == both[1]


def outcome(work: Callable[..., PortionsFired], *values: object, **named: object) -> object:
    try:
        return work(*values, **named)
    except EventRefused as refusal:
        return refusal.problems


@settings(max_examples=180, deadline=None)
@given(processes())
def test_a_process_is_drawn_and_read_back_from_json_the_same(process: Process) -> None:
    before = process_to_json(process)
    assert process.to_mermaid().startswith("flowchart TD")
    assert process.to_graphviz().endswith("}")
    assert process_from_json(before) == process
    assert process_to_json(process) == before


@settings(max_examples=100, deadline=None)
@given(processes(), st.lists(actions, max_size=15), st.integers(0, 31))
def test_a_state_found_unreachable_is_never_entered(
    process: Process, steps: list[tuple[str, Any, Any, int]], facts: int
) -> None:
    found = {finding.where for finding in verify(process) if finding.code == "unreachable-state"}
    world = run(process, steps, facts)
    if world is not None:
        assert not found & {f"states[{move.target!r}]" for move in world.history}


FIELDS = ["name", "states", "events", "transitions", "process", "on", "version", "x"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), children, max_size=5),
    max_leaves=25,
)


@settings(max_examples=180, deadline=None)
@given(json_values)
def test_any_json_value_is_read_or_refused_with_problems(value: object) -> None:
    found = read(value)
    assert found
    if isinstance(found, Process):
        assert process_from_json(process_to_json(found)) == found


def read(value: object) -> Process | tuple[Notice, ...]:
    try:
        return process_from_json(value)
    except InvalidProcess as invalid:
        return invalid.problems


@pytest.mark.parametrize("seed", range(3))
def test_time_outs_in_memory_agree_with_a_plain_list(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    timeouts, plain = InMemoryTimeOuts(), {}
    for _ in range(3_000):
        key = TimeOutKey("p", str(dice.randrange(200)), "l", "a", NOON, "e")
        if dice.random() < 0.6:
            plain[key] = TimeOut(key, NOON + timedelta(minutes=dice.randrange(500)))
            timeouts.schedule([plain[key]])
        else:
            plain.pop(key, None)
            timeouts.cancel([key])
        if dice.random() < 0.05:
            now = NOON + timedelta(minutes=dice.randrange(500))
            due = sorted((timeout.due, timeout.key.subject) for timeout in plain.values() if timeout.due <= now)
            found = timeouts.find_due(now, limit=10_000)
            assert sorted((timeout.due, timeout.key.subject) for timeout in found) == due
            assert [timeout.due for timeout in found] == [at for at, _ in due]
    assert len(timeouts) == len(plain)


def test_every_error_of_processes_has_a_code_and_says_what_is_wrong() -> None:
    errors: list[MktcoreError] = [InvalidSubject("x"), EndlessChain("s", ("a", "b"), 5)]
    for error in errors:
        assert error.code.startswith("processes.")
        assert error.describe()
