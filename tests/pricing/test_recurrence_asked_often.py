"""A recurring window that is asked about very often answers as one that is asked once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mktcore.pricing.recurrence import Recurrence


def make(rule: str, *, opens: time, lasts: timedelta, time_zone: str = "Europe/Lisbon") -> Recurrence:
    return Recurrence(rule, date(2020, 1, 3), opens, lasts=lasts, time_zone=time_zone)


RULES = [
    ("FREQ=DAILY", time(18), timedelta(hours=4)),
    ("FREQ=DAILY", time(0, 30), timedelta(hours=2)),  # the clocks change in it
    ("FREQ=DAILY", time(12), timedelta(hours=36)),  # one opens while another is open
    ("FREQ=WEEKLY;BYDAY=FR", time(22), timedelta(hours=24)),
    ("FREQ=MONTHLY;BYMONTHDAY=31", time(12), timedelta(days=2)),  # over the turn of the year
    ("FREQ=DAILY;UNTIL=20260401T000000", time(9), timedelta(hours=1)),
]


@pytest.mark.parametrize(("rule", "opens", "lasts"), RULES)
@pytest.mark.parametrize("begin", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2025, 12, 30, tzinfo=UTC)])
def test_every_quarter_of_an_hour_is_answered_alike(rule: str, opens: time, lasts: timedelta, begin: datetime) -> None:
    often = make(rule, opens=opens, lasts=lasts)
    instants = [begin + timedelta(minutes=15 * n) for n in range(4 * 24 * 5)]
    answers = [often.contains(at) for at in instants]
    for at, answer in zip(instants[::7], answers[::7], strict=True):
        assert make(rule, opens=opens, lasts=lasts).contains(at) is answer


def test_a_window_is_open_from_its_first_instant_and_not_at_its_last() -> None:
    daily = make("FREQ=DAILY", opens=time(18), lasts=timedelta(hours=4), time_zone="UTC")
    for n in range(200):
        daily.contains(datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=n))
    start = datetime(2026, 7, 3, 18, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    asked = [start - tick, start, start + timedelta(hours=4) - tick, start + timedelta(hours=4)]
    assert [daily.contains(at) for at in asked] == [False, True, True, False]
