"""Verification: one small machine per planted fault, and nothing on the processes that come with the library."""

from datetime import timedelta
from functools import partial
from itertools import pairwise

import attrs
import pytest

from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.default_processes import Flag
from mktcore.persistence import Party
from mktcore.processes import Process, ProcessEvent, State, Transition, Trigger, verify
from mktcore.processes.elements import Choose, Semantics
from yardstick import count_lines

HOUR = timedelta(hours=1)
ENTER = Trigger.ON_ENTER
LATE = Trigger.TIMEOUT
END = State("end", final=True)


def machine(
    *transitions: Transition, events: tuple[ProcessEvent, ...] = (), states: tuple[State, ...] = (), **rest: object
) -> Process:
    """Return a process whose undeclared states and events are plain; `end` is final."""
    known = {state.name: state for state in (END, *states)}
    names = dict.fromkeys(name for move in transitions for name in (move.source, move.target))
    names |= dict.fromkeys(state.name for state in states)
    timed = {event.name: event for event in events}
    used = dict.fromkeys([*(move.event for move in transitions), *timed])
    return Process(
        "faulty",
        states=[known.get(name, State(name)) for name in names],
        events=[timed.get(name, ProcessEvent(name)) for name in used],
        transitions=transitions,
        **rest,  # type: ignore[arg-type]  # the keywords of Process
    )


T, E = Transition, ProcessEvent

FAULTS = {
    "unreachable-state": machine(T("a", "end", "go"), T("island", "end", "go")),
    "no-final-state": machine(T("a", "b", "go"), T("b", "a", "back")),
    "initial-is-final": machine(T("a", "end", "go"), initial="end"),
    "dead-end": machine(T("a", "end", "go"), T("a", "b", "lose")),
    "trap": machine(T("a", "end", "go"), T("a", "b", "lose"), T("b", "c", "go"), T("c", "b", "lose")),
    "reserved-at-end": machine(T("a", "end", "go"), states=(State("end", flags=[Flag.RESERVED], final=True),)),
    "may-wait-for-ever": machine(T("a", "b", "go"), T("b", "end", "on", guard="paid"), events=(E("on", ENTER),)),
    "happy-path-forks": machine(T("a", "end", "go", happy=True), T("a", "b", "x", happy=True), T("b", "end", "go")),
    "happy-path-broken": machine(T("a", "b", "go"), T("b", "end", "go", happy=True)),
    "happy-path-unfinished": machine(T("a", "b", "go", happy=True), T("b", "end", "go")),
    "on-enter-stays": machine(T("a", "b", "go"), T("b", "b", "on", command="c"), T("b", "end", "go"),
                              events=(E("on", ENTER),)),
    "on-enter-cycle": machine(T("a", "b", "go"), T("b", "c", "on"), T("c", "b", "on"), T("c", "end", "go"),
                              events=(E("on", ENTER),)),
    "on-enter-cycle-guarded": machine(T("a", "b", "go"), T("b", "c", "on", guard="g"), T("c", "b", "on"),
                                      T("b", "end", "go"), events=(E("on", ENTER),)),
    "chain-too-long": machine(T("a", "b", "on"), T("b", "c", "on"), T("c", "end", "on"), events=(E("on", ENTER),),
                              semantics=Semantics(chain_limit=2)),
    "idle-transition": machine(T("a", "end", "go"), T("a", "a", "nudge")),
    "same-guard-and-choice": machine(T("a", "end", "go", guard="g", choice="g")),
    "repeated-transition": machine(T("a", "end", "go", guard="g"), T("a", "end", "go", guard="g")),
    "hidden-by-unguarded": machine(T("a", "end", "go"), T("a", "b", "go", guard="g"), T("b", "end", "go")),
    "hidden-by-same-guard": machine(T("a", "end", "go", guard="g", command="x"),
                                    T("a", "b", "go", guard="g", command="y"), T("b", "end", "go")),
    "ambiguous": machine(T("a", "end", "go"), T("a", "b", "go"), T("b", "end", "go")),
    "hidden-choice": machine(T("a", "end", "go"), T("a", "b", "go", choice="k"), T("b", "end", "go")),
    "ambiguous-choice": machine(T("a", "end", "go", choice="k"), T("a", "b", "go", choice="k"), T("b", "end", "go")),
    "no-default": machine(T("a", "end", "go", command="c", choice="k")),
    "several-on-enter": machine(T("a", "b", "go"), T("b", "end", "one", guard="g"), T("b", "end", "two"),
                                events=(E("one", ENTER), E("two", ENTER))),
    "mixed-kinds": machine(T("a", "b", "go"), T("b", "end", "on"), T("b", "end", "go"), events=(E("on", ENTER),)),
    "timeout-never-due": machine(T("a", "end", "soon"), T("a", "end", "late"),
                                 events=(E("soon", LATE, after=HOUR), E("late", LATE, after=2 * HOUR))),
    "timeouts-tie": machine(T("a", "end", "one"), T("a", "b", "two"), T("b", "end", "go"),
                            events=(E("one", LATE, after=HOUR), E("two", LATE, after=HOUR))),
    "unused-event": machine(T("a", "end", "go"), events=(E("vanish"),)),
    "useless-parties": machine(T("a", "end", "on"), events=(E("on", ENTER, parties=Party.MERCHANT),)),
    "timeout-on-enter": machine(T("a", "end", "on"), events=(E("on", {ENTER, LATE}, after=HOUR),)),
    "timeout-unreachable": machine(T("a", "end", "go"), T("island", "end", "late"),
                                   events=(E("late", LATE, after=HOUR),)),
    "confusable-names": machine(T("a", "end", "go"), T("a", "end", "Go!")),
    "unknown-condition": machine(T("a", "end", "go", guard="unregistered")),
    "unknown-command": machine(T("a", "end", "go", command="unregistered")),
    "unknown-deadline": machine(T("a", "end", "late"), events=(E("late", LATE, deadline="unregistered"),)),
}  # fmt: skip
NAMES = {"conditions": dict.fromkeys(["g", "k", "paid"]), "commands": dict.fromkeys(["c", "x", "y"]), "deadlines": {}}


