"""``dcca rebuild``: fold a month's events again under another application, and see whether its figures are the same."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from typing import Final as Constant

import typer

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.catalogue.errors import FiguresDiffer, SnapshotError, TopicError, UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.compare import first_difference, table_lines, verdict
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.month import fold_with_bar
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    MonthOption,
    Prefix,
    Rules,
    Verbose,
)
from dcc_analytics.commands.output import say, tell
from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.again import Agreement, agreement
from dcc_analytics.snapshot.collect import Collected, collect
from dcc_analytics.snapshot.installs import WEEKS
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.instants import DAY_US, US_PER_MS, instant_text
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import copies_of, remove_topics
from dcc_analytics.stream.strays import SOURCES, STRAYS
from dcc_analytics.stream.topics import DEAD_LETTERS, clocks_name, create_topics, ledger_name

_EVENTS: Constant = tuple(topic for topic in SOURCES if topic != STRAYS)
#: Both are read again so often while the feed goes on, until they have been read at the same place.
_ROUNDS: Constant = 3


def rebuild(
    month: MonthOption,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    into: Annotated[
        str, typer.Option(help="Application that folds again; APPLICATION-rebuild-YYYYMM when left out.")
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a rebuild that was ended has come to, or compare one kept.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what was folded, to look at it: a ledger of its own on the brokers.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder that gets both snapshots and changes.parquet; none when left out.")
    ] = None,
    rules: Rules = None,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Fold what the topics hold again, beside the running application, and compare every figure of a month.

    Folds under an application of its own, which leaves ledger, strays, dead letters and consumer group of the other
    alone, and takes it away at the end. Figures must be the same but for estimates (medians and quantiles of times);
    where one is another, the exit code is 7.

    Examples:

        dcca rebuild --month 2026-10

        dcca rebuild --month 2026-10 --out rebuilt --keep --json
    """
    log_to_stderr(verbose=verbose)
    into = into or f"{application}-rebuild-{month.year}{month.month:02}"
    if into == application:
        raise UsageError(f"--into {into} is the --application that is checked; give another name")
    rule_set, connection = read_rules(rules), connection_to(bootstrap, prefix)
    again = replace(connection, renamed={name: f"{into}-{name}" for name in (STRAYS, DEAD_LETTERS)})
    with _folder(out) as folder:
        rebuilt = asyncio.run(_rebuild(connection, again, application, into, month, resume=resume))
        was, now = (freeze(each, month, rule_set) for each in (rebuilt.was, rebuilt.now))
        found = agreement(was, now, folder, KEYS, with_totals=rebuilt.whole)
    if not keep:
        asyncio.run(remove_topics(again, _own_topics(into)))
    result = _result(month, was.manifest["status"], application, into, found)
    tell(result, _in_words(result, found), as_json=as_json)
    if not found.equal:
        raise FiguresDiffer(f"{month} folded again {first_difference(found)}")


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """What both applications have, and whether the topics hold all records there ever were."""

    was: Collected
    now: Collected
    whole: bool


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is None:
        with tempfile.TemporaryDirectory(prefix="dcca-rebuild-") as folder:
            yield Path(folder)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        empty = not any(out.iterdir())
    except OSError as error:
        raise UsageError(f"--out {out} can't be written to ({error}); give another folder") from error
    if not empty:
        raise UsageError(f"--out {out} is not empty; give another folder")
    yield out


async def _rebuild(
    connection: Connection, again: Connection, application: str, into: str, month: Month, *, resume: bool
) -> _Rebuilt:
    """Check that it can be done, fold again until both have read the same, and return what both have."""
    async with Extents(connection) as extents:
        partitions = await extents.partitions(ledger_name(application))
        places = [(topic, partition) for topic in _EVENTS for partition in range(partitions)]
        starts = await extents.starts(places)
        await _check_retention(connection, extents, starts, month)
        records = sum((await extents.ends(places)).values()) - sum(starts.values())
    await _make_topics(again, application, into, partitions, resume=resume)
    rounds = 0
    while True:
        rounds += 1
        say(f"Folding {records:,} records again as {into}")
        with tempfile.TemporaryDirectory(prefix="dcca-state-") as state:
            await fold_with_bar(again, WorkerSettings(into, Path(state)), records)
        was, now = await collect(connection, application), await collect(again, into)
        if _read_up_to(was) == _read_up_to(now) or min(was.clock_us, now.clock_us) >= month.final_us:
            return _Rebuilt(was, now, whole=not any(starts.values()))
        if rounds == _ROUNDS:
            raise SnapshotError(
                f"{month} is provisional, and {application} and {into} have not read the same ({was.behind:,} and "
                f"{now.behind:,} records behind): let the workers of {application} catch up, or wait until the month "
                "is final; then give --resume"
            )
        records = now.behind


async def _check_retention(connection: Connection, extents: Extents, starts: Mapping[Place, int], month: Month) -> None:
    """Check that the topics hold all a month is made from.

    Raises:
        SnapshotError: retention has removed some.
    """
    needed_us = month.start_us - WEEKS * 7 * DAY_US
    removed = {place: start for place, start in starts.items() if start > 0}
    for (topic, partition), since in (await extents.offsets_since(removed, needed_us // US_PER_MS)).items():
        if since <= removed[topic, partition]:
            raise SnapshotError(
                f"{connection.topic(topic)}, partition {partition}, begins at offset {removed[topic, partition]}, and "
                f"{month} is made from records since {instant_text(needed_us)}: retention has removed some of them; "
                "its figures are those of the snapshot taken then"
            )


async def _make_topics(again: Connection, application: str, into: str, partitions: int, *, resume: bool) -> None:
    """Make the application that folds again, or see that it is there to be resumed.

    Raises:
        TopicError: it is there and was not to be, or the other way round.
    """
    names = _own_topics(into)
    there = await copies_of(again, (*names, ledger_name(application)))
    copies = there.pop(ledger_name(application))
    if resume and len(there) < len(names):
        raise TopicError(f"there is no rebuild {into} to go on with; leave --resume out")
    if there and not resume:
        raise TopicError(
            f"the application {into} is there ({', '.join(map(again.topic, sorted(there)))}), from a rebuild that was "
            "ended or kept: give --resume to go on with it, or another name with --into"
        )
    if not resume:
        # Whatever is kept for a while only would be gone at once where records carry their own times.
        await create_topics(again, partitions=partitions, application=into, replication=copies, keep_recorded=True)


def _own_topics(into: str) -> tuple[str, ...]:
    """Return the topics of the application that folds again, by the names its connection knows them under."""
    return ledger_name(into), clocks_name(into), STRAYS, DEAD_LETTERS


def _read_up_to(collected: Collected) -> dict[str, dict[str, int]]:
    return {topic: offsets for topic, offsets in collected.offsets.items() if topic != STRAYS}


# -- what came of it ---------------------------------------------------------------------------------------


def _result(month: Month, status: str, application: str, into: str, found: Agreement) -> dict[str, Any]:
    return {
        "month": str(month), "status": status, "application": application, "into": into, "equal": found.equal,
        "tables": found.tables, "missing": found.missing, "estimates": found.estimates, "totals": found.totals,
        "differences": found.first,
    }  # fmt: skip


def _in_words(result: Mapping[str, Any], found: Agreement) -> str:
    """Return the verdict, with a line for each table."""
    words = f"{result['month']} ({result['status']}) folded again has {verdict(found)}"
    return "\n".join([*table_lines(found), words])
