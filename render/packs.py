"""Packs: a folder for each Member, made in processes of their own, each whole or not there.

A pack is written to a folder beside its place and renamed when it is complete. One that is there already, made from
the same snapshot and unharmed, is left alone, so that an interrupted run goes on where it was.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl

from dcc_analytics.catalogue.errors import DccaError, RenderError, SnapshotError, one_line
from dcc_analytics.render.change_files import CHANGES, own_changes, revision
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.delivery.pack import MANIFEST
from dcc_analytics.render.dictionary import DICTIONARY, dictionary
from dcc_analytics.render.files import files_of
from dcc_analytics.render.incident_file import INCIDENTS, incident_rows
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.processes import in_processes
from dcc_analytics.render.query_window import QUERY_DAYS, query_until
from dcc_analytics.render.readme import readme
from dcc_analytics.render.release import release, withdrawn
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.audit import DIFFERS
from dcc_analytics.snapshot.audit_file import AUDIT
from dcc_analytics.snapshot.files import checksum, write_json
from dcc_analytics.snapshot.gate_file import GATE
from dcc_analytics.stream.fault_points import reached

PDF_NAME: Final = "pack.pdf"
ANNEX_NAME: Final = "annex.pdf"
README_NAME: Final = "README.txt"
TOTALS_NAME: Final = "totals.json"
_MAKING: Final = ".making-"
_FORMER: Final = ".former-"
#: Reasons told in the one line of an error; the others are counted.
_TOLD: Final = 3

Progress = Callable[[str], None]
"""Told the folder of each pack that is finished."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a process needs to make a pack."""

    snapshot: Path
    identity: str
    member: MemberEntry
    folder: Path
    fonts: FontFolder
    query_days: int


def render_packs(
    snapshot: SnapshotFolder,
    out: Path,
    *,
    processes: int,
    query_days: int = QUERY_DAYS,
    progress: Progress | None = None,
    attacked: Callable[[int], None] = lambda _: None,
) -> Path:
    """Make the pack of every Member and attack them; return the folder they are released in.

    Until no attack succeeds they are held: see ``release``.

    Folders of Members that the snapshot no longer has are removed: what an earlier version of the month gave them does
    not stand any more.

    Args:
        snapshot: of the month.
        out: gets ``packs/YYYY-MM/<party>-<role>/``, and beside those ``totals.json`` and ``gate.json``.
        processes: packs made, and then attacked, at a time.
        query_days: working days in which recipients may query a provisional pack.
        progress: told of each finished pack.
        attacked: told of packs attacked.

    Raises:
        SnapshotError: the snapshot can't be read, or its audit found a difference.
        RenderError: some packs failed, or the folder can't be written; the finished ones are held.
        DisclosureError: an attack succeeded; all packs are held.
    """
    if snapshot.audit()["verdict"] == DIFFERS:
        raise SnapshotError(
            f"the audit of {snapshot.path} found records that were not folded exactly once (see {AUDIT} there); "
            "no packs are made of it: build the month anew with another --application"
        )
    folder = out / "packs" / str(snapshot.month)
    snapshot.check()
    members = snapshot.members()
    wanted = {member.folder for member in members}
    totals, gate = snapshot.totals(), snapshot.gate()
    try:
        held = withdrawn(folder, snapshot.identity)
        _clear(held, wanted)
        (held / TOTALS_NAME).write_bytes(totals)
        (held / GATE).write_bytes(gate.as_bytes())
        try:
            with TemporaryDirectory(prefix="dcca-fonts-") as fonts:
                cut = FontFolder.make(Path(fonts))
                jobs = [_Job(snapshot.path, snapshot.identity, member, held, cut, query_days) for member in members]
                failed = _make(jobs, snapshot, processes, progress or (lambda _: None))
        finally:
            _clear(held, wanted)
        _refuse_failed(failed, len(members))
        reached("render.held")
        release(held, folder, processes=processes, progress=attacked)
    except OSError as error:
        raise RenderError(f"packs can't be written to {folder} ({error}); free space or give another --out") from error
    return folder


def _refuse_failed(failed: Mapping[str, str], members: int) -> None:
    if failed:
        told = "; ".join(f"{name}: {why}" for name, why in sorted(failed.items())[:_TOLD])
        more = f"; and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
        raise RenderError(f"{len(failed)} of {members} packs failed ({told}{more}); correct that and render again")


