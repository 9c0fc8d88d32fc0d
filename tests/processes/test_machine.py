"""What the plain machine does with an event for one subject in one state."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mktcore.clock import NaiveTime
from mktcore.events import Event
from mktcore.persistence import Party, Scope
from mktcore.processes import (
    CommandDeclined,
    CommandOutcome,
    EventRefused,
    Machine,
    Process,
    ProcessEvent,
    Standing,
    State,
    Step,
    Transition,
    Trigger,
    bind,
)
from mktcore.processes.elements import Semantics
from mktcore.processes.errors import EndlessChain, Unbound, WrongProcess
from mktcore.processes.machine import DONE
from mktcore.processes.timeouts import TimeOut, TimeOutKey

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK = Scope.operator(user="clerk")

LOAN = Process(
    "loan",
    states=[State("asked"), State("granted"), State("paid out"), State("late"), State("closed", final=True)],
    events=[
        ProcessEvent("grant", parties=Party.OPERATOR),
        ProcessEvent("pay out", Trigger.ON_ENTER),
        ProcessEvent("remind", Trigger.TIMEOUT, after=2 * HOUR),
        ProcessEvent("fall due", Trigger.TIMEOUT, deadline="end of term"),
        ProcessEvent("repay"),
    ],
    transitions=[
        Transition("asked", "granted", "grant", guard="solvent", command="book", happy=True),
        Transition("granted", "paid out", "pay out", guard="open", command="pay", happy=True),
        Transition("paid out", "paid out", "remind", guard="has address", command="write"),
        Transition("paid out", "late", "fall due"),
        Transition("paid out", "closed", "repay", choice="enough", happy=True),
        Transition("late", "closed", "repay", choice="enough"),
    ],
)


@attrs.frozen
class Loan:
    """The facts: the host's own value."""

    income: int = 10
    open: bool = True
    declined: bool = False
    repaid: int = 0
    address: str = "Elm St"


@attrs.frozen(kw_only=True)
class Booked(Event):
    subject_kind = "loan"


BOOKED = Booked(subject="loan-1", at=MONDAY)


def machine(process: Process = LOAN) -> Machine:
    return bind(
        process,
        conditions={
            "solvent": lambda firing: firing.facts.income >= 10,
            "open": lambda firing: firing.facts.open,
            "enough": lambda firing: firing.facts.repaid >= 100,
            "has address": lambda firing: bool(firing.facts.address),
        },
        commands={
            "book": lambda _: CommandOutcome(changes=("booked",), events=(BOOKED,)),
            "pay": lambda firing: CommandDeclined("no cash") if firing.facts.declined else DONE,
            "write": lambda firing: CommandOutcome(changes=(f"letter after {firing.now - firing.since}",)),
        },
        deadlines={"end of term": lambda firing: firing.since + timedelta(days=firing.facts.income)},
    )


ASKED = Standing("loan-1", "loan", 1, "asked", MONDAY)
PAID_OUT = Standing("loan-1", "loan", 1, "paid out", MONDAY)


def due(event: str, after: timedelta, *, state: str = "paid out", since: datetime = MONDAY) -> TimeOut:
    return TimeOut(TimeOutKey("loan", "loan-1", "", state, since, event), since + after)


