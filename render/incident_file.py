"""``incidents.csv``: the Incidents that charts shade and pages number; the same Members may be told of them."""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.pdf.discretion import discreet
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder

INCIDENTS: Final = FileDefinition.of(
    "incidents",
    "Incidents",
    "One row for each Category 1 or 2 Incident that touches the month.",
    Column("number", Kind.COUNT, "Number", "1 for the first to open; the same wherever the PDF shades it."),
    Column("incident", Kind.TEXT, "Incident", "Its id."),
    Column("category", Kind.COUNT, "Category", "1 or 2."),
    Column("opened_at", Kind.INSTANT, "Opened at", "As the newest version of the Incident says."),
    Column("closed_at", Kind.INSTANT, "Closed at", "Empty while it is open."),
    Column("regions", Kind.TEXT, "Regions", "Those it touches, with semicolons between; empty for all."),
    Column("summary", Kind.TEXT, "Summary", "In the words of the feed; no other User and no Device is named."),
    key=1,
)


def incident_rows(snapshot: SnapshotFolder, member: MemberEntry) -> pl.DataFrame:
    """Return the Incidents of the month as a Member may be told of them.

    Raises:
        SnapshotError: the table can't be read.
    """
    return pl.DataFrame(
        [
            (
                each.number, each.incident, each.category, instant(each.opened_at_us), instant(each.closed_at_us),
                "; ".join(each.regions), each.summary,
            )
            for each in discreet(snapshot.incidents(), member, snapshot.members())
        ],
        {
            "number": pl.Int64, "incident": pl.String, "category": pl.Int64, "opened_at": pl.Datetime("ms"),
            "closed_at": pl.Datetime("ms"), "regions": pl.String, "summary": pl.String,
        },
        orient="row",
    )  # fmt: skip


def instant(us: int | None) -> datetime | None:
    """Return an instant as a table has it: in UTC without saying so, whole milliseconds.

    >>> instant(1_791_336_600_000_999)
    datetime.datetime(2026, 10, 7, 1, 30)
    """
    if us is None:
        return None
    at = datetime.fromtimestamp(us // 1_000_000, UTC).replace(tzinfo=None)
    return at.replace(microsecond=us % 1_000_000 // 1000 * 1000)
