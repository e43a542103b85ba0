"""Instants are exact in whole microseconds, and printed rounded half-even: contract section 8 (Print)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.instants import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    US_PER_MS,
    US_PER_S,
    instant_text,
    instant_us,
    stamp_us_of,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expected_us", "timestamp_ms"),
    [
        (0, 0),
        (1_791_201_600_000_000, 1_791_201_600_000),
        (253_402_300_799_999_000, 253_402_300_799_999),
        (253_402_300_799_999_000, 2**63 - 1),
        (-1_000, -1),
        (-1_000, -(2**63)),
    ],
)
def test_a_records_timestamp_is_held_to_the_calendar(expected_us: int, timestamp_ms: int) -> None:
    assert expected_us == stamp_us_of(timestamp_ms)


def test_units_are_what_their_names_say() -> None:
    units = (1_000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000)
    assert units == (US_PER_MS, US_PER_S, MINUTE_US, HOUR_US, DAY_US)


@pytest.mark.parametrize(
    ("expected_us", "moment"),
    [
        (0, EPOCH),
        (1, EPOCH + timedelta(microseconds=1)),
        (-1, EPOCH - timedelta(microseconds=1)),
        (1_791_201_600_000_000, datetime(2026, 10, 5, 12, tzinfo=UTC)),
        (1_791_201_600_000_000, datetime(2026, 10, 5, 13, tzinfo=timezone(timedelta(hours=1)))),
        (951_782_400_000_000, datetime(2000, 2, 29, tzinfo=UTC)),
        (-62_135_596_800_000_000, datetime(1, 1, 1, tzinfo=UTC)),
        (253_402_300_799_999_999, datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_an_instant_is_its_microseconds_since_1970_in_utc(expected_us: int, moment: datetime) -> None:
    assert expected_us == instant_us(moment)


@settings(derandomize=True, max_examples=40)
@given(
    moment=st.datetimes(timezones=st.timezones() | st.just(UTC), min_value=datetime(1900, 1, 1))  # noqa: DTZ001 (hypothesis adds the zone)
)
def test_an_instant_is_exact_in_every_zone(moment: datetime) -> None:
    assert instant_us(moment) == (moment - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("expected", "us"),
    [
        ("1970-01-01T00:00:00.000Z", 499),
        ("1970-01-01T00:00:00.000Z", 500),
        ("1970-01-01T00:00:00.001Z", 501),
        ("1970-01-01T00:00:00.002Z", 1_500),
        ("1970-01-01T00:00:00.002Z", 2_500),
        ("2026-10-31T23:59:59.999Z", 1_793_491_199_999_499),
        ("2026-11-01T00:00:00.000Z", 1_793_491_199_999_501),
        ("1969-12-31T23:59:59.999Z", -1_000),
    ],
)
def test_an_instant_is_printed_with_milliseconds_rounded_half_even(expected: str, us: int) -> None:
    assert expected == instant_text(us)


@settings(derandomize=True, max_examples=40)
@given(ms=st.integers(min_value=-30_610_224_000_000, max_value=253_402_300_799_999))
def test_whole_milliseconds_are_printed_as_they_are_and_read_back(ms: int) -> None:
    assert instant_us(datetime.fromisoformat(instant_text(ms * US_PER_MS))) == ms * US_PER_MS


def test_a_year_has_four_digits() -> None:
    assert instant_text(-30_610_224_000_001_000) == "0999-12-31T23:59:59.999Z"
