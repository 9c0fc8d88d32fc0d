"""Two processes with their links, explored together."""

from collections.abc import Iterable
from itertools import pairwise

import attrs
import pytest

from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.legacy_processes import FIRST_INTERACTION, FIRST_MARKETPLACE_PROCESS, FIRST_MERCHANT_PROCESS
from mktcore.processes import Interaction, Process, ProcessEvent, State, Transition, Trigger, verify_jointly
from mktcore.processes.portions import Link
from yardstick import check_cost

T = Transition
SENT = Link("whole", "send", "part", None)


def process(
    name: str, transitions: Iterable[Transition], *, internal: Iterable[str] = (), finals: str = "end"
) -> Process:
    moves = tuple(transitions)
    states = dict.fromkeys(state for move in moves for state in (move.source, move.target))
    events = dict.fromkeys(move.event for move in moves)
    kinds = dict.fromkeys(internal, Trigger.INTERNAL)
    return Process(
        name,
        states=[State(state, final=state in finals.split()) for state in states],
        events=[ProcessEvent(event, kinds.get(event, Trigger.MANUAL)) for event in events],
        transitions=moves,
    )


WHOLE = process("whole", [T("new", "sent", "send"), T("sent", "end", "finish")], internal=["finish"])
PART = process("part", [T("new", "end", "work")])
FINE = Interaction("whole", "part", [SENT, Link("part", "work", "whole", "finish")], same=[("end", "end")])


def codes(whole: Process, part: Process, interaction: Interaction, **bounds: int) -> list[str]:
    return [finding.code for finding in verify_jointly(whole, part, interaction, **bounds).findings]


def test_the_processes_that_come_with_the_library_fit_together() -> None:
    report = verify_jointly(MARKETPLACE_PROCESS, MERCHANT_PROCESS, INTERACTION, parts=1)
    assert report.findings == ()
    assert report.is_clean()
    assert (report.pair_states, report.states, report.ends) == (269, 269, 5)
    assert report.steps == 629


def test_the_first_version_of_them_fits_together() -> None:
    first = (FIRST_MARKETPLACE_PROCESS, FIRST_MERCHANT_PROCESS, FIRST_INTERACTION)
    report = verify_jointly(*first, parts=2)
    assert report.findings == ()
    assert report.is_clean()
    assert (report.pair_states, report.states, report.ends) == (44, 44**2, 4**2)
    assert report.steps == 6_512
    check_cost(lambda: verify_jointly(*first, parts=2), yards=500)


@pytest.mark.slow
def test_they_fit_together_with_two_merchants() -> None:
    report = verify_jointly(MARKETPLACE_PROCESS, MERCHANT_PROCESS, INTERACTION, parts=2)
    assert report.is_clean()
    assert (report.states, report.ends) == (269**2, 5**2)


def test_a_pair_that_fits_is_clean_and_counted() -> None:
    report = verify_jointly(WHOLE, PART, FINE, parts=1)
    # new; sent with the start on its way; sent/new; sent/end with the answer on its way; end/end.
    assert (report.findings, report.states, report.steps, report.ends) == ((), 5, 4, 1)


def test_an_event_sent_where_it_can_never_be_received_is_found_with_the_shortest_way() -> None:
    hasty = process(
        "whole",
        [
            T("new", "sent", "send"),
            T("sent", "end", "finish"),
            T("sent", "canceled", "cancel"),
            T("canceled", "end", "x"),
        ],
        internal=["finish"],
    )
    report = verify_jointly(hasty, PART, FINE, parts=1)
    lost = [finding for finding in report.findings if finding.code == "message-unreceivable"]
    assert [finding.where for finding in lost] == ["links[1]", "links[1]"]
    assert "'canceled' / 'end' with 1 messages on their way after whole: send" in lost[0].message


def test_a_message_declared_moot_is_no_fault_there() -> None:
    hasty = process(
        "whole",
        [T("new", "sent", "send"), T("sent", "end", "finish"), T("sent", "canceled", "cancel")],
        internal=["finish"],
        finals="end canceled",
    )
    told = Interaction(
        "whole",
        "part",
        [SENT, Link("part", "work", "whole", "finish", moot_in=["canceled"])],
        same=[("end", "end"), ("canceled", "end")],
    )
    assert codes(hasty, PART, told) == []


def test_finals_that_contradict_each_other_are_found() -> None:
    failing = process("part", [T("new", "end", "work"), T("new", "broken", "fail")], finals="end broken")
    told = attrs.evolve(FINE, links=[*FINE.links, Link("part", "fail", "whole", "finish")])
    report = verify_jointly(WHOLE, failing, told)
    assert [finding.code for finding in report.findings] == ["finals-contradict"]
    assert "'end' / 'broken'" in report.findings[0].message


def test_a_joint_deadlock_is_found_though_each_process_alone_is_sound() -> None:
    waiting = process("part", [T("new", "waiting", "prepare"), T("waiting", "end", "release")], internal=["release"])
    whole = process("whole", [T("new", "sent", "send"), T("sent", "end", "finish")], internal=["finish"])
    told = Interaction(
        "whole",
        "part",
        [SENT, Link("whole", "finish", "part", "release"), Link("part", "release", "whole", "finish")],
        same=[("end", "end")],
    )
    found = verify_jointly(whole, waiting, told).findings
    assert {finding.code for finding in found} == {"joint-deadlock", "link-never-used"}
    assert "'sent' / 'waiting' after whole: send; message 'send' arrives; part: prepare" in str(found)


