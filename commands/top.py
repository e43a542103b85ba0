"""``dcca top``: what a ``dcca live`` serves, in a terminal."""

import asyncio
import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer

from dcc_analytics.catalogue.errors import LiveError, UsageError
from dcc_analytics.commands.options import Json

#: Bears the token where a file can't.
TOKEN = "DCCA_LIVE_TOKEN"  # noqa: S105 (a name)


def top(
    url: Annotated[str, typer.Option(envvar="DCCA_LIVE_URL", help="Address of a dcca live.")] = "http://127.0.0.1:8080",
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="DCCA_LIVE_TOKEN_FILE", help=f"File with the token alone; else the variable {TOKEN} is taken."
        ),
    ] = None,
    interval: Annotated[float, typer.Option(min=0.25, max=60, help="Seconds between two drawings.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Print what is seen now as tables, and end.")] = False,
    as_json: Json = False,
) -> None:
    """Show in a terminal what a dcca live serves: whether it can be trusted, unusual Users, Regions, SRVs, reasons.

    Keys: j k move, Enter shows a User's coming pack, Esc goes back, / filters, s sorts, 1 to 6 choose the pane,
    p pauses, r changes the interval, ? helps, q ends. A lost connection is said within five seconds and found again
    by itself. A token is never given on the command line, where others could read it. NO_COLOR is heeded.

    Examples:

        dcca top

        dcca top --url https://live.example.org --token-file token.txt

        dcca top --once --json
    """
    from dcc_analytics.live.terminal.client import Client  # noqa: PLC0415 (other commands need no HTTP client)

    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise UsageError(f"--url {url!r} is no address; give for example http://127.0.0.1:8080")
    client = Client(url, _token(token_file))
    first = asyncio.run(client.ask())
    if as_json:
        typer.echo(msgspec.json.encode(first).decode())
        return
    if once:
        from rich.console import Console  # noqa: PLC0415 (drawing is loaded by who draws)

        from dcc_analytics.live.terminal.once import print_state  # noqa: PLC0415 (as above)

        print_state(first, Console())
        return
    from dcc_analytics.live.terminal.app import Top  # noqa: PLC0415 (as above)

    refused = Top(client, first, interval).run()
    if refused is not None:
        raise LiveError(refused)


def _token(file: Path | None) -> str:
    """Return the token; empty for none."""
    if file is None:
        text = os.environ.get(TOKEN, "").strip()
    else:
        try:
            text = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"--token-file {file} can't be read ({error}); give a file with the token alone"
            ) from error
        if not text:
            raise UsageError(f"--token-file {file} is empty; give a file with the token alone")
    if not all("!" <= each <= "~" for each in text):
        raise UsageError(
            f"the token has characters that no token has; put the token alone into --token-file or {TOKEN}"
        )
    return text
