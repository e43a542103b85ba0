"""Revisions of a month: which number a snapshot has, what becomes of the one before, and where the standing one is.

    snapshots/2026-10                the standing one, the newest
    snapshots/2026-10.revision-1     what stood before it, kept whole

A snapshot is written beside its place. The standing one is renamed to its number, then the new one to the month. Ended
between the two, the newest kept one stands: ``standing`` finds it, and the next snapshot puts it back first.
"""

import filecmp
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.audit_file import AUDIT
from dcc_analytics.snapshot.causes import causes
from dcc_analytics.snapshot.compare import CHANGES, Version, compare
from dcc_analytics.snapshot.files import checksum, write_json
from dcc_analytics.stream.fault_points import reached

log = logging.getLogger("dcca.snapshot")

MANIFEST: Final = "manifest.json"
#: Of the folder: its files, their columns, the manifest. Columns and entries may be added; whatever makes an older
#: release read a snapshot wrongly is another version.
FORMAT_VERSION: Final = 1
#: What a manifest says of the revision itself.
_OF_REVISION: Final = ("revision", "revision_of", "causes", "changes")
#: What makes another revision: another figure, or the same ones now standing for something else. An offset or a clock
#: that moved without touching any figure makes none.
_REVISED_BY: Final = (
    "tables",
    "status",
    "metric_version",
    "catalogue_version",
    "rule_set",
    "rule_set_sha256",
    "format",
)
#: What commands tell of the summary.
_COUNTS: Final = ("figures", "rows_came", "rows_gone")
_KEPT: Final = ".revision-"
#: What reading a manifest may raise that is none, or says something else where a number or a table should be.
UNUSABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Former:
    """The snapshot that stands, before it is replaced."""

    path: Path
    manifest: dict[str, Any]
    identity: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the snapshot in a folder.

        Raises:
            SnapshotError: it is damaged, or a newer release wrote it.
        """
        try:
            data = (path / MANIFEST).read_bytes()
            manifest = json.loads(data)
            _ = [table["sha256"] for table in manifest["tables"].values()], told(manifest)
        except (OSError, *UNUSABLE) as error:
            raise _damaged(path, error) from error
        check_format(path, manifest)
        return cls(path, manifest, sha256(data).hexdigest())

    @property
    def revision(self) -> int:
        """Its number; the first has none in snapshots of older releases."""
        return int(self.manifest.get("revision", 1))


def check_format(path: Path, manifest: Mapping[str, Any]) -> None:
    """Check that a snapshot is of a format this release reads.

    Raises:
        SnapshotError: a newer release wrote it.
    """
    written = manifest.get("format", FORMAT_VERSION)
    if not isinstance(written, int) or written > FORMAT_VERSION:
        release = manifest.get("product_version", "unknown")
        raise SnapshotError(
            f"the snapshot in {path} has format {written}, this release reads up to {FORMAT_VERSION}; use the release "
            f"that wrote it ({release}) or a later one"
        )


def standing(folder: Path, month: str) -> Path:
    """Return the folder of a month's newest snapshot; it need not exist.

    Args:
        folder: of all snapshots.
        month: as its folder is named.
    """
    target = folder / month
    kept = _replaced(folder, month)
    if target.exists() or not kept:
        return target
    newest = kept[-1]
    log.warning("standing month=%s folder=%s: it was being replaced when that ended", month, newest)
    return newest


def versions(folder: Path, month: str) -> list[Path]:
    """Return the folders of all snapshots of a month that are there, the first one first."""
    return [path for path in (*_replaced(folder, month), folder / month) if path.exists()]


def _replaced(folder: Path, month: str) -> list[Path]:
    """Return the folders of the snapshots that were replaced, the first one first."""
    found = [(int(number), path) for path in folder.glob(f"{month}{_KEPT}*") if (number := _number(path)).isdecimal()]
    return [path for _, path in sorted(found)]


def check_tables(path: Path, manifest: Mapping[str, Any]) -> None:
    """Check the tables of a snapshot against its manifest.

    What a damaged table still holds may look like a figure, and what reads it may not survive it.

    Raises:
        OSError: one can't be read.
        ValueError: one is not what the manifest says.
    """
    for name, table in manifest["tables"].items():
        if checksum(path / f"{name}.parquet") != table["sha256"]:
            raise ValueError(f"the checksum of {name}.parquet is not that of the manifest")


def _number(path: Path) -> str:
    return path.name.rpartition(_KEPT)[2]


def revision_of(path: Path) -> int | None:
    """Return the number of the snapshot in a folder; None if there is none.

    Raises:
        SnapshotError: it is damaged.
    """
    return Former.read(path).revision if path.exists() else None


def told(manifest: Mapping[str, Any], *, before: int | None = None) -> tuple[dict[str, Any], str]:
    """Return what a command says of a revision: as data, and in words.

    Args:
        manifest: of the standing snapshot.
        before: the number that stood before it was taken; None if there was none, or nobody asks.
    """
    number, summary = int(manifest.get("revision", 1)), manifest.get("changes", {})
    changed, came, gone = (int(summary.get(name, 0)) for name in _COUNTS)
    data = {"revision": number, "changes": dict(zip(_COUNTS, (changed, came, gone), strict=True))}
    if number == before:
        return data, f"revision {number} as before: no figure changed"
    if number == 1:
        return data, "revision 1"
    return data, f"revision {number}: {changed:,} figures changed, {came:,} rows came and {gone:,} went"


def put(making: Path, manifest: Mapping[str, Any], target: Path, keys: Mapping[str, Sequence[str]]) -> None:
    """Give a new snapshot its number and its place.

    One that is the same as the standing one changes nothing at all. One with the same figures takes its place and its
    number; any other is the next revision, lists what changed, and keeps the one before.

    Args:
        making: folder with all files but the manifest.
        manifest: of it, without its number.
        target: the folder of its month.
        keys: for each table the columns that tell a Member's rows apart.

    Raises:
        SnapshotError: the standing one is damaged.
    """
    stands = standing(target.parent, target.name)
    if stands != target:
        stands.rename(target)
    if not target.exists():
        write_json(making / MANIFEST, {**manifest, "revision": 1})
        making.rename(target)
        return
    former = Former.read(target)
    if _same_figures(former.manifest, manifest):
        write_json(making / MANIFEST, _carried(former, making, manifest))
        if _same_bytes(target, making):
            return
        _swap(making, target, former.revision)
        shutil.rmtree(_kept(target, former.revision))
        return
    write_json(making / MANIFEST, _revised(former, making, manifest, keys))
    _swap(making, target, former.revision)


def _same_figures(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    # What only one of two releases writes down is no difference of figures.
    return all(was[name] == now[name] for name in _REVISED_BY if name in was and name in now)


def _carried(former: Former, making: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with what the standing revision says of itself; its list of changes is copied."""
    if (former.path / f"{CHANGES}.parquet").exists():
        shutil.copyfile(former.path / f"{CHANGES}.parquet", making / f"{CHANGES}.parquet")
    said: dict[str, Any] = {name: former.manifest[name] for name in _OF_REVISION if name in former.manifest}
    return {**manifest, "revision": former.revision, **said}


