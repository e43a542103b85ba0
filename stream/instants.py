"""Instants as whole microseconds since 1970-01-01 UTC, the one unit of time inside the product."""

from datetime import UTC, datetime, timedelta
from typing import Final

US_PER_S: Final = 1_000_000
US_PER_MS: Final = 1_000
MINUTE_US: Final = 60 * US_PER_S
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

#: The last millisecond of the calendar, in the year 9999. The field of a record's timestamp goes on for 292 million
#: years, and what is reckoned from it would fit no 64 bits.
_LAST_MS: Final = 253_402_300_799_999

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant_us(instant: datetime) -> int:
    """Return an aware instant as microseconds since 1970 (UTC).

    Args:
        instant: aware; any offset, most are UTC already.

    Returns:
        Whole microseconds, exact (no floating point is involved).

    >>> instant_us(datetime(1970, 1, 2, 0, 0, 1, 5, tzinfo=UTC))
    86401000005
    """
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)  # what lies outside the calendar in UTC is refused here
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * US_PER_S + since.microseconds


def stamp_us_of(timestamp_ms: int) -> int:
    """Return a Kafka record's timestamp in microseconds, held to the calendar from 1970 on; -1 ms says there is none.

    >>> stamp_us_of(1_791_201_600_000), stamp_us_of(-5)
    (1791201600000000, -1000)
    """
    if 0 <= timestamp_ms <= _LAST_MS:
        return timestamp_ms * US_PER_MS
    return (_LAST_MS if timestamp_ms > 0 else -1) * US_PER_MS


def instant_text(us: int) -> str:
    """Return microseconds since 1970 as RFC 3339 with milliseconds and ``Z`` (contract section 8, Print).

    Microseconds are rounded half-even to milliseconds.

    >>> instant_text(86_401_000_500)
    '1970-01-02T00:00:01.000Z'
    """
    ms, rest = divmod(us, US_PER_MS)
    if rest * 2 > US_PER_MS or (rest * 2 == US_PER_MS and ms % 2):
        ms += 1
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
