"""Windows that come back, on the clock of a place."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mktcore.clock import NaiveTime
from mktcore.errors import InvalidValue
from mktcore.pricing import Recurrence

FRIDAYS = Recurrence(
    "FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon"
)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        (datetime(2026, 1, 9, 18, tzinfo=UTC), True),  # winter: 18:00 in Lisbon is 18:00 UTC
        (datetime(2026, 1, 9, 21, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 1, 9, 22, tzinfo=UTC), False),
        (datetime(2026, 7, 3, 17, tzinfo=UTC), True),  # summer: an hour earlier
        (datetime(2026, 7, 3, 16, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 3, 21, tzinfo=UTC), False),
        (datetime(2026, 7, 2, 18, tzinfo=UTC), False),  # a Thursday
        (datetime(2025, 12, 26, 19, tzinfo=UTC), False),  # before the first
    ],
)
def test_every_friday_evening_in_lisbon(instant: datetime, is_open: bool) -> None:
    assert FRIDAYS.contains(instant) is is_open


def test_a_window_runs_into_the_new_year() -> None:
    new_year = Recurrence(
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", date(2025, 12, 31), time(20), lasts=timedelta(hours=10)
    )
    assert new_year.contains(datetime(2026, 1, 1, 5, 59, tzinfo=UTC))
    assert not new_year.contains(datetime(2026, 1, 1, 6, tzinfo=UTC))


def test_the_clocks_may_change_inside_a_window() -> None:
    night = Recurrence("FREQ=DAILY", date(2026, 3, 1), time(0), lasts=timedelta(hours=4), time_zone="Europe/Berlin")
    # On 29 March 2:00 becomes 3:00: the window ends at 4:00 on the clock, after three hours.
    assert night.contains(datetime(2026, 3, 29, 1, 59, tzinfo=UTC))
    assert not night.contains(datetime(2026, 3, 29, 2, tzinfo=UTC))


def test_a_window_in_the_skipped_hour_does_not_exist() -> None:
    skipped = Recurrence(
        "FREQ=DAILY", date(2026, 3, 1), time(2, 10), lasts=timedelta(minutes=45), time_zone="Europe/Berlin"
    )
    day = datetime(2026, 3, 29, tzinfo=UTC)
    assert not any(skipped.contains(day + timedelta(minutes=minute)) for minute in range(0, 300, 5))


@pytest.mark.parametrize(
    ("opens", "lasts", "window"),
    [
        (time(2, 30), timedelta(minutes=90), ("01:00", "02:00")),  # until 04:00 in summer time
        (time(2, 30), timedelta(hours=1), ("01:00", "01:30")),
        (time(1), timedelta(minutes=90), ("00:00", "01:00")),  # until 02:30, which is not there
    ],
)
def test_an_end_in_the_skipped_hour_is_where_the_clocks_go_on(
    opens: time, lasts: timedelta, window: tuple[str, str]
) -> None:
    daily = Recurrence("FREQ=DAILY", date(2026, 3, 1), opens, lasts=lasts, time_zone="Europe/Berlin")
    start, end = (datetime.fromisoformat(f"2026-03-29T{text}+00:00") for text in window)
    assert [found for found in daily.list_windows(2026) if start <= found[0] < end] == [(start, end)]
    assert daily.contains(start)
    assert not daily.contains(start - timedelta(microseconds=1))
    assert not daily.contains(end)


def test_a_window_over_the_hour_that_is_there_twice_stays_open() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Recurrence("FREQ=DAILY", date(2026, 1, 1), time(2, 30), lasts=timedelta(hours=1), time_zone="Europe/Berlin")
    for fold in (0, 1):
        assert night.contains(datetime(2026, 10, 25, 2, 45, fold=fold, tzinfo=berlin))
    assert not night.contains(datetime(2026, 10, 25, 2, 15, tzinfo=berlin))
    # The whole day that Samoa passed over.
    samoa = Recurrence("FREQ=DAILY", date(2011, 12, 1), time(20), lasts=timedelta(hours=8), time_zone="Pacific/Apia")
    ends = [(start.day, end.day) for start, end in samoa.list_windows(2011) if start.day >= 30 or end.day >= 30]
    assert ends == [(30, 30), (30, 30), (31, 31)]


def test_a_window_is_not_asked_for_a_time_without_a_zone() -> None:
    daily = Recurrence("FREQ=DAILY", date(2026, 3, 1), time(2, 30), lasts=timedelta(hours=1))
    with pytest.raises(NaiveTime):
        daily.contains(datetime(2026, 3, 29, 2, 45))  # noqa: DTZ001 - what is refused


def test_count_and_until_end_it() -> None:
    twice = Recurrence("FREQ=DAILY;COUNT=2", date(2026, 1, 1), time(0), lasts=timedelta(hours=1))
    until = Recurrence("FREQ=DAILY;UNTIL=20260102T000000Z", date(2026, 1, 1), time(0), lasts=timedelta(hours=1))
    for rule in (twice, until):
        assert [rule.contains(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("FREQ=HOURLY", "rule"),
        ("FREQ=DAILY;BYHOUR=1", "rule"),
        ("FREQ=SOMETIMES", "rule"),
        ("BYDAY=FR", "rule"),
        ("every friday", "rule"),
        ("FREQ=DAILY;INTERVAL=x", "rule"),
        ("FREQ=DAILY;" + "BYMONTH=1," * 99, "rule"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "rule"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "rule"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30", "rule"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Recurrence(rule, date(2026, 1, 1), time(0), lasts=timedelta(hours=1))
    assert refusal.value.field == field


def test_other_fields_are_checked() -> None:
    day, hour = date(2026, 1, 1), timedelta(hours=1)
    with pytest.raises(InvalidValue, match="IANA"):
        Recurrence("FREQ=DAILY", day, time(0), lasts=hour, time_zone="Europe/Atlantis")
    with pytest.raises(InvalidValue, match="without a zone"):
        Recurrence("FREQ=DAILY", day, time(0, tzinfo=UTC), lasts=hour)
    with pytest.raises(InvalidValue, match="more than nothing"):
        Recurrence("FREQ=DAILY", day, time(0), lasts=timedelta(0))


@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=0", "FREQ=DAILY;COUNT=0"])
def test_a_rule_that_never_moves_on_is_refused(rule: str) -> None:
    with pytest.raises(InvalidValue, match=r"above zero|some day"):
        Recurrence(rule, date(2026, 1, 2), time(18), lasts=timedelta(hours=4), time_zone="UTC")
