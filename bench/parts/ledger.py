"""What an event costs the ledger at the national rate: 20 events a second in each partition, as they would come.

One pure shard takes an hour's traffic of a partition's homes by their own times, and cuts as a worker commits. What a
commit takes in the topic is counted by aiokafka's own batches and the marker that ends its transaction.
"""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from bench.figures import Figure
from bench.processes import in_own_process
from bench.recorded import first_events
from bench.run import Run, say
from bench.sending import Event
from dcc_analytics.aggregators.checkpoint import LedgerRecord, delta_records
from dcc_analytics.aggregators.ledger import BATCH_BYTES
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.simulator.day import lines_of_day
from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.fates import Chances
from dcc_analytics.simulator.nation import DAY_MS, HOUR_MS, Nation
from dcc_analytics.simulator.reference import inventory_lines
from dcc_analytics.simulator.text import CHF, device_id
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.recorded import records_of

PART: Final = "ledger"
#: Of one partition: 1,000 events a second over 50 of them, at what a home causes.
HOMES: Final = 328_000
#: What operators may choose: live figures ask for the first, the second is the worker's default.
COMMITS_EVERY_S: Final = (0.5, 1.0)
#: The day and hour of the month that are folded: all kinds of traffic are on then.
_DAY: Final = 5
_HOUR: Final = 17
#: The part of the hour that is counted is the last: at its beginning every key is new, as it is once a day only.
_COUNTED: Final = 0.5
#: A batch of one control record, which ends a transaction (Kafka protocol: EndTransactionMarker).
_MARKER_BYTES: Final = 78
_ZSTD: Final = 4
_KEY: Final = slice(34, 57)


class Cost(NamedTuple):
    """What was counted: events, and bytes of their commits unpacked, as they are written, and in the topic."""

    events: int
    unpacked: int
    written: int
    stored: int


_RATE: Final = "events of the partition"


def measure(_run: Run) -> list[Figure]:
    """Measure it; how many events the run has does not matter."""
    say(f"an hour of {HOMES:,} homes, those of one partition of fifty")
    found = in_own_process("bench.parts.ledger", homes=HOMES)
    return [Figure(PART, name, value, "events/s" if name == _RATE else "bytes/event") for name, value in found.items()]


def measured(homes: int, *, seconds: int = 3600) -> dict[str, float]:
    """Return events a second, and bytes an event by how often is committed.

    Args:
        homes: of the partition.
        seconds: of traffic.
    """
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as work:
        folder = Path(work)
        _write_hour(folder, homes, seconds)
        found: dict[str, float] = {}
        for every_s in COMMITS_EVERY_S:
            cost = _folded(folder, folder / f"estate-{every_s}", every_s, seconds)
            found[_RATE] = cost.events / (seconds * (1 - _COUNTED))
            commits = f"commits every {every_s:g} s"
            found[f"{commits}: unpacked"] = cost.unpacked / cost.events
            found[f"{commits}: written"] = cost.written / cost.events
            found[f"{commits}: in the topic"] = cost.stored / cost.events
    return found


def _write_hour(folder: Path, homes: int, seconds: int) -> None:
    """Write the events recorded within the hour, and the Devices of the homes they are of, as recorded events."""
    nation = Nation(homes=homes, days_after=0)
    estate = Estate(nation)
    day = nation.start_ms // DAY_MS + _DAY
    begin_ms = day * DAY_MS + _HOUR * HOUR_MS
    seen = set[str]()
    for topic, lines in lines_of_day(nation, estate, Chances(nation, estate), day).by_topic.items():
        within = sorted(line for line in lines if begin_ms <= int(line[13:26]) < begin_ms + 1000 * seconds)
        seen.update(line[_KEY][:-2] for line in within)
        (folder / f"{topic}.ndjson").write_text("".join(within), encoding="utf-8")
    of_them = (home for home in range(estate.size) if device_id(home, CHF)[:-2] in seen)
    with (folder / f"{DEVICES}.ndjson").open("w", encoding="utf-8") as file:
        for home in of_them:
            file.writelines(inventory_lines(estate, range(home, home + 1)))


def _folded(folder: Path, estate_folder: Path, every_s: float, seconds: int) -> Cost:
    """Fold the hour, cutting so often; return what the commits of its last part cost."""
    estate = EstateStore(estate_folder)
    shard, packer = Shard(0, 1, ShardState(), estate), Packer()
    devices = list(records_of(folder, DEVICES))
    shard.fold_reference(Fetched(DEVICES, 0, 0, len(devices), devices, lambda: None))
    del devices
    shard.reference_is_read()
    _commit(shard, packer)
    first, total = None, Cost(0, 0, 0, 0)
    for number, events in _by_commit(folder, every_s):
        first = number if first is None else first
        _take(shard, events)
        unpacked = packer.unpacked_bytes
        records = _commit(shard, packer)
        if (number - first) * every_s >= _COUNTED * seconds:
            written = sum(len(key) + len(value or b"") for key, value in records)
            stored = _batch_bytes(records) + _MARKER_BYTES
            cost = Cost(len(events), packer.unpacked_bytes - unpacked, written, stored)
            total = Cost(*(one + other for one, other in zip(total, cost, strict=True)))
    estate.close()
    return total


def _by_commit(folder: Path, every_s: float) -> Iterator[tuple[int, list[Event]]]:
    """Yield the number of a commit, and the events that come before it and after the one before."""
    every = first_events(folder, 2**63 - 1)
    for number, events in groupby(every, lambda event: int(event[1].timestamp / 1000 / every_s)):
        yield number, list(events)


def _take(shard: Shard, events: Sequence[Event]) -> None:
    for topic in DECODERS:
        records = [record for name, record in events if name == topic]
        if records:
            end = shard.clocks[topic].end = records[-1].offset + 1
            shard.offer(Fetched(topic, 0, records[0].offset, end, records, lambda: None))
    while shard.advance(len(events)):
        pass


def _commit(shard: Shard, packer: Packer) -> list[LedgerRecord]:
    """Cut as a commit does, and forget what has passed; return the records of the ledger."""
    delta = shard.state.cut()
    shard.take_outgoing()
    shard.horizon(shard.state.clock_us)
    return list(delta_records(delta, packer))


def _batch_bytes(records: Sequence[LedgerRecord]) -> int:
    """Return the bytes of the batch a producer makes of records, compressed."""
    batch = DefaultRecordBatchBuilder(
        magic=2, compression_type=_ZSTD, is_transactional=1, producer_id=1, producer_epoch=0, base_sequence=0,
        batch_size=BATCH_BYTES,
    )  # fmt: skip
    for offset, (key, value) in enumerate(records):
        batch.append(offset=offset, timestamp=0, key=key, value=value, headers=[])
    return len(batch.build())
