"""How fast processes run, against a hand-written floor and two peers, all in one run.

    pip install -e ".[dev,benchmarks]"
    python tests/benchmarks/bench_processes.py

Each round runs every contender in turn, so that a slow moment of the machine slows all alike; of each, the best round
counts. Every contender does the same work: it finds the transition for an event, asks a guard, runs a command, moves
three units of a line, and writes a line of history with who, when, event, from, to and why.
"""

import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any

from mktcore.orders import MARKETPLACE_PROCESS
from mktcore.persistence import Scope
from mktcore.processes import CommandOutcome, Process, ProcessEvent, State, Subject, Transition, bind_portions, verify
from mktcore.processes.fast_values import make_builder
from mktcore.processes.machine import DONE
from mktcore.processes.memory_timeouts import InMemoryTimeOuts
from mktcore.processes.portions import Move, Portion, PortionsFired, PortionsFiring
from mktcore.processes.timeouts import TimeOut, TimeOutKey

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACME = Scope.merchant("acme")
ROUNDS, REPEATS = 40, 500
# The peers are looked up by name: they are no part of the development environment, and their types are none of ours.
TRANSITIONS: Any = import_module("transitions")
STATEMACHINE: Any = import_module("statemachine")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def is_paid(_: PortionsFiring) -> bool:
    return True


def pack(_: PortionsFiring) -> CommandOutcome:
    return DONE


PARCEL = Process(
    "parcel",
    states=[State("new"), State("shipped"), State("end", final=True)],
    events=[ProcessEvent("ship"), ProcessEvent("end")],
    transitions=[
        Transition("new", "shipped", "ship", guard="paid", command="pack"),
        Transition("shipped", "end", "end"),
    ],
)
MACHINE = bind_portions(PARCEL, conditions={"paid": is_paid}, commands={"pack": pack})
SUBJECT = MACHINE.start("order-1", {"l1": 3}, now=NOON).subject


def fire_ours() -> PortionsFired:
    return MACHINE.fire(SUBJECT, "ship", now=NOON, by=ACME)


FLOOR: dict[tuple[str, str], tuple[Any, Any, str, str]] = {("new", "ship"): (is_paid, pack, "shipped", "paid")}


def fire_floor() -> PortionsFired:
    """Do it by hand: a dict, two calls, and the same values built by their own constructors."""
    subject, event, now, by = SUBJECT, "ship", NOON, ACME
    (portion,) = subject.portions
    guard, command, target, why = FLOOR[portion.state, event]
    firing = PortionsFiring(event, portion.state, portion.since, now, by, None, (), None, subject, subject.portions)
    if not guard(firing):
        raise ValueError
    outcome = command(firing)
    moved = Subject(
        subject.id, subject.process, subject.version, (Portion(portion.line, target, portion.quantity, now),)
    )
    move = Move(portion.line, portion.quantity, portion.state, target, event, now, by, why)
    return PortionsFired(moved, (move,), outcome.events, outcome.changes)


BUILD_FIRING, BUILD_PORTION, BUILD_SUBJECT = make_builder(PortionsFiring), make_builder(Portion), make_builder(Subject)
BUILD_MOVE, BUILD_FIRED = make_builder(Move), make_builder(PortionsFired)


def fire_fast_floor() -> PortionsFired:
    """The same by hand with the fast builders of the run time itself: what is left is the engine's own cost."""
    subject, event, now, by = SUBJECT, "ship", NOON, ACME
    (portion,) = subject.portions
    guard, command, target, why = FLOOR[portion.state, event]
    firing = BUILD_FIRING(event, portion.state, portion.since, now, by, None, (), None, subject, subject.portions)
    if not guard(firing):
        raise ValueError
    outcome = command(firing)
    moved = BUILD_SUBJECT(
        subject.id, subject.process, subject.version, (BUILD_PORTION(portion.line, target, portion.quantity, now, ()),)
    )
    move = BUILD_MOVE(portion.line, portion.quantity, portion.state, target, event, now, by, why)
    return BUILD_FIRED(moved, (move,), outcome.events, outcome.changes, (), (), ())


class Parcel:
    """What the peers move: an object with a state, which keeps its own history."""

    def __init__(self) -> None:
        self.history: list[Move] = []
        self.state = "new"

    def is_paid(self, **_: object) -> bool:
        return True

    def pack(self, **_: object) -> None:
        self.history.append(Move("l1", 3, "new", "shipped", "ship", NOON, ACME, "paid"))


PEER = Parcel()
TRANSITIONS.Machine(
    PEER,
    states=["new", "shipped", "end"],
    initial="new",
    transitions=[
        {"trigger": "ship", "source": "new", "dest": "shipped", "conditions": "is_paid", "before": "pack"},
        {"trigger": "end", "source": "shipped", "dest": "end"},
    ],
)


def fire_transitions() -> None:
    PEER.state = "new"
    PEER.history.clear()
    PEER.ship()  # type: ignore[attr-defined]  # the peer adds its triggers at run time


class PeerParcel(STATEMACHINE.StateMachine):  # type: ignore[misc]  # looked up by name
    """The same for python-statemachine, with a way back so that it can be fired again."""

    new = STATEMACHINE.State(initial=True)
    shipped = STATEMACHINE.State()
    ship = new.to(shipped, cond="is_paid", on="pack")
    back = shipped.to(new)

    def __init__(self) -> None:
        self.history: list[Move] = []
        super().__init__()

    def is_paid(self) -> bool:
        return True

    def pack(self) -> None:
        self.history.append(Move("l1", 3, "new", "shipped", "ship", NOON, ACME, "paid"))


SLOW_PEER = PeerParcel()


