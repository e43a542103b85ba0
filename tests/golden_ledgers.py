"""Golden ledgers: what a release has written, kept so that every later one proves that it can go on from it.

    data/golden/feed                  recorded events of a small month, the same for all
    data/golden/feed.json             the figures of a snapshot once all of them are folded
    data/golden/ledger-v<format>      <name>.ledger.gz, and in <name>.json what it holds and the figures of a snapshot
    data/golden/ledger-v<format>.1    those of a later release that writes more in the same format; and so on

``python -m tests.golden_ledgers`` writes those of the code as it is now, unless what it writes has its golden ledgers
already. What was released is never made again, nor removed as long as the format is read: the old ones are what proves
that the defaults of appended fields are right.
"""

import gzip
import itertools
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import msgspec

from dcc_analytics.aggregators.delta import FORMAT_VERSION, Delta, Head
from dcc_analytics.aggregators.packed import BEGINS, GOES_ON
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.outcomes import RecordClass
from tests.driver import Driver, LogRecord
from tests.in_process import collected, write_packs
from tests.oracle.compare import differences, total_differences
from tests.oracle.judge import judge
from tests.oracle.month_maker import make_month
from tests.recorded_sample import published

GOLDEN: Final = Path(__file__).parent / "data" / "golden"
FEED: Final = GOLDEN / "feed"
IN_THE_END: Final = GOLDEN / "feed.json"
MONTH: Final = Month.parse("2026-10")
PARTITIONS: Final = 2
#: Records handed over at a time: so few that a ledger has dozens of deltas.
FETCH: Final = 20

#: Tables made from the ledger; the others are made from reference topics alone.
TABLES: Final = (
    "round_trips_monthly", "round_trips_daily", "time_out_sensitivity", "failures", "alerts_monthly", "alerts_daily",
    "alerts", "n13_n55", "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery", "n42_after_n16",
    "outages_unrestored",
)  # fmt: skip
#: Columns that the rule set or other Members decide.
_OF_OTHERS: Final = ("industry_", "peer", "benchmark_status", "predicted")


class Cut(NamedTuple):
    """A golden ledger to make.

    Attributes:
        name: of its files.
        part: of the feed's records that are folded before it is put by.
        checkpoint_every: commits of a shard between two checkpoints; 0 for none.
    """

    name: str
    part: float
    checkpoint_every: int


#: The last is cut when the month is final, so that what happens then is in it too.
CUTS: Final = (Cut("deltas", 0.4, 0), Cut("checkpoint", 0.6, 5), Cut("settled", 0.96, 5))


class Shelf(msgspec.Struct, array_like=True):
    """A ledger as it is kept: of each partition its records, and the strays that its commits have sent out."""

    ledgers: list[list[tuple[bytes, bytes]]]
    strays: list[list[tuple[int, bytes | None, bytes | None, list[tuple[str, bytes]]]]]


def ledgers() -> list[Path]:
    """Return every golden ledger, of all formats."""
    return sorted(GOLDEN.glob("ledger-v*/*.ledger.gz"))


def written_now() -> dict[str, list[str]]:
    """Return what the code as it is writes: fields, maps and tables, and what leads a packed value."""
    return {
        "delta": list(Delta.__struct_fields__),
        "head": list(Head.__struct_fields__),
        "maps": sorted(entries([ShardState()])),
        "packed": [BEGINS.hex(), GOES_ON.hex()],
    }


def has_golden_ledgers() -> bool:
    """Return whether what the code as it is writes has its golden ledgers."""
    said = [json.loads(path.read_text()) for path in GOLDEN.glob(f"ledger-v{FORMAT_VERSION}*/*.json")]
    return any(each.get("writes") == written_now() for each in said)


def opened(path: Path) -> Driver:
    """Return a driver that has read a golden ledger back, with the whole feed in its log and no estate on its disk."""
    with gzip.open(path, "rb") as file:
        shelf = msgspec.msgpack.decode(file.read(), type=Shelf)
    driver, _ = published(len(shelf.ledgers), FEED)
    for partition, (records, strays) in enumerate(zip(shelf.ledgers, shelf.strays, strict=True)):
        driver.log["strays", partition] = [LogRecord(offset, *stray) for offset, stray in enumerate(strays)]
        driver.ledgers[partition] = dict(records)
        driver.restart(partition, elsewhere=True)
        for topic, clock in driver.shards[partition].clocks.items():
            clock.end = len(driver.log[topic, partition])
    return driver


def entries(states: list[ShardState]) -> dict[str, int]:
    """Return how many entries each map and table has in all shards."""
    found: dict[str, int] = {}
    for state in states:
        tables = {
            "facts": len(state.facts),
            "cells": len(state.cells.keys),
            "digests": sum(1 for _ in state.digests.items()),
            "failures": len(state.failures.keys),
            "slow": len(state.slow.keys),
            "alert cells": len(state.alerts.keys),
            "alert digests": sum(1 for _ in state.alert_digests.items()),
            "counters": len(state.counters.keys),
        }
        for name, count in (tables | {name: len(each) for name, each in state.maps().items()}).items():
            found[name] = found.get(name, 0) + count
    return found


def taken(driver: Driver) -> Snapshot:
    """Return the month as a snapshot has it now."""
    return freeze(collected(driver), MONTH, read_rules())


