"""Taking a snapshot: collect, place, compare, withhold, write. The steps of a month end, in order."""

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.aggregators.device_records import KEPT_US
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue import CATALOGUE_VERSION
from dcc_analytics.catalogue.errors import MonthNotComplete, SnapshotError
from dcc_analytics.catalogue.metrics import Metric
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.alerts import Alerts, month_alerts
from dcc_analytics.snapshot.audit import ledger_sums
from dcc_analytics.snapshot.collect import Collected
from dcc_analytics.snapshot.coverage import coverage
from dcc_analytics.snapshot.earlier import NOTHING_TOLD, Earlier
from dcc_analytics.snapshot.files import checksum, write_json
from dcc_analytics.snapshot.gate_file import GATE, GateFile
from dcc_analytics.snapshot.incidents import newest
from dcc_analytics.snapshot.installs import WEEKS
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.inventory_models import members_of_registrations
from dcc_analytics.snapshot.inventory_table import InventoryTable
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.months_before import MonthBefore, of_metric, rates_of
from dcc_analytics.snapshot.owners import belongings
from dcc_analytics.snapshot.revision import FORMAT_VERSION, put
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.tables import Tables
from dcc_analytics.snapshot.texts import as_text
from dcc_analytics.snapshot.totals import totals
from dcc_analytics.stream.fault_points import reached
from dcc_analytics.stream.instants import DAY_US, instant_text

log = logging.getLogger("dcca.snapshot")

#: How long after its beginning a month can be frozen: then what is known of single Devices before it has been dropped.
FROZEN_DAYS: Final = KEPT_US // DAY_US - 7 * WEEKS

#: The table too large to be in memory: a row for each Device and Member.
INVENTORY: Final = "inventory"

#: Whoever names no keys gets tables compared by whole rows.
NO_KEYS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A month frozen, as it will be written."""

    month: Month
    tables: Tables
    inventory: InventoryTable
    gate: GateFile
    totals: dict[str, Any]
    manifest: dict[str, Any]


def freeze(
    collected: Collected, month: Month, rules: RuleSet, *, final: bool = False, earlier: Earlier = NOTHING_TOLD,
    months: Sequence[MonthBefore] = (), metrics: Sequence[Metric] = (),
) -> Snapshot:  # fmt: skip
    """Return a month as tables, totals and manifest.

    Args:
        collected: what the ledger and the reference topics hold; not needed any more once it is counted.
        month: which.
        rules: what may be shown of others.
        final: refuse a month that can still change.
        earlier: what was told before.
        months: those before; one folded by another version of the metric is left out.
        metrics: of the catalogue, inside the language.

    Raises:
        MonthNotComplete: ``final`` was asked for, and the month is provisional.
        SnapshotError: what it is made from has been dropped since.
    """
    status = "final" if collected.clock_us >= month.final_us else "provisional"
    clock = instant_text(collected.clock_us)
    if final and status != "final":
        raise MonthNotComplete(
            f"{month} is provisional: the stream's clock stands at {clock}, it has to pass the end of the month by "
            "eight days; fold what has come since, wait, or leave --final out"
        )
    _check_facts(collected.states, month)
    by_entries = Directory(collected.users).groups()
    directory = Directory(collected.users, belongings(by_entries, rules.owner_groups, month.days))
    inventory = collected.devices.inventory
    trips = round_trips(collected.states, month, collected.clock_us, directory, inventory)
    alerts = month_alerts(collected.states, month, directory)
    members = members_of(month, trips, alerts, directory, inventory)
    incidents = newest(collected.incidents)
    metric_version = max(state.metric_version for state in collected.states)
    months = of_metric(months, metric_version)
    counted = totals(collected.states, trips.cells, trips.failures, alerts.cells, len(members))
    manifest = {
        "format": FORMAT_VERSION,
        "month": str(month),
        "status": status,
        "application": collected.application,
        "stream_clock_us": collected.clock_us,
        "stream_clock": clock,
        "records_behind": collected.behind,
        "offsets": collected.offsets,
        "audit": ledger_sums(collected.states, collected.before),
        "metric_version": metric_version,
        "months_before": {each.month: each.identity for each in months},
        "catalogue_version": CATALOGUE_VERSION,
        "rule_set": {"id": rules.id, "version": rules.version},
        "metrics": msgspec.to_builtins(metrics),
        "rule_set_sha256": sha256(msgspec.json.encode(rules)).hexdigest(),
        "product_version": version("dcc-analytics"),
        "transform_legs": _transforms(trips.transforms),
    }
    rows = InventoryTable(collected.devices, members_of_registrations(inventory, directory), month.end_us)
    del collected  # by far the most in memory, where whoever handed it over has kept nothing of it
    tables = Tables(
        month, trips, alerts, members, directory,
        incidents=incidents, rules=rules, inventory=inventory, earlier=earlier,
        history=rates_of(months), metrics=metrics,
    )  # fmt: skip
    gate = GateFile.of(members, directory, rules)
    told = {"coverage": coverage(tables.by_name["round_trips_monthly"]), "suppression": tables.suppression}
    all_totals = {"month_of": str(month), "status": status, **counted, **told}
    return Snapshot(month, tables, rows, gate, all_totals, manifest)


def _check_facts(states: Iterable[ShardState], month: Month) -> None:
    """Check that nothing a month is made from has been dropped since.

    Raises:
        SnapshotError: it has; the figures would be others than they were.
    """
    states = list(states)
    dropped_us = max(state.dropped_us for state in states)
    needed_us = month.start_us - WEEKS * 7 * DAY_US
    if dropped_us >= needed_us:
        raise SnapshotError(
            f"{month} can't be frozen any more: what is known of single Devices was dropped up to "
            f"{instant_text(dropped_us)}, and it is needed from {instant_text(needed_us)}; its figures are those of "
            "the snapshot taken then, or fold its events anew with another --application, and nothing after them"
        )


def members_of(
    month: Month, trips: RoundTrips, alerts: Alerts, directory: Directory, inventory: Inventory
) -> set[Member]:
    """Return who gets a pack: the directory's Members, and who sent, received or is registered (section 8, Who)."""
    members = set(directory.members())
    for cells in (trips.cells, trips.transforms, alerts.cells):
        members.update(Member(party, role) for party, role in cells.select("party", "role").unique().iter_rows())
    for user, role in inventory.registrations(month.end_us):
        members.add(directory.member(user, role, None))
    return members


