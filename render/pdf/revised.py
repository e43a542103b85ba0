"""What a pack that replaces another says of it: which revision it is, and how many figures changed."""

from datetime import datetime
from typing import Final

import polars as pl

from dcc_analytics.render.change_files import CHANGES, own_changes, own_devices, revision
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.said import Other, counted, dated, listed_said, other, said
from dcc_analytics.render.pdf.sources import Source, quoted
from dcc_analytics.render.pdf.words import clock_name, count, plural

#: Its Devices are counted in the manifest; the list has the first of them only.
_COUNTED: Final = "inventory"


def revised(figures: PackFigures) -> list[str]:
    """Return the sentences; none for a first revision.

    Raises:
        SnapshotError: the list of changes can't be read.
    """
    snapshot, member = figures.snapshot, figures.member
    if revision(snapshot) == 1:
        return []
    former = snapshot.manifest["revision_of"]
    changes = own_changes(snapshot, member).filter(pl.col("table") != _COUNTED)
    rows = dict(changes.group_by("row").len().iter_rows())
    told = [
        counted(rows.get("changed", 0), "figure of yours is another", _of("changed"), "figures of yours are others"),
        counted(rows.get("came", 0), "row came", _of("came"), "rows came"),
        counted(rows.get("gone", 0), "row went", _of("gone"), "rows went"),
    ]
    clock = dated(clock_name(datetime.fromisoformat(former["stream_clock"])))
    this, before = (other(str(each), Other.RECORD) for each in (revision(snapshot), former["revision"]))
    return [
        said(
            "Revision {}, in place of revision {} with events up to {}: {}{}; {} says which and why.",
            this, before, clock, listed_said(told), _devices(figures), CHANGES.file_name,
        )
    ]  # fmt: skip


def _of(row: str) -> Source:
    """Return where the number of changes of a kind stands."""
    return Source(CHANGES.name, f'"row" = {quoted(row)} AND "table" <> {quoted(_COUNTED)}', "count(*)")


def _devices(figures: PackFigures) -> str:
    devices = own_devices(figures.snapshot, figures.member)
    came, gone, changed = (devices[name] for name in ("came", "gone", "changed"))
    if not came + gone + changed:
        return ""
    first = f" (the first {count(devices['listed'])} are listed)" if devices["listed"] < came + gone + changed else ""
    others = plural(changed, "is recorded otherwise", "are recorded otherwise")
    return other(f"; of your Devices {count(came)} came, {count(gone)} went and {others}{first}", Other.RECORD)
