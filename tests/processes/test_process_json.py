"""A process as plain JSON values."""

import copy
import json
from datetime import timedelta

import pytest

from mktcore.orders.legacy_processes import FIRST_INTERACTION as INTERACTION
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS as MARKETPLACE_PROCESS
from mktcore.orders.legacy_processes import FIRST_MERCHANT_PROCESS as MERCHANT_PROCESS
from mktcore.persistence import Party
from mktcore.processes import InvalidProcess, Process, ProcessEvent, State, Transition, Trigger
from mktcore.processes.definition import SubProcess
from mktcore.processes.elements import Choose, OnFailure, Semantics
from mktcore.processes.process_json import (
    interaction_from_json,
    interaction_to_json,
    process_from_json,
    process_to_json,
)
from yardstick import check_cost

RETURN = Process(
    "return",
    states=[State("asked"), State("received")],
    events=[ProcessEvent("receive", parties=Party.MERCHANT)],
    transitions=[Transition("asked", "received", "receive")],
)
RICH = Process(
    "rich",
    version=3,
    states=[State("new", "Neu", flags=["reserved", "of our own"]), State("end", final=True)],
    events=[
        ProcessEvent("late", {Trigger.TIMEOUT, Trigger.MANUAL}, after=timedelta(days=2), parties=Party.OPERATOR),
        ProcessEvent("by then", Trigger.TIMEOUT, deadline="friday"),
    ],
    transitions=[
        Transition("new", "back - asked", "late", guard="g", command="c", choice="k", happy=True),
        Transition("back - received", "end", "by then"),
    ],
    subprocesses=[SubProcess(RETURN, "back")],
    semantics=Semantics(Choose.LAST_CONDITION, OnFailure.ISOLATE, strict=False, chain_limit=9),
)
SMALL: dict[str, object] = {
    "name": "p",
    "states": [{"name": "a"}, {"name": "b", "final": True}],
    "events": [{"name": "go"}],
    "transitions": [{"source": "a", "target": "b", "event": "go"}],
}


@pytest.mark.parametrize("process", [RICH, MARKETPLACE_PROCESS, MERCHANT_PROCESS], ids=lambda process: process.name)
def test_what_is_written_is_read_back_through_real_json(process: Process) -> None:
    assert process_from_json(json.loads(json.dumps(process_to_json(process)))) == process


def test_defaults_are_left_out_and_the_rest_is_plain() -> None:
    plain = process_to_json(RICH)
    assert plain["states"][1] == {"name": "end", "final": True}
    assert plain["events"][0] == {
        "name": "late",
        "on": ["manual", "timeout"],
        "after_seconds": 172_800,
        "parties": ["operator"],
    }
    assert plain["semantics"] == {
        "choose": "last-condition",
        "on_failure": "isolate",
        "strict": False,
        "chain_limit": 9,
    }
    assert process_from_json(SMALL).initial == "a"


def refused(plain: object) -> dict[str, str]:
    with pytest.raises(InvalidProcess) as invalid:
        process_from_json(plain)
    return {problem.where: problem.message for problem in invalid.value.problems}


def change(path: str, value: object) -> dict[str, object]:
    plain = copy.deepcopy(SMALL)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    spot: object = plain
    for step in way:
        spot = spot[step]  # type: ignore[index]  # a walk through plain JSON
    spot[last] = value  # type: ignore[index]
    return plain


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("name", "", "name"),
        ("name", 5, "name"),
        ("name", "x" * 201, "name"),
        ("version", 0, "version"),
        ("version", True, "version"),
        ("version", 1.0, "version"),
        ("initial", "nowhere", "initial"),
        ("states", {}, "states"),
        ("states.1", "b", "states[1]"),
        ("states.1.final", 1, "states[1].final"),
        ("states.1.colour", "red", "states[1].colour"),
        ("states.1.flags", ["ok", 3], "states[1].flags[1]"),
        ("states.1.name", "a", "states[1].name"),
        ("events.0.on", ["manual", "magic"], "events[0].on[1]"),
        ("events.0.on", [["manual"]], "events[0].on[0]"),
        ("events.0.after_seconds", 10**12, "events[0].after_seconds"),
        ("events.0.after_seconds", 60, "events[0]"),
        ("events.0.parties", ["thief"], "events[0].parties[0]"),
        ("transitions.0.target", "c", "transitions[0].target"),
        ("transitions.0.happy", None, "transitions[0].happy"),
        ("semantics", {"choose": "last"}, "semantics.choose"),
        ("semantics", {"chain_limit": 0}, "semantics.chain_limit"),
        ("subprocesses", [{}], "subprocesses[0].process"),
        ("subprocesses", [{"process": {"name": "x"}}], "subprocesses[0].process.states"),
        ("subprocesses", [{"process": 7}], "subprocesses[0].process"),
    ],
)
def test_a_fault_is_refused_with_the_path_of_its_field(path: str, value: object, where: str) -> None:
    if path == "states.1.name":
        where = "states[1]"
    assert where in refused(change(path, value))


def test_every_fault_is_listed_at_once() -> None:
    plain = change("version", 0) | {"extra": 1}
    assert set(refused(plain)) == {"version", "extra"}
    assert refused([]) == {"": "is a list, not an object", "name": "is missing or empty"}


@pytest.mark.slow
def test_hostile_documents_are_refused_quickly() -> None:
    check_cost(refuse_hostile_documents, yards=1_000)


def refuse_hostile_documents() -> None:
    deep: dict[str, object] = dict(SMALL)
    for _ in range(5_000):
        deep = {**SMALL, "subprocesses": [{"process": deep}]}
    assert any("deep" in message for message in refused(deep).values())
    assert "states" in refused({**SMALL, "states": [{}] * 200_000})
    many = refused({**SMALL, "states": [{"x" * 100_000: 1}] * 5_000})
    assert len(many) <= 100
    assert max(map(len, many)) < 100
    assert "version" in refused({**SMALL, "version": 10**5000})
    assert len(refused({**SMALL, "transitions": [{"source": "x", "target": "y", "event": "z"}] * 100_000})) == 100


def test_a_process_that_contradicts_itself_in_a_part_is_placed_in_the_part() -> None:
    part = process_to_json(RETURN)
    part["transitions"][0]["target"] = "gone"
    assert "subprocesses[0].process.transitions[0].target" in refused({**SMALL, "subprocesses": [{"process": part}]})


def test_links_are_written_and_read_back_through_real_json() -> None:
    plain = json.loads(json.dumps(interaction_to_json(INTERACTION)))
    assert interaction_from_json(plain) == INTERACTION
    assert plain["links"][0] == {
        "sender": "marketplace-order",
        "event": "send to merchant",
        "receiver": "merchant-order",
    }
    assert plain["links"][-1]["fires"] == "refund"


def test_faults_of_links_are_refused_with_their_paths() -> None:
    plain = interaction_to_json(INTERACTION)
    plain["links"][1]["moot_in"].append(7)
    plain["links"][2]["receiver"] = ""
    plain["same"][0]["other"] = "x"
    del plain["part"]
    with pytest.raises(InvalidProcess) as invalid:
        interaction_from_json(plain)
    assert [problem.where for problem in invalid.value.problems] == [
        "part",
        "links[1].moot_in[8]",
        "links[2].receiver",
        "same[0].other",
    ]
