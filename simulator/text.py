"""Events as the lines of recorded events: ids, instants, and lines that sort by time as they stand."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.catalogue.months import day_text
from dcc_analytics.simulator.nation import DAY_MS

Times = NDArray[np.int64]

#: The DCC as the target of requests that concern no Device (catalogue, identities.csv).
DCC: Final = "90-B3-D5-1F-30-00-00-02"
#: Kinds of a home's Devices, as they stand in the last byte of their ids.
CHF, GPF, ESME, GSME, PPMID = range(5)
KINDS: Final = ("CHF", "GPF", "ESME", "GSME", "PPMID")
#: Odd, so that multiplying by it is a bijection of 32 bits: ids look like serial numbers of many makers.
_SPREAD: Final = 2_654_435_761
_CHECK_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def device_id(home: int, kind: int) -> str:
    """Return the EUI-64 of a home's Device.

    >>> device_id(7, ESME)
    '88-73-84-53-84-53-D7-02'
    """
    number = (home * _SPREAD & 0xFFFFFFFF) << 8 | kind
    return f"88-73-84-{number.to_bytes(5).hex('-').upper()}"


def mpan(licence: str, home: int) -> str:
    """Return the 13 digits of an import MPAN, the last of them its check digit.

    >>> mpan("12", 7)
    '1200000000076'
    """
    digits = f"{licence}{home:010d}"
    return f"{digits}{sum(int(digit) * weight for digit, weight in zip(digits, _CHECK_WEIGHTS, strict=True)) % 11 % 10}"


def instants(at_ms: Times) -> list[str]:
    """Return instants as RFC 3339."""
    texts: list[str] = np.datetime_as_string(at_ms.astype("datetime64[ms]"), unit="ms", timezone="UTC").tolist()
    return texts


def instant(at_ms: int) -> str:
    """Return an instant as RFC 3339.

    >>> instant(1_790_812_800_001)
    '2026-10-01T00:00:00.001Z'
    """
    day, within_ms = divmod(at_ms, DAY_MS)
    return f"{_date(day)}T{_clock(within_ms // 1000)}.{within_ms % 1000:03d}Z"


@lru_cache(maxsize=4_096)
def _date(day: int) -> str:
    return day_text(day)


@lru_cache(maxsize=86_400)
def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def line(at_ms: int, key: str, value: str) -> str:
    """Return a record as a line; lines of one topic sort by time as texts, since the time leads with 13 digits.

    Args:
        at_ms: the record's timestamp.
        key: of the record.
        value: the members of its JSON object, without braces.
    """
    return f'{{"timestamp":{at_ms},"key":"{key}","value":{{{value}}}}}\n'


def day_of_line(text: str) -> int:
    """Return the day since 1970 of a line's timestamp."""
    return int(text[13:26]) // DAY_MS


class Lines:
    """Lines of all topics, as they come."""

    def __init__(self) -> None:
        self.by_topic: dict[str, list[str]] = defaultdict(list)

    def add(self, topic: str, at_ms: int, key: str, value: str) -> None:
        """Add a record."""
        self.by_topic[topic].append(line(at_ms, key, value))

    def extend(self, topic: str, lines: Iterable[str]) -> None:
        """Add lines."""
        self.by_topic[topic].extend(lines)
