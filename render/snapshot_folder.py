"""A snapshot folder as the renderer reads it: a manifest, and Parquet tables with a row for each Member's figure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec
import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import DccaError, SnapshotError
from dcc_analytics.catalogue.metrics import Metric
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.audit import NOT_AUDITED
from dcc_analytics.snapshot.audit_file import read_audit
from dcc_analytics.snapshot.gate_file import GATE, GateFile, Known
from dcc_analytics.snapshot.revision import UNUSABLE, check_format, check_tables, told

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A row of ``members.parquet``: a Party in a Role, and the name of its folder."""

    party: str
    party_name: str
    role: str
    folder: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A Category 1 or 2 Incident that touches the month.

    Attributes:
        number: 1 for the first to open; the same on every page.
        incident: its id.
        category: 1 or 2.
        opened_at_us: microseconds since 1970.
        closed_at_us: None while it is open.
        regions: those it touches; none means all.
        summary: in the words of the feed.
    """

    number: int
    incident: str
    category: int
    opened_at_us: int
    closed_at_us: int | None
    regions: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class SnapshotFolder:
    """A month, frozen.

    Attributes:
        path: of the folder.
        month: it is of.
        final: whether nothing can change any more.
        clock: the stream's clock when it was taken; every date printed comes from it.
        identity: SHA-256 of its manifest, which holds the checksums of all tables.
        manifest: as it is.
    """

    path: Path
    month: Month
    final: bool
    clock: datetime
    identity: str
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the snapshot in a folder.

        Raises:
            SnapshotError: there is none, its manifest can't be read, or a newer release wrote it.
        """
        try:
            data = (path / "manifest.json").read_bytes()
            manifest = json.loads(data)
            month = Month.parse(manifest["month"])
            clock = _EPOCH + timedelta(microseconds=manifest["stream_clock_us"])
            final = _is_final(manifest["status"])
            _ = [table["sha256"] for table in manifest["tables"].values()], told(manifest)
        except FileNotFoundError as error:
            raise SnapshotError(f"{path} holds no manifest.json; give the folder of a snapshot of one month") from error
        except (OSError, *UNUSABLE, DccaError) as error:
            raise SnapshotError(f"{path}/manifest.json can't be used ({error}); take the snapshot again") from error
        check_format(path, manifest)
        return cls(path, month, final, clock, sha256(data).hexdigest(), manifest)

    @property
    def status(self) -> Literal["provisional", "final"]:
        """In a word."""
        return "final" if self.final else "provisional"

    def audit(self) -> dict[str, Any]:
        """Return what the last audit of this snapshot found, as ``Audit.told`` gives it; else only that nobody did.

        Raises:
            SnapshotError: the file it is in can't be read.
        """
        return read_audit(self.path, self.identity) or {"verdict": NOT_AUDITED}

    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics of the catalogue that were in force; none in a snapshot of an older release.

        Raises:
            SnapshotError: they can't be read.
        """
        try:
            return msgspec.convert(self.manifest.get("metrics", ()), tuple[Metric, ...])
        except msgspec.ValidationError as error:
            raise SnapshotError(
                f"{self.path}/manifest.json names metrics that can't be read ({error}); take the snapshot again"
            ) from error

    def totals(self) -> bytes:
        """Return ``totals.json``, for the operator, as it is.

        Raises:
            SnapshotError: it can't be read.
        """
        try:
            return (self.path / "totals.json").read_bytes()
        except OSError as error:
            raise SnapshotError(f"{self.path}/totals.json can't be read ({error}); take the snapshot again") from error

    def gate(self) -> GateFile:
        """Return what the release gate goes by; of a snapshot of an older release what its list of Members tells.

        Raises:
            SnapshotError: it can't be read.
        """
        known = (Known(each.party, each.role, each.party_name, each.party) for each in self.members())
        return GateFile.read(self.path / GATE) or GateFile(tuple(known))

    def check(self) -> None:
        """Check that the tables are those the manifest was written for.

        Raises:
            SnapshotError: one is damaged or missing.
        """
        try:
            check_tables(self.path, self.manifest)
        except (OSError, ValueError) as error:
            raise SnapshotError(f"{self.path} is damaged ({error}); take the snapshot again") from error

    def members(self) -> list[MemberEntry]:
        """Return every Member, in the order of folders.

        Raises:
            SnapshotError: the table can't be read, or gives two of them one folder.
        """
        columns = ["party", "party_name", "role", "folder"]
        rows = self._read("members", pl.scan_parquet(self.path / "members.parquet").select(columns))
        found = sorted((MemberEntry(**row) for row in rows.iter_rows(named=True)), key=lambda each: each.folder)
        for one, other in pairwise(found):
            if one.folder == other.folder:
                raise SnapshotError(
                    f"{self.path}/members.parquet: {one.party} {one.role} and {other.party} {other.role} have the same "
                    f"folder, {one.folder}; take the snapshot again"
                )
        return found

    def table(self, name: str, member: MemberEntry, columns: Sequence[str] = ()) -> pl.DataFrame:
        """Return the rows of a table that are one Member's; with all columns, or only some.

        Raises:
            SnapshotError: the table can't be read.
        """
        rows = self.scan(name, member)
        return self._read(name, rows.select(columns) if columns else rows)

    def scan(self, name: str, member: MemberEntry) -> pl.LazyFrame:
        """Return the same unread, in the order of the table: some Members' rows are too many for memory."""
        rows = pl.scan_parquet(self.path / f"{name}.parquet")
        return rows.filter(party=member.party, role=member.role).drop("party", "role")

    def incidents(self) -> list[Incident]:
        """Return the Category 1 and 2 Incidents that touch the month, by opening.

        Raises:
            SnapshotError: the table can't be read.
        """
        rows = pl.scan_parquet(self.path / "incidents.parquet").filter(
            pl.col("category") <= 2,  # only these are highlighted (R-BP-3)
            pl.col("opened_at_us") < self.month.end_us,
            pl.col("closed_at_us").is_null() | (pl.col("closed_at_us") > self.month.start_us),
        )
        found = self._read("incidents", rows.sort("opened_at_us", "incident"))
        return [
            Incident(
                number,
                row["incident"],
                row["category"],
                row["opened_at_us"],
                row["closed_at_us"],
                tuple(row["regions"] or ()),
                row["summary"] or "",
            )
            for number, row in enumerate(found.iter_rows(named=True), 1)
        ]

    def _read(self, name: str, rows: pl.LazyFrame) -> pl.DataFrame:
        try:
            return rows.collect()
        except (OSError, PolarsError) as error:
            first_line = str(error).partition("\n")[0]
            raise SnapshotError(
                f"{self.path}/{name}.parquet can't be read ({first_line}); take the snapshot again"
            ) from error


def _is_final(status: object) -> bool:
    if status not in {"final", "provisional"}:
        raise ValueError(f"status is {status!r}, not final or provisional")
    return status == "final"
