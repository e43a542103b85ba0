"""``dcca ledger``: what was folded, out of Kafka into a file and back."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from dcc_analytics.aggregators.ledger_export import export_ledger
from dcc_analytics.aggregators.ledger_file import Copied
from dcc_analytics.aggregators.ledger_import import import_ledger
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Prefix,
)
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.stream.instants import instant_text
from dcc_analytics.stream.permissions import Part

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Take what was folded out of Kafka into a file, and back."
)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="File that gets it; must not be there.")],
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Write an application's ledger into one file with a checksum, while workers and feed go on.

    It holds what is known of single Devices, and has to be kept and deleted as the ledger itself. It goes with the
    topics it was folded from: offsets in it are theirs.

    Examples:

        dcca ledger export --out dcca-2026-11-10.ledger

        dcca ledger export --application dcca-2 --out backup/dcca-2.ledger --json
    """
    log_to_stderr(verbose=False)
    connection = connection_to(bootstrap, prefix, Part.MONTH, application)
    with bars() as shown:
        task = shown.add_task("export partitions", total=None)
        found = asyncio.run(
            export_ledger(connection, application, out, lambda done, of: shown.update(task, completed=done, total=of))
        )
    tell({**_told(found), "file": str(out)}, f"{_in_words(found)} are in {out}", as_json=as_json)


@app.command("import")
def bring_back(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As dcca ledger export has written it.")],
    application: Annotated[str, typer.Option(help="Application that goes on with it; none whose commits it holds.")],
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Write an exported ledger into the empty topics of another application, which goes on from there.

    Its topics are made by dcca topics create --application. A worker of that application folds the source topics from
    where the file ends; they have to hold what comes next, or nothing is written. They have to be the topics it was
    folded from: in mirrored or re-published ones offsets are others, which can't be seen from here. A file that was cut
    short or changed is refused before anything is written.

    Examples:

        dcca topics create --application dcca-2 --partitions 8

        dcca ledger import dcca-2026-11-10.ledger --application dcca-2
    """
    log_to_stderr(verbose=False)
    connection = connection_to(bootstrap, prefix, Part.WORKER, application)
    with bars() as shown:
        task = shown.add_task("import partitions", total=None)
        found = asyncio.run(
            import_ledger(connection, application, file, lambda done, of: shown.update(task, completed=done, total=of))
        )
    words = f"{_in_words(found)} are in the ledger of {application}; start `dcca worker --application {application}`"
    tell({**_told(found), "into": application}, words, as_json=as_json)


def _told(found: Copied) -> dict[str, Any]:
    return {**found._asdict(), "clock": instant_text(found.clock_us)}


def _in_words(found: Copied) -> str:
    return (
        f"{found.partitions} partitions of {found.application}, {found.records:,} records and {found.strays:,} strays, "
        f"folded up to {instant_text(found.clock_us)},"
    )
