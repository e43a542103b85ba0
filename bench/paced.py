"""A feed sent by the clock: Service Requests that each count once, and what answers them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from bench.recorded import first_events
from bench.sending import Event, partition_of, send
from dcc_analytics.catalogue.months import Month
from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.events import Request, Response
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.legs import TRANSFORM_VARIANT

_STEP_S: Final = 0.02


class UserSrv(NamedTuple):
    """What requests are counted by."""

    user: str
    srv: str


class Feed(NamedTuple):
    """Events to send.

    Attributes:
        events: topic and record of each, in the order they happened.
        expected: Service Requests by User and SRV.
    """

    events: list[Event]
    expected: Counter[UserSrv]


def user_srv(request: Request) -> UserSrv:
    """Return what a request is counted by."""
    return UserSrv(request.request_id.partition(":")[0], request.srv)


def feed_of(recorded: Path, month: Month, most: int) -> Feed:
    """Return a month's first requests that count as one request however one counts, and their answers.

    Left out are requests that can't be read, repeat another, are transformed first, dated or cancelled, so that the
    number of records is the number of requests.

    Args:
        recorded: folder of recorded events.
        month: of the requests.
        most: events to take.
    """
    expected: Counter[UserSrv] = Counter()
    events = list(islice(_counted_once(recorded, month, expected), most))
    return Feed(events, expected)


def _counted_once(recorded: Path, month: Month, expected: Counter[UserSrv]) -> Iterator[Event]:
    taken: set[str] = set()
    for topic, record in first_events(recorded, 2**63 - 1):
        event = decoded(DECODERS[topic], record.value)
        if isinstance(event, Request):
            plain = event.command_variant != TRANSFORM_VARIANT and event.execute_us is None and not event.cancels
            if not plain or event.request_id in taken or not month.start_us <= event.received_us < month.end_us:
                continue
            taken.add(event.request_id)
            expected[user_srv(event)] += 1
        elif not isinstance(event, Response) or event.request_id not in taken:
            continue
        yield topic, record


class Sender:
    """Sends a feed evenly, at a rate that may be changed under way.

    Attributes:
        sent: events so far.
        per_s: events a second from now on.
        ends: for each topic and partition the offset after the last record sent.
    """

    def __init__(self, connection: Connection, feed: Feed, *, per_s: float) -> None:
        self.sent = 0
        self.per_s = per_s
        self.ends: Counter[tuple[str, int]] = Counter()
        self._connection = connection
        self._events = feed.events

    @property
    def is_over(self) -> bool:
        """Whether all was sent."""
        return self.sent == len(self._events)

    async def until(self, sent: int) -> None:
        """Wait until so many events were sent."""
        while self.sent < sent:  # noqa: ASYNC110 (an event for each number would be more)
            await asyncio.sleep(_STEP_S)

    async def send(self) -> None:
        """Send all of it."""
        producer = AIOKafkaProducer(**self._connection.options(), acks="all", linger_ms=0)
        await producer.start()
        try:
            pending, due = list[Any](), 0.0
            while not self.is_over:
                due += self.per_s * _STEP_S
                now, due = int(due), due % 1
                for event in self._events[self.sent : self.sent + now]:
                    pending.append(await send(producer, self._connection, event))
                    self.ends[event[0], partition_of(event[1])] += 1
                    self.sent += 1
                await asyncio.sleep(_STEP_S)
            await asyncio.gather(*pending)
        finally:
            await producer.stop()