def fire_statemachine() -> None:
    SLOW_PEER.ship()
    SLOW_PEER.history.clear()


def back_statemachine() -> None:
    SLOW_PEER.back()


def best(contenders: dict[str, Callable[[], object]], repeats: dict[str, int]) -> dict[str, float]:
    """Return the best time of each contender in microseconds, rounds interleaved."""
    found = dict.fromkeys(contenders, float("inf"))
    gc.disable()
    for _ in range(ROUNDS):
        for name, work in contenders.items():
            count = repeats.get(name, REPEATS)
            started = time.perf_counter()
            for _ in range(count):
                work()
            found[name] = min(found[name], (time.perf_counter() - started) / count * 1e6)
    gc.enable()
    return found


def time_firing() -> dict[str, float]:
    """Return the best time of each contender in microseconds."""
    assert fire_ours() == fire_floor() == fire_fast_floor(), "the floor must yield the same values"

    def there_and_back() -> None:
        fire_statemachine()
        back_statemachine()

    names: dict[str, Callable[[], object]] = {
        "floor by hand": fire_floor,
        "floor, fast builders": fire_fast_floor,
        "mktcore": fire_ours,
        "transitions": fire_transitions,
        "python-statemachine": there_and_back,
    }
    found = best(names, {"python-statemachine": 20})
    found["python-statemachine"] /= 2  # it went there and back: two events, the way back without guard and command
    return found


def compare_firing() -> None:
    found = time_firing()
    ours = found["mktcore"]
    say("fire one event, guard + command, same result and history")
    for name, took in found.items():
        say(f"  {name:<22}{took:9.2f} us   {took / ours:7.2f} x mktcore")
    say(f"  mktcore / floor = {ours / found['floor by hand']:.2f} (at most 1.5)")
    say(f"  mktcore / floor with fast builders = {ours / found['floor, fast builders']:.2f}")
    say(f"  transitions / mktcore = {found['transitions'] / ours:.1f} (at least 5)")
    say(f"  python-statemachine / mktcore = {found['python-statemachine'] / ours:.1f} (at least 50)")


def compare_general_path() -> None:
    machine = bind_portions(MARKETPLACE_PROCESS)
    started = machine.start("order-1", {f"l{n}": 2 for n in range(10)}, now=NOON).subject
    found = best(
        {
            "10 lines, time-outs": lambda: machine.fire(started, "authorise", now=NOON),
            "1 unit of 10 lines": lambda: machine.fire(started, "authorise", quantities={"l3": 1}, now=NOON),
        },
        {"10 lines, time-outs": 20, "1 unit of 10 lines": 50},
    )
    say("fire on the shipped marketplace process")
    for name, took in found.items():
        say(f"  {name:<22}{took:9.2f} us")


def build_large(count: int) -> Process:
    moves = [Transition(f"s{n}", f"s{n + 1}", f"e{n}") for n in range(count - 1)]
    moves += [Transition(f"s{n}", f"s{n * 7 % count}", f"e{n}", guard="paid") for n in range(1, count - 1, 3)]
    return Process(
        "large",
        states=[State(f"s{n}", final=n == count - 1) for n in range(count)],
        events=[ProcessEvent(f"e{n}") for n in range(count - 1)],
        transitions=moves,
    )


def time_definition(count: int) -> tuple[float, float, float, int]:
    """Return how long building, binding and verifying a process of `count` states takes, in ms, and its findings."""
    marks = [time.perf_counter()]
    process = build_large(count)
    marks.append(time.perf_counter())
    bind_portions(process, conditions={"paid": is_paid})
    marks.append(time.perf_counter())
    findings = verify(process)
    marks.append(time.perf_counter())
    build, binding, verifying = ((after - before) * 1e3 for before, after in pairwise(marks))
    return build, binding, verifying, len(findings)


def time_definitions() -> None:
    say(f"{'states':>8}{'build ms':>12}{'bind_portions ms':>12}{'verify ms':>12}{'findings':>10}")
    for count in (100, 1_000, 10_000):
        build, binding, verifying, findings = time_definition(count)
        say(f"{count:>8}{build:>12.1f}{binding:>12.1f}{verifying:>12.1f}{findings:>10}")


def time_timeouts(count: int = 1_000_000) -> tuple[float, float]:
    """Return how long finding the 100 due ones takes, and reading all of them, in ms."""
    keys = [TimeOutKey("p", f"o{n}", "l", "new", NOON, "expire") for n in range(count)]
    batch = [TimeOut(key, NOON + timedelta(seconds=n * 7919 % count)) for n, key in enumerate(keys)]
    gc.collect()
    gc.freeze()
    started = time.perf_counter()
    timeouts = InMemoryTimeOuts(batch)
    say(f"{count:,} time-outs scheduled in {time.perf_counter() - started:.2f} s")
    started = time.perf_counter()
    due = timeouts.find_due(NOON + timedelta(seconds=99), limit=1_000)
    took = time.perf_counter() - started
    say(f"  the {len(due)} due ones found in {took * 1e3:.3f} ms")
    started = time.perf_counter()
    plain = sorted(t.key.subject for t in batch if t.due <= NOON + timedelta(seconds=99))
    reading = time.perf_counter() - started
    say(f"  floor, reading all of them: {reading * 1e3:.0f} ms")
    assert sorted(timeout.key.subject for timeout in due) == plain
    started = time.perf_counter()
    timeouts.cancel(keys[: count // 2])
    say(f"  half of them cancelled in {time.perf_counter() - started:.2f} s")
    gc.unfreeze()
    return took * 1e3, reading * 1e3


def main() -> None:
    compare_firing()
    compare_general_path()
    time_definitions()
    time_timeouts()


if __name__ == "__main__":
    main()
