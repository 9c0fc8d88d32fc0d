"""Whether the time-outs that orders wait for are scheduled, and no others (invariant I15)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from mktcore.audit.order_records import OrderRules, list_subjects
from mktcore.notice import Notice
from mktcore.orders import Order
from mktcore.orders.effects import SET_TIME_OUTS
from mktcore.orders.price_approvals.price_approval import PriceApproval, list_time_outs
from mktcore.processes import Subject
from mktcore.processes.timeout_repository import StoredTimeOut
from mktcore.processes.timeouts import TimeOut, TimeOutKey
from mktcore.store_inspection import Kept

__all__ = ["WaitedFor", "check_scheduled", "list_waiting", "list_waiting_approvals"]


@attrs.frozen
class WaitedFor:
    """A time-out that some order waits for.

    Attributes:
        where: The line that waits.
        event: What is to happen.
        due: When, UTC; None where a function of the host's says so.
    """

    where: str
    event: str
    due: datetime | None


def list_waiting(order: Order, rules: OrderRules) -> Iterator[tuple[str, WaitedFor]]:
    """Yield what an order must be waiting for, with the ids of the records."""
    if SET_TIME_OUTS in rules.effects:
        for one in list_subjects(order):
            yield from _list_waiting(one.fulfilment, rules)


def _list_waiting(subject: Subject, rules: OrderRules) -> Iterator[tuple[str, WaitedFor]]:
    machine = rules.find_machine(subject)
    if machine is None:
        return
    timings = machine.tables.timings
    for portion in subject.portions:
        for timing in timings.get(portion.state, ()):
            if timing.event not in portion.timed_out:
                key = TimeOutKey(
                    subject.process,
                    subject=subject.id,
                    line=portion.line,
                    state=portion.state,
                    since=portion.since,
                    event=timing.event,
                )
                due = portion.since + timing.wait if isinstance(timing.wait, timedelta) else None
                id_ = StoredTimeOut.of(TimeOut(key, due or portion.since)).id
                yield id_, WaitedFor(f"{subject.id}.lines.{portion.line}", timing.event, due)


def list_waiting_approvals(kept: Iterable[Kept[PriceApproval]]) -> Iterator[tuple[str, WaitedFor]]:
    """Yield until when price approvals wait for an answer, with the ids of the records."""
    for one in kept:
        for timeout in () if one.value is None else list_time_outs(one.value):
            yield (
                StoredTimeOut.of(timeout).id,
                WaitedFor(f"price_approval {one.id}", timeout.key.event, timeout.due),
            )


def check_scheduled(
    waiting: dict[str, WaitedFor], kept: Iterable[Kept[StoredTimeOut]], names: frozenset[str], *, is_whole: bool
) -> Iterator[Notice]:
    """Yield a finding for each time-out that is missing, due at another instant, or waited for by nothing.

    Args:
        waiting: What orders wait for, by id; emptied of what is scheduled.
        kept: Everything that is scheduled.
        names: The processes of orders; other time-outs are the host's own.
        is_whole: Whether every order could be read; otherwise some wait for what nobody knows of.
    """
    for one in kept:
        expected, where = waiting.pop(one.id, None), f"timeout {one.id}"
        if one.value is None:
            continue  # told with all other records that cannot be read
        timeout = one.value.timeout
        if expected is not None and expected.due not in {None, timeout.due}:
            yield Notice("I15", where, f"it is due at {timeout.due}, {expected.where} says {expected.due}")
        if expected is None and is_whole and timeout.key.process in names:
            yield Notice("I15", where, f"nothing of {timeout.key.subject} waits for {timeout.key.event!r}")
    for expected in waiting.values():
        yield Notice("I15", expected.where, f"its {expected.event!r} is not scheduled")
