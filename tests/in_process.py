"""A month from recorded events to the CSV files of every Member, in this process and without a broker."""

from pathlib import Path

import polars as pl

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import files_for
from dcc_analytics.snapshot.collect import FROZEN_MAPS, Collected, standing_events
from dcc_analytics.snapshot.devices_topic import DeviceRecords
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.take import INVENTORY, Snapshot, freeze
from dcc_analytics.snapshot.texts import as_text
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_incident, decode_user
from tests.driver import APPLICATION, Driver
from tests.recorded_sample import published


def frozen(
    folder: Path, month: Month, *, partitions: int, fetch: int, rules: RuleSet | None = None
) -> tuple[Snapshot, set[tuple[str, int]]]:
    """Return the snapshot of a month of recorded events, and the dead letters as (topic, line).

    Args:
        folder: of recorded events.
        month: which.
        partitions: of the topics.
        fetch: records handed over at a time; it must not matter.
        rules: what may be shown of others; the built-in ones when left out.
    """
    driver, line_at = published(partitions, folder)
    driver.run(fetch)
    letters = {(letter.topic, line_at[letter.topic, letter.partition, letter.offset]) for letter in driver.dead_letters}
    return freeze(collected(driver), month, rules or read_rules()), letters


def collected(driver: Driver) -> Collected:
    """Return what ``collect`` reads from Kafka, from a driver's log and ledgers."""

    def records(topic: str) -> list[object]:
        return [record for (name, _), log in driver.log.items() if name == topic for record in log]

    devices = DeviceRecords(driver.partitions)
    for (name, partition), log in driver.log.items():
        if name == "devices":
            for record in log:
                devices.take(partition, record)
    shards = driver.shards
    return Collected(
        APPLICATION,
        [read_back(dict(ledger), maps=FROZEN_MAPS) for ledger in driver.ledgers],
        horizon_us([(shard.state.clock_us, shard.finished) for shard in shards]),
        devices,
        standing_events(records("incidents"), decode_incident),  # type: ignore[arg-type]
        standing_events(records("users"), decode_user),  # type: ignore[arg-type]
        {},
        0,
    )


def write_packs(snapshot: Snapshot, packs: Path) -> None:
    """Write the CSV files of every Member, each in its folder."""
    tables = snapshot.tables.by_name
    packs.mkdir(parents=True, exist_ok=True)
    whole = packs / f".{INVENTORY}.parquet"
    snapshot.inventory.write(whole)
    for party, _, role, name in tables["members"].iter_rows():
        (packs / name).mkdir(parents=True)
        for file in files_for(role):
            rows = pl.scan_parquet(whole) if file.streamed else as_text(tables[file.name])
            write_csv(rows.filter(party=party, role=role).drop("party", "role"), file, packs / name / file.file_name)
    whole.unlink()
