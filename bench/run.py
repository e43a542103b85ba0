"""One run: what its parts share, each thing made when the first part asks for it."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from bench.processes import in_own_process
from bench.watched import Mark, WatchedWorker
from dcc_analytics.simulator.nation import LEAST_HOMES, Nation
from dcc_analytics.simulator.write import write_nation
from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics

PARTITIONS: Final = 4
APPLICATION: Final = "dcca"
#: Events of a month that a home of the simulated nation causes, three of five of them Alerts.
EVENTS_A_HOME: Final = 172


class Published(NamedTuple):
    """The events on a Kafka: how to reach them, records of all topics and of the event topics, and how long it took."""

    connection: Connection
    records: int
    events: int
    seconds: float


class Simulated(NamedTuple):
    """The events as files: their folder, records of all topics, and how long it took to make them."""

    folder: Path
    records: int
    seconds: float


class Run(AbstractContextManager["Run"]):
    """A run of some parts over so many events."""

    def __init__(self, events: int, *, devices: int = 0, packs: bool = True) -> None:
        """Prepare; nothing is made before a part asks.

        Args:
            events: in the national mix.
            devices: of an estate beside them, for the part that asks for one.
            packs: whether a month that is taken through all steps gets its packs.
        """
        self.events = events
        self.devices = devices
        self.packs = packs
        self._open = ExitStack()
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="dcca-bench-")))

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop the broker and remove the folder."""
        self._open.close()

    def __enter__(self) -> Self:
        """Return the run."""
        return self

    @cached_property
    def nation(self) -> Nation:
        """The nation whose month has about so many events."""
        return Nation(homes=max(LEAST_HOMES, round(self.events / EVENTS_A_HOME)), days_after=0)

    @cached_property
    def simulated(self) -> Simulated:
        """The events as files."""
        say(f"simulating a month of {self.nation.homes:,} homes, about {self.events:,} events")
        folder = self.events_folder
        began = time.perf_counter()
        written = write_nation(self.nation, folder, processes=len(os.sched_getaffinity(0)))
        return Simulated(folder, sum(written.values()), time.perf_counter() - began)

    @property
    def events_folder(self) -> Path:
        """Where the events are, once they are made."""
        return self.folder / "events"

    @property
    def recorded(self) -> Path:
        """The folder of the events, which are made if they are not there."""
        return self.events_folder if self.events_folder.is_dir() else self.simulated.folder

    @cached_property
    def connection(self) -> Connection:
        """A Kafka of the run's own, with the product's topics."""
        say("starting Kafka")
        broker = self._open.enter_context(embedded_broker(self.folder / "broker"))
        connection = Connection(broker.bootstrap)
        make_topics(connection)
        return connection

    @cached_property
    def published(self) -> Published:
        """The events on it."""
        recorded, connection = self.recorded, self.connection
        say("publishing")
        began = time.perf_counter()
        sent = asyncio.run(publish(connection, recorded))
        seconds = time.perf_counter() - began
        return Published(connection, sum(sent.values()), sum(sent[topic] for topic in DECODERS), seconds)

    @cached_property
    def folded(self) -> list[Mark]:
        """The events folded by a worker, its ledger on: its marks."""
        connection = self.published.connection
        say("folding with a worker")
        worker = WatchedWorker(connection, self.folder / "state", "--until-caught-up", shards=PARTITIONS)
        try:
            worker.wait()
        finally:
            worker.end()
        return worker.counted()

    @cached_property
    def frozen(self) -> dict[str, float]:
        """The ledger's month frozen into ``snapshots``: seconds of each step, and the memory it took."""
        _ = self.folded
        say("taking a snapshot")
        return in_own_process(
            "bench.parts.snapshot",
            bootstrap=self.connection.bootstrap,
            application=APPLICATION,
            month=self.month,
            out=str(self.snapshots),
        )

    @property
    def snapshots(self) -> Path:
        """Where snapshots are."""
        return self.folder / "snapshots"

    @property
    def month(self) -> str:
        """The month of the events."""
        return str(self.nation.first)

    def without_events(self, prefix: str) -> Connection:
        """Return a connection to topics of a part's own, which hold what the reference topics do."""
        connection = Connection(self.connection.bootstrap, prefix)
        make_topics(connection)
        folder = self.folder / "reference"
        folder.mkdir(exist_ok=True)
        for path in self.recorded.iterdir():
            if path.name.split(".")[0] not in DECODERS:
                shutil.copyfile(path, folder / path.name)
        say(f"publishing Devices and Users for {prefix.rstrip('-')}")
        asyncio.run(publish(connection, folder))
        return connection


def make_topics(connection: Connection, application: str = APPLICATION) -> None:
    """Create the product's topics, which keep records however old they say they are."""
    making = create_topics(connection, partitions=PARTITIONS, application=application, keep_recorded=True)
    asyncio.run(making)


def say(step: str) -> None:
    """Say on standard error what is being done."""
    sys.stderr.write(f"  {step}\n")
    sys.stderr.flush()
