"""Taking subjects from one version of a process to another."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mktcore.orders.default_processes import Flag
from mktcore.persistence import Scope
from mktcore.processes import EventRefused, Process, ProcessEvent, State, Subject, Transition, Trigger, bind_portions
from mktcore.processes.errors import WrongProcess
from mktcore.processes.machine import DONE
from mktcore.processes.portions import Migration, replay

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATE = Trigger.TIMEOUT
OLD = Process(
    "order",
    states=[State("new", flags=[Flag.RESERVED]), State("packed", flags=[Flag.RESERVED]), State("end", final=True)],
    events=[
        ProcessEvent("pack"),
        ProcessEvent("end"),
        ProcessEvent("expire", LATE, after=2 * HOUR),
        ProcessEvent("remind", LATE, after=3 * HOUR),
    ],
    transitions=[
        Transition("new", "packed", "pack"),
        Transition("packed", "end", "end"),
        Transition("new", "end", "expire"),
        Transition("packed", "packed", "remind", command="mail"),
    ],
)
NEW = Process(
    "order",
    version=2,
    states=[State("new", flags=[Flag.RESERVED]), State("boxed", flags=[Flag.RESERVED]), State("end", final=True)],
    events=[
        ProcessEvent("pack"),
        ProcessEvent("end"),
        ProcessEvent("expire", LATE, after=2 * HOUR),
        ProcessEvent("remind", LATE, after=3 * HOUR),
        ProcessEvent("nag", LATE, deadline="tomorrow"),
    ],
    transitions=[
        Transition("new", "boxed", "pack"),
        Transition("boxed", "end", "end"),
        Transition("new", "end", "expire"),
        Transition("boxed", "boxed", "remind", command="mail"),
        Transition("boxed", "end", "nag"),
    ],
)
COMMANDS = {"mail": lambda _: DONE}
DEADLINES = {"tomorrow": lambda firing: firing.portions[0].since + timedelta(days=1)}
OLD_MACHINE = bind_portions(OLD, commands=COMMANDS)
NEW_MACHINE = bind_portions(NEW, commands=COMMANDS, deadlines=DEADLINES)
MIGRATION = Migration(OLD, NEW_MACHINE, {"packed": "boxed"})


def packed_in_part() -> tuple[Subject, list[object]]:
    started = OLD_MACHINE.start("o", {"l1": 3}, now=NOON)
    packed = OLD_MACHINE.fire(started.subject, "pack", quantities={"l1": 1}, now=NOON + HOUR)
    return packed.subject, [*started.moves, *packed.moves]


def test_a_sound_map_has_no_findings() -> None:
    assert MIGRATION.check() == ()


def test_a_subject_goes_on_in_the_mapped_states_with_its_time() -> None:
    subject, history = packed_in_part()
    fired = MIGRATION.apply(subject, now=NOON + 2 * HOUR, by=Scope.operator(), reason="boxes")
    assert fired.subject.version == 2
    assert fired.subject.states() == {"l1": {"new": 2, "boxed": 1}}
    assert [portion.since for portion in fired.subject.portions] == [NOON, NOON + HOUR]
    assert fired.moves[0].why == "migrated from order v1 to order v2: boxes"
    assert replay([*history, *fired.moves]) == fired.subject.states()  # type: ignore[list-item]  # moves
    ended = NEW_MACHINE.fire(fired.subject, "end", now=NOON + 3 * HOUR)
    assert ended.subject.count(state="end") == 1


def test_time_outs_are_kept_cancelled_and_scheduled() -> None:
    subject, _ = packed_in_part()
    fired = MIGRATION.apply(subject, now=NOON + HOUR)
    assert [(key.state, key.event) for key in fired.cancel] == [("packed", "remind")]
    assert [(t.key.state, t.key.event, t.due - NOON) for t in fired.schedule] == [
        ("boxed", "remind", 4 * HOUR),
        ("boxed", "nag", 25 * HOUR),
    ]


def test_a_dry_run_says_what_would_happen_to_each_order_and_its_time_outs() -> None:
    subject, _ = packed_in_part()
    lost = attrs.evolve(subject, id="lost", portions=(attrs.evolve(subject.portions[0], state="gone"),))
    foreign = attrs.evolve(subject, id="foreign", version=2)
    plans = list(MIGRATION.plan([subject, lost, foreign], now=NOON + 5 * HOUR))
    assert plans[0].to_text().splitlines() == [
        "o:",
        "  2 of l1: new -> new",
        "  1 of l1: packed -> boxed",
        "  time-out 'expire' of l1 in 'new' kept, due 2026-05-04T14:00:00+00:00",
        "  time-out 'remind' of l1 in 'packed' cancelled",
        "  time-out 'remind' of l1 in 'boxed' scheduled, due 2026-05-04T16:00:00+00:00 (at once)",
        "  time-out 'nag' of l1 in 'boxed' scheduled, due 2026-05-05T13:00:00+00:00",
    ]
    assert [timeout.key.event for timeout in plans[0].overdue] == ["remind"]
    assert "'gone' leads nowhere in order v2" in plans[1].to_text()
    assert "this machine runs order v1" in plans[2].to_text()
    with pytest.raises(EventRefused):
        MIGRATION.apply(lost, now=NOON)
    with pytest.raises(WrongProcess):
        MIGRATION.apply(foreign, now=NOON)


def test_time_can_count_anew() -> None:
    subject, _ = packed_in_part()
    now = NOON + 5 * HOUR
    fired = attrs.evolve(MIGRATION, restart=True).apply(subject, now=now)
    assert {portion.since for portion in fired.subject.portions} == {now}
    assert {t.key.event: t.due - now for t in fired.schedule} == {
        "expire": 2 * HOUR, "remind": 3 * HOUR, "nag": timedelta(days=1)
    }  # fmt: skip
    assert len(fired.cancel) == 2


def test_a_time_out_that_has_fired_does_not_fire_again_after_migrating() -> None:
    subject, _ = packed_in_part()
    remind = next(
        t
        for t in OLD_MACHINE.fire(OLD_MACHINE.start("o", {"l1": 1}, now=NOON).subject, "pack", now=NOON + HOUR).schedule
    )
    reminded = OLD_MACHINE.fire_timeout(subject, remind, now=remind.due).subject
    fired = MIGRATION.apply(reminded, now=remind.due)
    assert [t.key.event for t in fired.schedule] == ["nag"]
    assert fired.subject.portions[-1].timed_out == ("remind",)


def test_a_time_out_that_waits_longer_in_the_new_version_is_scheduled_anew() -> None:
    patient = attrs.evolve(
        NEW, events=[attrs.evolve(e, after=9 * HOUR) if e.name == "expire" else e for e in NEW.events]
    )
    machine = bind_portions(patient, commands=COMMANDS, deadlines=DEADLINES)
    started = OLD_MACHINE.start("o", {"l1": 1}, now=NOON).subject
    fired = Migration(OLD, machine, {"packed": "boxed"}).apply(started, now=NOON + HOUR)
    assert [(t.key.event, t.due - NOON) for t in fired.schedule] == [("expire", 9 * HOUR)]
    assert fired.cancel == ()


def test_states_that_become_one_are_merged() -> None:
    started = OLD_MACHINE.start("o", {"l1": 3}, now=NOON).subject
    both = OLD_MACHINE.fire(started, "pack", quantities={"l1": 1}, now=NOON).subject
    fired = Migration(OLD, NEW_MACHINE, {"packed": "new"}).apply(both, now=NOON)
    assert fired.subject.states() == {"l1": {"new": 3}}
    assert len(fired.subject.portions) == 1


def test_what_is_wrong_with_a_map_is_found_before_any_subject_is_touched() -> None:
    odd = attrs.evolve(
        NEW,
        version=1,
        states=[State("new", final=False), State("boxed"), State("end"), State("over", final=True)],
        events=[*NEW.events, ProcessEvent("go", Trigger.ON_ENTER)],
        transitions=[*NEW.transitions, Transition("end", "over", "go")],
    )
    machine = bind_portions(odd, commands=COMMANDS, deadlines=DEADLINES)
    codes = [finding.code for finding in Migration(OLD, machine, {"mars": "new"}).check()]
    assert codes == [
        "not-a-later-version",
        "unknown-old-state",
        "reservation-changes",
        "unmapped-state",
        "final-changes",
        "on-enter-skipped",
    ]
