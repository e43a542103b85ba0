"""Two systems that count the same requests by User and SRV: stock Faust, and the product's worker."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final, Protocol

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from bench.paced import UserSrv
from bench.parts.faust_counting import REQUESTS, TABLE
from bench.run import APPLICATION, PARTITIONS
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import round_trips
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection

#: For both alike: seconds until what a killed worker owned goes to another, the least a broker allows by default.
#: Faust's default of 60 makes each kill wait so long, and changes nothing else; 3 had busy workers taken for dead.
SESSION_TIMEOUT_S: Final = 6.0
#: Faust's other settings that are not its defaults; a heartbeat must be shorter than the session.
SETTINGS: Final[dict[str, Any]] = {"broker_session_timeout": SESSION_TIMEOUT_S, "broker_heartbeat_interval": 1.0}

_COMMIT: Final = re.compile(r" commit partition=\d+ seq=\d+ records=(\d+) ")


class System(Protocol):
    """What counts: how a worker of it is started, what it says, and what was counted in the end.

    Attributes:
        connection: to its topics.
    """

    connection: Connection

    def arguments(self, folder: Path) -> list[str]:
        """Return Python's arguments for a worker whose disk is ``folder``."""

    def folded(self, said: str) -> int:
        """Return how many records a worker has folded, by what it has said."""

    async def is_worked_off(self, said: list[str], ends: Counter[tuple[str, int]]) -> bool:
        """Return whether the feed is folded to its ends, by what the workers have said or committed."""

    async def counted(self) -> Counter[UserSrv]:
        """Return the requests counted; its workers have ended."""


class StockFaust:
    """Stock Faust with a Table, as ``bench.parts.faust_counting`` has it."""

    def __init__(self, connection: Connection, guarantee: str) -> None:
        """Prepare; ``guarantee`` is Faust's processing_guarantee."""
        self.connection = connection
        self._guarantee = guarantee
        self._name = f"{connection.prefix}stock"

    def arguments(self, folder: Path) -> list[str]:
        """Return Python's arguments for a worker."""
        given = {
            "name": self._name,
            "bootstrap": self.connection.bootstrap,
            "prefix": self.connection.prefix,
            "folder": str(folder),
            "settings": {**SETTINGS, "processing_guarantee": self._guarantee},
        }
        return ["-m", "bench.parts.faust_counting", json.dumps(given)]

    def folded(self, said: str) -> int:
        """Return how many records a worker says it has folded."""
        return int(_told(said)["folded"])

    async def is_worked_off(self, said: list[str], ends: Counter[tuple[str, int]]) -> bool:
        """Return whether the last record of each partition was folded by one that lives, or committed by another."""
        done: Counter[int] = Counter()
        for each in said:
            for partition, offset in _told(each)["at"].items():
                done[int(partition)] = max(done[int(partition)], offset + 1)
        left = {partition: end for (topic, partition), end in ends.items() if topic == REQUESTS}
        left = {partition: end for partition, end in left.items() if done[partition] < end}
        if not left:
            return True
        committed = await self._committed()
        return all(committed[partition] >= end for partition, end in left.items())

    async def _committed(self) -> Counter[int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.connection.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self._name)
        except GroupCoordinatorNotAvailableError:  # no group of this broker has committed anything yet
            return Counter()
        finally:
            await admin.close()
        topic = self.connection.topic(REQUESTS)
        return Counter({tp.partition: found.offset for tp, found in offsets.items() if tp.topic == topic})

    async def counted(self) -> Counter[UserSrv]:
        """Return what the Table's changelog holds: what a worker that starts now would count on from."""
        bare = Connection(self.connection.bootstrap)
        changelog = f"{self._name}-{TABLE}-changelog"
        async with Extents(bare) as extents:
            ends = await extents.ends([(changelog, partition) for partition in range(PARTITIONS)])
        newest: dict[str, int] = {}
        async for _, record in read_up_to(bare, ends):
            newest[json.loads(record.key or b"")] = json.loads(record.value or b"0")
        found: Counter[UserSrv] = Counter()
        for key, count in newest.items():
            _, user, srv = key.split("|")
            found[UserSrv(user, srv)] += count
        return found


def _told(said: str) -> dict[str, Any]:
    """Return the newest whole line of progress; one being written is not whole yet."""
    for line in reversed(said.splitlines()):
        if line.startswith("{") and line.endswith("}"):
            told: dict[str, Any] = json.loads(line)
            return told
    return {"folded": 0, "at": {}}


class OurWorker:
    """``dcca worker`` as it comes."""

    def __init__(self, connection: Connection, month: Month) -> None:
        """Prepare to count the requests of a month."""
        self.connection = connection
        self._month = month

    def arguments(self, folder: Path) -> list[str]:
        """Return Python's arguments for a worker."""
        return [
            "-m", "dcc_analytics.commands.main", "worker", "--bootstrap", self.connection.bootstrap,
            "--prefix", self.connection.prefix, "--state", str(folder),
            "--session-timeout", str(SESSION_TIMEOUT_S),
        ]  # fmt: skip

    def folded(self, said: str) -> int:
        """Return how many records a worker has folded, by the commits it has logged."""
        return sum(int(records) for records in _COMMIT.findall(said))

    async def is_worked_off(self, said: list[str], ends: Counter[tuple[str, int]]) -> bool:
        """Return whether the ledger holds everything."""
        _ = said, ends
        return (await collect(self.connection, APPLICATION)).behind == 0

    async def counted(self) -> Counter[UserSrv]:
        """Return the month's requests as a snapshot counts them; without a directory a User is its own Party."""
        collected = await collect(self.connection, APPLICATION)
        inventory, directory = collected.devices.inventory, Directory(collected.users)
        cells = round_trips(collected.states, self._month, collected.clock_us, directory, inventory).cells
        found: Counter[UserSrv] = Counter()
        for party, srv, requests in cells.select("party", "srv", "requests").iter_rows():
            found[UserSrv(party, srv)] += requests
        return found
