"""What a shard holds in memory: facts of many Devices for a month, what ended for a day, and what is open."""

import gc
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from bench.figures import Figure
from bench.processes import in_own_process, resident_mb
from bench.run import Run, say
from dcc_analytics.aggregators.checkpoint import Checkpointer
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.recorded import MadeRecord

_DEVICE: Final = "a Device in the estate"

#: Of the Devices, one in so many: a home has a hub and three more; the others are many times what happens in a month.
HUBS: Final = 4
GAINS: Final = 10
OUTAGES: Final = 20

PIECE_RECORDS: Final = 20_000
_BEGIN_MS: Final = round(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1000)
_DAY_MS: Final = 24 * 3600 * 1000
_USER: Final = "90-B3-D5-1F-30-00-00-01"

Values = Iterable[tuple[str, bytes]]
Phase = Iterator[tuple[str, Values]]


def measure(run: Run) -> list[Figure]:
    say(f"folding the facts of {run.events:,} Devices, what is remembered of as many legs and Alerts")
    # Each in a process of its own: what one forgets, the other would have again.
    kept = in_own_process("bench.parts.bounded", devices=run.events, days=2)
    found = in_own_process("bench.parts.bounded", devices=run.events, days=0) | kept
    per_million = 1e6 / run.events
    return [
        Figure("bounded", "facts of a month", sum(kept[name] for name in _KEPT) * per_million, "MB/million Devices"),
        *(Figure("bounded", name, found[name] * per_million, "bytes each") for name in _KEPT | _REMEMBERED),
        Figure("bounded", "reads of a Device, in the ledger", kept["m|reads"] / run.events, "bytes each"),
        Figure("bounded", "an open leg, in the ledger", found["m|legs"] / run.events, "bytes each"),
    ]


