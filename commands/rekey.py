"""``dcca rekey``: records of a feed's own topics to the product's, keyed and partitioned as it needs them."""

import asyncio
import signal
import time
from typing import Annotated

import typer

from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix, Verbose
from dcc_analytics.commands.output import tell
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.rekey import SESSION_TIMEOUT_S, Rekey
from dcc_analytics.stream.rekey_sources import parsed


def rekey(
    sources: Annotated[
        list[str],
        typer.Option(
            "--from",
            metavar="SOURCE=TOPIC",
            help="A topic as the cluster names it, and the product's topic its records go to; may be repeated.",
        ),
    ],
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    ignore_keys: Annotated[
        bool,
        typer.Option(
            "--ignore-keys",
            help="Keys of the sources are no Devices: a response that names none goes by its request.",
        ),
    ] = False,
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Return when all there is has been moved and committed.")
    ] = False,
    session_timeout: Annotated[
        float,
        typer.Option(min=0.5, max=600, help="Seconds after which a silent process loses its share."),
    ] = SESSION_TIMEOUT_S,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Move records of other topics to the product's, each exactly once, under the keys it needs.

    Value, headers and timestamp stay as they are. What can't be read goes on too, and becomes a dead letter there.
    Both ends are topics of one cluster. Several processes share the partitions of the sources; one that is killed
    loses nothing, and the next goes on where it was. Stops cleanly at SIGINT and SIGTERM.

    Examples:

        dcca rekey --from toc-requests=service-requests --from toc-responses=service-responses --from toc-alerts=alerts

        dcca rekey --from toc-inventory=devices --ignore-keys --until-caught-up --json
    """
    log_to_stderr(verbose=verbose)
    named = [parsed(text) for text in sources]
    connection = connection_to(bootstrap, prefix, Part.REKEY, sources=[source.topic for source in named])
    work = Rekey(connection, named, ignore_keys=ignore_keys, session_timeout_s=session_timeout)
    began = time.monotonic()
    asyncio.run(_run(work, until_caught_up=until_caught_up))
    seconds = time.monotonic() - began
    moved, unread = work.moved.records, work.moved.unread
    count = moved.total()
    tell(
        {
            "records": dict(sorted(moved.items())),
            "unread": dict(sorted((+unread).items())),
            "seconds": round(seconds, 3),
        },
        f"{count:,} records moved in {seconds:.1f} s ({count / seconds:,.0f} a second), {unread.total():,} of them "
        "can't be read",
        as_json=as_json,
    )


async def _run(work: Rekey, *, until_caught_up: bool) -> None:
    """Move until a signal, or until caught up."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, work.stop)
    await work.run(until_caught_up=until_caught_up)
