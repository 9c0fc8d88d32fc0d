"""Instants and periods."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mktcore.clock import NaiveTime, SkippedTime, to_utc
from mktcore.periods import ALWAYS, EmptyPeriod, Period

MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))


def test_every_instant_becomes_utc() -> None:
    lisbon = timezone(timedelta(hours=1))
    assert to_utc(datetime(2026, 5, 1, 1, tzinfo=lisbon)) == MAY
    assert Period(datetime(2026, 5, 1, 1, tzinfo=lisbon)).start == MAY
    assert to_utc(datetime(2026, 5, 1, 1, tzinfo=lisbon)).tzinfo is UTC


def test_an_instant_without_a_zone_is_refused_with_the_remedy() -> None:
    with pytest.raises(NaiveTime, match=r"2026-05-01T00:00:00 has no time zone \(give it a time zone"):
        to_utc(datetime(2026, 5, 1))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(("value", "shown"), [(date(2026, 11, 29), "2026-11-29"), ("2026-11-29", "'2026-11-29'")])
def test_a_date_is_no_instant(value: Any, shown: str) -> None:
    with pytest.raises(NaiveTime, match=f"^{shown} has no time zone "):
        Period(MAY, value)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_the_clocks_skip_is_no_instant(fold: int) -> None:
    skipped = datetime(2026, 3, 29, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Berlin"))
    for read in (to_utc, Period):
        with pytest.raises(SkippedTime, match="the clocks of Europe/Berlin skip 2026-03-29T02:30:00 "):
            read(skipped)


@pytest.mark.parametrize(("fold", "hour"), [(0, 0), (1, 1)])
def test_of_a_time_that_is_there_twice_the_fold_tells_which(fold: int, hour: int) -> None:
    twice = datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Berlin"))
    assert to_utc(twice) == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_the_start_belongs_to_a_period_and_the_end_does_not() -> None:
    may = Period(MAY, JUNE)
    assert may.contains(MAY)
    assert not may.contains(JUNE)
    assert Period(None, MAY).contains(MAY - timedelta(days=9999))
    assert not Period(None, MAY).contains(MAY)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Period(MAY, JUNE), Period(JUNE, JULY), False),
        (Period(MAY, JULY), Period(JUNE, None), True),
        (Period(None, MAY), Period(MAY, None), False),
        (Period(None, JUNE), Period(MAY, None), True),
        (ALWAYS, Period(MAY, JUNE), True),
    ],
)
def test_periods_overlap_when_some_instant_lies_in_both(one: Period, other: Period, overlap: Any) -> None:
    assert one.overlaps(other) is other.overlaps(one) is overlap


def test_a_period_without_ends_is_always() -> None:
    assert ALWAYS.is_always()
    assert not Period(MAY).is_always()


@pytest.mark.parametrize("end", [MAY, MAY - timedelta(1)])
def test_a_period_does_not_end_before_it_starts(end: datetime) -> None:
    with pytest.raises(EmptyPeriod, match="nothing lies between"):
        Period(MAY, end)