def _same_bytes(one: Path, other: Path) -> bool:
    names = [{path.name for path in folder.iterdir()} - {AUDIT} for folder in (one, other)]
    return names[0] == names[1] and not any(filecmp.cmpfiles(one, other, sorted(names[0]), shallow=False)[1:])


def _revised(
    former: Former, making: Path, manifest: Mapping[str, Any], keys: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the manifest of the next revision; its list of changes is written."""
    was, now = former.manifest["tables"], manifest["tables"]
    others = {name for name in {*was, *now} if was.get(name) != now.get(name)}
    moved = causes(former.manifest, manifest)
    before, after = (
        {name: Version(folder / f"{name}.parquet" if name in tables else None) for name in others}
        for folder, tables in ((former.path, was), (making, now))
    )
    try:
        check_tables(former.path, former.manifest)
        summary = compare(before, after, keys, moved, making)
    except (OSError, ValueError, PolarsError) as error:
        raise _damaged(former.path, error) from error
    return {
        **manifest,
        "revision": former.revision + 1,
        "revision_of": {
            "revision": former.revision,
            "manifest_sha256": former.identity,
            "status": former.manifest.get("status"),
            "stream_clock": former.manifest.get("stream_clock"),
        },
        "causes": moved,
        "changes": summary,
    }


def _swap(making: Path, target: Path, revision: int) -> None:
    """Put the new one in the place of the standing one, which is kept under its number."""
    kept = _kept(target, revision)
    shutil.rmtree(kept, ignore_errors=True)  # one of the same figures, whose replacement was ended half-way
    target.rename(kept)
    reached("snapshot.set_aside")
    making.rename(target)


def _kept(target: Path, revision: int) -> Path:
    return target.with_name(f"{target.name}{_KEPT}{revision}")


def _damaged(path: Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"the snapshot in {path} is damaged ({error}); move it away and take the snapshot again")
