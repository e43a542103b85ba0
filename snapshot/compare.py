"""Two snapshots of a month compared, file by file: ``changes.parquet`` and its summary for the manifest.

Tables are compared so many rows at a time. The inventory is too large to list: every Device
that is another is counted, and the first of each Member are listed.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import polars as pl

from dcc_analytics.snapshot.causes import with_why
from dcc_analytics.snapshot.changes import CAME, CHANGED, ENTRY, GONE, MEMBER, table_changes

CHANGES: Final = "changes"
#: The columns of ``changes.parquet``.
COLUMNS: Final = (*MEMBER, "table", *ENTRY[len(MEMBER) :], "why")
#: The table that is counted, and listed up to a bound.
COUNTED: Final = "inventory"
#: Devices of a Member whose changes are listed: enough to see what kind they are of, too few to fill a disk.
LISTED_DEVICES: Final = 1_000
#: Rows of both versions that are compared at a time: whole Members, or so many days (or whatever a key begins with) of
#: one.
_BATCH_ROWS: Final = 100_000
#: Devices of either version that are compared at a time, some kilobytes each.
_SLICE_DEVICES: Final = 50_000
_ROW_GROUP: Final = 100_000
_DEVICE: Final = "device"


@dataclass(frozen=True, slots=True)
class Version:
    """A table of one of the two snapshots; without path it has none of that name."""

    path: Path | None

    def scan(self) -> pl.LazyFrame:
        """Return it unread; empty where there is none."""
        if self.path is None:
            return pl.LazyFrame(schema=dict.fromkeys(MEMBER, pl.String))
        return pl.scan_parquet(self.path)

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return self.scan().collect_schema().names()

    @property
    def of_members(self) -> bool:
        """Whether its rows are Members'."""
        return {*MEMBER} <= {*self.columns}


@dataclass(slots=True)
class _Summary:
    """What the manifest says of the changes."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    why: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    devices: list[dict[str, Any]] = field(default_factory=list)

    def add(self, table: str, entries: pl.DataFrame) -> None:
        """Count entries; a row that came or went counts once, however many values it has."""
        counted = entries.select("row", "why", *MEMBER, "key", column=pl.when(row=CHANGED).then("column")).unique()
        for row, why, number in counted.group_by("row", "why").len().iter_rows():
            self.rows[table][row] += number
            self.why[table, row, why] += number

    def as_data(self) -> dict[str, Any]:
        """Return it as the manifest has it."""
        totals = Counter[str]()
        for table, counts in self.rows.items():
            totals.update({} if table == COUNTED else counts)
        names = {"figures": CHANGED, "rows_came": CAME, "rows_gone": GONE}
        return {
            **{name: totals[row] for name, row in names.items()},
            "tables": {
                table: {name: counts[row] for name, row in names.items()}
                for table, counts in sorted(self.rows.items())
                if table != COUNTED
            },
            "why": [
                {"table": table, "row": row, "why": why, "number": number}
                for (table, row, why), number in sorted(self.why.items())
            ],
            "devices": self.devices,
            "devices_listed": LISTED_DEVICES,
        }


def compare(
    was: Mapping[str, Version], now: Mapping[str, Version], keys: Mapping[str, Sequence[str]], moved: Mapping[str, str],
    folder: Path,
) -> dict[str, Any]:  # fmt: skip
    """Write ``changes.parquet``: what is another in the newer snapshot, and why.

    Args:
        was: the tables of the older that differ, by name; those whose rows are not Members' are left out.
        now: those of the newer, by the same names.
        keys: for each table the columns that tell a Member's rows apart; a table that is not named is compared by
            whole rows.
        moved: the causes that have moved, in words.
        folder: gets the file.

    Returns:
        The summary.
    """
    summary, parts = _Summary(), folder / f"{CHANGES}.parts"
    parts.mkdir()
    files: list[Path] = []
    try:
        for name in sorted(was):
            if not (was[name].of_members and now[name].of_members):
                continue
            key = keys.get(name)
            entries = _listed(was[name], now[name], summary) if name == COUNTED else _all(was[name], now[name], key)
            for each in entries:
                told = with_why(each, name, moved).with_columns(table=pl.lit(name)).select(COLUMNS)
                summary.add(name, told)
                files.append(parts / f"{len(files):06}.parquet")
                told.write_parquet(files[-1])
        _join(files, folder / f"{CHANGES}.parquet")
    finally:
        shutil.rmtree(parts, ignore_errors=True)
    return summary.as_data()


def _join(files: list[Path], path: Path) -> None:
    if files:
        pl.scan_parquet(files).sink_parquet(path, row_group_size=_ROW_GROUP, statistics=True)
    else:
        pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)).write_parquet(path)


def _all(was: Version, now: Version, key: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    """Yield all entries of a table, some rows at a time."""
    versions = [version.scan() for version in (was, now)]
    schemas = [rows.collect_schema() for rows in versions]
    # Rows that are to meet have the same first column of their key, where both versions have it, of the same type.
    first = [name for name in (key or ())[:1] if schemas[0].get(name) == schemas[1].get(name) is not None]
    for batch in _batches(versions, [*MEMBER, *first]):
        before, after = (_of(rows, batch).collect() for rows in versions)
        entries = table_changes(before, after, after.columns if key is None else key)
        if entries.height:
            yield entries


def _of(rows: pl.LazyFrame, batch: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows of a batch in their order."""
    between = pl.col("party").is_between(pl.lit(batch["party"].min()), pl.lit(batch["party"].max()))
    return rows.filter(between).join(
        batch.lazy(), on=batch.columns, how="semi", nulls_equal=True, maintain_order="left"
    )


