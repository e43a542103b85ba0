"""``dcca snapshot``: freeze a month into tables, from what the stream has already folded."""

import asyncio
from pathlib import Path

from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Final,
    Json,
    Metrics,
    MonthOption,
    Out,
    Prefix,
    Rules,
    Verbose,
)
from dcc_analytics.commands.output import tell
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.metric_file import read_metrics
from dcc_analytics.snapshot.months_before import months_before
from dcc_analytics.snapshot.revision import revision_of, standing, told
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.snapshot.told import told_before
from dcc_analytics.stream.permissions import Part


def snapshot(
    month: MonthOption,
    out: Out = Path("dcca-out"),
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    rules: Rules = None,
    metrics: Metrics = None,
    final: Final = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Freeze a month into OUT/snapshots/YYYY-MM: Parquet tables, totals.json, manifest.json.

    Reads the ledger and the reference topics, none of the month's events. The same ledger gives the same bytes.

    A second snapshot with other figures is the next revision: changes.parquet lists every figure that is another, and
    why, the manifest sums it up, and the one before is kept as OUT/snapshots/YYYY-MM.revision-1.

    Where too few companies can be compared, Members are compared with their own twelve months before, as far as their
    snapshots stand in OUT/snapshots. totals.json says, by Role, of how many rows something can be compared.

    Examples:

        dcca snapshot --month 2026-10

        dcca snapshot --month 2026-10 --final --rules our-rules.toml --out month-end
    """
    log_to_stderr(verbose=verbose)
    entries = read_metrics(metrics or ())
    rule_set, before = read_rules(rules), revision_of(standing(out / "snapshots", str(month)))
    months = months_before(out / "snapshots", month)
    earlier = told_before(out / "snapshots", month, rule_set.earlier)
    connection = connection_to(bootstrap, prefix, Part.MONTH, application)
    frozen = freeze(
        asyncio.run(collect(connection, application)), month, rule_set,
        final=final, earlier=earlier, months=months, metrics=entries,
    )  # fmt: skip
    folder = write(frozen, out / "snapshots", KEYS)
    status, members, behind = frozen.manifest["status"], frozen.totals["members"], frozen.manifest["records_behind"]
    revision, words = told(SnapshotFolder.open(folder).manifest, before=before)
    tell(
        {"folder": str(folder), "status": status, "members": members, "records_behind": behind, **revision},
        f"{month} is {status}: {members} Members, tables in {folder}, {words}"
        + (f"; {behind:,} records were there and not folded yet" if behind else ""),
        as_json=as_json,
    )
