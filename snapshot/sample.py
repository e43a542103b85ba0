"""A recorded sample folded in memory by the worker's own shard, without a broker: what a change costs is seen on it.

All of it is in one partition and in memory, so it is for samples; a month goes through Kafka.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from dcc_analytics.aggregators.checkpoint import Checkpointer, read_back
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.snapshot.collect import Collected, standing_events
from dcc_analytics.snapshot.devices_topic import DeviceRecords
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import DECODERS, decode_incident, decode_user
from dcc_analytics.stream.estate import Facts, Version
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.recorded import records_of

#: Facts of a Device by which round trips could be told apart, and are not: ``Facts``, less what cells have.
SPLITTING: Final = tuple(
    name for name in Facts.__struct_fields__ if name not in {"meter_type", "region", "smets_version"}
)
#: As many as a worker folds before it cuts its changes.
_CUT_RECORDS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was folded.

    Attributes:
        collected: what a snapshot is made from.
        events: that were folded.
        seconds: of a core that took, Devices read before not counted.
        cells: of round trips.
        ledger_bytes: of a checkpoint of all of it.
    """

    collected: Collected
    events: int
    seconds: float
    cells: int
    ledger_bytes: int


class _SplitEstate(EstateStore):
    """An estate that tells Devices of one Region apart by a further fact, as one more column of a key would."""

    def __init__(self, folder: Path, fact: str) -> None:
        super().__init__(folder)
        self._fact = fact

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:
        """Take in a version, its fact beside its Region."""
        facts = version.facts
        if facts is not None:
            facts = replace(facts, region=f"{facts.region}|{getattr(facts, self._fact)}")
        super().add(device, replace(version, facts=facts), stamp_us=stamp_us)


def fold_sample(folder: Path, *, fact: str = "") -> Sample:
    """Fold recorded events.

    Args:
        folder: of them.
        fact: one of ``SPLITTING`` that cells and digests are told apart by besides, to see what that costs; none.

    Raises:
        PublishError: the folder holds none, or a file is damaged.
    """
    users, incidents, devices = (list(records_of(folder, topic)) for topic in ("users", "incidents", DEVICES))
    logs = {topic: list(records_of(folder, topic)) for topic in DECODERS}
    with tempfile.TemporaryDirectory(prefix="dcca-sample-") as work:
        path = Path(work) / "estate"
        estate = _SplitEstate(path, fact) if fact else EstateStore(path)
        try:
            shard = Shard(0, 1, ShardState(), estate)
            for topic, records in (("users", users), ("incidents", incidents), (DEVICES, devices)):
                shard.fold_reference(_fetched(topic, records))
            shard.reference_is_read()
            _cut(shard)
            for topic, log in logs.items():
                shard.clocks[topic].end = len(log)
                shard.offer(_fetched(topic, log))
            began = time.process_time()
            while shard.advance(_CUT_RECORDS) or shard.has_changes():  # the clock alone settles legs, too
                _cut(shard)
            seconds = time.process_time() - began
        finally:
            estate.close()
    inventory = DeviceRecords(1)
    for record in devices:
        inventory.take(0, record)
    state = shard.state
    clock_us = horizon_us([(state.clock_us, shard.finished)])
    told = standing_events(incidents, decode_incident), standing_events(users, decode_user)
    cells = len(state.cells.keys)
    ledger = {key: value for key, value in Checkpointer().records(state) if value is not None}
    collected = Collected("sample", [read_back(ledger)], clock_us, inventory, *told, {}, 0)
    written = sum(len(key) + len(value) for key, value in ledger.items())
    return Sample(collected, sum(map(len, logs.values())), seconds, cells, written)


def _fetched(topic: str, records: Sequence[Record]) -> Fetched:
    return Fetched(topic, 0, 0, len(records), records, lambda: None)


def _cut(shard: Shard) -> None:
    """Take the changes as a commit does, and forget what the clocks allow."""
    shard.state.cut()
    shard.take_outgoing()
    shard.horizon(shard.state.clock_us)
