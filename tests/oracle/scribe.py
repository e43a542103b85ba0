"""Writing recorded events: texts, keys and arrival as feeds have them, with their vices (see sample/README.md)."""

import gzip
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.oracle.domain import time_out_us

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US
DCC: Final = "90-B3-D5-1F-30-00-00-02"
TOPICS: Final = ("service-requests", "service-responses", "alerts", "devices", "incidents", "users")
_QUIET_US: Final = 3 * HOUR_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Value = dict[str, Any]


def month_us(year: int, month: int) -> tuple[int, int]:
    """Return the first instant of a month and the first after it, in microseconds."""
    ends = (datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))
    return (ends[0] - _EPOCH) // timedelta(microseconds=1), (ends[1] - _EPOCH) // timedelta(microseconds=1)


def date_text(instant_us: int) -> str:
    """Return the UTC day of an instant."""
    return (_EPOCH + timedelta(microseconds=instant_us)).date().isoformat()


class Scribe:
    """Collects records, and writes them in order of arrival.

    Args:
        seed: of everything random.
        end_us: records that would arrive later are not written, as if the feed had been cut there.
        quiet: no leg is written whose time-out falls near the cut, where the clocks of shards may differ.
    """

    def __init__(self, seed: int, end_us: int, *, quiet: bool = False) -> None:
        self.random = Random(seed)
        self.end_us = end_us
        self._quiet = quiet
        self._records: dict[str, list[tuple[int, int, Value]]] = {topic: [] for topic in TOPICS}
        self._counter = 10_000

    def is_undecided(self, started: str, srv: str) -> bool:
        """Return whether a leg that starts at an instant would time out too near the cut."""
        start_us = (datetime.fromisoformat(started) - _EPOCH) // timedelta(microseconds=1)
        return self._quiet and abs(start_us + time_out_us(srv) - self.end_us) < _QUIET_US

    def instant(self, at_us: int) -> str:
        """Return an instant as text: mostly with Z, at times with another offset or without a fraction."""
        moment = _EPOCH + timedelta(microseconds=at_us)
        if self.random.random() < 0.03:
            moment = moment.astimezone(timezone(timedelta(minutes=self.random.choice((60, -330, 345)))))
        fraction = "microseconds" if at_us % 1000 else "milliseconds" if at_us % SECOND_US else "auto"
        return moment.isoformat(timespec=fraction).replace("+00:00", "Z")

    def any_case(self, text: str) -> str:
        """Return an id, at times in lower case."""
        return text.lower() if self.random.random() < 0.03 else text

    def request_id(self, user: str, target: str) -> str:
        """Return a request id never used before."""
        self._counter += self.random.randint(1, 9)
        return f"{user}:{target}:{self._counter}"

    def key(self, subject: str, *, plain: bool, anything: bool) -> str | None:
        """Return a record's key: its subject, or what feeds make of it.

        Args:
            subject: in upper case.
            plain: no vices: the record must come in its order.
            anything: the record says itself where it belongs, so that its key may be wrong altogether.
        """
        dice = self.random.random()
        if plain or dice > 0.06:
            return subject
        if dice < 0.02 or not anything:
            return subject.lower()
        return self.random.choice((None, "rubbish", "", subject[:-1], "88-73-84-FF-FF-FF-FF-FE"))

    def add(self, topic: str, key: str | None, arrival_us: int, value: Value | None) -> None:
        """Record an event whose value is JSON."""
        if value is not None and self.random.random() < 0.02:
            value = value | {"x_trace": {"deep": [1, 2.5, None]}, "note": "Größe 😀"}
        if value is not None and self.random.random() < 0.02:
            value = {"schedule_id": None, "role": None, "parameters": None, "device": None} | value
        self._put(topic, key, arrival_us, {"value": value})

    def add_text(self, topic: str, key: str | None, arrival_us: int, text: str) -> None:
        """Record a value that is exactly this text."""
        self._put(topic, key, arrival_us, {"value_text": text})

    def add_bytes(self, topic: str, key: str | None, arrival_us: int, value: bytes) -> None:
        """Record a value that is exactly these bytes."""
        self._put(topic, key, arrival_us, {"value_base64": b64encode(value).decode()})

    def _put(self, topic: str, key: str | None, arrival_us: int, value: Value) -> None:
        records = self._records[topic]
        if arrival_us <= self.end_us:
            records.append((arrival_us, len(records), {"key": key, "timestamp": arrival_us // 1000} | value))

    def write(self, folder: Path) -> dict[str, int]:
        """Write all topics; return how many lines each has."""
        folder.mkdir(parents=True, exist_ok=True)
        for topic, records in self._records.items():
            with gzip.open(folder / f"{topic}.ndjson.gz", "wt", encoding="utf-8", compresslevel=1) as file:
                for _, _, record in sorted(records, key=lambda each: each[:2]):
                    file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
        return {topic: len(records) for topic, records in self._records.items()}
