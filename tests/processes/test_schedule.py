"""Scheduled time-outs in memory."""

from datetime import UTC, datetime, timedelta

from mktcore.processes.memory_timeouts import InMemoryTimeOuts
from mktcore.processes.ports import TimeOuts
from mktcore.processes.timeouts import TimeOut, TimeOutKey

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def timeout(number: int, *, minutes: int) -> TimeOut:
    key = TimeOutKey("p", f"order-{number}", "l1", "a", NOON, "expire")
    return TimeOut(key, NOON + timedelta(minutes=minutes))


def test_due_ones_come_earliest_first_and_stay_until_cancelled() -> None:
    late, early, future = timeout(1, minutes=5), timeout(2, minutes=1), timeout(3, minutes=60)
    timeouts: TimeOuts = InMemoryTimeOuts([late, early, future])
    now = NOON + timedelta(minutes=5)
    assert timeouts.find_due(now) == (early, late)
    assert timeouts.find_due(now, limit=1) == (early,)
    timeouts.cancel([early.key, early.key, timeout(9, minutes=1).key])
    assert timeouts.find_due(now) == (late,)
    assert timeouts.find_due(NOON + timedelta(days=1)) == (late, future)


def test_scheduling_a_known_key_moves_it() -> None:
    timeouts = InMemoryTimeOuts([timeout(1, minutes=5)])
    timeouts.schedule([timeout(1, minutes=50)])
    assert timeouts.find_due(NOON + timedelta(minutes=6)) == ()
    assert timeouts.find_due(NOON + timedelta(minutes=50)) == (timeout(1, minutes=50),)


def test_cancelled_ones_do_not_pile_up() -> None:
    timeouts = InMemoryTimeOuts()
    for number in range(2_000):
        timeouts.schedule([timeout(number, minutes=10)])
        timeouts.cancel([timeout(number, minutes=10).key])
    assert len(timeouts) == 0
    assert len(timeouts._heap) <= 64
