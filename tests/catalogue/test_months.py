"""Months and days in UTC."""

from datetime import UTC, date, datetime

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month, date_of, day_of, day_text, month_of


def _us(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def test_a_month_starts_at_its_first_midnight_and_ends_before_the_next_months() -> None:
    month = Month.parse("2026-10")
    assert _us(2026, 10, 1) == month.start_us
    assert _us(2026, 11, 1) == month.end_us
    assert date(2026, 10, 1) == month.first_day


def test_december_is_followed_by_january() -> None:
    assert _us(2027, 1, 1) == Month.parse("2026-12").end_us
    assert Month(2027, 1) == Month(2026, 12).next


@pytest.mark.parametrize(("days", "text"), [(31, "2026-10"), (28, "2026-02"), (29, "2028-02"), (28, "2100-02")])
def test_a_month_has_as_many_days_as_the_calendar_says(days: int, text: str) -> None:
    found = Month.parse(text).days
    assert days == len(found)
    assert sorted(set(found)) == list(found)
    assert {Month.parse(text)} == {Month(day.year, day.month) for day in found}


def test_a_month_prints_as_it_is_written() -> None:
    assert str(Month.parse("2026-03")) == "2026-03"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-00", "2026-13", "2026-1", "26-10", "2026-10-01", "0001-01", "٢٠٢٦-10"]
)
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="for example 2026-10"):
        Month.parse(text)


def test_the_last_microsecond_of_a_day_belongs_to_it() -> None:
    midnight = _us(2026, 10, 1)
    assert "2026-09-30" == day_text(day_of(midnight - 1))
    assert "2026-10-01" == day_text(day_of(midnight))
    assert Month(2026, 9) == month_of(midnight - 1)
    assert Month(2026, 10) == month_of(midnight)


def test_an_instant_before_1970_has_its_day_and_month_too() -> None:
    assert date(1969, 12, 31) == date_of(day_of(-1))
    assert Month(1969, 12) == month_of(-1)


def test_months_sort_by_time() -> None:
    assert [Month(2025, 12), Month(2026, 2)] == sorted([Month(2026, 2), Month(2025, 12)])
