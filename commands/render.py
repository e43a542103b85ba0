"""``dcca render``: packs from a snapshot alone."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import Json, MonthOption, Out, Verbose
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.render.query_window import QUERY_DAYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.revision import standing, told

Processes = Annotated[
    int,
    typer.Option(
        envvar="DCCA_RENDER_PROCESSES",
        min=1,
        max=256,
        show_default="all cores, 16 at most",
        help="Packs made or read at a time; each takes a core.",
    ),
]
QueryDays = Annotated[
    int,
    typer.Option(
        envvar="DCCA_RENDER_QUERY_DAYS",
        min=1,
        max=60,
        help="Working days after the stream's clock to query provisional packs.",
    ),
]

#: How many packs are made at a time when nobody says.
CORES = min(os.cpu_count() or 1, 16)


def render(
    month: MonthOption,
    out: Out = Path("dcca-out"),
    processes: Processes = CORES,
    query_days: QueryDays = QUERY_DAYS,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Make a pack for each Member into OUT/packs/YYYY-MM, from OUT/snapshots/YYYY-MM.

    Finished packs of the same snapshot are left as they are, so an interrupted run goes on where it was. Packs of a
    revision have changes.csv besides: what is another for the Member than in the revision before, and why.

    The release gate then attacks all packs, as `dcca packs attack` does, beside those of the three months before and
    beside all versions of the month that were released. Until it has found nothing they stand in
    OUT/packs/YYYY-MM.held, and what it finds leaves them there (exit code 4). What replaced packs told of others is
    kept in OUT/packs/.told.

    Examples:

        dcca render --month 2026-10

        dcca render --month 2026-10 --out month-end --processes 8
    """
    log_to_stderr(verbose=verbose)
    snapshot = SnapshotFolder.open(standing(out / "snapshots", str(month)))
    count = render_with_bar(snapshot, out, processes, query_days=query_days)
    folder = out / "packs" / str(month)
    revision, words = told(snapshot.manifest)
    tell(
        {"folder": str(folder), "packs": count, "status": snapshot.status, **revision},
        f"{count} {snapshot.status} packs of {month} in {folder}, {words}",
        as_json=as_json,
    )


def render_with_bar(snapshot: SnapshotFolder, out: Path, processes: int, *, query_days: int = QUERY_DAYS) -> int:
    """Render with a bar; return how many packs there are."""
    # Half the time a command takes to start is spent on what draws pages, which the other commands never do.
    from dcc_analytics.render.packs import render_packs  # noqa: PLC0415 (see above)

    members = len(snapshot.members())
    with bars() as shown:
        made, tried = (shown.add_task(each, total=members) for each in ("render packs", "attack packs"))
        render_packs(
            snapshot,
            out,
            processes=processes,
            query_days=query_days,
            progress=lambda _: shown.advance(made),
            attacked=lambda number: shown.advance(tried, number),
        )
    return members
