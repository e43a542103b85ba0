"""``dcca audit``: prove that each record the figures of a month are made from was folded once."""

import asyncio
from pathlib import Path
from typing import Any

from dcc_analytics.catalogue.errors import AuditError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, MonthOption, Out, Prefix, Verbose
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.audit import PROVEN, Audit
from dcc_analytics.snapshot.audit_file import write_audit
from dcc_analytics.snapshot.audit_scan import audit as audited
from dcc_analytics.snapshot.revision import standing
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part


def audit(
    month: MonthOption,
    out: Out = Path("dcca-out"),
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Read again every record OUT/snapshots/YYYY-MM is made from, and set it against what was folded.

    Adds up the records that stand in Kafka, up to the offsets of the snapshot, apart from all that folds them, and
    compares with the sums the ledger kept of the records folded. Equal sums prove that none was lost, folded twice, or
    changed since; and that dead letters, and records passed on to another partition, stand in their topics once. The
    verdict goes into audit.json beside the snapshot, and from there into the packs. A month whose sums differ is not
    rendered (exit code 6).

    Where the topics no longer hold the first records, it goes on from the newest month that was audited before.

    Examples:

        dcca audit --month 2026-10

        dcca audit --month 2026-10 --out month-end --json
    """
    log_to_stderr(verbose=verbose)
    snapshot = SnapshotFolder.open(standing(out / "snapshots", str(month)))
    connection = connection_to(bootstrap, prefix, Part.MONTH, str(snapshot.manifest.get("application", "")))
    found = audit_with_bar(connection, snapshot.manifest, out)
    write_audit(found, snapshot.path, snapshot.identity)
    tell(found.told(), in_words(found, month), as_json=as_json)
    if found.verdict != PROVEN:
        raise AuditError(f"the audit of {month} found a difference; no packs are made of it, see {snapshot.path}")


def audit_with_bar(connection: Connection, manifest: dict[str, Any], out: Path) -> Audit:
    """Audit a snapshot with a bar, going on from earlier ones in a folder where it has to."""
    with bars() as shown:
        task = shown.add_task("audit records", total=None)
        return asyncio.run(
            audited(
                connection,
                manifest,
                out / "snapshots",
                progress=lambda done, total: shown.update(task, completed=done, total=total),
            )
        )


def in_words(found: Audit, month: Month) -> str:
    """Return what an audit found as lines: the verdict, then each sum."""
    told = found.told()
    lines = [
        f"{month} is proven: every record was folded once" if found.verdict == PROVEN else f"{month} is NOT proven:",
        f"read again from {'the beginning' if found.since is None else f'the audited end of {found.since}'} on",
        f"{'':14}{'topic':20}{'folded':>14}{'in Kafka':>14}  sums",
    ]
    for each in told["checked"]:
        folded, there = each["folded"], each["found"]
        equal = f"equal  {there['sum']}" if folded == there else f"DIFFER  {folded['sum']} {there['sum']}"
        lines.append(f"{each['what']:14}{each['topic']:20}{folded['records']:14,}{there['records']:14,}  {equal}")
    lines.extend(f"{each['what']:14}{each['topic']:20}not kept any more" for each in told["not_kept_any_more"])
    lines.extend(
        f"differs: {each['what']} of {each['topic']}/{each['partition']}: {each['folded']['records']:,} folded, "
        f"{each['found']['records']:,} in Kafka"
        for each in told["differing"]
    )
    return "\n".join(lines)