@pytest.mark.parametrize("code", FAULTS)
def test_each_planted_fault_is_found_with_its_place(code: str) -> None:
    found = [finding for finding in verify(FAULTS[code], **NAMES) if finding.code == code]
    assert found, f"{code} was not found"
    for finding in found:
        assert finding.where
        assert finding.message
        assert str(finding).startswith(f"{finding.where}: {finding.message}")


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 25


def test_a_place_names_the_state_the_event_or_the_position() -> None:
    places = {
        finding.code: finding.where
        for code in FAULTS
        for finding in verify(FAULTS[code], **NAMES)
        if finding.code == code
    }
    assert places["dead-end"] == "states['b']"
    assert places["unused-event"] == "events['vanish']"
    assert places["ambiguous"] == "transitions[1]"
    assert places["unknown-command"] == "transitions[0].command"


@pytest.mark.parametrize("process", [MARKETPLACE_PROCESS, MERCHANT_PROCESS], ids=lambda process: process.name)
def test_the_processes_that_come_with_the_library_are_clean(process: Process) -> None:
    assert verify(process, **NAMES) == ()


def test_a_sound_process_with_every_feature_is_clean() -> None:
    sound = machine(
        T("new", "paid", "pay", guard="g", command="c", choice="k", happy=True),
        T("new", "refused", "pay", guard="g", command="c"),
        T("new", "end", "expire"),
        T("refused", "new", "retry"),
        T("paid", "checked", "check", happy=True),
        T("checked", "end", "close", happy=True),
        T("checked", "checked", "remind", command="x"),
        events=(
            E("expire", LATE, after=HOUR),
            E("check", ENTER),
            E("remind", LATE, after=HOUR),
        ),
    )
    assert verify(sound, **NAMES) == ()


def test_which_choice_hides_which_depends_on_the_semantics() -> None:
    moves = (T("a", "end", "go", choice="k"), T("a", "b", "go"), T("b", "end", "go"))
    last = Semantics(choose=Choose.LAST_CONDITION)
    assert verify(machine(*moves)) == ()
    assert verify(machine(*moves[::-1], initial="a", semantics=last)) == ()
    assert [finding.code for finding in verify(machine(*moves[::-1], initial="a"))] == ["hidden-choice"]


def test_a_time_out_is_never_due_where_entering_always_leaves() -> None:
    process = machine(
        T("a", "end", "on"),
        T("a", "end", "late"),
        events=(E("on", ENTER), E("late", LATE, after=HOUR)),
    )
    assert [finding.code for finding in verify(process)] == ["timeout-never-due"]


def test_what_the_reader_of_the_source_noticed_comes_first() -> None:
    noticed = Notice("spryker.lost-transition", "demo.xml:4:3", "a transition is lost")
    process = attrs.evolve(FAULTS["dead-end"], findings=[noticed])
    assert [finding.code for finding in verify(process)] == ["spryker.lost-transition", "dead-end"]


def test_unregistered_names_are_not_asked_for_without_registries() -> None:
    assert verify(FAULTS["unknown-command"]) == ()


@pytest.mark.slow
def test_a_process_of_many_states_is_verified_in_linear_time_whatever_its_shape() -> None:
    verify_shapes(1_250)  # what is imported at the first use counts for none
    small, large = (count_lines(partial(verify_shapes, count)) for count in (1_250, 5_000))
    assert large < 4 * 1.5 * small  # looking from each state at all others would run 16 times as many


def verify_shapes(count: int) -> None:
    names = [f"s{number}" for number in range(count)]
    states = [State(name, final=name == names[-1]) for name in names]
    entering = [E("on", ENTER), E("late", LATE, after=HOUR)]
    chain = [T(one, other, "on") for one, other in pairwise(names)]
    far = [T(name, names[number * 7 % count], "late", guard="g") for number, name in enumerate(names[:-1])]
    found = {finding.code for finding in verify(Process("long", states=states, events=entering, transitions=chain))}
    assert {"chain-too-long"} == found - {"unused-event"}
    found = {
        finding.code for finding in verify(Process("wide", states=states, events=entering, transitions=[*chain, *far]))
    }
    assert "timeout-never-due" in found
    ring = [*chain[:-1], T(names[-2], names[0], "on"), T(names[0], names[-1], "late")]
    found = {finding.code for finding in verify(Process("ring", states=states, events=entering, transitions=ring))}
    assert "on-enter-cycle" in found
