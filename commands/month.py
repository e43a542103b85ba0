"""``dcca month``: recorded events in, packs out, on a Kafka of its own that ends with the command."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dcc_analytics.aggregators.collector import spare_what_is_kept
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.audit import audit_with_bar
from dcc_analytics.commands.logs import log_to_file
from dcc_analytics.commands.options import DEFAULT_APPLICATION, Final, Json, Metrics, MonthOption, Partitions, Rules
from dcc_analytics.commands.output import bars, say, tell
from dcc_analytics.commands.publish import publish_with_bars
from dcc_analytics.commands.render import CORES, Processes, QueryDays, render_with_bar
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.query_window import QUERY_DAYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.audit_file import write_audit
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.metric_file import read_metrics
from dcc_analytics.snapshot.months_before import months_before
from dcc_analytics.snapshot.revision import revision_of, standing, told
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze, write
from dcc_analytics.snapshot.told import told_before
from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.dead_letters import write_dead_letters
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import files_of
from dcc_analytics.stream.topics import create_topics


def month(
    events: Annotated[Path, typer.Option(help="Folder of recorded events, <topic>.ndjson or <topic>.ndjson.gz.")],
    month: MonthOption,
    out: Annotated[Path, typer.Option(help="Folder that gets packs, snapshots, totals and dead letters.")],
    partitions: Partitions = 4,
    processes: Processes = CORES,
    query_days: QueryDays = QUERY_DAYS,
    rules: Rules = None,
    metrics: Metrics = None,
    final: Final = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the broker's folder, to look at its topics.")] = False,
    as_json: Json = False,
) -> None:
    """Take recorded events through a real Kafka to the packs of a month, and stop all that was started.

    OUT gets packs/YYYY-MM (a folder for each Party and Role), snapshots/YYYY-MM, totals.json, dead-letters.ndjson
    and dcca.log.

    Examples:

        dcca month --events tests/data/sample --month 2026-10 --out demo-output

        dcca month --events feed --month 2026-10 --out october --final --json
    """
    result, words = make_month(
        events, month, out, partitions=partitions, processes=processes, query_days=query_days, rules=rules,
        metrics=metrics or (), final=final, keep=keep,
    )  # fmt: skip
    tell(result, words, as_json=as_json)


def make_month(
    events: Path, month: Month, out: Path, *, partitions: int, processes: int, query_days: int = QUERY_DAYS,
    rules: Path | None = None, metrics: Sequence[Path] = (), final: bool = False, keep: bool = False,
) -> tuple[dict[str, Any], str]:  # fmt: skip
    """Do what the command does, its arguments being the command's; return the result, and in words."""
    files_of(events)
    entries = read_metrics(metrics)
    rule_set, before = read_rules(rules), revision_of(standing(out / "snapshots", str(month)))
    months = months_before(out / "snapshots", month)
    with _folders(out, keep=keep) as work:
        log_to_file(out / "dcca.log")
        say("Starting Kafka (the first start fetches its jars)")
        with embedded_broker(work / "broker") as broker:
            connection = Connection(broker.bootstrap)
            earlier = told_before(out / "snapshots", month, rule_set.earlier)
            _through_kafka(connection, events, work, partitions=partitions)
            collected = asyncio.run(collect(connection, DEFAULT_APPLICATION))
            frozen = freeze(collected, month, rule_set, final=final, earlier=earlier, months=months, metrics=entries)
            found = audit_with_bar(connection, frozen.manifest, out)
            letters = write_dead_letters(connection, out / "dead-letters.ndjson")
        folder = write(frozen, out / "snapshots", KEYS)
        snapshot = SnapshotFolder.open(folder)
        write_audit(found, folder, snapshot.identity)
        packs = render_with_bar(snapshot, out, processes, query_days=query_days)
        shutil.copyfile(folder / "totals.json", out / "totals.json")
    revision, words = told(snapshot.manifest, before=before)
    result = {**_result(frozen, out, packs, letters), **revision, "audit": found.verdict}
    return result, f"{_in_words(frozen, result)}, {words}"


@contextmanager
def _folders(out: Path, *, keep: bool) -> Iterator[Path]:
    """Make the output folder, and within it one to work in that goes with the context."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="work-", dir=out))
    except OSError as error:
        raise UsageError(f"--out {out} can't be written to ({error}); give another folder") from error
    try:
        yield work
    finally:
        if keep:
            say(f"The broker's folder is {work / 'broker'}; `dcca broker up --data` starts it again")
        else:
            shutil.rmtree(work, ignore_errors=True)


def _through_kafka(connection: Connection, events: Path, work: Path, *, partitions: int) -> None:
    """Publish and fold."""
    created = create_topics(connection, partitions=partitions, application=DEFAULT_APPLICATION, keep_recorded=True)
    asyncio.run(created)
    say("Publishing recorded events")
    sent = publish_with_bars(events, connection)
    say("Folding events into the ledger")
    settings = WorkerSettings(DEFAULT_APPLICATION, work / "state")
    asyncio.run(fold_with_bar(connection, settings, sum(sent.values())))
    say("Taking the snapshot and rendering packs")


async def fold_with_bar(connection: Connection, settings: WorkerSettings, records: int) -> None:
    """Run a worker until all there is has been folded, with a bar of about so many records."""
    spare_what_is_kept()
    worker = Worker(connection, settings)
    with bars() as shown:
        task = shown.add_task("fold events", total=records)

        async def watch() -> None:
            while True:
                shown.update(task, completed=min(worker.records, records))
                await asyncio.sleep(0.2)

        watching = asyncio.ensure_future(watch())
        try:
            await worker.run(until_caught_up=True)
            shown.update(task, completed=records)
        finally:
            watching.cancel()


def _result(frozen: Snapshot, out: Path, packs: int, letters: int) -> dict[str, Any]:
    return {
        "month": str(frozen.month),
        "status": frozen.manifest["status"],
        "packs": packs,
        "packs_folder": str(out / "packs" / str(frozen.month)),
        "totals": str(out / "totals.json"),
        "dead_letters": letters,
    }


def _in_words(frozen: Snapshot, result: dict[str, Any]) -> str:
    counts = frozen.totals["month"]
    return (
        f"{frozen.month} is {result['status']}: {counts['requests']:,} requests, {counts['failure']:,} failed, "
        f"{result['dead_letters']:,} records could not be read\n"
        f"the audit read all records again: each was folded once\n"
        f"{result['packs']} packs in {result['packs_folder']}"
    )
