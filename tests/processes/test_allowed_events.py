"""What may be fired now, against what firing then does: over random processes, states, parties and facts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.errors import MktcoreError
from mktcore.persistence import Scope
from mktcore.persistence.errors import Retryable
from mktcore.processes import (
    EventRefused,
    PortionsMachine,
    Process,
    ProcessEvent,
    State,
    Transition,
    bind_portions,
)
from mktcore.processes.allowed_events import AllowedEvent, Attempted, find_allowed_pieces, list_refusals
from mktcore.processes.elements import OnFailure, Semantics
from mktcore.processes.errors import EndlessChain
from mktcore.processes.portions import Move, PortionsFiring, Subject
from properties.test_processes import COMMANDS, CONDITIONS, DEADLINES, processes

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
SCOPES = [None, Scope.operator(), Scope.merchant("acme"), Scope.buyer("b1")]


def ask(
    machine: PortionsMachine,
    subject: Subject,
    event: str,
    *,
    by: Scope | None = None,
    facts: object = None,
    lines: Mapping[str, int] | None = None,
) -> AllowedEvent:
    def attempt(quantities: Mapping[str, int] | None) -> Attempted:
        fired = machine.fire(subject, event, quantities=quantities, now=MONDAY, by=by, facts=facts)
        return Attempted(fired.moves, fired.problems)

    return find_allowed_pieces(machine, subject, event, by=by, attempt=attempt, quantities=lines)


def count_moved(moves: tuple[Move, ...], event: str, before: Subject) -> dict[str, int]:
    """Return the pieces that an event moved out of the states they were in, not those that a chain moved on."""
    left = {(one.line, one.state): one.quantity for one in reversed(before.portions)}
    found: dict[str, int] = {}
    for move in moves:
        if move.event == event and (move.line, move.source or "") in left:
            found[move.line] = found.get(move.line, 0) + move.quantity
    return found


@given(st.data())
@settings(max_examples=60)
def test_what_is_allowed_passes_and_what_is_not_is_refused_with_the_same_code(data: st.DataObject) -> None:
    process, facts, by = data.draw(processes()), data.draw(st.integers(0, 31)), data.draw(st.sampled_from(SCOPES))
    machine = bind_portions(process, conditions=CONDITIONS, commands=COMMANDS, deadlines=DEADLINES)
    try:
        subject = machine.start("s", {"l1": 3, "l2": 1}, now=MONDAY, facts=facts).subject
        for number in range(data.draw(st.integers(0, 2))):  # pieces of one line in several states
            event = data.draw(st.sampled_from(process.events)).name
            later = MONDAY + timedelta(hours=number)
            subject = machine.fire(subject, event, quantities={"l1": 1}, now=later, facts=facts).subject
    except MktcoreError:
        return
    for one in process.events:
        allowed = ask(machine, subject, one.name, by=by, facts=facts)
        assert allowed.is_allowed is bool(allowed.lines)
        for line, states in allowed.states.items():
            assert sum(states.values()) <= allowed.lines[line]
            assert process.semantics.on_failure is OnFailure.ISOLATE or sum(states.values()) == allowed.lines[line]
        codes, moved = fire(machine, subject, one.name, lines=allowed.lines or None, by=by, facts=facts)
        assert bool(codes) <= (not allowed.is_allowed)
        assert codes <= {found.code for found in allowed.refusals}
        # A process that is not strict refuses nothing: what is not allowed moves nothing there, and says why.
        assert moved.keys() >= allowed.states.keys()
        assert allowed.is_allowed or (allowed.refusals and not moved)


def fire(
    machine: PortionsMachine,
    subject: Subject,
    event: str,
    *,
    lines: Mapping[str, int] | None,
    by: Scope | None,
    facts: object,
) -> tuple[set[str], dict[str, int]]:
    """Fire an event, and return the codes by which it was refused, or what it moved."""
    try:
        fired = machine.fire(subject, event, quantities=lines, now=MONDAY, by=by, facts=facts)
    except (EventRefused, EndlessChain) as refusal:
        return {found.code for found in list_refusals(refusal)}, {}
    return set(), count_moved(fired.moves, event, subject)


def pack_or_ship(**settings_: object) -> PortionsMachine:
    process = Process(
        "parcel",
        states=[State("new"), State("packed"), State("sent", final=True)],
        events=[ProcessEvent("pack"), ProcessEvent("send")],
        transitions=[
            Transition("new", "packed", "pack"),
            Transition("new", "sent", "send", guard="may skip packing"),
            Transition("packed", "sent", "send", guard="light"),
        ],
        semantics=Semantics(**settings_),  # type: ignore[arg-type]  # by the tests below
    )

    def is_light(firing: PortionsFiring) -> bool:
        return sum(firing.quantities().values()) <= 2

    return bind_portions(process, conditions={"may skip packing": lambda _: False, "light": is_light})


def pack(machine: PortionsMachine, packed: dict[str, int]) -> Subject:
    subject = machine.start("s", {"l1": 3, "l2": 2}, now=MONDAY).subject
    return machine.fire(subject, "pack", quantities=packed, now=MONDAY + timedelta(hours=1)).subject


def test_pieces_in_a_state_whose_guard_refuses_are_left_out_and_told_of() -> None:
    machine = pack_or_ship()
    allowed = ask(machine, pack(machine, {"l2": 2}), "send")
    assert (allowed.is_allowed, allowed.lines, allowed.states) == (True, {"l2": 2}, {"l2": {"packed": 2}})
    assert [(one.code, one.operands) for one in allowed.refusals] == [
        ("processes.guard", {"event": "send", "state": "new"})
    ]


def test_pieces_behind_those_that_are_refused_cannot_be_asked_for() -> None:
    machine = pack_or_ship()
    subject = pack(machine, {"l1": 1, "l2": 2})
    # Firing takes the unpacked pieces of l1 first: which of its pieces are meant cannot be said.
    assert ask(machine, subject, "send").lines == {"l2": 2}


def test_a_guard_is_asked_about_the_very_pieces() -> None:
    machine = pack_or_ship()
    subject = pack(machine, {"l1": 3, "l2": 2})
    assert ask(machine, subject, "send").is_allowed is False  # five are too heavy
    few = ask(machine, subject, "send", lines={"l1": 2})
    assert (few.is_allowed, few.lines) == (True, {"l1": 2})


def test_fewer_than_were_asked_about_may_be_there() -> None:
    machine = pack_or_ship()
    subject = pack(machine, {"l2": 2})
    allowed = ask(machine, subject, "pack", lines={"l1": 5, "l2": 1, "l9": 1})
    assert allowed.lines == {"l1": 3}
    assert [one.where for one in allowed.refusals] == ["quantities['l1']", "quantities['l2']", "quantities['l9']"]


def test_a_process_that_lets_the_others_move_says_who_stays() -> None:
    machine = pack_or_ship(on_failure=OnFailure.ISOLATE)
    allowed = ask(machine, pack(machine, {"l2": 2}), "send")
    assert (allowed.lines, allowed.states) == ({"l1": 3, "l2": 2}, {"l2": {"packed": 2}})
    assert [one.code for one in allowed.refusals] == ["processes.guard"]


def test_who_has_to_try_again_is_not_told_that_it_is_refused() -> None:
    with pytest.raises(Retryable):
        list_refusals(Retryable("deadlock"))
