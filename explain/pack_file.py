"""Reading a row of a CSV file of a pack, with what the pack's manifest says."""

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.explain.row import EXPLAINED, PackOf, Row
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.members import Member
from dcc_analytics.stream.instants import instant_us

MANIFEST_NAME: Final = "manifest.json"


def read_row(path: Path, number: int, *, figure: str = "") -> Row:
    """Return a row of a file of a pack.

    Raises:
        UsageError: the file is not of a pack, or has no such row or column.
    """
    name = path.name.removesuffix(".csv")
    if name not in EXPLAINED or path.suffix != ".csv":
        raise UsageError(f"{path} is none of the files that can be explained: {', '.join(EXPLAINED)} (.csv of a pack)")
    pack = read_pack(path.parent)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            values, rows = _row_at(number, csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"{path} can't be read ({error}); give a file of a pack") from error
    if values is None:
        raise UsageError(f"{path} has rows 1 to {rows}, there is no row {number}; 1 is the first after the header")
    header = FILES[name].header
    if missing := set(EXPLAINED[name]) - set(values):
        raise UsageError(f"{path} has no column {', '.join(sorted(missing))}; give a file as the product wrote it")
    if figure and (figure not in header or figure in FILES[name].key):
        figures = [each for each in header if each not in FILES[name].key]
        raise UsageError(f"--figure {figure} is no figure of {path.name}; it has {', '.join(figures)}")
    return Row(name, number, values, figure, pack)


def _row_at(number: int, rows: Iterable[dict[str, str]]) -> tuple[dict[str, str] | None, int]:
    """Return a row and its number, or None and how many rows there are; a file may be too large for memory."""
    count = 0
    for count, values in enumerate(rows, 1):
        if count == number:
            return values, count
    return None, count


def read_pack(folder: Path) -> PackOf:
    """Return what the manifest of a pack says.

    Raises:
        UsageError: the folder has no manifest of a pack.
    """
    path = folder / MANIFEST_NAME
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        offsets = {
            (topic, int(partition)): int(offset)
            for topic, by in said["input_offsets"].items()
            for partition, offset in by.items()
        }
        clock_us = instant_us(datetime.fromisoformat(said["stream_clock"]))
        member, month = Member(said["party"], said["role"]), Month.parse(said["month"])
        return PackOf(member, month, clock_us, offsets, said.get("application"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is no manifest of a pack ({type(error).__name__}: {error}); give a CSV file in the folder of its "
            "pack, packs/YYYY-MM/PARTY-ROLE"
        ) from error
