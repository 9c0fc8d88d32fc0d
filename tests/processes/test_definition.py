"""Definitions: what is refused, with every fault and its place, and how parts are merged in."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from mktcore.orders.default_processes import Flag
from mktcore.persistence import Party
from mktcore.processes import InvalidProcess, Process, ProcessEvent, State, Transition, Trigger, bind_portions
from mktcore.processes.definition import SubProcess
from mktcore.processes.elements import Semantics

STATES = [State("a"), State("b", final=True)]
EVENTS = [ProcessEvent("go")]
GO = Transition("a", "b", "go")
RETURN = Process(
    "return",
    states=[State("asked"), State("back", flags=["reserved"])],
    events=[ProcessEvent("receive", parties=Party.MERCHANT)],
    transitions=[Transition("asked", "back", "receive")],
)


def refused(**fields: Any) -> dict[str, str]:
    with pytest.raises(InvalidProcess) as invalid:
        Process(**{"name": "p", "states": STATES, "events": EVENTS, "transitions": [GO]} | fields)
    return {problem.where: problem.code for problem in invalid.value.problems}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, {"name": "processes.name"}),
        ({"name": " p"}, {"name": "processes.name"}),
        ({"name": "p\n"}, {"name": "processes.name"}),
        ({"name": "x" * 201}, {"name": "processes.name"}),
        ({"version": 0}, {"version": "processes.version"}),
        ({"version": True}, {"version": "processes.version"}),
        ({"initial": "z"}, {"initial": "processes.unknown-state"}),
        ({"states": [], "transitions": []}, {"states": "processes.no-state"}),
        ({"states": [*STATES, State("a")]}, {"states[2]": "processes.duplicate-state"}),
        ({"states": [*STATES, State("a", final=True)]}, {"states[2]": "processes.duplicate-state"}),
        ({"events": [*EVENTS, ProcessEvent("go")]}, {"events[1]": "processes.duplicate-event"}),
        ({"events": [*EVENTS, ProcessEvent("x", ())]}, {"events[1].on": "processes.trigger"}),
        ({"events": [*EVENTS, ProcessEvent("x", Trigger.TIMEOUT)]}, {"events[1]": "processes.timing"}),
        ({"events": [*EVENTS, ProcessEvent("x", after=timedelta(1))]}, {"events[1]": "processes.timing"}),
        (
            {"events": [*EVENTS, ProcessEvent("x", Trigger.TIMEOUT, after=timedelta(1), deadline="d")]},
            {"events[1]": "processes.timing"},
        ),
        (
            {"events": [*EVENTS, ProcessEvent("x", Trigger.TIMEOUT, after=timedelta(seconds=-1))]},
            {"events[1].after": "processes.timing"},
        ),
        (
            {"events": [*EVENTS, ProcessEvent("x", Trigger.TIMEOUT, after=timedelta(milliseconds=1500))]},
            {"events[1].after": "processes.timing"},
        ),
        (
            {"transitions": [Transition("x", "y", "z")]},
            {
                "transitions[0].source": "processes.unknown-state",
                "transitions[0].target": "processes.unknown-state",
                "transitions[0].event": "processes.unknown-event",
            },
        ),
        ({"states": [*STATES, State("c", "x" * 201)]}, {"states[2].display": "processes.name"}),
        ({"states": [*STATES, State("c", flags=["", "ok"])]}, {"states[2].flags": "processes.name"}),
        (
            {"events": [*EVENTS, ProcessEvent("x", Trigger.TIMEOUT, deadline=" ")]},
            {"events[1].deadline": "processes.name"},
        ),
        (
            {"transitions": [Transition("a", "b", "go", guard="", command="x" * 201, choice="a\nb")]},
            {f"transitions[0].{field}": "processes.name" for field in ("guard", "command", "choice")},
        ),
        ({"transitions": [GO, Transition("b", "a", "go")]}, {"transitions[1].source": "processes.final-left"}),
    ],
)
def test_a_contradiction_is_refused_with_its_place(fields: dict[str, Any], expected: dict[str, str]) -> None:
    assert refused(**fields) == expected


def test_every_fault_is_listed_at_once() -> None:
    assert set(refused(name="", version=-1, transitions=[Transition("x", "b", "go")])) == {
        "name", "version", "transitions[0].source"
    }  # fmt: skip


class TestParts:
    whole = Process(
        "order",
        states=[State("new"), State("end", final=True)],
        events=[ProcessEvent("ask"), ProcessEvent("close")],
        transitions=[Transition("new", "back - asked", "ask"), Transition("back - back", "end", "close")],
        subprocesses=[SubProcess(RETURN, "back")],
    )

    def test_names_of_a_part_are_prefixed(self) -> None:
        flat = self.whole.flatten()
        assert [state.name for state in flat.states] == ["new", "end", "back - asked", "back - back"]
        assert flat.transitions[-1] == Transition("back - asked", "back - back", "back - receive")
        assert flat.subprocesses == ()
        assert flat.flatten() is flat

    def test_states_and_events_are_found_by_their_name_in_the_whole(self) -> None:
        assert self.whole.find_state("back - back") == State("back - back", flags=[Flag.RESERVED])
        assert self.whole.find_event("back - receive") == ProcessEvent("back - receive", parties=Party.MERCHANT)
        assert self.whole.find_state("back") is None
        assert self.whole.find_event("receive") is None

    def test_parts_nest(self) -> None:
        nested = Process("shop", states=[State("s")], subprocesses=[SubProcess(self.whole, "order")])
        assert nested.find_state("order - back - asked") is not None

    def test_a_part_without_a_prefix_shares_names_that_mean_the_same(self) -> None:
        shared = Process(
            "order",
            states=[State("asked"), State("end", final=True)],
            events=[ProcessEvent("end")],
            transitions=[Transition("asked", "end", "end")],
            subprocesses=[SubProcess(RETURN)],
        )
        assert [state.name for state in shared.flatten().states] == ["asked", "end", "back"]
        assert len(shared.flatten().transitions) == 2
        assert set(bind_portions(shared).tables.groups["asked"]) == {"end", "receive"}

    def test_names_that_mean_something_else_are_refused(self) -> None:
        with pytest.raises(InvalidProcess, match="with different meanings"):
            Process("order", states=[State("back", final=True)], subprocesses=[SubProcess(RETURN)])

    def test_a_final_state_of_a_part_is_not_left_by_the_whole(self) -> None:
        ending = attrs.evolve(RETURN, states=[State("asked"), State("back", final=True)])
        with pytest.raises(InvalidProcess, match="final and never left"):
            Process(
                "order",
                states=[State("new")],
                events=[ProcessEvent("on")],
                transitions=[Transition("back", "new", "on")],
                subprocesses=[SubProcess(ending)],
            )

    def test_a_process_of_parts_alone_says_where_it_starts(self) -> None:
        with pytest.raises(InvalidProcess):
            Process("order", subprocesses=[SubProcess(RETURN)])
        assert Process("order", subprocesses=[SubProcess(RETURN)], initial="asked").initial == "asked"


def test_one_flag_trigger_or_party_needs_no_brackets() -> None:
    assert State("s", flags="reserved").flags == {"reserved"}
    assert ProcessEvent("e", Trigger.INTERNAL, parties=Party.BUYER) == ProcessEvent(
        "e", [Trigger.INTERNAL], parties=[Party.BUYER]
    )
    event = ProcessEvent("e", {Trigger.ON_ENTER, Trigger.MANUAL})
    assert (event.is_on_enter(), event.is_manual(), event.is_timeout()) == (True, True, False)


def test_a_chain_is_at_least_one_step_long() -> None:
    with pytest.raises(ValueError, match="chain_limit"):
        Semantics(chain_limit=0)