def _transforms(cells: pl.DataFrame) -> dict[str, int]:
    """Return the figures of transform legs, which have no row of their own unless they fail (contract 3.8)."""
    return {name: int(cells[name].sum()) for name in ("successes", "failures", "rtt_n", "rtt_sum_us")}


def write(snapshot: Snapshot, folder: Path, keys: Mapping[str, Sequence[str]] = NO_KEYS) -> Path:
    """Write a snapshot into a folder of its month; it appears whole or not at all, and the one before is kept.

    Args:
        snapshot: the month.
        folder: of all snapshots.
        keys: for each table the columns that tell a Member's rows apart, for the list of what changed; a table that
            is not named is compared by whole rows.

    Returns:
        The folder of the month.

    Raises:
        SnapshotError: the folder can't be written, or the snapshot that stands there is damaged.
    """
    target = folder / str(snapshot.month)
    making = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _clear_abandoned(target)
        making.mkdir(parents=True)
        reached("snapshot.ledger_read")
        tables = dict(_write_tables(snapshot, making))
        write_json(making / "totals.json", snapshot.totals)
        write_json(making / "withheld.json", snapshot.tables.withheld)
        (making / GATE).write_bytes(snapshot.gate.as_bytes())
        reached("snapshot.written")
        put(making, {**snapshot.manifest, "tables": tables}, target, keys)
    except (OSError, PolarsError) as error:
        raise SnapshotError(
            f"the snapshot can't be written to {target} ({error}); free space or give another --out"
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    log.info(
        "snapshot month=%s status=%s members=%d withheld=%d",
        snapshot.month, snapshot.manifest["status"], tables["members"]["rows"],
        sum(map(len, snapshot.tables.withheld.values())),
    )  # fmt: skip
    return target


def _clear_abandoned(target: Path) -> None:
    """Remove what processes that were killed left of their snapshots of a month."""
    for path in target.parent.glob(f".{target.name}.*"):
        pid = path.suffix[1:]
        if pid.isdecimal() and (int(pid) == os.getpid() or not Path(f"/proc/{pid}").exists()):
            shutil.rmtree(path, ignore_errors=True)


def _write_tables(snapshot: Snapshot, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, frame in snapshot.tables.by_name.items():
        path = folder / f"{name}.parquet"
        as_text(frame).write_parquet(path, statistics=True)
        yield name, {"rows": frame.height, "sha256": checksum(path)}
    path = folder / f"{INVENTORY}.parquet"
    yield INVENTORY, {"rows": snapshot.inventory.write(path), "sha256": checksum(path)}
