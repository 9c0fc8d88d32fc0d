"""Messages between the processes, carried by the real run time."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest

from mktcore.orders.legacy_processes import FIRST_INTERACTION as INTERACTION
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS as MARKETPLACE_PROCESS
from mktcore.orders.legacy_processes import FIRST_MERCHANT_PROCESS as MERCHANT_PROCESS
from mktcore.persistence import Scope
from mktcore.processes import EventRefused, PortionsMachine, Subject, bind_portions, verify_jointly
from mktcore.processes.portions import Message, Portion, PortionsFired, receive, send

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WHOLE = bind_portions(MARKETPLACE_PROCESS)
PART = bind_portions(MERCHANT_PROCESS)


def subject_of(process: str, *portions: tuple[str, str, int]) -> Subject:
    return Subject("s", process, 1, tuple(Portion(line, state, count, NOON) for line, state, count in portions))


def test_sending_to_a_merchant_starts_the_merchant_order_with_the_same_quantities() -> None:
    whole = subject_of("marketplace-order", ("l1", "changeable", 2), ("l2", "changeable", 1))
    (message,) = send(INTERACTION, WHOLE.fire(whole, "send to merchant", now=NOON))
    started = receive(PART, "order-1--acme", message, interaction=INTERACTION, now=NOON)
    assert started.subject.states() == {"l1": {"new": 2}, "l2": {"new": 1}}
    assert started.moves[0].why == "marketplace-order: send to merchant"
    more = receive(PART, started.subject, message, interaction=INTERACTION, now=NOON)
    assert more.subject.states() == {"l1": {"new": 4}, "l2": {"new": 2}}


def test_a_message_moves_the_portions_that_mean_the_same_first() -> None:
    part = subject_of("merchant-order", ("l1", "new", 1), ("l1", "cancellation asked", 1))
    whole = subject_of("marketplace-order", ("l1", "sent", 1), ("l1", "cancellation asked", 1))
    fired = PART.fire(part, "ship", quantities={"l1": 1}, now=NOON, by=Scope.merchant("acme"))
    received = receive(WHOLE, whole, send(INTERACTION, fired)[0], interaction=INTERACTION, now=NOON)
    assert received.subject.states() == {"l1": {"shipped": 1, "cancellation asked": 1}}
    other = PART.fire(fired.subject, "ship", now=NOON)
    received = receive(WHOLE, received.subject, send(INTERACTION, other)[0], interaction=INTERACTION, now=NOON)
    assert received.subject.states() == {"l1": {"shipped": 2}}


def test_a_question_that_comes_too_late_is_moot_and_said_so() -> None:
    whole = subject_of("marketplace-order", ("l1", "sent", 2))
    (question,) = send(INTERACTION, WHOLE.fire(whole, "ask to cancel", now=NOON))
    part = subject_of("merchant-order", ("l1", "shipped", 1), ("l1", "new", 1))
    received = receive(PART, part, question, interaction=INTERACTION, now=NOON)
    assert received.subject.states() == {"l1": {"shipped": 1, "cancellation asked": 1}}
    assert [problem.code for problem in received.problems] == ["processes.message-missed"]
    gone = receive(
        PART, subject_of("merchant-order", ("l1", "shipped", 2)), question, interaction=INTERACTION, now=NOON
    )
    assert gone.moves == ()


def test_a_message_that_fits_nowhere_is_refused_not_lost() -> None:
    part = subject_of("merchant-order", ("l1", "shipped", 1))
    (news,) = send(INTERACTION, PART.fire(part, "deliver", now=NOON))
    with pytest.raises(EventRefused, match="reaches 0 of 1 units"):
        receive(WHOLE, subject_of("marketplace-order", ("l1", "new", 1)), news, interaction=INTERACTION, now=NOON)
    with pytest.raises(EventRefused, match="never started"):
        receive(WHOLE, "order-9", news, interaction=INTERACTION, now=NOON)


def test_what_stays_sends_nothing() -> None:
    stayed = PortionsFired(subject_of("marketplace-order"))
    assert send(INTERACTION, stayed) == ()


@attrs.frozen
class World:
    """Both subjects and what is on its way, without instants, so that equal situations are equal."""

    whole: tuple[Portion, ...]
    part: tuple[Portion, ...]
    to_part: tuple[Message, ...]
    to_whole: tuple[Message, ...]


def tidy(subject: Subject | None) -> tuple[Portion, ...]:
    if subject is None:
        return ()
    counts = subject.states().get("l1", {})
    return tuple(Portion("l1", state, count, NOON) for state, count in sorted(counts.items()))


DRIVEN = {link.fires for link in INTERACTION.links}


def fire_everything(machine: PortionsMachine, subject: Subject, units: int) -> Iterator[PortionsFired]:
    """Yield what every event that no message carries may do, with every quantity."""
    for event, reached in machine.find_events(subject).items():
        if event not in DRIVEN or machine.tables.events[event].is_manual():
            for count in range(1, min(units, reached["l1"]) + 1):
                yield machine.fire(subject, event, quantities={"l1": count}, now=NOON)


def explore(world: World, units: int) -> Iterator[World]:
    """Yield every situation that may come next; a message that fits nowhere raises."""
    whole = Subject("w", "marketplace-order", 1, world.whole)
    part = Subject("p", "merchant-order", 1, world.part)
    for fired in fire_everything(WHOLE, whole, units):
        flying = world.to_part + send(INTERACTION, fired)
        yield World(tidy(fired.subject), world.part, flying, world.to_whole)
    for fired in fire_everything(PART, part, units):
        flying = world.to_whole + send(INTERACTION, fired)
        yield World(world.whole, tidy(fired.subject), world.to_part, flying)
    if world.to_part:
        fired = receive(PART, part if part.portions else "p", world.to_part[0], interaction=INTERACTION, now=NOON)
        yield World(world.whole, tidy(fired.subject), world.to_part[1:], world.to_whole)
    if world.to_whole:
        fired = receive(WHOLE, whole, world.to_whole[0], interaction=INTERACTION, now=NOON)
        yield World(tidy(fired.subject), world.part, world.to_part, world.to_whole[1:])


def walk(units: int, *, state: str = "changeable") -> tuple[set[World], int]:
    """Explore everything from `units` of one line; return every situation, and how many of them are ends."""
    start = World((Portion("l1", state, units, NOON),), (), (), ())
    seen, waiting, ends = {start}, deque([start]), 0
    while waiting:
        world = waiting.popleft()
        following = set(explore(world, units))
        if not following:
            ends += 1
            whole = {portion.state: portion.quantity for portion in world.whole}
            part = {portion.state: portion.quantity for portion in world.part}
            unsent = whole.get("canceled", 0) - part.get("canceled", 0)
            assert unsent >= 0
            assert {**part, "canceled": whole.get("canceled", 0)} == {"canceled": 0, **whole}, f"{world} diverged"
            assert all(MARKETPLACE_PROCESS.find_state(state).final for state in whole), f"{world} is stuck"  # type: ignore[union-attr]  # known
        waiting += following - seen
        seen |= following
    return seen, ends


def test_the_joint_check_sees_just_what_the_run_time_does_with_one_unit() -> None:
    report = verify_jointly(MARKETPLACE_PROCESS, MERCHANT_PROCESS, INTERACTION, parts=1)
    situations, ends = walk(1, state="new")
    # The model does not remember which state a message's sender left; the messages of the run time do.
    alike = {
        (world.whole, world.part, *[tuple(m.link.event for m in way) for way in (world.to_part, world.to_whole)])
        for world in situations
    }
    assert (len(alike), ends) == (report.states, report.ends)


def test_units_of_one_line_never_diverge_whatever_the_order_of_events_and_messages() -> None:
    """Units of a line are alike, so a message may move another than its sender meant; that must do no harm."""
    situations, ends = walk(2)
    assert len(situations) == 3_459
    assert ends > 5
