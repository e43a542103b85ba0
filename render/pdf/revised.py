"""What a pack that replaces another says of it: which revision it is, and how many figures changed."""

from datetime import datetime
from typing import Final

import polars as pl

from dcc_analytics.render.change_files import CHANGES, own_changes, own_devices, revision
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.words import clock_name, count, listed, plural

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
    said = [
        plural(rows.get("changed", 0), "figure of yours is another", "figures of yours are others"),
        plural(rows.get("came", 0), "row came", "rows came"),
        plural(rows.get("gone", 0), "row went", "rows went"),
    ]
    clock = clock_name(datetime.fromisoformat(former["stream_clock"]))
    head = f"Revision {revision(snapshot)}, in place of revision {former['revision']} with events up to {clock}"
    return [f"{head}: {listed(said)}{_devices(figures)}; {CHANGES.file_name} says which and why."]


def _devices(figures: PackFigures) -> str:
    devices = own_devices(figures.snapshot, figures.member)
    came, gone, changed = (devices[name] for name in ("came", "gone", "changed"))
    if not came + gone + changed:
        return ""
    first = f" (the first {count(devices['listed'])} are listed)" if devices["listed"] < came + gone + changed else ""
    others = plural(changed, "is recorded otherwise", "are recorded otherwise")
    return f"; of your Devices {count(came)} came, {count(gone)} went and {others}{first}"
