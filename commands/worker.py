"""``dcca worker``: fold events into the ledger, until stopped or caught up."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.aggregators.runner import AWAY_S, WorkerSettings
from dcc_analytics.commands.connection import connection_to, security
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Prefix,
    Verbose,
)
from dcc_analytics.commands.worker_process import Given, run_worker, run_workers
from dcc_analytics.stream.owner import SESSION_TIMEOUT_S, Transport
from dcc_analytics.stream.state_folder import estates_of, held


def worker(
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    state: Annotated[
        Path, typer.Option(envvar="DCCA_WORKER_STATE", help="Folder for the estate; may be lost without loss.")
    ] = Path("dcca-state"),
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    processes: Annotated[
        int,
        typer.Option(
            envvar="DCCA_WORKER_PROCESSES",
            min=1,
            max=256,
            help="Worker processes on this machine, which share its partitions; each takes a core.",
        ),
    ] = 1,
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

    With --processes this one starts the others, passes signals on, and starts anew what is killed; an error that one of
    them meets ends all. They share what is in --state, so that nothing is read again when a partition goes from one to
    another; a further command, here or on another machine, needs a folder of its own and is refused in this one.

    Examples:

        dcca worker --bootstrap localhost:9092

        dcca worker --bootstrap localhost:9092 --until-caught-up --application may-again

        dcca worker --bootstrap localhost:9092 --state /var/lib/dcca/state --processes 8
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
    connection = connection_to(bootstrap, prefix)
    with held(estates_of(state, connection, application)):
        if processes == 1:
            asyncio.run(run_worker(connection, settings, until_caught_up=until_caught_up))
        else:
            given = Given(bootstrap, prefix, security.get(), settings, until_caught_up, verbose)
            asyncio.run(run_workers(connection, given, processes))
