"""Windows that come back, on the clock of a place."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st

from mktcore.clock import NaiveTime
from mktcore.errors import InvalidValue
from mktcore.pricing import Recurrence
from yardstick import check_cost

NUMBERS = count()
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


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY;INTERVAL=1"])
def test_a_rule_that_began_in_the_year_1_costs_what_a_new_one_does(rule: str) -> None:
    ancient = [
        Recurrence(rule, date(1, 1, 1), time(18, minute), lasts=timedelta(hours=4), time_zone="Europe/Lisbon")
        for minute in range(10)
    ]
    asked = [datetime(2026, 7, 3, 17, 30, tzinfo=UTC) + timedelta(microseconds=number) for number in range(10)]
    check_cost(lambda: [one.contains(at) for one in ancient for at in asked], yards=1)
    assert [one.contains(datetime(2026, 7, 3, 17, 5, tzinfo=UTC)) for one in ancient] == [True] * 6 + [False] * 4


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYDAY=5FR",
        "FREQ=DAILY;BYDAY=MO;COUNT=5000",
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;COUNT=150",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU",
    ],
)
def test_a_rule_that_seldom_matches_is_read_quickly(rule: str) -> None:
    def read() -> None:  # nothing that was read before: what was is remembered
        for first in range(1, 6):
            Recurrence(rule, date(1, 1, first), time(0, 0, 0, next(NUMBERS)), lasts=timedelta(days=366))

    check_cost(read, yards=30)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;COUNT=10001", "FREQ=YEARLY;COUNT=200", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=30"],
)
def test_a_count_that_is_never_reached_is_refused(rule: str) -> None:
    with pytest.raises(InvalidValue, match="within 100 years"):
        Recurrence(rule, date(2026, 1, 2), time(18), lasts=timedelta(hours=4))


def test_weeks_begin_on_mondays_however_the_process_shows_them() -> None:
    # Every second week from Sunday 4 January 2026: Monday the 5th begins a week that is not its turn.
    begins = calendar.firstweekday()
    calendar.setfirstweekday(calendar.SUNDAY)
    try:
        rule = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", date(2026, 1, 4), time(0, 1), lasts=timedelta(hours=1))
    finally:
        calendar.setfirstweekday(begins)
    opened = [start.day for start, _ in rule.list_windows(2026)][:4]
    assert opened == [4, 12, 18, 26]


@pytest.mark.parametrize("week", [1, 2, 20, 51, 52, 53])
def test_weeks_are_numbered_as_the_calendar_does(week: int) -> None:
    rule = Recurrence(f"FREQ=DAILY;BYWEEKNO={week}", date(2015, 1, 1), time(0), lasts=timedelta(hours=1))
    last = Recurrence("FREQ=DAILY;BYWEEKNO=-1", date(2015, 1, 1), time(0), lasts=timedelta(hours=1))
    for year in range(2015, 2029):
        days = [date(year, 1, 1) + timedelta(number) for number in range(365)]
        assert {start.date() for start, _ in rule.list_windows(year)} >= {
            day for day in days if day.isocalendar().week == week
        }
        assert all(start.isocalendar().week in {52, 53} for start, _ in last.list_windows(year))
        assert not any((start + timedelta(days=7)).isocalendar().week == 53 for start, _ in last.list_windows(year))


FREQUENCIES = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])


@st.composite
def draw_rules(draw: st.DrawFn) -> str:
    frequency = draw(FREQUENCIES)
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 9))}"]
    days = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
    if frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans()):
        places = [
            f"{number}{day}" for number, day in draw(st.lists(st.tuples(st.sampled_from([1, 2, 5, -1, -2]), days)))
        ]
    else:
        places = draw(st.lists(days, max_size=3))
    for name, values in (
        ("BYDAY", places),
        ("BYMONTH", draw(st.lists(st.integers(1, 12), max_size=2))),
        ("BYMONTHDAY", draw(st.lists(st.sampled_from([1, 7, 13, 28, 29, 31, -1, -3]), max_size=2))),
        ("BYYEARDAY", draw(st.lists(st.sampled_from([1, 60, 100, 366, -1, -100]), max_size=1))),
        ("BYWEEKNO", draw(st.lists(st.sampled_from([7, 20, 50]), max_size=2))),
    ):
        if values and draw(st.booleans()):
            parts.append(f"{name}={','.join(map(str, values))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(days)}")
    ends = draw(st.sampled_from(["", "COUNT=3", "COUNT=40", "UNTIL=20190615T093000"]))
    return ";".join([*parts, *filter(None, [ends])])


@pytest.mark.slow
@given(
    draw_rules(),
    st.dates(date(2014, 1, 1), date(2019, 12, 31)),
    st.sampled_from([time(0), time(9, 30), time(9, 31)]),
)
@example("FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,MO;WKST=SU", date(2020, 2, 29), time(0))
def test_it_opens_on_the_days_that_another_library_expands(rule: str, first: date, opens: time) -> None:
    text, _, counted = rule.partition(";COUNT=")
    full = text if "WKST" in text else f"{text};WKST=MO"
    full = full if "UNTIL" in rule else f"{full};UNTIL=20201231T235900"
    # dateutil looks for the next day of a rule that matches no more until the last year there is.
    with patch("dateutil.rrule.datetime.MAXYEAR", 2020):
        wanted = list(rrulestr(full, dtstart=datetime.combine(first, opens)))
    wanted = wanted[: int(counted or len(wanted))]
    try:
        found = Recurrence(rule, first, opens, lasts=timedelta(minutes=30))
    except InvalidValue:
        assert "COUNT" in rule or not wanted
        return
    wanted = [start for start in wanted if start.year >= 2015]
    windows = [start for year in range(2015, 2021) for start, _ in found.list_windows(year)]
    assert [start.replace(tzinfo=None) for start in windows] == wanted
    for start in windows[:20]:
        assert found.contains(start)
        assert not found.contains(start - timedelta(minutes=1))
        assert not found.contains(start + timedelta(minutes=30))