def _batches(versions: Sequence[pl.LazyFrame], by: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield all combinations of some columns in both versions, so many together as have the rows of a batch."""
    counted = pl.concat([rows.group_by(by).len() for rows in versions])
    rows = counted.group_by(by).agg(pl.col("len").sum()).sort(by).collect(engine="streaming")
    batch = rows.with_columns(((pl.col("len").cum_sum() - pl.col("len")) // _BATCH_ROWS).alias("batch"))
    for each in batch.partition_by("batch", maintain_order=True):
        yield each.select(by)


def _listed(was: Version, now: Version, summary: _Summary) -> Iterator[pl.DataFrame]:
    """Count the Devices that are others; yield the entries of the first of each Member."""
    members = pl.concat([each.scan().select(MEMBER).unique() for each in (was, now)]).unique().sort(MEMBER)
    for party, role in members.collect(engine="streaming").iter_rows():
        rows = [_columns(each.scan()).filter(party=party, role=role) for each in (was, now)]
        counts, listed = Counter[str](), 0
        for before, after in _slices(*rows):
            others = _other_devices(before, after)
            counts.update(others["row"].to_list())
            first = others.head(LISTED_DEVICES - listed)
            listed += first.height
            if first.height:
                few = [each.join(first, on=_DEVICE, how="semi") for each in (before, after)]
                yield table_changes(few[0], few[1], [_DEVICE])
        if counts:
            numbers = {row: counts[row] for row in (CAME, GONE, CHANGED)}
            summary.devices.append({"party": party, "role": role, **numbers, "listed": listed})


def _columns(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows that have a Device: an older version may be missing altogether."""
    if _DEVICE in rows.collect_schema().names():
        return rows
    return rows.with_columns(pl.lit(None, pl.String).alias(_DEVICE))


def _slices(was: pl.LazyFrame, now: pl.LazyFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield both versions of a Member's Devices, cut at the same ids; no slice of either is larger than its bound."""
    cuts = set[str]()
    for rows in (was, now):
        numbered = rows.select(_DEVICE).with_row_index().filter(pl.col("index") % _SLICE_DEVICES == 0)
        cuts.update(numbered.collect(engine="streaming")[_DEVICE])
    for first, following in pairwise([*sorted(cuts), None]):
        inside = pl.col(_DEVICE) >= pl.lit(first)
        if following is not None:
            inside &= pl.col(_DEVICE) < pl.lit(following)
        before, after = (rows.filter(inside).collect() for rows in (was, now))
        yield before, after


def _other_devices(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the Devices of a slice that are others, in order, and whether each came, went or changed."""
    known = [name for name in now.columns if name in was.columns and name not in {*MEMBER, _DEVICE}]
    both = was.join(now, on=_DEVICE, suffix=" now")
    other = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).ne_missing(pl.col(f"{name} now")) for name in known))
    found = {
        CAME: now.join(was, on=_DEVICE, how="anti"),
        GONE: was.join(now, on=_DEVICE, how="anti"),
        CHANGED: both.filter(other),
    }
    return pl.concat([rows.select(_DEVICE, row=pl.lit(row)) for row, rows in found.items()]).sort(_DEVICE)
