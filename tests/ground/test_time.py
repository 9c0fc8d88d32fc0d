"""Instants and periods."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mktcore.clock import NaiveTime, to_utc
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
