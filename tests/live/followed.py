"""The sample month folded by the real core, its ledger written down record by record, and followed by live."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import polars as pl

from dcc_analytics.aggregators.checkpoint import Checkpointer, delta_records
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.live.history import History
from dcc_analytics.live.model import Model
from dcc_analytics.live.month import MonthFigures, Of
from dcc_analytics.stream.strays import SOURCES
from tests.driver import Driver
from tests.recorded_sample import month_of, published

PARTITIONS = 2
#: Records of a ledger's partition in the order written: key, value, and when the broker took them.
Log = list[tuple[bytes, bytes | None, int]]
_FETCH = 40
#: By Party, Role and SRV.
Figures = dict[tuple[str, str, str], tuple[int, ...]]


class Written(Driver):
    """A driver that keeps every record of its ledgers, and writes a checkpoint instead of every so manieth delta."""

    def __init__(self, partitions: int, every: int) -> None:
        super().__init__(partitions)
        self.written: list[Log] = [[] for _ in range(partitions)]
        self._every = every
        self._writers = [Checkpointer() for _ in range(partitions)]
        self._packing = [Packer() for _ in range(partitions)]

    def commit(self, shard: Shard, *, checkpoint: bool = False) -> None:
        state = shard.state
        cut = state.cut

        def kept() -> object:
            delta = cut()
            writer, checkpoint = self._writers[shard.partition], state.seq % self._every == 0
            if checkpoint:
                records = list(writer.records(state))
                self._packing[shard.partition] = Packer()
            else:
                records = list(delta_records(delta, self._packing[shard.partition]))
                writer.written(key for key, _ in records)
            stamp_ms = max(0, state.clock_us) // 1000
            self.written[shard.partition].extend((key, value, stamp_ms) for key, value in records)
            return delta

        state.cut = kept  # type: ignore[method-assign, assignment]
        try:
            super().commit(shard)
        finally:
            del state.cut


@lru_cache(maxsize=2)
def folded(every: int = 7) -> Written:
    """Return a driver that has folded the sample, with a checkpoint every so many commits."""
    sample, _ = published(PARTITIONS)
    driver = Written(PARTITIONS, every)
    driver.log = sample.log
    driver.run(_FETCH)
    return driver


def compacted(log: Log) -> Log:
    """Return what compaction leaves of a log: of each key the last record, deletions gone, in their order."""
    last = {key: number for number, (key, _, _) in enumerate(log)}
    return [record for number, record in enumerate(log) if last[record[0]] == number and record[1] is not None]


def cuts(log: Log) -> Iterator[int]:
    """Yield how many records there are after each commit: a delta's last piece, or the version behind a head."""
    for number, (key, value, _) in enumerate(log, 1):
        parts = key.split(b"|")
        whole = parts[0] == b"d" and value is not None and int(parts[2]) + 1 == int(parts[3])
        if whole or (key == b"v" and number > 1):
            yield number


def model_of(driver: Written, folder: Path, *, gathered: float, compact: bool = False) -> Model:
    """Return live's model after it has gathered a part of each ledger and taken the rest.

    Args:
        driver: whose ledgers.
        folder: for the hours.
        gathered: the part, from 0 to 1.
        compact: whether compaction has gone over the part.
    """
    model = Model("dcca", PARTITIONS, History(folder / "hours.sqlite", "dcca-ledger"))
    for name in ("users", "incidents"):
        model.refer(name, driver.log[name, 0])
    taken = {}
    for partition, log in enumerate(driver.written):
        places = [0, *cuts(log)]
        begin = places[round(gathered * (len(places) - 1))]
        taken[partition] = begin, log[begin:]
        for key, value, stamp_ms in compacted(log[:begin]) if compact else log[:begin]:
            model.shards[partition].gather(key, value, stamp_ms, told=False)
        model.outside.read[partition] = begin
    for topic in SOURCES:
        for partition in range(PARTITIONS):
            model.outside.tops[topic, partition] = len(driver.log[topic, partition])
    model.begin({partition: begin for partition, (begin, _) in taken.items()})
    for partition, (begin, records) in taken.items():
        for number, (key, value, stamp_ms) in enumerate(records, begin + 1):
            added = model.shards[partition].take(key, value, stamp_ms)
            if added is not None:
                model.absorb(partition, added, number)
    return model


def snapshot_figures(driver: Driver) -> Figures:
    """Return the snapshot's figures by Party, Role and SRV."""
    return summed(month_of(driver).cells)


def summed(cells: pl.DataFrame) -> Figures:
    """Return figures by Party, Role and SRV out of a snapshot's cells."""
    names = ("requests", "successes", "failures", "open", "in_time", "rtt_n", "rtt_sum_us")
    found = cells.group_by("party", "role", "srv").agg(
        *(pl.col(name).sum() for name in names), pl.col("rtt_min_us").min(), pl.col("rtt_max_us").max()
    )
    return {row[:3]: tuple(-1 if each is None else each for each in row[3:]) for row in found.rows()}


def live_figures(found: dict[Of, MonthFigures]) -> Figures:
    """Return live's figures likewise."""
    return {
        (*of.member, of.srv): (
            each.requests, each.successes, each.failures, each.open, each.in_time, each.rtt_n, each.rtt_sum_us,
            each.rtt_min_us if each.rtt_n else -1, each.rtt_max_us if each.rtt_n else -1,
        )
        for of, each in found.items()
        if each.requests
    }  # fmt: skip