def figures(snapshot: Snapshot) -> dict[str, Any]:
    """Return every figure that comes from the ledger alone, as JSON has it: totals, and rows of tables."""
    totals = {
        name: said for name, said in snapshot.totals.items() if name != "dead_letter_reasons"
    }  # a library's words
    audit = snapshot.manifest["audit"]
    found: dict[str, Any] = {"totals": {**totals, "conservation": _definite(snapshot), "audit": audit}}
    for name in TABLES:
        rows = snapshot.tables.by_name[name]
        own = [column for column in rows.columns if not column.startswith(_OF_OTHERS)]
        found[name] = [own, *rows.select(own).rows()]
    said: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return said


def _definite(snapshot: Snapshot) -> dict[str, dict[str, int]]:
    """Return the classes of each topic's records, as far as they don't hang on which topic was read first."""
    topics: dict[str, dict[str, int]] = snapshot.totals["conservation"]["topics"]
    return {
        topic: {name: count for name, count in counts.items() if name not in {RecordClass.END, RecordClass.WAITING}}
        for topic, counts in topics.items()
    }


def readable(said: Mapping[str, Any]) -> str:
    """Return figures as JSON, a row of a table on each line."""
    parts = []
    for name, each in said.items():
        rows = [json.dumps(row, ensure_ascii=False) for row in each] if isinstance(each, list) else None
        text = json.dumps(each, ensure_ascii=False, indent=1) if rows is None else "[\n" + ",\n".join(rows) + "\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


# -- making those of a new format --------------------------------------------------------------------------


def _make_feed() -> None:
    """Write a month of every story, in which one Device's record has another's key; check its figures by the judge."""
    make_month(FEED, seed=11, homes=6, requests=160, days_after=14, peers=False)
    for path in FEED.glob("*.gz"):
        lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        if path.name.startswith("devices."):
            _misplace(lines)
        path.write_bytes(gzip.compress(b"".join(lines), mtime=0))
    driver, _ = published(PARTITIONS, FEED)
    driver.run(FETCH)
    judged, snapshot = judge(FEED, MONTH.year, MONTH.month), taken(driver)
    with TemporaryDirectory() as packs:
        write_packs(snapshot, Path(packs) / "packs")
        wrong = [*differences(judged, Path(packs) / "packs"), *total_differences(judged, snapshot.totals)]
    if wrong:
        raise SystemExit("\n".join(map(str, wrong)))
    IN_THE_END.write_text(readable(figures(snapshot)), encoding="utf-8")


def _misplace(lines: list[bytes]) -> None:
    """Key the first meter's record so that another shard reads it."""
    for number, line in enumerate(lines):
        said = msgspec.json.decode(line)
        if isinstance(said["value"], dict) and said["value"]["device_type"] == "GSME":
            home = partition_of(said["value"]["device"], PARTITIONS)
            said["key"] = next(key for key in map(str, range(99)) if partition_of(key, PARTITIONS) != home)
            lines[number] = msgspec.json.encode(said) + b"\n"
            return
    raise SystemExit("the feed has no meter of gas")


def _folded_until(cut: Cut) -> Driver:
    """Return a driver that has folded and committed a part of the feed."""
    driver, line_at = published(PARTITIONS, FEED)
    driver.read_reference()
    while sum(shard.records for shard in driver.shards) < cut.part * len(line_at):
        for shard in driver.shards:
            if driver.step(shard, FETCH, commit=False):
                due = cut.checkpoint_every > 0 and shard.state.seq % cut.checkpoint_every == 0
                driver.commit(shard, checkpoint=due)
        driver.tell_horizon()
    for shard in driver.shards:
        driver.commit(shard)
    return driver


def _make(cut: Cut, folder: Path) -> dict[str, int]:
    """Write a golden ledger; return what it holds."""
    driver = _folded_until(cut)
    logs = [driver.log["strays", partition] for partition in range(PARTITIONS)]
    strays = [[(each.timestamp, each.key, each.value, each.headers) for each in log] for log in logs]
    shelf = Shelf([sorted(records.items()) for records in driver.ledgers], strays)
    (folder / f"{cut.name}.ledger.gz").write_bytes(gzip.compress(msgspec.msgpack.encode(shelf), mtime=0))
    holds = entries([shard.state for shard in driver.shards])
    said = {"writes": written_now(), "holds": holds, **figures(taken(driver))}
    (folder / f"{cut.name}.json").write_text(readable(said), encoding="utf-8")
    return holds


def main() -> None:
    """Write the golden ledgers of the format that the code writes now."""
    if has_golden_ledgers():
        raise SystemExit("there are golden ledgers of what is written now; what was released is never made again")
    folder = GOLDEN / f"ledger-v{FORMAT_VERSION}"
    for number in itertools.count(1):
        if not folder.exists():
            break
        folder = folder.with_name(f"ledger-v{FORMAT_VERSION}.{number}")
    if not FEED.exists():
        _make_feed()
    folder.mkdir(parents=True)
    held: Counter[str] = Counter()
    for cut in CUTS:
        holds = _make(cut, folder)
        held.update(holds)
        sys.stdout.write(f"{cut.name}: {holds}\n")
    if missing := set(held) - set(+held):
        raise SystemExit(f"no entries of {', '.join(sorted(missing))} in any of them: change the feed")


if __name__ == "__main__":
    main()
