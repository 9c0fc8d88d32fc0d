"""What a bound process does with an event."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from mktcore.clock import NaiveTime
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS as MARKETPLACE_PROCESS
from mktcore.orders.legacy_processes import FIRST_MERCHANT_PROCESS as MERCHANT_PROCESS
from mktcore.persistence import Scope
from mktcore.processes import (
    CommandDeclined,
    CommandOutcome,
    EventRefused,
    PortionsMachine,
    Process,
    ProcessEvent,
    State,
    Subject,
    Transition,
    Trigger,
    bind_portions,
)
from mktcore.processes.elements import Choose, OnFailure, Semantics
from mktcore.processes.errors import EndlessChain, InvalidSubject, Unbound, WrongProcess
from mktcore.processes.machine import DONE
from mktcore.processes.portions import Portion, PortionsFired, PortionsFiring, replay
from mktcore.processes.timeouts import TimeOut, TimeOutKey

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
ACME = Scope.merchant("acme", user="u1")


def build(
    transitions: Iterable[Transition], *, events: Iterable[ProcessEvent] = (), semantics: Semantics | None = None
) -> Process:
    """Return a process with just the states and manual events that the transitions name."""
    moves = tuple(transitions)
    states = dict.fromkeys(name for move in moves for name in (move.source, move.target))
    known = {event.name: event for event in events}
    names = dict.fromkeys(move.event for move in moves)
    return Process(
        "p",
        states=[State(name) for name in states],
        events=[known.get(name, ProcessEvent(name)) for name in names],
        transitions=moves,
        semantics=semantics or Semantics(),
    )


def codes(refusal: EventRefused | PortionsFired) -> list[str]:
    return [problem.code for problem in refusal.problems]


class TestShippedMerchantProcess:
    machine = bind_portions(MERCHANT_PROCESS)

    def start(self) -> Subject:
        return self.machine.start("order-1", {"l1": 3, "l2": 1}, now=MONDAY).subject

    def test_a_merchant_ships_part_of_a_line_straight_from_new(self) -> None:
        fired = self.machine.fire(self.start(), "ship", quantities={"l1": 1}, now=MONDAY, by=ACME)
        assert fired.subject.states() == {"l1": {"new": 2, "shipped": 1}, "l2": {"new": 1}}
        (move,) = fired.moves
        assert (move.line, move.quantity, move.source, move.target) == ("l1", 1, "new", "shipped")
        assert (move.event, move.at, move.by) == ("ship", MONDAY, ACME)

    def test_what_is_shipped_is_delivered(self) -> None:
        shipped = self.machine.fire(self.start(), "ship", now=MONDAY, by=ACME).subject
        delivered = self.machine.fire(shipped, "deliver", now=MONDAY, by=ACME).subject
        assert delivered.count(state="delivered") == 4

    def test_a_buyer_may_not_ship(self) -> None:
        with pytest.raises(EventRefused) as refused:
            self.machine.fire(self.start(), "ship", now=MONDAY, by=Scope.buyer("b1"))
        assert codes(refused.value) == ["processes.not-allowed"]

    def test_the_operator_acting_for_a_buyer_has_the_buyers_rights(self) -> None:
        with pytest.raises(EventRefused):
            self.machine.fire(self.start(), "ship", now=MONDAY, by=Scope.buyer("b1").to_operator())

    def test_an_internal_event_is_not_fired_by_hand_but_by_the_program(self) -> None:
        with pytest.raises(EventRefused) as refused:
            self.machine.fire(self.start(), "ask to cancel", now=MONDAY, by=ACME)
        assert codes(refused.value) == ["processes.not-manual"]
        fired = self.machine.fire(self.start(), "ask to cancel", now=MONDAY)
        assert fired.subject.count(state="cancellation asked") == 4

    def test_more_than_there_is_cannot_be_shipped(self) -> None:
        with pytest.raises(EventRefused) as refused:
            self.machine.fire(self.start(), "ship", quantities={"l1": 4, "l9": 1, "l2": 0}, now=MONDAY, by=ACME)
        assert codes(refused.value) == ["processes.quantity"]
        with pytest.raises(EventRefused) as refused:
            self.machine.fire(self.start(), "ship", quantities={"l1": 4, "l9": 1}, now=MONDAY, by=ACME)
        assert codes(refused.value) == ["processes.no-match", "processes.unknown-line"]
        assert "3 of 4 units" in str(refused.value)

    def test_asking_for_nothing_is_refused(self) -> None:
        with pytest.raises(EventRefused, match="no quantity was asked for"):
            self.machine.fire(self.start(), "ship", quantities={}, now=MONDAY, by=ACME)

    def test_an_event_that_matches_nothing_is_refused(self) -> None:
        for event, code in (("deliver", "processes.no-match"), ("vanish", "processes.unknown-event")):
            for quantities in (None, {"l1": 1}):
                with pytest.raises(EventRefused) as refused:
                    self.machine.fire(self.start(), event, quantities=quantities, now=MONDAY)
                assert codes(refused.value) == [code]
        with pytest.raises(EventRefused) as refused:
            self.machine.fire(self.start(), "vanish", now=MONDAY, by=ACME)
        assert codes(refused.value) == ["processes.unknown-event"]

    def test_the_events_open_to_a_party_are_listed_with_what_they_reach(self) -> None:
        found = self.machine.find_events(self.start(), by=ACME)
        assert found == {event: {"l1": 3, "l2": 1} for event in ("ship", "pick", "cancel by merchant")}
        assert "ask to cancel" in self.machine.find_events(self.start())

    def test_a_subject_of_another_version_is_not_moved(self) -> None:
        stranger = Subject("order-1", "merchant-order", 2, ())
        with pytest.raises(WrongProcess, match="merchant-order v2"):
            self.machine.fire(stranger, "ship", now=MONDAY)
        with pytest.raises(WrongProcess):
            self.machine.start(stranger, {"l1": 1}, now=MONDAY)
        timeout = TimeOut(TimeOutKey("merchant-order", "order-1", "l1", "new", MONDAY, "ship"), MONDAY)
        with pytest.raises(WrongProcess):
            self.machine.fire_timeout(stranger, timeout, now=MONDAY)

    def test_instants_are_kept_in_utc_and_a_naive_one_is_refused(self) -> None:
        there = MONDAY.astimezone(timezone(timedelta(hours=2)))
        fired = self.machine.fire(self.start(), "ship", now=there)
        assert fired.subject.portions[0].since.isoformat() == "2026-05-04T09:00:00+00:00"
        with pytest.raises(NaiveTime):
            self.machine.fire(self.start(), "ship", now=datetime(2026, 5, 4))  # noqa: DTZ001 - a naive instant is the point

    def test_an_existing_subject_can_be_given_more(self) -> None:
        more = self.machine.start(self.start(), {"l1": 2, "l3": 1}, now=MONDAY).subject
        assert more.states() == {"l1": {"new": 5}, "l2": {"new": 1}, "l3": {"new": 1}}


def test_the_shipped_marketplace_process_waits_half_an_hour_for_changes() -> None:
    machine = bind_portions(MARKETPLACE_PROCESS)
    started = machine.start("order-1", {"l1": 1}, now=MONDAY)
    (expiry,) = started.schedule
    assert expiry.due == MONDAY + timedelta(days=30)
    paid = machine.fire(started.subject, "authorise", now=MONDAY)
    assert paid.cancel == (expiry.key,)
    (window,) = paid.schedule
    assert window.due == MONDAY + timedelta(minutes=30)
    sent = machine.fire_timeout(paid.subject, window, now=window.due)
    assert sent.subject.states() == {"l1": {"sent": 1}}
    assert sent.moves[0].by is None
    assert sent.cancel == (window.key,)


class TestGuardsCommandsAndChoices:
    def test_the_first_branch_whose_guard_holds_runs_its_command_and_no_other(self) -> None:
        ran: list[str] = []

        def note(name: str) -> CommandOutcome:
            ran.append(name)
            return DONE

        process = build(
            [
                Transition("a", "b", "go", guard="no", command="one"),
                Transition("a", "c", "go", guard="yes", command="two"),
                Transition("a", "d", "go", command="three"),
            ]
        )
        machine = bind_portions(
            process,
            conditions={"no": lambda _: False, "yes": lambda _: True},
            commands={name: lambda _, name=name: note(name) for name in ("one", "two", "three")},  # type: ignore[misc]  # mypy does not infer a lambda with a default
        )
        fired = machine.fire(machine.start("s", {"x": 1}, now=MONDAY).subject, "go", now=MONDAY, reason="asked")
        assert fired.subject.states() == {"x": {"c": 1}}
        assert ran == ["two"]
        assert fired.moves[0].why == "asked; yes"

    def test_a_choice_is_made_on_the_outcome_of_the_command(self) -> None:
        process = build(
            [
                Transition("a", "paid", "pay", command="charge", choice="approved"),
                Transition("a", "refused", "pay", command="charge"),
            ]
        )

        def approved(firing: PortionsFiring) -> bool:
            assert firing.outcome is not None
            return firing.outcome.result == firing.facts and firing.changes == ("charge",)

        machine = bind_portions(
            process,
            conditions={"approved": approved},
            commands={"charge": lambda _: CommandOutcome(changes=("charge",), result="yes")},
        )
        start = machine.start("s", {"x": 2}, now=MONDAY).subject
        for facts, state in (("yes", "paid"), ("no", "refused")):
            fired = machine.fire(start, "pay", now=MONDAY, facts=facts)
            assert fired.subject.states() == {"x": {state: 2}}
            assert fired.changes == ("charge",)

    def test_without_a_choice_that_holds_the_portion_stays_and_history_says_so(self) -> None:
        machine = bind_portions(
            build([Transition("a", "b", "check", choice="paid")]), conditions={"paid": lambda _: False}
        )
        start = machine.start("s", {"x": 2}, now=MONDAY).subject
        fired = machine.fire(start, "check", now=MONDAY)
        assert fired.subject == start
        assert [(move.source, move.target, move.why) for move in fired.moves] == [("a", "a", "no choice holds")]

    @pytest.mark.parametrize(
        ("choose", "first", "second", "target"),
        [
            (Choose.FIRST, True, True, "b"),
            (Choose.LAST_CONDITION, True, True, "d"),
            (Choose.LAST_CONDITION, True, False, "b"),
            (Choose.LAST_CONDITION, False, False, "c"),
            (Choose.FIRST, False, True, "c"),
        ],
    )
    def test_which_of_several_is_taken_can_be_chosen(
        self, choose: Choose, first: bool, second: bool, target: str
    ) -> None:
        process = build(
            [
                Transition("a", "b", "go", choice="first"),
                Transition("a", "c", "go"),
                Transition("a", "d", "go", choice="second"),
            ],
            semantics=Semantics(choose=choose),
        )
        machine = bind_portions(process, conditions={"first": lambda _: first, "second": lambda _: second})
        fired = machine.fire(machine.start("s", {"x": 1}, now=MONDAY).subject, "go", now=MONDAY)
        assert fired.subject.states() == {"x": {target: 1}}

    def test_a_guard_that_does_not_hold_refuses(self) -> None:
        machine = bind_portions(build([Transition("a", "b", "go", guard="no")]), conditions={"no": lambda _: False})
        with pytest.raises(EventRefused) as refused:
            machine.fire(machine.start("s", {"x": 1}, now=MONDAY).subject, "go", now=MONDAY)
        assert codes(refused.value) == ["processes.guard"]

    def test_conditions_see_the_quantities_that_would_move(self) -> None:
        seen: list[dict[str, int]] = []
        machine = bind_portions(
            build([Transition("a", "b", "go", command="look")]),
            commands={"look": lambda firing: seen.append(firing.quantities()) or DONE},  # type: ignore[func-returns-value]  # append returns None by design here
        )
        machine.fire(machine.start("s", {"x": 5, "y": 1}, now=MONDAY).subject, "go", quantities={"x": 2}, now=MONDAY)
        assert seen == [{"x": 2}]


class TestFailure:
    process = build(
        [
            Transition("a", "b", "step"),
            Transition("a", "c", "go", command="fine"),
            Transition("b", "c", "go", command="bad"),
        ]
    )

    def subject_in_two_states(self, process: Process) -> Subject:
        machine = self.bind(process)
        start = machine.start("s", {"x": 3}, now=MONDAY).subject
        return machine.fire(start, "step", quantities={"x": 1}, now=MONDAY).subject

    def bind(self, process: Process) -> PortionsMachine:
        return bind_portions(process, commands={"fine": lambda _: DONE, "bad": lambda _: CommandDeclined("no money")})

    def test_by_default_a_declined_command_stops_the_whole_subject(self) -> None:
        with pytest.raises(EventRefused, match="no money") as refused:
            self.bind(self.process).fire(self.subject_in_two_states(self.process), "go", now=MONDAY)
        assert codes(refused.value) == ["processes.declined"]

    def test_isolated_it_stops_only_its_own_state(self) -> None:
        process = attrs.evolve(self.process, semantics=Semantics(on_failure=OnFailure.ISOLATE))
        fired = self.bind(process).fire(self.subject_in_two_states(process), "go", now=MONDAY)
        assert fired.subject.states() == {"x": {"c": 2, "b": 1}}
        assert codes(fired) == ["processes.declined"]

    def test_an_error_of_this_library_counts_as_declined_and_a_bug_does_not(self) -> None:
        def refuse(_: PortionsFiring) -> CommandOutcome:
            raise InvalidSubject("out of paper")

        def crash(_: PortionsFiring) -> CommandOutcome:
            raise ZeroDivisionError

        process = build([Transition("a", "b", "go", command="print")])
        start = bind_portions(process, commands={"print": refuse}).start("s", {"x": 1}, now=MONDAY).subject
        with pytest.raises(EventRefused, match="out of paper"):
            bind_portions(process, commands={"print": refuse}).fire(start, "go", now=MONDAY)
        with pytest.raises(ZeroDivisionError):
            bind_portions(process, commands={"print": crash}).fire(start, "go", now=MONDAY)

    def test_each_subject_is_all_or_nothing_for_itself(self) -> None:
        process = build([Transition("a", "b", "go", command="pay")])
        machine = bind_portions(
            process, commands={"pay": lambda firing: DONE if firing.facts else CommandDeclined("broke")}
        )
        subjects = [machine.start(name, {"x": 1}, now=MONDAY).subject for name in ("s1", "s2", "s3")]
        found = machine.fire_many(subjects, "go", now=MONDAY, facts={"s1": True, "s2": False, "s3": True})
        assert [isinstance(fired, EventRefused) for fired in found.values()] == [False, True, False]
        assert all(isinstance(fired, EventRefused) for fired in machine.fire_many(subjects, "go", now=MONDAY).values())

    def test_lenient_semantics_report_what_was_ignored(self) -> None:
        process = build([Transition("a", "b", "go")], semantics=Semantics(strict=False))
        machine = bind_portions(process)
        start = machine.start("s", {"x": 2}, now=MONDAY).subject
        fired = machine.fire(start, "go", quantities={"x": 3}, now=MONDAY)
        assert fired.subject.states() == {"x": {"b": 2}}
        assert codes(fired) == ["processes.no-match"]
        nothing = machine.fire(fired.subject, "go", now=MONDAY)
        assert nothing.subject == fired.subject
        assert codes(nothing) == ["processes.no-match"]


class TestOnEnter:
    def test_a_chain_runs_until_it_rests(self) -> None:
        process = build(
            [
                Transition("a", "b", "go"),
                Transition("b", "c", "reserve", command="take"),
                Transition("c", "d", "check", guard="enough"),
            ],
            events=[ProcessEvent("reserve", Trigger.ON_ENTER), ProcessEvent("check", Trigger.ON_ENTER)],
        )
        machine = bind_portions(
            process,
            commands={"take": lambda firing: CommandOutcome(changes=(len(firing.changes),))},
            conditions={"enough": lambda firing: firing.changes == (0,) and firing.facts},
        )
        start = machine.start("s", {"x": 2}, now=MONDAY).subject
        fired = machine.fire(start, "go", now=MONDAY, facts=True, by=ACME)
        assert fired.subject.states() == {"x": {"d": 2}}
        assert [(move.event, move.target) for move in fired.moves] == [("go", "b"), ("reserve", "c"), ("check", "d")]
        halted = machine.fire(start, "go", now=MONDAY, facts=False)
        assert halted.subject.states() == {"x": {"c": 2}}
        assert not halted.problems

    def test_a_declined_command_on_entering_leaves_the_portion_there_and_is_reported(self) -> None:
        process = build(
            [Transition("a", "b", "go"), Transition("b", "c", "pay", command="pay")],
            events=[ProcessEvent("pay", Trigger.ON_ENTER)],
        )
        machine = bind_portions(process, commands={"pay": lambda _: CommandDeclined("broke")})
        fired = machine.fire(machine.start("s", {"x": 1}, now=MONDAY).subject, "go", now=MONDAY)
        assert fired.subject.states() == {"x": {"b": 1}}
        assert codes(fired) == ["processes.declined"]

    def test_the_initial_state_is_entered_too(self) -> None:
        process = build([Transition("a", "b", "go")], events=[ProcessEvent("go", Trigger.ON_ENTER)])
        fired = bind_portions(process).start("s", {"x": 1, "y": 2}, now=MONDAY, by=ACME)
        assert fired.subject.states() == {"x": {"b": 1}, "y": {"b": 2}}
        assert replay(fired.moves) == fired.subject.states()

    def test_a_chain_without_an_end_is_refused_whole(self) -> None:
        process = build(
            [Transition("a", "b", "go"), Transition("b", "c", "on"), Transition("c", "b", "on")],
            events=[ProcessEvent("on", Trigger.ON_ENTER)],
        )
        machine = bind_portions(process)
        with pytest.raises(EndlessChain, match="within 25 steps"):
            machine.fire(machine.start("s", {"x": 1}, now=MONDAY).subject, "go", now=MONDAY)
        refused = machine.fire_many([machine.start("s", {"x": 1}, now=MONDAY).subject], "go", now=MONDAY)["s"]
        assert codes(refused) == ["processes.endless-chain"]

    def test_a_transition_to_the_same_state_enters_nothing(self) -> None:
        process = build(
            [Transition("a", "a", "nudge"), Transition("a", "b", "on", guard="never")],
            events=[ProcessEvent("on", Trigger.ON_ENTER)],
        )
        asked: list[str] = []
        machine = bind_portions(process, conditions={"never": lambda firing: bool(asked.append(firing.event))})  # type: ignore[func-returns-value]  # counts the calls
        start = machine.start("s", {"x": 1}, now=MONDAY).subject
        fired = machine.fire(start, "nudge", now=MONDAY + timedelta(hours=1))
        assert fired.subject == start
        assert asked == ["on"]


def test_what_enters_a_state_from_several_others_is_one_event_there() -> None:
    process = build(
        [
            Transition("a", "b", "pick"),
            Transition("a", "c", "stop"),
            Transition("b", "c", "stop"),
            Transition("c", "d", "tell", command="mail"),
        ],
        events=[ProcessEvent("tell", Trigger.ON_ENTER)],
    )
    machine = bind_portions(process, commands={"mail": lambda one: CommandOutcome(changes=(one.quantities(),))})
    started = machine.start("s", {"x": 2, "y": 1}, now=MONDAY).subject
    picked = machine.fire(started, "pick", quantities={"x": 1}, now=MONDAY).subject
    stopped = machine.fire(picked, "stop", now=MONDAY)
    assert stopped.changes == ({"x": 2, "y": 1},)
    assert stopped.subject.states() == {"x": {"d": 2}, "y": {"d": 1}}


class TestTimeOuts:
    process = build(
        [
            Transition("a", "b", "go"),
            Transition("b", "a", "back"),
            Transition("a", "late", "expire", guard="unpaid"),
            Transition("a", "a", "remind", command="mail"),
        ],
        events=[
            ProcessEvent("expire", Trigger.TIMEOUT, after=timedelta(hours=2)),
            ProcessEvent("remind", Trigger.TIMEOUT, deadline="tomorrow"),
        ],
    )

    def machine(self, *, unpaid: bool = True) -> PortionsMachine:
        return bind_portions(
            self.process,
            conditions={"unpaid": lambda _: unpaid},
            commands={"mail": lambda _: CommandOutcome(changes=("mail",))},
            deadlines={"tomorrow": lambda firing: firing.now + timedelta(days=1)},
        )

    def test_entering_schedules_and_leaving_cancels(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2}, now=MONDAY)
        expire, remind = started.schedule
        assert (expire.key.event, expire.due) == ("expire", MONDAY + timedelta(hours=2))
        assert (remind.key.event, remind.due) == ("remind", MONDAY + timedelta(days=1))
        part = machine.fire(started.subject, "go", quantities={"x": 1}, now=MONDAY)
        assert part.cancel == ()
        rest = machine.fire(part.subject, "go", now=MONDAY)
        assert set(rest.cancel) == {expire.key, remind.key}

    def test_a_time_out_fires_at_most_once_however_often_it_comes(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2}, now=MONDAY)
        remind = started.schedule[1]
        first = machine.fire_timeout(started.subject, remind, now=remind.due)
        assert first.changes == ("mail",)
        assert first.cancel == (remind.key,)
        again = machine.fire_timeout(first.subject, remind, now=remind.due)
        assert again.changes == ()
        assert again.subject == first.subject
        assert codes(again) == ["processes.timeout-lost"]

    def test_a_time_out_loses_to_an_event_that_came_first(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2}, now=MONDAY)
        expire = started.schedule[0]
        gone = machine.fire(started.subject, "go", now=MONDAY).subject
        lost = machine.fire_timeout(gone, expire, now=expire.due)
        assert lost.subject == gone
        assert codes(lost) == ["processes.timeout-lost"]
        returned = machine.fire(gone, "back", now=MONDAY + timedelta(hours=1)).subject
        assert machine.fire_timeout(returned, expire, now=expire.due).subject == returned

    def test_a_time_out_takes_only_the_quantity_that_stayed(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 5}, now=MONDAY)
        part = machine.fire(started.subject, "go", quantities={"x": 2}, now=MONDAY).subject
        fired = machine.fire_timeout(part, started.schedule[0], now=MONDAY + timedelta(hours=3))
        assert fired.subject.states() == {"x": {"b": 2, "late": 3}}

    def test_time_outs_of_one_event_are_one_event(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2, "y": 1}, now=MONDAY)
        first, second = [one for one in started.schedule if one.key.event == "remind"]
        assert [one.key for one in (first, second)] == list(machine.list_timeouts(started.subject, "remind"))
        fired = machine.fire_timeouts(started.subject, (first, second), now=first.due)
        assert (fired.changes, set(fired.cancel)) == (("mail",), {first.key, second.key})
        assert {move.why for move in fired.moves} == {f"due {first.due.isoformat()}"}
        assert machine.list_timeouts(fired.subject, "remind") == ()
        again = machine.fire_timeouts(fired.subject, (first, second), now=first.due)
        assert (again.changes, codes(again)) == ((), ["processes.timeout-lost"] * 2)

    def test_of_time_outs_fired_together_those_lost_or_early_are_left_out(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2, "y": 1, "z": 1}, now=MONDAY)
        x, y, z = [one for one in started.schedule if one.key.event == "expire"]
        gone = machine.fire(started.subject, "go", quantities={"y": 1}, now=MONDAY).subject
        later = attrs.evolve(z, due=z.due + timedelta(hours=1))
        fired = machine.fire_timeouts(gone, (x, y, later), now=x.due)
        assert fired.subject.states() == {"x": {"late": 2}, "y": {"b": 1}, "z": {"a": 1}}
        assert codes(fired) == ["processes.timeout-lost", "processes.timeout-early"]
        assert (fired.schedule, [move.line for move in fired.moves]) == ((later,), ["x"])

    def test_a_time_out_that_comes_too_early_is_scheduled_again(self) -> None:
        machine = self.machine()
        started = machine.start("s", {"x": 2}, now=MONDAY)
        early = machine.fire_timeout(started.subject, started.schedule[0], now=MONDAY)
        assert early.schedule == (started.schedule[0],)
        assert early.subject == started.subject
        assert codes(early) == ["processes.timeout-early"]

    def test_a_time_out_whose_guard_does_not_hold_has_fired_too(self) -> None:
        machine = self.machine(unpaid=False)
        started = machine.start("s", {"x": 2}, now=MONDAY)
        expire = started.schedule[0]
        fired = machine.fire_timeout(started.subject, expire, now=expire.due)
        assert codes(fired) == ["processes.guard"]
        assert [(move.source, move.target) for move in fired.moves] == [("a", "a")]
        assert "no guard holds" in fired.moves[0].why
        assert codes(machine.fire_timeout(fired.subject, expire, now=expire.due)) == ["processes.timeout-lost"]

    def test_a_stay_shorter_than_one_decision_schedules_nothing(self) -> None:
        process = build(
            [Transition("a", "b", "on"), Transition("a", "c", "expire")],
            events=[ProcessEvent("on", Trigger.ON_ENTER), ProcessEvent("expire", Trigger.TIMEOUT, after=timedelta(1))],
        )
        fired = bind_portions(process).start("s", {"x": 1}, now=MONDAY)
        assert (fired.schedule, fired.cancel) == ((), ())


def test_a_time_out_is_cancelled_when_its_state_is_left_entered_and_left_again_at_one_instant() -> None:
    process = build(
        [
            Transition("a", "b", "go"),
            Transition("b", "a", "back"),
            Transition("a", "b", "return", guard="once"),
            Transition("b", "c", "leave", guard="once"),
            Transition("b", "late", "expire"),
        ],
        events=[
            ProcessEvent("return", Trigger.ON_ENTER),
            ProcessEvent("leave", Trigger.ON_ENTER),
            ProcessEvent("expire", Trigger.TIMEOUT, after=timedelta(hours=1)),
        ],
    )
    machine = bind_portions(process, conditions={"once": lambda firing: firing.facts})
    start = machine.start("s", {"x": 1}, now=MONDAY, facts=False).subject
    waiting = machine.fire(start, "go", now=MONDAY, facts=False)
    (expire,) = waiting.schedule
    through = machine.fire(waiting.subject, "back", now=MONDAY, facts=True)
    assert through.subject.states() == {"x": {"c": 1}}
    assert (through.schedule, through.cancel) == ((), (expire.key,))


def test_portions_that_are_alike_are_one() -> None:
    machine = bind_portions(MERCHANT_PROCESS)
    twins = Subject("s", "merchant-order", 1, (Portion("x", "new", 1, MONDAY), Portion("x", "new", 2, MONDAY)))
    assert machine.fire(twins, "ship", quantities={"x": 2}, now=MONDAY).subject.states() == {
        "x": {"new": 1, "shipped": 2}
    }
    together = machine.fire_portions(twins, "ship", {"new": [*twins.portions]}, now=MONDAY).subject
    assert together.count(state="shipped") == 3


def test_units_that_leave_after_their_time_out_do_not_cancel_that_of_units_that_stay() -> None:
    """A clock that jumps back lets units enter a state at the very instant at which others, reminded since, did."""
    process = build(
        [Transition("a", "a", "remind", command="mail"), Transition("a", "b", "go"), Transition("b", "a", "back")],
        events=[ProcessEvent("remind", Trigger.TIMEOUT, after=timedelta(hours=1))],
    )
    machine = bind_portions(process, commands={"mail": lambda _: DONE})
    start = machine.start("s", {"x": 2}, now=MONDAY)
    apart = machine.fire(start.subject, "go", quantities={"x": 1}, now=MONDAY)
    (remind,) = start.schedule
    reminded = machine.fire_timeout(apart.subject, remind, now=remind.due)
    joined = machine.fire(reminded.subject, "back", now=MONDAY)
    assert joined.schedule == (remind,)
    first, second = joined.subject.portions
    assert (first.timed_out, second.timed_out) == (("remind",), ())
    left = machine.fire_portions(joined.subject, "go", {"a": [first]}, now=MONDAY)
    assert left.cancel == ()
    assert machine.fire(left.subject, "go", now=MONDAY).cancel == (remind.key,)


def test_portions_that_are_not_the_subjects_are_not_taken() -> None:
    machine = bind_portions(MERCHANT_PROCESS)
    subject = machine.start("s", {"x": 2}, now=MONDAY).subject
    (portion,) = subject.portions
    half = attrs.evolve(portion, quantity=1)
    both = machine.fire_portions(subject, "ship", {"new": [half, half]}, now=MONDAY)
    assert both.subject.states() == {"x": {"shipped": 2}}
    for event, state, taken in (
        ("ship", "new", [portion, half]),
        ("ship", "picking", [portion]),
        ("deliver", "new", [portion]),
        ("ship", "new", [attrs.evolve(portion, line="y")]),
    ):
        with pytest.raises(InvalidSubject):
            machine.fire_portions(subject, event, {state: taken}, now=MONDAY)


def test_names_nobody_registered_are_found_when_the_process_is_bound() -> None:
    process = build(
        [Transition("a", "b", "go", guard="g", command="c", choice="k"), Transition("b", "a", "late")],
        events=[ProcessEvent("late", Trigger.TIMEOUT, deadline="d")],
    )
    with pytest.raises(Unbound) as unbound:
        bind_portions(process, conditions={"k": lambda _: True})
    assert [(problem.code, problem.where) for problem in unbound.value.problems] == [
        ("processes.unknown-condition", "transitions[0].guard"),
        ("processes.unknown-command", "transitions[0].command"),
        ("processes.unknown-deadline", "events[1].deadline"),
    ]


def test_a_history_that_takes_what_was_never_there_is_refused() -> None:
    machine = bind_portions(MERCHANT_PROCESS)
    start = machine.start("s", {"x": 1}, now=MONDAY)
    moved = machine.fire(start.subject, "ship", now=MONDAY)
    assert replay([*start.moves, *moved.moves]) == {"x": {"shipped": 1}}
    with pytest.raises(InvalidSubject):
        replay(moved.moves)


def test_a_quantity_below_one_cannot_start() -> None:
    with pytest.raises(InvalidSubject, match="0 is no quantity"):
        bind_portions(MERCHANT_PROCESS).start("s", {"x": 0}, now=MONDAY)