def measured(devices: int, days: int) -> dict[str, float]:
    """Fold phase after phase; return the memory each left behind in MB, and a checkpoint's bytes by kind of record.

    Args:
        devices: and as many legs and Alerts.
        days: that are let pass after each phase, so that what is remembered for a day is forgotten; none to measure
            what that is.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as work:
        fed = _Fed(Path(work))
        for name, phase in (_KEPT if days else _REMEMBERED).items():
            before_mb = _resident_mb()
            for topic, made in phase(devices):
                fed.feed(topic, made)
            if days:
                fed.let_days_pass(days)
            found[name] = _resident_mb() - before_mb
        for key, value in Checkpointer().records(fed.shard.state):
            name = key.decode().rpartition("|")[0]
            found[name] = found.get(name, 0) + len(value or b"")
        fed.close()
    return found


class _Fed:
    """A shard of its own topics, fed piece by piece; its clock stands still unless days are let pass."""

    def __init__(self, folder: Path) -> None:
        self._estate = EstateStore(folder / "estate")
        self.shard = Shard(0, 1, ShardState(), self._estate)
        self._offsets = Counter[str]()
        self._now_ms = _BEGIN_MS

    def feed(self, topic: str, values: Values) -> None:
        records: list[MadeRecord] = []
        for device, value in values:
            records.append(MadeRecord(self._offsets[topic] + len(records), self._now_ms, device.encode(), value))
            if len(records) == PIECE_RECORDS:
                self._fold(topic, records)
                records = []
        self._fold(topic, records)

    def _fold(self, topic: str, records: list[MadeRecord]) -> None:
        begin = self._offsets[topic]
        self._offsets[topic] = end = begin + len(records)
        fetched = Fetched(topic, 0, begin, end, records, lambda: None)
        if topic == DEVICES:
            self.shard.fold_reference(fetched)
        else:
            self.shard.clocks[topic].end = end
            self.shard.offer(fetched)
            self.shard.advance(len(records))
        self.shard.state.cut()
        self.shard.take_outgoing()
        self._estate.write(self._offsets[DEVICES])

    def let_days_pass(self, days: int) -> None:
        self._now_ms += days * _DAY_MS
        self.shard.horizon(self._now_ms * 1000)

    def close(self) -> None:
        self._estate.close()


def _resident_mb() -> float:
    gc.collect()
    return resident_mb(os.getpid())


# -- phases ------------------------------------------------------------------------------------------------


def _estate(devices: int) -> Phase:
    yield DEVICES, map(_device, range(devices))


def _reads(devices: int) -> Phase:
    yield "service-responses", map(_read, range(devices))


def _installs_gains_outages(devices: int) -> Phase:
    yield from _round_trips("8.14.1", range(0, devices, HUBS))
    yield from _round_trips("6.23", range(0, devices, GAINS))
    yield "alerts", (each for number in range(0, devices, OUTAGES) for each in _outage(number))


def _alerts(devices: int) -> Phase:
    yield "alerts", map(_alert, range(devices))


def _ended(devices: int) -> Phase:
    for begin in range(0, devices, PIECE_RECORDS):  # legs are open for a moment only
        yield from _round_trips("4.8.2", range(begin, min(begin + PIECE_RECORDS, devices)))


def _open(devices: int) -> Phase:
    yield "service-requests", (_request("4.8.1", number) for number in range(devices))


def _round_trips(srv: str, numbers: range) -> Phase:
    yield "service-requests", (_request(srv, number) for number in numbers)
    yield "service-responses", (_response(srv, number) for number in numbers)


#: For each phase by name what is folded: topics, and the values of each.
_KEPT: Final[dict[str, Callable[[int], Phase]]] = {
    _DEVICE: _estate,
    "its reads": _reads,
    "its installs, gains, outages": _installs_gains_outages,
}
_REMEMBERED: Final[dict[str, Callable[[int], Phase]]] = {
    _DEVICE: _estate,
    "an Alert, for a day": _alerts,
    "an ended leg, for a day": _ended,
    "a scheduled result, for a day": _reads,
    "an open leg": _open,
}


# -- records -----------------------------------------------------------------------------------------------


def _eui(number: int) -> str:
    text = f"{0x00DB_1200_0000_0000 + number:016X}"
    return "-".join(text[at : at + 2] for at in range(0, 16, 2))


def _device(number: int) -> tuple[str, bytes]:
    kind = ("CHF", "ESME", "GPF", "GSME")[number % HUBS]
    return _eui(number), (
        b'{"device":"%s","device_type":"%s","status":"Commissioned","as_of":"2026-09-01T00:00:00Z","chf":"%s",'
        b'"csp_region":"North","device_manufacturer":"Maker %d","device_model":"Model %d",'
        b'"device_firmware_version":"1.%d","date_commissioned":"2026-01-01"}'
        % (_eui(number).encode(), kind.encode(), _eui(number - number % HUBS).encode(),
           number % 9, number % 30, number % 70)
    )  # fmt: skip


def _read(number: int) -> tuple[str, bytes]:
    return _eui(number), (
        b'{"kind":"scheduled","user":"%s","role":"IS","srv":"4.8.1","device":"%s","schedule_id":"%d","code":"I0",'
        b'"planned_at":"2026-10-01T00:00:00Z","sent_at":"2026-10-01T00:00:00Z"}'
        % (_USER.encode(), _eui(number).encode(), number)
    )


def _request(srv: str, number: int) -> tuple[str, bytes]:
    return _eui(number), (
        b'{"request_id":"%s","received_at":"2026-10-01T00:00:00Z","srv":"%s","command_variant":1,"role":"IS",'
        b'"device":"%s"}' % (_request_id(srv, number), srv.encode(), _eui(number).encode())
    )


def _response(srv: str, number: int) -> tuple[str, bytes]:
    return _eui(number), (
        b'{"request_id":"%s","sent_at":"2026-10-01T00:00:09Z","code":"I0"}' % _request_id(srv, number)
    )


def _request_id(srv: str, number: int) -> bytes:
    return f"{_USER}:{_eui(number)}:{number}{srv.replace('.', '')}".encode()


def _alert(number: int) -> tuple[str, bytes]:
    return _eui(number), (
        b'{"alert_id":"%s","kind":"device","code":"8F12","recipient":"%s","role":"IS","device":"%s","outcome":"delivered",'
        b'"raised_at":"2026-10-01T00:00:00Z","ended_at":"2026-10-01T00:00:01Z"}'
        % (str(UUID(int=number)).encode(), _USER.encode(), _eui(number).encode())
    )


def _outage(number: int) -> Iterator[tuple[str, bytes]]:
    for code, parameters in (
        (b"AD1", b'{"started_at":"2026-10-01T00:00:00Z"}'),
        (b"8F36", b'{"interrupted_at":"2026-10-01T00:00:00Z","restored_at":"2026-10-01T01:00:00Z"}'),
    ):
        yield (
            _eui(number),
            (
                b'{"alert_id":"%s-%d","kind":"dcc","code":"%s","recipient":"%s","role":"ED","device":"%s","outcome":'
                b'"delivered","raised_at":"2026-10-01T00:00:00Z","ended_at":"2026-10-01T00:00:01Z","parameters":%s}'
                % (code, number, code, _USER.encode(), _eui(number).encode(), parameters)
            ),
        )