def _clear(folder: Path, wanted: set[str]) -> None:
    """Remove what a killed run left, and packs of Members that are no more."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in wanted:
            shutil.rmtree(path)


def _make(jobs: Iterable[_Job], snapshot: SnapshotFolder, processes: int, progress: Progress) -> dict[str, str]:
    """Make what is not there yet; return why packs failed, by folder."""
    waiting = []
    for job in jobs:
        if is_finished(job.folder / job.member.folder, snapshot, query_days=job.query_days):
            progress(job.member.folder)
        else:
            waiting.append(job)
    failed: dict[str, str] = {}

    def ended(job: _Job, done: "Future[None]") -> None:
        error = done.exception()
        if error is None:
            progress(job.member.folder)
        else:
            failed[job.member.folder] = one_line(f"{type(error).__name__}: {error}")

    in_processes(_make_pack, waiting, processes, ended)
    return failed


def _make_pack(job: _Job) -> None:
    """Make one pack, in a process of its own."""
    snapshot = SnapshotFolder.open(job.snapshot)
    if snapshot.identity != job.identity:
        raise SnapshotError(f"{job.snapshot} was replaced while packs were made of it; render again")
    making, former = (job.folder / f"{prefix}{job.member.folder}" for prefix in (_MAKING, _FORMER))
    making.mkdir()
    try:
        write_pack(snapshot, job.member, making, job.fonts, query_days=job.query_days)
        reached("render.pack_written")
        target = job.folder / job.member.folder
        if target.exists():  # a folder can't be renamed onto one that holds something
            target.rename(former)
            reached("render.set_aside")
        making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def write_pack(
    snapshot: SnapshotFolder, member: MemberEntry, folder: Path, fonts: FontFolder, *, query_days: int = QUERY_DAYS
) -> None:
    """Write the files of a pack; the manifest, which names the others with their checksums, comes last."""
    rows: dict[str, int] = {}

    def write(frame: pl.DataFrame | pl.LazyFrame, file: FileDefinition) -> None:
        rows[file.file_name] = write_csv(frame, file, folder / file.file_name)
        write_json(folder / file.metadata_name, csv_metadata(file))

    until = query_until(snapshot, query_days)
    files = files_of(snapshot, member)
    for file in files:
        write(snapshot.scan(file.name, member) if file.streamed else snapshot.table(file.name, member), file)
    for file, frame in (further := further_files(snapshot, member)).items():
        write(frame, file)
    files = (*files, *further)
    write(dictionary(files), DICTIONARY)
    drawn = compose(PackFigures.read(snapshot, member, query_days=query_days), fonts)
    (folder / PDF_NAME).write_bytes(drawn.data)
    if drawn.annex:
        (folder / ANNEX_NAME).write_bytes(drawn.annex.data)
    told = readme(snapshot, member, (*files, DICTIONARY), rows, until, annex=drawn.annex is not None)
    (folder / README_NAME).write_text(told, encoding="utf-8")
    listed = {
        path.name: {"sha256": checksum(path), "bytes": path.stat().st_size, "rows": rows.get(path.name)}
        for path in sorted(folder.iterdir())
    }
    write_json(folder / MANIFEST, _manifest(snapshot, member, listed, until))


def further_files(snapshot: SnapshotFolder, member: MemberEntry) -> dict[FileDefinition, pl.DataFrame]:
    """Return the files of a pack that are no Member's part of a table, with their rows.

    Raises:
        SnapshotError: a table can't be read.
    """
    further = {INCIDENTS: incident_rows(snapshot, member)}
    if revision(snapshot) > 1:
        further[CHANGES] = own_changes(snapshot, member)
    return further


def _manifest(
    snapshot: SnapshotFolder, member: MemberEntry, files: dict[str, Any], until: date | None
) -> dict[str, Any]:
    taken = snapshot.manifest
    return {
        "month": str(snapshot.month),
        "status": snapshot.status,
        "revision": revision(snapshot),
        "query_until": until and until.isoformat(),
        "party": member.party,
        "role": member.role,
        "stream_clock": snapshot.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "snapshot": snapshot.identity,
        "application": taken.get("application"),
        "input_offsets": taken.get("offsets"),
        "audit": snapshot.audit(),
        "catalogue_version": taken.get("catalogue_version"),
        "rule_set": taken.get("rule_set"),
        "product_version": version("dcc-analytics"),
        "files": files,
    }


def is_finished(pack: Path, snapshot: SnapshotFolder, *, query_days: int = QUERY_DAYS) -> bool:
    """Return whether a pack is whole, unharmed, of a snapshot, and tells of its audit and of the query window."""
    try:
        manifest = json.loads((pack / MANIFEST).read_text(encoding="utf-8"))
        files = {name: each["sha256"] for name, each in manifest["files"].items()}
        there = {path.name for path in pack.iterdir()} - {MANIFEST}
        until = query_until(snapshot, query_days)
        return (
            manifest["snapshot"] == snapshot.identity
            and manifest["audit"] == snapshot.audit()
            and manifest["query_until"] == (until and until.isoformat())
            and manifest["product_version"] == version("dcc-analytics")
            and there == set(files)
            and all(checksum(pack / name) == listed for name, listed in files.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DccaError):
        return False
