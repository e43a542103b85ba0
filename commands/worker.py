"""``dcca worker``: fold events into the ledger, until stopped or caught up."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.aggregators.collector import spare_what_is_kept
from dcc_analytics.aggregators.runner import AWAY_S, WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Prefix,
    Verbose,
)
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import SESSION_TIMEOUT_S, Transport
from dcc_analytics.stream.retention import warn_if_kept_too_long
from dcc_analytics.stream.topics import DEAD_LETTERS, DEAD_LETTERS_KEPT_MS


def worker(
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    state: Annotated[
        Path, typer.Option(envvar="DCCA_WORKER_STATE", help="Folder for the estate; may be lost without loss.")
    ] = Path("dcca-state"),
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Return when all there is has been folded and committed.")
    ] = False,
    commit_every: Annotated[
        float,
        typer.Option(
            envvar="DCCA_WORKER_COMMIT_EVERY", min=0.05, max=600, help="Longest time in seconds between two commits."
        ),
    ] = 1.0,
    session_timeout: Annotated[
        float,
        typer.Option(
            envvar="DCCA_WORKER_SESSION_TIMEOUT",
            min=0.5,
            max=600,
            help="Seconds after which a silent worker loses its share.",
        ),
    ] = SESSION_TIMEOUT_S,
    give_up_after: Annotated[
        float,
        typer.Option(
            envvar="DCCA_WORKER_GIVE_UP_AFTER",
            min=1,
            max=86_400,
            help="Seconds without an answer of Kafka after which it ends.",
        ),
    ] = AWAY_S,
    transport: Annotated[
        Transport,
        typer.Option(
            envvar="DCCA_WORKER_TRANSPORT",
            help="How records are fetched, by all workers alike: batches, or slower by public calls of aiokafka alone.",
        ),
    ] = Transport.BATCHES,
    verbose: Verbose = False,
) -> None:
    """Match and fold events into the ledger, one structured log line a commit.

    Stops cleanly at SIGINT and SIGTERM: what is folded is committed first. A worker that is killed loses nothing:
    the next one goes on from the ledger.

    Examples:

        dcca worker --bootstrap localhost:9092

        dcca worker --bootstrap localhost:9092 --until-caught-up --application may-again
    """
    log_to_stderr(verbose=verbose)
    settings = WorkerSettings(
        application,
        state,
        commit_every_s=commit_every,
        session_timeout_s=session_timeout,
        away_s=give_up_after,
        transport=transport,
    )
    asyncio.run(run_worker(connection_to(bootstrap, prefix), settings, until_caught_up=until_caught_up))


async def run_worker(connection: Connection, settings: WorkerSettings, *, until_caught_up: bool) -> int:
    """Run a worker in this process until a signal, or until caught up; return how many records it folded."""
    spare_what_is_kept()
    work = Worker(connection, settings)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, work.stop)
    await warn_if_kept_too_long(connection, DEAD_LETTERS, DEAD_LETTERS_KEPT_MS)
    await work.run(until_caught_up=until_caught_up)
    return work.records
