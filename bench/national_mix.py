"""Recorded events in the national mix, made from a seed: three of five are Alerts.

Of the others three quarters are on-demand round trips of three records (request, acknowledgement, response; one in
ten with a Pre-Command leg before it) and one quarter are results of DCC schedules. One in thirty fails. Events are
spread evenly over one day; keys are the Devices, as the product asks of a feed.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import Final, NamedTuple

ALERT_SHARE: Final = 0.6
SCHEDULED_SHARE: Final = 0.1
DEVICES: Final = 50_000
SUPPLIERS: Final = 45
REGIONS: Final = ("North", "Central", "South", "4G North", "4G Central", "4G South")
SRVS: Final = ("4.1.1", "4.6.1", "4.8.1", "4.8.2", "6.2.4", "7.4", "8.11")
CRITICAL_SRVS: Final = ("1.1.1", "6.15.1", "7.1")
ALERT_CODES: Final = ("8F35", "8F36", "8002", "8154", "8085", "81A0", "8F1E", "8F3F")
DAY_START_MS: Final = int(datetime(2026, 10, 5, tzinfo=UTC).timestamp() * 1000)
DAY_MS: Final = 86_400_000


class Line(NamedTuple):
    """A recorded event: its topic, its record's timestamp in milliseconds, and its line."""

    timestamp_ms: int
    topic: str
    text: str


def write_mix(folder: Path, events: int, seed: int = 176) -> None:
    """Write about so many events, and the Devices and Users they are of, as recorded events.

    Args:
        folder: gets a file for each topic.
        events: records of the three event topics together.
        seed: the same gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        files = {
            topic: opened.enter_context((folder / f"{topic}.ndjson").open("w", encoding="utf-8"))
            for topic in ("service-requests", "service-responses", "alerts", "devices", "users")
        }
        for line in _devices():
            files[line.topic].write(line.text)
        for line in _users():
            files[line.topic].write(line.text)
        trips = int(events * (1 - ALERT_SHARE - SCHEDULED_SHARE) / 3.1)
        streams = (
            _alerts(random.Random(f"{seed} alerts"), int(events * ALERT_SHARE)),
            _scheduled(random.Random(f"{seed} scheduled"), int(events * SCHEDULED_SHARE)),
            *_round_trips(f"{seed} trips", trips),
        )
        for line in merge(*streams, key=lambda each: each.timestamp_ms):
            files[line.topic].write(line.text)


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def _device(number: int) -> str:
    return f"88-73-84-00-{number.to_bytes(4).hex('-').upper()}"


def _user(device: int) -> str:
    """Return the supplier of a Device: some are large, most are small."""
    return f"90-B3-D5-1F-30-10-00-{int(SUPPLIERS * (device / DEVICES) ** 2) + 1:02X}"


def _line(topic: str, ms: int, key: str, fields: str) -> Line:
    return Line(ms, topic, f'{{"key":"{key}","timestamp":{ms},"value":{{{fields}}}}}\n')


def _devices() -> Iterator[Line]:
    for number in range(DEVICES):
        device, kind = _device(number), "GSME" if number % 5 < 2 else "ESME"
        meter = "Gas" if kind == "GSME" else "Electricity"
        supplier = "gas_supplier_id" if kind == "GSME" else "import_supplier_id"
        yield _line(
            "devices",
            DAY_START_MS - 400 * DAY_MS,
            device,
            f'"device":"{device}","as_of":"2025-08-31T00:00:00Z","device_type":"{kind}","status":"Commissioned",'
            f'"csp_region":"{REGIONS[number % len(REGIONS)]}","date_commissioned":"2025-08-31","meter_type":"{meter}",'
            f'"smets_version":"SMETS2+","{supplier}":"{_user(number)}","device_manufacturer":"Maker {number % 7}",'
            f'"device_model":"M{number % 31}","device_firmware_version":"1.{number % 9}"',
        )


def _users() -> Iterator[Line]:
    for number in range(SUPPLIERS):
        user = f"90-B3-D5-1F-30-10-00-{number + 1:02X}"
        fields = f'"user":"{user}","party":"P{number:02d}","roles":["IS","GS"],"as_of":"2025-01-01T00:00:00Z"'
        yield _line("users", DAY_START_MS - 400 * DAY_MS, user, fields)


def _times(count: int) -> Iterator[int]:
    for number in range(count):
        yield DAY_START_MS + number * DAY_MS // max(count, 1)


def _alerts(chance: random.Random, count: int) -> Iterator[Line]:
    for number, ms in enumerate(_times(count)):
        device = chance.randrange(DEVICES)
        name, ended = _device(device), ms + chance.randrange(500, 20_000)
        yield _line(
            "alerts",
            ended,
            name,
            f'"alert_id":"A{number:012d}","kind":"device","code":"{chance.choice(ALERT_CODES)}",'
            f'"recipient":"{_user(device)}","raised_at":"{_instant(ms)}","ended_at":"{_instant(ended)}",'
            f'"outcome":"delivered","role":"IS","device":"{name}"',
        )


def _scheduled(chance: random.Random, count: int) -> Iterator[Line]:
    for number, ms in enumerate(_times(count)):
        device = chance.randrange(DEVICES)
        name, sent = _device(device), ms + chance.randrange(1_000, 60_000)
        yield _line(
            "service-responses",
            sent,
            name,
            f'"request_id":"{_user(device)}:{name}:{10**9 + number}","sent_at":"{_instant(sent)}","code":"I0",'
            f'"kind":"scheduled","schedule_id":"{device}","user":"{_user(device)}","srv":"4.8.1",'
            f'"planned_at":"{_instant(ms)}","role":"IS","device":"{name}"',
        )


def _round_trips(seed: str, count: int) -> tuple[Iterator[Line], Iterator[Line], Iterator[Line]]:
    """Return requests, acknowledgements and responses of the same round trips, each in order of time."""
    return tuple(_part(random.Random(seed), count, part) for part in range(3))  # type: ignore[return-value]


def _part(chance: random.Random, count: int, part: int) -> Iterator[Line]:
    late_ms = (0, 400, 5_000)[part]
    for number, ms in enumerate(_times(count)):
        device, critical, fails = chance.randrange(DEVICES), chance.random() < 0.1, chance.random() < 1 / 30
        name, srv = _device(device), chance.choice(CRITICAL_SRVS if critical else SRVS)
        request = f'"request_id":"{_user(device)}:{name}:{number + 1}"'
        at = ms + late_ms
        if part == 0:
            if critical:
                yield _request(ms - 2_000, name, request, srv, 4)
            yield _request(at, name, request, srv, 5 if critical else 1)
        elif part == 1:
            if critical:
                yield _response(ms - 1_000, name, request, "I0", "pre_command")
            yield _response(at, name, request, "I99", "acknowledgement")
        else:
            yield _response(at, name, request, "E20" if fails else "I0", "response")


def _request(ms: int, name: str, request: str, srv: str, variant: int) -> Line:
    fields = (
        f'{request},"received_at":"{_instant(ms)}","srv":"{srv}","command_variant":{variant},"role":"IS",'
        f'"device":"{name}"'
    )
    return _line("service-requests", ms, name, fields)


def _response(ms: int, name: str, request: str, code: str, kind: str) -> Line:
    fields = f'{request},"sent_at":"{_instant(ms)}","code":"{code}","kind":"{kind}","device":"{name}"'
    return _line("service-responses", ms, name, fields)
