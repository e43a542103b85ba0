"""Recorded events brought to the present: sent evenly by the clock, their instants those at which they are sent.

A month's events sent as they are would take the stream's clock through half a day each second, and no window of an hour
would hold anything. So time between two events is made as long as it takes to send what is between them; whatever
order events and their instants have stays.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from aiokafka import AIOKafkaProducer

from bench.recorded import first_events
from bench.sending import Event, evenly, send
from dcc_analytics.stream.instants import US_PER_MS, instant_text, instant_us
from dcc_analytics.stream.kafka import Connection

_INSTANT: Final = re.compile(rb'"(2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z"')
_MS_PER_S: Final = 1_000


class Present:
    """Moves instants of recorded events to the present.

    >>> present = Present([1_000, 2_000, 9_000], per_s=10.0, begins_ms=50_000)
    >>> present.ms(1_000), present.ms(2_000), present.ms(5_500), present.ms(9_000), present.ms(400), present.ms(9_007)
    (50000, 50100, 50150, 50200, 49400, 50207)
    """

    def __init__(self, recorded_ms: Sequence[int], *, per_s: float, begins_ms: int) -> None:
        """Move events that were recorded at these instants, in order, to be so many a second from an instant on."""
        self._recorded_ms = np.array(recorded_ms, np.float64)
        self._sent_ms = begins_ms + np.arange(len(recorded_ms)) * (_MS_PER_S / per_s)

    def ms(self, recorded_ms: float) -> int:
        """Return where an instant goes; what lies before the first or after the last is as far from it as it was."""
        first, last = self._recorded_ms[0], self._recorded_ms[-1]
        beyond = min(recorded_ms - first, 0.0) + max(recorded_ms - last, 0.0)
        return round(float(np.interp(recorded_ms, self._recorded_ms, self._sent_ms) + beyond))

    def event(self, event: Event) -> Event:
        """Return an event with all its instants moved; the year 3000, which cancels, stays."""
        topic, record = event
        value = _INSTANT.sub(self._moved, record.value or b"")
        return topic, record._replace(timestamp=self.ms(record.timestamp), value=value)

    def _moved(self, found: "re.Match[bytes]") -> bytes:
        if found[1].startswith(b"3000"):
            return found[0]
        recorded_us = instant_us(datetime.fromisoformat(found[1].decode()).replace(tzinfo=UTC))
        return b'"%s"' % instant_text(self.ms(recorded_us / US_PER_MS) * US_PER_MS).encode()


def events_of(folder: Path, most: int, *, from_ms: int) -> list[Event]:
    """Return so many recorded events from an instant on, in order."""
    later = (event for event in first_events(folder, 2**63 - 1) if event[1].timestamp >= from_ms)
    return [event for event, _ in zip(later, range(most), strict=False)]


def measured(*, bootstrap: str, prefix: str, folder: str, events: int, from_ms: int, per_s: float) -> dict[str, float]:
    """Send events; return how many there were and the seconds it took."""
    found = events_of(Path(folder), events, from_ms=from_ms)
    seconds = asyncio.run(_send(Connection(bootstrap, prefix), found, per_s))
    return {"events": len(found), "seconds": seconds}


async def _send(connection: Connection, events: list[Event], per_s: float) -> float:
    producer = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=5, max_batch_size=1 << 18)
    await producer.start()
    try:
        began, pending = time.time(), list[Any]()
        present = Present([record.timestamp for _, record in events], per_s=per_s, begins_ms=round(began * _MS_PER_S))
        async for due in evenly(len(events), per_s):
            pending += [await send(producer, connection, present.event(events[number])) for number in due]
        await asyncio.gather(*pending)
        return time.time() - began
    finally:
        await producer.stop()