def test_a_joint_livelock_is_found() -> None:
    restless = process(
        "part",
        [T("new", "a", "go"), T("a", "b", "flip"), T("b", "a", "flop"), T("a", "end", "stop")],
        internal=["stop"],
    )
    told = Interaction("whole", "part", [SENT, Link("whole", "finish", "part", "stop")], same=[("end", "end")])
    whole = process("whole", [T("new", "sent", "send"), T("sent", "end", "finish")], internal=["finish"])
    # Nothing fires `finish`, which only answers a message that no link of the part sends.
    driven = attrs.evolve(told, links=[*told.links, Link("part", "stop", "whole", "finish")])
    assert set(codes(whole, restless, driven)) == {"joint-livelock", "link-never-used"}


def test_endless_chatter_is_found() -> None:
    chatty = process("part", [T("new", "b", "ping"), T("b", "new", "pong"), T("new", "end", "work")])
    told = attrs.evolve(FINE, links=[*FINE.links, Link("part", "ping", "whole", "note", moot_in=["sent", "end"])])
    whole = attrs.evolve(
        WHOLE,
        events=[*WHOLE.events, ProcessEvent("note", Trigger.INTERNAL)],
        transitions=[*WHOLE.transitions, T("new", "sent", "note")],
    )
    assert "link-overflow" in codes(whole, chatty, told, capacity=3)


def test_a_part_started_twice_is_found() -> None:
    whole = process(
        "whole", [T("new", "sent", "send"), T("sent", "new", "recall"), T("sent", "end", "finish")], internal=["finish"]
    )
    assert "message-unreceivable" in codes(whole, PART, FINE)


@pytest.mark.parametrize(
    ("interaction", "code"),
    [
        (attrs.evolve(FINE, links=[Link("whole", "send", "nobody", None)]), "link-unknown-process"),
        (attrs.evolve(FINE, links=[Link("whole", "sing", "part", None)]), "link-unknown-event"),
        (attrs.evolve(FINE, links=[Link("part", "work", "whole", "dance")]), "link-unknown-event"),
        (attrs.evolve(FINE, links=[Link("part", "work", "whole", "finish", moot_in=["?"])]), "link-unknown-state"),
        (attrs.evolve(FINE, same=[("end", "?")]), "link-unknown-state"),
    ],
)
def test_links_that_name_what_does_not_exist_are_found_before_exploring(interaction: Interaction, code: str) -> None:
    report = verify_jointly(WHOLE, PART, interaction)
    assert [finding.code for finding in report.findings] == [code]
    assert report.states == 0


def test_too_many_joint_states_are_said_not_hung_on() -> None:
    assert codes(MARKETPLACE_PROCESS, MERCHANT_PROCESS, INTERACTION, parts=4, limit=5_000) == ["joint-too-large"]


def test_events_on_entering_and_choices_take_every_way_they_might() -> None:
    whole = Process(
        "whole",
        states=[State("new"), State("checked"), State("sent"), State("end", final=True)],
        events=[
            ProcessEvent("check"),
            ProcessEvent("send", Trigger.ON_ENTER),
            ProcessEvent("finish", Trigger.INTERNAL),
        ],
        transitions=[
            T("new", "checked", "check"),
            T("checked", "sent", "send", guard="may"),
            T("sent", "end", "finish", choice="may"),
        ],
    )
    # The guard may leave everything in `checked`, and a refused answer may leave the whole in `sent`: both are stuck.
    assert codes(whole, PART, FINE) == ["joint-deadlock"]
    again = attrs.evolve(
        whole,
        events=[*whole.events, ProcessEvent("retry")],
        transitions=[*whole.transitions, T("checked", "new", "retry"), T("sent", "end", "retry")],
    )
    assert codes(again, PART, FINE) == ["message-unreceivable"]
    late = attrs.evolve(FINE, links=[SENT, attrs.evolve(FINE.links[1], moot_in=["end"])])
    assert codes(again, PART, late) == []


def test_long_and_branching_chains_on_entering_are_followed_without_recursion() -> None:
    length = 3_000
    names = [f"s{number}" for number in range(length)]
    whole = Process(
        "whole",
        states=[State("new"), *map(State, names), State("sent"), State("end", final=True)],
        events=[
            ProcessEvent("go"),
            ProcessEvent("on", Trigger.ON_ENTER),
            ProcessEvent("send"),
            ProcessEvent("finish", Trigger.INTERNAL),
        ],
        transitions=[
            T("new", "s0", "go"),
            *[T(one, other, "on") for one, other in pairwise(names)],
            *[T(one, other, "on", guard="skip") for one, other in zip(names, names[2:], strict=False)],
            T(names[-1], "sent", "send"),
            T("sent", "end", "finish"),
        ],
    )
    report = verify_jointly(whole, PART, FINE, parts=1)
    assert report.findings == ()
    assert report.states == 6


def test_a_chain_on_entering_may_lead_back_to_where_it_began() -> None:
    whole = Process(
        "whole",
        states=[State("new"), State("asked"), State("sent"), State("end", final=True)],
        events=[
            ProcessEvent("ask"),
            ProcessEvent("again", Trigger.ON_ENTER),
            ProcessEvent("send"),
            ProcessEvent("finish", Trigger.INTERNAL),
        ],
        transitions=[
            T("new", "asked", "ask"),
            T("asked", "new", "again"),
            T("new", "sent", "send"),
            T("sent", "end", "finish"),
        ],
    )
    assert codes(whole, PART, FINE) == []
