"""``dcca topics``: the topics with the partitions, policies and sizes they need."""

import asyncio
from typing import Annotated

import typer

from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Partitions,
    Prefix,
)
from dcc_analytics.commands.output import tell
from dcc_analytics.stream.topics import create_topics

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make the topics the product reads and writes.")


@app.callback()
def _group() -> None:
    """Make the topics the product reads and writes."""


@app.command("create")
def create(
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    partitions: Partitions = 4,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    replication: Annotated[
        int, typer.Option(envvar="DCCA_TOPICS_REPLICATION", min=1, help="Copies of each partition; 3 in production.")
    ] = 1,
    keep_recorded: Annotated[
        bool, typer.Option("--keep-recorded", help="Keep records however old they say they are, for recorded events.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create the topics that are not there; those that are must have the same partitions.

    Examples:

        dcca topics create --bootstrap localhost:9092 --partitions 8

        dcca topics create --keep-recorded --prefix october-
    """
    made = asyncio.run(
        create_topics(
            connection_to(bootstrap, prefix),
            partitions=partitions,
            application=application,
            replication=replication,
            keep_recorded=keep_recorded,
        )
    )
    tell(dict(made), "\n".join(f"{prefix}{name}: {what}" for name, what in made.items()), as_json=as_json)