def codes(refused: pytest.ExceptionInfo[EventRefused]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_subject_starts_in_the_initial_state_with_the_first_line_of_its_history() -> None:
    started = machine().start("loan-1", now=MONDAY, by=CLERK, facts=Loan(), reason="by post")
    assert started.standing == ASKED
    assert started.steps == (Step(None, "asked", "", MONDAY, CLERK, "by post"),)
    assert (started.schedule, started.cancel, started.problems) == ((), (), ())


def test_an_event_leads_on_and_what_entering_sets_off_follows_at_once() -> None:
    later = MONDAY + HOUR
    granted = machine().fire(ASKED, "grant", now=later, by=CLERK, facts=Loan(), reason="asked twice")
    assert granted.standing == Standing("loan-1", "loan", 1, "paid out", later)
    assert granted.steps == (
        Step("asked", "granted", "grant", later, CLERK, "asked twice; solvent"),
        Step("granted", "paid out", "pay out", later, CLERK, "asked twice; open"),
    )
    assert (granted.changes, granted.events) == (("booked",), (BOOKED,))
    assert granted.schedule == (
        due("remind", 2 * HOUR, since=later),
        due("fall due", timedelta(days=10), since=later),
    )


def test_a_guard_that_does_not_hold_refuses_by_hand_and_lets_rest_on_entering() -> None:
    with pytest.raises(EventRefused) as refused:
        machine().fire(ASKED, "grant", now=MONDAY, facts=Loan(income=9))
    assert codes(refused) == ["processes.guard"]
    halted = machine().fire(ASKED, "grant", now=MONDAY, facts=Loan(open=False))
    assert (halted.standing.state, halted.problems, halted.schedule) == ("granted", (), ())


def test_a_command_that_declines_on_entering_is_reported() -> None:
    halted = machine().fire(ASKED, "grant", now=MONDAY, facts=Loan(declined=True))
    assert halted.standing.state == "granted"
    assert [problem.message for problem in halted.problems] == ["'pay out' in 'granted' was declined: no cash"]


def test_without_a_choice_that_holds_the_subject_stays_and_its_time_outs_go_on() -> None:
    short = machine().fire(PAID_OUT, "repay", now=MONDAY + HOUR, facts=Loan(repaid=99))
    assert (short.standing, short.cancel, short.schedule) == (PAID_OUT, (), ())
    assert [(step.source, step.target, step.why) for step in short.steps] == [
        ("paid out", "paid out", "no choice holds")
    ]
    closed = machine().fire(PAID_OUT, "repay", now=MONDAY + HOUR, facts=Loan(repaid=100))
    assert closed.standing.state == "closed"
    assert [key.event for key in closed.cancel] == ["remind", "fall due"]


def test_only_a_party_that_may_fires_an_event_and_the_program_any() -> None:
    with pytest.raises(EventRefused) as refused:
        machine().fire(ASKED, "grant", now=MONDAY, by=Scope.buyer("b"), facts=Loan())
    assert codes(refused) == ["processes.not-allowed"]
    with pytest.raises(EventRefused) as refused:
        machine().fire(PAID_OUT, "fall due", now=MONDAY, by=CLERK, facts=Loan())
    assert codes(refused) == ["processes.not-manual"]
    assert machine().fire(PAID_OUT, "fall due", now=MONDAY, facts=Loan()).standing.state == "late"


def test_an_event_that_leads_nowhere_is_refused_or_reported() -> None:
    for event, code in (("repay", "processes.no-match"), ("vanish", "processes.unknown-event")):
        with pytest.raises(EventRefused) as refused:
            machine().fire(ASKED, event, now=MONDAY, facts=Loan())
        assert codes(refused) == [code]
    lenient = machine(attrs.evolve(LOAN, semantics=Semantics(strict=False)))
    ignored = lenient.fire(ASKED, "repay", now=MONDAY, facts=Loan())
    assert (ignored.standing, ignored.steps) == (ASKED, ())
    assert [problem.code for problem in ignored.problems] == ["processes.no-match"]


def test_a_time_out_fires_once_and_loses_to_what_came_first() -> None:
    remind, late = due("remind", 2 * HOUR), MONDAY + 3 * HOUR
    reminded = machine().fire_timeout(PAID_OUT, remind, now=late, facts=Loan())
    assert reminded.standing == attrs.evolve(PAID_OUT, timed_out=("remind",))
    assert reminded.changes == ("letter after 3:00:00",)
    assert (reminded.cancel, reminded.schedule) == ((remind.key,), ())
    assert reminded.steps[0].why == "due 2026-05-04T11:00:00+00:00; has address"
    again = machine().fire_timeout(reminded.standing, remind, now=late, facts=Loan())
    assert (again.standing, again.steps, again.changes, again.cancel) == (reminded.standing, (), (), (remind.key,))
    assert [problem.code for problem in again.problems] == ["processes.timeout-lost"]
    strangers = [
        due("remind", 2 * HOUR, state="late"),
        due("remind", 2 * HOUR, since=MONDAY - HOUR),
        attrs.evolve(remind, key=attrs.evolve(remind.key, subject="loan-2")),
    ]
    for stranger in strangers:
        lost = machine().fire_timeout(PAID_OUT, stranger, now=late, facts=Loan())
        assert [problem.code for problem in lost.problems] == ["processes.timeout-lost"]


def test_a_time_out_that_comes_early_is_put_back() -> None:
    remind = due("remind", 2 * HOUR)
    early = machine().fire_timeout(PAID_OUT, remind, now=MONDAY + HOUR, facts=Loan())
    assert (early.standing, early.schedule, early.cancel) == (PAID_OUT, (remind,), ())
    assert [problem.code for problem in early.problems] == ["processes.timeout-early"]


def test_a_time_out_that_leads_on_cancels_the_others_of_its_stay() -> None:
    fallen = machine().fire_timeout(PAID_OUT, due("fall due", timedelta(days=10)), now=MONDAY + timedelta(days=10))
    assert fallen.standing == Standing("loan-1", "loan", 1, "late", MONDAY + timedelta(days=10))
    assert {key.event for key in fallen.cancel} == {"remind", "fall due"}


def test_a_new_stay_waits_for_its_time_outs_anew() -> None:
    reminded = attrs.evolve(PAID_OUT, timed_out=("remind",))
    fallen = machine().fire(reminded, "fall due", now=MONDAY + HOUR)
    assert fallen.standing == Standing("loan-1", "loan", 1, "late", MONDAY + HOUR)
    assert [key.event for key in fallen.cancel] == ["fall due"]


def test_a_time_out_that_is_refused_has_fired_too() -> None:
    remind = due("remind", 2 * HOUR)
    refused = machine().fire_timeout(PAID_OUT, remind, now=MONDAY + 2 * HOUR, facts=Loan(address=""))
    assert (refused.standing.timed_out, refused.cancel) == (("remind",), (remind.key,))
    assert [problem.code for problem in refused.problems] == ["processes.guard"]
    assert [(step.source, step.target, step.event) for step in refused.steps] == [("paid out", "paid out", "remind")]


def test_a_chain_without_an_end_is_refused_whole() -> None:
    endless = Process(
        "endless",
        states=[State("a"), State("b"), State("c")],
        events=[ProcessEvent("go"), ProcessEvent("on", Trigger.ON_ENTER)],
        transitions=[Transition("a", "b", "go"), Transition("b", "c", "on"), Transition("c", "b", "on")],
    )
    with pytest.raises(EndlessChain, match="'s' did not come to rest within 25 steps"):
        bind(endless).fire(Standing("s", "endless", 1, "a", MONDAY), "go", now=MONDAY)


@pytest.mark.parametrize(("limit", "rests"), [(1, False), (2, True)])
def test_a_chain_may_be_as_long_as_the_semantics_say(limit: int, *, rests: bool) -> None:
    chain = Process(
        "chain",
        states=[State("a"), State("b"), State("c"), State("d")],
        events=[ProcessEvent("go"), ProcessEvent("on", Trigger.ON_ENTER)],
        transitions=[Transition("a", "b", "go"), Transition("b", "c", "on"), Transition("c", "d", "on")],
        semantics=Semantics(chain_limit=limit),
    )
    start = Standing("s", "chain", 1, "a", MONDAY)
    if rests:
        assert bind(chain).fire(start, "go", now=MONDAY).standing.state == "d"
        return
    with pytest.raises(EndlessChain, match=r"within 1 steps: \.\.\. b -> c"):
        bind(chain).fire(start, "go", now=MONDAY)


def test_the_events_that_lead_on_are_listed_for_a_party() -> None:
    assert machine().find_events(PAID_OUT) == ("remind", "fall due", "repay")
    assert machine().find_events(PAID_OUT, by=Scope.buyer("b")) == ("repay",)
    assert machine().find_events(ASKED, by=Scope.buyer("b")) == ()


def test_a_standing_of_another_process_or_version_is_not_moved() -> None:
    for stranger in (attrs.evolve(ASKED, version=2), attrs.evolve(ASKED, process="lease")):
        with pytest.raises(WrongProcess, match="this machine runs loan v1"):
            machine().fire(stranger, "grant", now=MONDAY, facts=Loan())
        with pytest.raises(WrongProcess):
            machine().fire_timeout(stranger, due("remind", HOUR), now=MONDAY, facts=Loan())
    with pytest.raises(EventRefused, match="leads nowhere from 'gone'"):
        machine().fire(attrs.evolve(ASKED, state="gone"), "grant", now=MONDAY, facts=Loan())


def test_a_state_that_the_host_keeps_makes_a_standing() -> None:
    there = MONDAY.astimezone(tz=None)
    assert machine().stand("loan-1", "paid out", since=there) == PAID_OUT
    with pytest.raises(NaiveTime):
        machine().fire(ASKED, "grant", now=datetime(2026, 5, 4), facts=Loan())  # noqa: DTZ001 - a naive instant is the point


def test_a_name_that_nobody_registered_is_found_when_binding() -> None:
    with pytest.raises(Unbound, match="nobody registered the deadline 'end of term'"):
        bind(LOAN)
