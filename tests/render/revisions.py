"""Revisions of a made-up month, and what two packs differ in by their CSV files alone."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dcc_analytics.render.comparison_columns import NAMED_COMPARISON
from dcc_analytics.render.files import KEYS, files_for
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.revision import put
from dcc_analytics.stream.instants import instant_text
from tests.render.snapshot_maker import CLOCK_US, Row, write_snapshot

#: table, key, column, row, was, is: as ``changes.csv`` has them.
Change = tuple[str, str, str, str, str, str]
Rows = dict[str, dict[str, str]]


def made(
    folder: Path, tables: Mapping[str, Iterable[Row]], *, status: str = "final", clock_us: int = CLOCK_US
) -> tuple[Path, dict[str, Any]]:
    """Return a folder with the tables of a snapshot, and its manifest without number."""
    making = write_snapshot(folder / ".making", tables, status=status, clock_us=clock_us)
    manifest = making / "manifest.json"
    said: dict[str, Any] = json.loads(manifest.read_text())
    manifest.unlink()
    return making, said


def revise(
    folder: Path, tables: Mapping[str, Iterable[Row]], *, status: str = "final", clock_us: int = CLOCK_US,
    **said: object,
) -> SnapshotFolder:  # fmt: skip
    """Put a snapshot into its place in a folder of snapshots; the manifest says other things if told to."""
    making, manifest = made(folder, tables, status=status, clock_us=clock_us)
    put(making, {**manifest, "stream_clock": instant_text(clock_us), **said}, folder / "2026-10", KEYS)
    return SnapshotFolder.open(folder / "2026-10")


def listed(pack: Path) -> list[Change]:
    """Return what ``changes.csv`` of a pack lists, in its order, the name of the Member left out."""
    with (pack / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (row["table"], row["key"], row["column"], row["row"], _plain(row["was"]), _plain(row["is"]))
        for row in rows
        if row["table"] != "members"
    ]


def differences(was: Path, now: Path, role: str) -> list[Change]:
    """Return what two packs differ in, worked out from their files as a reader would."""
    files = [file for file in files_for(role) if file is not NAMED_COMPARISON]
    found = [each for file in files for each in _differences(file.name, file.key, was, now)]
    return sorted(found, key=lambda change: change[:3])


def _differences(name: str, key: tuple[str, ...], was: Path, now: Path) -> Iterator[Change]:
    before, after = (_rows(pack / f"{name}.csv", key) for pack in (was, now))
    for of, row in before.items():
        if of not in after:
            yield name, of, "", "gone", _row(row), ""
        else:
            for column, value in row.items():
                if value != after[of][column]:
                    yield name, of, column, "changed", value, after[of][column]
    for of in after.keys() - before.keys():
        yield name, of, "", "came", "", _row(after[of])


def _rows(path: Path, key: tuple[str, ...]) -> Rows:
    found: Rows = {}
    times = Counter[str]()
    if not path.exists():  # of a file that packs have not without rows
        return found
    with path.open(encoding="utf-8", newline="") as file:
        for said in csv.DictReader(file):
            row = {name: _plain(value) for name, value in said.items()}
            of = "; ".join(f"{name}={_escaped(row.pop(name))}" for name in key)
            times[of] += 1
            found[of if times[of] == 1 else f"{of}; row {times[of]}"] = row
    return found


def _row(row: dict[str, str]) -> str:
    return "; ".join(f"{name}={_escaped(value)}" for name, value in row.items() if value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;")


def _plain(text: str) -> str:
    """Return text without the guard against spreadsheets."""
    return text[1:] if re.match(r"'[=+\-@\t\r\x00]", text) else text
