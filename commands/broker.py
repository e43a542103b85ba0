"""``dcca broker``: a real Kafka on this machine, without Docker or Java."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import tell
from dcc_analytics.stream.broker import node

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Start and stop a Kafka broker on this machine.")

Data = Annotated[Path, typer.Option(help="The broker's folder: its records, settings and log.")]
DEFAULT_DATA = Path("dcca-broker")


@app.command("up")
def up(
    data: Data = DEFAULT_DATA,
    port: Annotated[int | None, typer.Option(help="Port on the loopback address; a free one when left out.")] = None,
    secured: Annotated[
        bool, typer.Option("--secured", help="Let in only its own users, by TLS; their passwords are in DATA/security.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start a broker and say where it listens.

    A secured broker has the users admin, publish, worker, month and live, each with a file of its password, and shows a
    certificate that DATA/security/ca.pem vouches for. What each may do is granted by `dcca acl grant`.

    The first start fetches 43 MiB of jars, each checked against its checksum; after that no network is needed.

    Examples:

        dcca broker up

        dcca broker up --data kafka-here --port 9092

        dcca broker up --data kafka-here --port 9093 --secured
    """
    status = node.start(data, port=port, secured=secured)
    tell(asdict(status), f"Kafka listens on {status.bootstrap} (process {status.pid}, data in {data})", as_json=as_json)


@app.command("down")
def down(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Stop the broker of a folder; its records stay.

    Example:

        dcca broker down --data kafka-here
    """
    stopped = node.stop(data)
    tell({"stopped": stopped}, "stopped" if stopped else f"no broker runs on {data}", as_json=as_json)


@app.command("status")
def status(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Say whether a broker runs on a folder, and where; exit code 1 when none does.

    Example:

        dcca broker status --json
    """
    running = node.status(data)
    if running is None:
        tell({"running": False}, f"no broker runs on {data}", as_json=as_json)
        raise typer.Exit(1)
    words = f"Kafka listens on {running.bootstrap} (process {running.pid}, data in {data})"
    tell({"running": True, **asdict(running)}, words, as_json=as_json)
