"""``dcca live``: what is seen now, followed and served; and tokens for whoever may look."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Prefix,
    Verbose,
)
from dcc_analytics.commands.output import bars, say, tell
from dcc_analytics.live.page.routes import pages
from dcc_analytics.live.process import STALE_AFTER_S, LiveSettings, Told, watch
from dcc_analytics.live.tokens import Bearer, Tokens, entry_of, new_token
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Of = Annotated[
    str, typer.Option("--user", metavar="PARTY/ROLE", help="The one User it may see; an operator's if left out.")
]


@app.callback()
def live(
    context: typer.Context,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    history: Annotated[
        Path,
        typer.Option(
            envvar="DCCA_LIVE_HISTORY",
            help="File of the hours of the last eight weeks; may be lost, with the baseline.",
        ),
    ] = Path("dcca-live/hours.sqlite"),
    out: Annotated[
        Path | None,
        typer.Option(
            envvar="DCCA_LIVE_OUT", help="Folder with snapshots and packs, for benchmarks of released months."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(envvar="DCCA_LIVE_HOST", help="Address to listen on; others than loopback need --tokens.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="DCCA_LIVE_PORT", min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
    ] = 8080,
    tokens: Annotated[
        Path | None,
        typer.Option(
            envvar="DCCA_LIVE_TOKENS", help="File of who may look, TOML; nobody but this machine without one."
        ),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            envvar="DCCA_LIVE_ALLOWED_HOST",
            help="Further name the server is asked by, as a proxy passes it on; repeatable.",
        ),
    ] = None,
    stale_after: Annotated[
        float,
        typer.Option(
            envvar="DCCA_LIVE_STALE_AFTER", min=0.5, max=3600, help="Seconds records may wait without a commit."
        ),
    ] = STALE_AFTER_S,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Follow the ledger and serve what is seen now: a page, JSON, events, health and metrics.

    Reads only: no group is joined, no worker slowed. Whoever may look at what, and what is shown, is in docs/live.md.
    Stops cleanly at SIGINT and SIGTERM.

    Examples:

        dcca live --bootstrap localhost:9092

        dcca live --host 0.0.0.0 --tokens tokens.toml --allowed-host live.example.org --out dcca-out

        dcca live token --name ada --user NWE/IS
    """
    if context.invoked_subcommand is not None:
        return
    log_to_stderr(verbose=verbose)
    settings = LiveSettings(
        application,
        history,
        out,
        host,
        port,
        None if tokens is None else Tokens.read(tokens),
        frozenset(name.lower() for name in allowed_host or ()),
        stale_after,
    )
    asyncio.run(_run(connection_to(bootstrap, prefix, Part.LIVE, application), settings, as_json=as_json))


async def _run(connection: Connection, settings: LiveSettings, *, as_json: bool) -> None:
    """Follow and serve until a signal."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    with bars() as shown:
        task = shown.add_task("read the ledger", total=None)

        def listening(port: int) -> None:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            url = f"http://{host}:{port}"
            tell({"url": url, "application": settings.application}, f"serving at {url}", as_json=as_json)

        def progress(read: int, of: int) -> None:
            shown.update(task, completed=read, total=of)

        def begun() -> None:
            shown.stop()
            say("the ledger is read, following")

        await watch(connection, settings, stop, Told(listening, progress, begun), pages=[pages])


@app.command("token")
def token(
    name: Annotated[str, typer.Option(help="Whose it is, for the audit log.")], user: Of = "", as_json: Json = False
) -> None:
    """Make a token: its entry for the file of --tokens on standard output, the token itself on standard error.

    It is shown once. The file holds its hash alone, and is read when `dcca live` starts.

    Examples:

        dcca live token --name on-call >> tokens.toml

        dcca live token --name ada --user NWE/IS >> tokens.toml
    """
    party, _, member_role = user.rpartition("/")
    if user and not (party and member_role):
        raise UsageError(f"{user!r} is no User; give Party and Role, for example NWE/IS")
    made, digest = new_token()
    kind = "user" if user else "operator"
    try:
        entry = {"name": name, "role": kind, "sha256": digest, "party": party, "member_role": member_role}
        bearer = msgspec.convert(entry, Bearer)
    except ValueError as refused:
        raise UsageError(f"no token can be made for {name!r}: {refused}") from refused
    tell({"token": made, "entry": entry}, f"{entry_of(bearer)}\n", as_json=as_json)
    if not as_json:
        say(made)
